"""Many invitations that are made together are stored in the same way as single invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants import journal
from tenants.actions import accept_invitation, invite, renew_token
from tenants.actions.invitations import Offer, invite_many
from tenants.errors import InvalidInput, PermissionDenied, SuretyError
from tenants.models import Invitation, JournalEntry, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> tuple[Organization, Person, list[Tenant]]:
    organization = factories.organization()
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    return organization, by, [factories.tenant(organization, name) for name in ("Adatum", "Contoso")]


def written(invitation: Invitation, owner: Tenant | Organization) -> list[Any]:
    """Return what is stored about an invitation and its journal entry, without ids and times."""
    row = Invitation.objects.get(pk=invitation.pk)
    stored = [
        row.organization_id,
        row.tenant_id,
        row.role,
        row.access_until,
        row.invited_by_id,
        row.mailed_at,
    ]
    stored.append((row.expires_at - row.created_at).days in (6, 7))
    (entry,) = journal.entries(owner).filter(target=f"invitation:{row.pk}")
    return [*stored, entry.actor, entry.action, {**entry.details, "email": ""}]


def test_an_invitation_among_many_is_stored_like_a_single_one(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, (first, second) = provider
    end = timezone.now() + timedelta(days=90)
    with person_scope(by):
        single, _ = invite(
            by=by,
            organization=organization,
            email="a@example.com",
            role=Role.AUDITOR,
            tenant=first,
            access_until=end,
        )
        whole, _ = invite(
            by=by, organization=organization, email="b@example.com", role=Role.ORGANIZATION_ENGINEER
        )
        offers = [
            Offer(" C@Example.com ", Role.AUDITOR, first, end),
            Offer("d@example.com", Role.ORGANIZATION_ENGINEER),
        ]
        of_many, whole_of_many = invite_many(by=by, organization=organization, offers=offers)
        assert of_many.email == "c@example.com"
        assert written(of_many, first) == written(single, first)
        for owner in (organization, first, second):
            assert written(whole_of_many, owner) == written(whole, owner)
            assert journal.verify(owner) == []
        assert not JournalEntry.objects.filter(tenant=second, target=f"invitation:{of_many.pk}").exists()


def test_one_mail_invites_to_all_customers_with_the_same_role_and_end(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, tenants = provider
    with person_scope(by):
        mails = invite_many(
            by=by,
            organization=organization,
            offers=[
                *(Offer("jo@example.com", Role.OWNER, tenant) for tenant in tenants),
                Offer("jo@example.com", Role.APPROVER, tenants[0]),
                Offer("max@example.com", Role.OWNER, tenants[0]),
            ],
        )
        assert [(row.email, row.role) for row in mails] == [
            ("jo@example.com", "owner"),
            ("jo@example.com", "approver"),
            ("max@example.com", "owner"),
        ]
        token = renew_token(invitation=mails[0])
    jo = factories.person("jo@example.com")
    accept_invitation(by=jo, token=token)
    with person_scope(jo) as scope:
        assert {role for tenant in tenants for role in scope.roles(tenant.pk)} == {Role.OWNER}
        assert len(scope.tenant_ids) == 2


def test_earlier_open_invitations_of_the_same_kind_expire(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, (first, second) = provider
    given = {"by": by, "organization": organization, "email": "jo@example.com"}
    with person_scope(by):
        same, _ = invite(**given, role=Role.OWNER, tenant=first)
        other_role, _ = invite(**given, role=Role.APPROVER, tenant=first)
        elsewhere, _ = invite(**given, role=Role.OWNER, tenant=second)
        (new,) = invite_many(
            by=by, organization=organization, offers=[Offer("jo@example.com", Role.OWNER, first)]
        )
        open_ones = Invitation.objects.filter(expires_at__gt=timezone.now())
        assert {row.pk for row in open_ones} == {other_role.pk, elsewhere.pk, new.pk}
        assert Invitation.objects.get(pk=same.pk).accepted_at is None


def test_one_refused_offer_refuses_all(provider: tuple[Organization, Person, list[Tenant]]) -> None:
    organization, by, (first, _) = provider
    foreign = factories.tenant()
    good = Offer("jo@example.com", Role.OWNER, first)
    refused: list[tuple[Offer, type[SuretyError]]] = [
        (Offer(by.email, Role.OWNER, first), PermissionDenied),
        (Offer("no address", Role.OWNER, first), InvalidInput),
        (Offer("a@example.com", Role.AUDITOR, first), InvalidInput),
        (Offer("a@example.com", Role.OWNER, foreign), InvalidInput),
        (Offer("a@example.com", Role.OWNER), InvalidInput),
    ]
    with person_scope(by):
        for offer, error in refused:
            with pytest.raises(error):
                invite_many(by=by, organization=organization, offers=[good, offer])
        with pytest.raises(ValueError, match="Two invitations have the same address"):
            invite_many(by=by, organization=organization, offers=[good, good])
    auditor = factories.member(Role.AUDITOR, first)
    with person_scope(auditor), pytest.raises(PermissionDenied):
        invite_many(by=auditor, organization=organization, offers=[good])
    with organization_scope(organization):
        assert not Invitation.objects.exists()
