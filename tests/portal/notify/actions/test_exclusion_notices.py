"""The end of a subscription's exclusion: included again, with one notice to each administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.actions.archive import archive_customer
from portal.notify.actions.exclusion_notices import end_exclusions
from portal.notify.models import Notice
from portal.notify.tasks import EXCLUSIONS, exclusions, tick
from tenants.actions.archiving import restore_tenant
from tenants.models import JournalEntry, Subscription, Tenant
from tenants.roles import Role
from tests import factories
from tests.assessments.sandboxed_customer import sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_task_includes_and_notifies_once() -> None:
    tenant = factories.tenant(factories.organization())
    subscription = factories.subscription(factories.service_principal(factories.directory(tenant)))
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    factories.member(Role.AUDITOR, tenant)
    sent()
    tick()
    assert EXCLUSIONS not in [name for name, *_ in sent()]
    with factories.in_tenant(tenant):
        Subscription.objects.filter(pk=subscription.pk).update(
            included=False, exclusion_reason="Migration", excluded_until=timezone.now() - timedelta(hours=1)
        )
    tick()
    assert EXCLUSIONS in [name for name, *_ in sent()]
    exclusions(str(tenant.pk))
    assert end_exclusions(tenant_id=tenant.pk) == 0
    with factories.in_tenant(tenant):
        assert Subscription.objects.get(pk=subscription.pk).included
        (notice,) = Notice.objects.filter(kind="exclusion_ended")
        assert notice.person == administrator
        assert "is assessed again" in notice.title
        assert JournalEntry.objects.get(action="subscription.included").actor == "system:exclusions"
    tick()
    assert EXCLUSIONS not in [name for name, *_ in sent()]


def test_exclusions_of_an_archived_customer_end_after_it_is_restored() -> None:
    tenant = factories.tenant(factories.organization())
    subscription = factories.subscription(factories.service_principal(factories.directory(tenant)))
    with factories.in_tenant(tenant):
        Subscription.objects.filter(pk=subscription.pk).update(
            included=False, exclusion_reason="Migration", excluded_until=timezone.now() - timedelta(hours=1)
        )
        archive_customer(by=factories.BY, tenant=tenant, reason="The contract ended.")
    sent()
    tick()
    assert EXCLUSIONS not in [name for name, *_ in sent()]
    assert end_exclusions(tenant_id=tenant.pk) == 0
    with factories.in_tenant(tenant):
        restore_tenant(by=factories.BY, tenant=Tenant.objects.get(pk=tenant.pk))
    assert end_exclusions(tenant_id=tenant.pk) == 1
