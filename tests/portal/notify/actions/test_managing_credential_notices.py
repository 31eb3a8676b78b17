"""Administrators are notified if the organization's credential for Azure Lighthouse expires soon or was refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.notify.actions.managing_credential_notices import are_due, publish_managing_credential_notices
from portal.notify.actions.preferences import set_preferences
from portal.notify.models import Notice, Post
from portal.notify.tasks import MANAGING_CREDENTIALS, managing_credentials, tick
from tenants.actions.managing_principals import record_managing_check, set_managing_principal_enabled
from tenants.azure.credentials import CredentialResult
from tenants.models import ManagingPrincipal, Organization, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.notify.outbox import add_channel

pytestmark = pytest.mark.django_db
END = datetime(2099, 5, 1, 12, tzinfo=UTC)
REFUSED = CredentialResult("AADSTS7000222", "The secret of 7c5f-app has expired. Enter a new secret here.")


@pytest.fixture
def tenant() -> Tenant:
    """The second of two customers. The fixture `principal` assigns a delegated subscription to this customer only."""
    owner = factories.organization("Northwind MSP")
    factories.tenant(owner, "Alder")
    return factories.tenant(owner, "Birch")


@pytest.fixture
def principal(tenant: Tenant) -> ManagingPrincipal:
    row = factories.managing_principal(tenant.organization, name="secret-reader")
    delegation = factories.delegation(row, name="Shop")
    with organization_scope(tenant.organization):
        delegation.decision, delegation.tenant, delegation.decided_at = "assigned", tenant, timezone.now()
        delegation.save()
    set_end(row, END)
    return row


def set_end(principal: ManagingPrincipal, end: datetime | None) -> None:
    with organization_scope(principal.organization_id):
        ManagingPrincipal.objects.update(expires_at=end)


def published(organization: Organization, at: datetime) -> list[Notice]:
    """Publish the notices that are due at the time `at`; return all notices so far."""
    with organization_scope(organization):
        due = are_due(organization.pk, at)
    assert due is (publish_managing_credential_notices(organization_id=organization.pk, now=at) > 0)
    with organization_scope(organization):
        assert not are_due(organization.pk, at)
        return list(Notice.objects.select_related("tenant", "person").order_by("created_at", "id"))


@pytest.mark.slow(seconds=1)
def test_expiry_is_announced_to_administrators_of_the_organization_only(
    tenant: Tenant, principal: ManagingPrincipal
) -> None:
    organization = tenant.organization
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    for role in (Role.TENANT_ADMINISTRATOR, Role.OWNER, Role.APPROVER):
        factories.member(role, tenant)
    factories.member(Role.ORGANIZATION_ENGINEER, organization)
    factories.member(Role.ORGANIZATION_ADMINISTRATOR, factories.organization())
    add_channel(tenant, "https://hooks.example.com/x")

    moments = (31, 30, 29, 14, 8, 7, 2, 1, 0.5, -1)
    found = [len(published(organization, END - timedelta(days=days))) for days in moments]
    assert found == [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]
    rows = published(organization, END)
    assert {(row.person_id, row.tenant.name, row.kind) for row in rows} == {
        (administrator.pk, "Birch", "credential_ending")
    }
    title = "The credential with which Northwind MSP reads delegated subscriptions expires in"
    assert [row.title for row in rows] == [
        f"{title} {days}" for days in ("30 days", "14 days", "7 days", "1 day")
    ]
    assert rows[0].path == f"/organizations/{organization.slug}/settings/lighthouse/"
    # A notice is stored as a row of a customer, so it must not describe the organization's service principal.
    texts = " ".join(f"{row.title} {row.body} {row.path}" for row in rows)
    assert not [
        text for text in ("secret-reader", principal.client_id, principal.directory_id) if text in texts
    ]
    with organization_scope(organization):
        assert not Post.objects.exists()


def test_first_refusal_is_announced_once_and_follows_the_settings_of_notices(
    tenant: Tenant, principal: ManagingPrincipal
) -> None:
    organization, now = tenant.organization, timezone.now()
    daily, never = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
    for person, choice in ((daily, "daily"), (never, "off")):
        with organization_scope(organization):
            set_preferences(person=person, tenants=[tenant], deliveries={"credential_refused": choice})

    def check(result: CredentialResult) -> None:
        with organization_scope(organization):
            record_managing_check(by=BY, principal=principal, result=result)

    check(REFUSED)
    rows = published(organization, now)
    assert {(row.person_id, row.delivery, row.state) for row in rows} == {
        (daily.pk, "daily", "waiting"),
        (never.pk, "off", "kept"),
    }
    assert "AADSTS7000222" in rows[0].body
    assert "7c5f-app" not in rows[0].body
    check(REFUSED)
    assert len(published(organization, now)) == 2
    check(CredentialResult(subscriptions=()))
    check(REFUSED)
    assert len(published(organization, now)) == 4
    with organization_scope(organization):
        set_managing_principal_enabled(by=BY, principal=principal, enabled=False)
    assert len(published(organization, END - timedelta(days=1))) == 4


def test_organization_without_customers_is_notified_when_it_has_one() -> None:
    organization = factories.organization()
    factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    set_end(factories.managing_principal(organization), END)
    assert published(organization, END - timedelta(days=5)) == []
    factories.tenant(organization)
    assert len(published(organization, END - timedelta(days=5))) == 1


def test_tick_finds_due_notices(
    tenant: Tenant, principal: ManagingPrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("portal.notify.tasks.enqueue", lambda task, *ids: sent.append((task, *map(str, ids))))
    tick()
    assert MANAGING_CREDENTIALS not in {task for task, *_ in sent}
    set_end(principal, timezone.now() + timedelta(days=3))
    tick()
    assert (MANAGING_CREDENTIALS, str(tenant.organization_id)) in sent
    managing_credentials(str(tenant.organization_id))
    sent.clear()
    tick()
    assert MANAGING_CREDENTIALS not in {task for task, *_ in sent}
