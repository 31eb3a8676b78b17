"""When the exclusion of a subscription ends, the subscription is included again, and each administrator gets one
notice.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.actions.archive import archive_customer
from portal.notify.actions.exclusion_notices import end_exclusions
from portal.notify.models import Notice
from portal.notify.tasks import EXCLUSIONS, exclusions, tick
from tenants.actions import include_subscription
from tenants.actions.archiving import restore_tenant
from tenants.actions.exclusion_rules import add_exclusion_rule
from tenants.models import ExclusionRule, JournalEntry, Subscription, Tenant
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


def assert_ends_after_restoration(tenant: Tenant) -> None:
    """Archive a customer whose exclusion of a subscription is past its end date, and restore the customer. Check that
    the exclusion ends only after the restoration.
    """
    with factories.in_tenant(tenant):
        archive_customer(by=factories.BY, tenant=tenant, reason="The contract ended.")
    sent()
    tick()
    assert EXCLUSIONS not in [name for name, *_ in sent()]
    assert end_exclusions(tenant_id=tenant.pk) == 0
    with factories.in_tenant(tenant):
        restore_tenant(by=factories.BY, tenant=Tenant.objects.get(pk=tenant.pk))
    assert end_exclusions(tenant_id=tenant.pk) == 1


def test_exclusions_of_an_archived_customer_end_after_it_is_restored() -> None:
    tenant = factories.tenant(factories.organization())
    subscription = factories.subscription(factories.service_principal(factories.directory(tenant)))
    with factories.in_tenant(tenant):
        Subscription.objects.filter(pk=subscription.pk).update(
            included=False, exclusion_reason="Migration", excluded_until=timezone.now() - timedelta(hours=1)
        )
    assert_ends_after_restoration(tenant)


def test_an_ended_rule_is_told_once_for_all_its_subscriptions() -> None:
    tenant = factories.tenant(factories.organization())
    principal = factories.service_principal(factories.directory(tenant))
    first, second = factories.subscription(principal, "One"), factories.subscription(principal, "Two")
    alone = factories.subscription(principal, "Three")
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with factories.in_tenant(tenant):
        Subscription.objects.update(tags={"environment": "test"})
        rule = add_exclusion_rule(
            by=factories.BY, tenant=tenant, name="Tests", reason="Tested elsewhere", tag="environment=test"
        )
        include_subscription(by=factories.BY, subscription=alone, included=False, reason="Migration")
    sent()
    tick()
    assert EXCLUSIONS not in [name for name, *_ in sent()]
    with factories.in_tenant(tenant):
        ExclusionRule.objects.filter(pk=rule.pk).update(until=timezone.now() - timedelta(hours=1))
    tick()
    assert EXCLUSIONS in [name for name, *_ in sent()]
    exclusions(str(tenant.pk))
    assert end_exclusions(tenant_id=tenant.pk) == 0
    with factories.in_tenant(tenant):
        assert not Subscription.objects.filter(exclusion_rule__isnull=False).exists()
        assert not Subscription.objects.get(pk=alone.pk).included
        (notice,) = Notice.objects.filter(kind="exclusion_ended")
        assert notice.person == administrator
        assert notice.title == "The exclusion rule “Tests” has ended for 2 subscriptions"
        entry = JournalEntry.objects.filter(action="exclusion_rules.applied").latest("sequence")
        assert entry.actor == "system:exclusions"
        ids = {row.subscription_id for row in (first, second, alone)}
        assert set(entry.details["included"]) == ids


def test_a_notice_does_not_say_that_a_subscription_of_a_rule_is_assessed_again() -> None:
    tenant = factories.tenant(factories.organization())
    subscription = factories.subscription(factories.service_principal(factories.directory(tenant)), "One")
    factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with factories.in_tenant(tenant):
        Subscription.objects.filter(pk=subscription.pk).update(
            included=False,
            exclusion_reason="Migration",
            excluded_until=timezone.now() - timedelta(hours=1),
            tags={"environment": "test"},
        )
        add_exclusion_rule(
            by=factories.BY, tenant=tenant, name="Tests", reason="Tested elsewhere", tag="environment=test"
        )
    assert end_exclusions(tenant_id=tenant.pk) == 1
    with factories.in_tenant(tenant):
        (notice,) = Notice.objects.filter(kind="exclusion_ended")
    assert (
        notice.title
        == "The exclusion of “One” has ended, but the rule “Tests” still excludes this subscription"
    )
    assert "Reason for the rule: Tested elsewhere" in notice.body
    assert "assessment covers" not in notice.body


def test_rules_of_an_archived_customer_end_after_it_is_restored() -> None:
    tenant = factories.tenant(factories.organization())
    subscription = factories.subscription(factories.service_principal(factories.directory(tenant)))
    with factories.in_tenant(tenant):
        rule = ExclusionRule.objects.create(
            tenant=tenant, name="R", reason="R", tag="a=b", until=timezone.now() - timedelta(hours=1)
        )
        Subscription.objects.filter(pk=subscription.pk).update(exclusion_rule=rule, tags={"a": "b"})
    assert_ends_after_restoration(tenant)
