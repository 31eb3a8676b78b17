"""Administrators are notified 30, 14, 7 and 1 days before a credential expires, and when it is first refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.notify.actions.credential_notices import are_due, publish_credential_notices
from portal.notify.models import Notice
from tenants.actions import record_credential_check, rotate_credential, set_principal_enabled
from tenants.azure.credentials import CredentialResult
from tenants.models import ServicePrincipal
from tenants.roles import Role
from tests import factories
from tests.factories import BY

pytestmark = pytest.mark.django_db
END = datetime(2099, 5, 1, 12, tzinfo=UTC)
REFUSED = CredentialResult("AADSTS7000222", "The secret has expired. Enter a new secret here.")


def make(**given: object) -> ServicePrincipal:
    tenant = factories.tenant()
    principal = factories.service_principal(factories.directory(tenant), name="reader", **given)
    principal.tenant = tenant
    factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    factories.member(Role.OWNER, tenant)
    return principal


def published(principal: ServicePrincipal, at: datetime) -> list[tuple[str, str]]:
    """Publish the notices that are due at the time `at`; return (kind, title) of all notices so far."""
    with factories.in_tenant(principal.tenant):
        due = are_due(principal.tenant, at)
    before = publish_credential_notices(tenant_id=principal.tenant_id, now=at)
    assert due is (before > 0)
    with factories.in_tenant(principal.tenant):
        assert not are_due(principal.tenant, at)
        return list(Notice.objects.order_by("created_at", "id").values_list("kind", "title"))


def test_expiry_is_announced_at_30_14_7_and_1_days() -> None:
    principal = make(expires_at=END)
    moments = (31, 30, 29, 15, 14, 8, 7, 6.5, 2, 1, 0.5, -1)
    found = [len(published(principal, END - timedelta(days=days))) for days in moments]
    assert found == [0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4]
    with factories.in_tenant(principal.tenant):
        titles = list(Notice.objects.order_by("id").values_list("title", flat=True))
    assert titles[0] == "The credential of “reader” expires in 30 days"
    assert titles[-1] == "The credential of “reader” expires in 1 day"


def test_late_registration_gets_the_deadline_that_it_is_in_and_no_earlier_one() -> None:
    principal = make(expires_at=END)
    assert len(published(principal, END - timedelta(days=5))) == 1


def test_first_refusal_is_announced_once_until_the_credential_works_again() -> None:
    principal, now = make(), timezone.now()

    def check(result: CredentialResult) -> None:
        with factories.in_tenant(principal.tenant):
            record_credential_check(by=BY, service_principal=principal, result=result)

    check(REFUSED)
    assert published(principal, now) == [("credential_refused", "Entra refused the credential of “reader”")]
    check(REFUSED)
    assert len(published(principal, now)) == 1
    check(CredentialResult(subscriptions=()))
    assert len(published(principal, now)) == 1
    check(REFUSED)
    assert len(published(principal, now)) == 2


def test_replaced_and_disabled_credentials_are_not_announced() -> None:
    principal = make(expires_at=END)
    with factories.in_tenant(principal.tenant):
        rotate_credential(
            by=BY, service_principal=principal, secret="another~secret", expires_at=END + timedelta(days=365)
        )
    assert published(principal, END - timedelta(days=5)) == []
    other = make(expires_at=END)
    with factories.in_tenant(other.tenant):
        set_principal_enabled(by=BY, service_principal=other, enabled=False)
    assert published(other, END - timedelta(days=5)) == []
