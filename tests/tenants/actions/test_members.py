"""Memberships: inviting, accepting, granting, revoking."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import selectors
from tenants.actions import accept_invitation, grant_membership, invite, revoke_membership
from tenants.auditors.review_periods import ReviewPeriod
from tenants.errors import Conflict, InvalidInput, NoScope, NotFound, PermissionDenied
from tenants.models import Invitation, JournalEntry, Membership, OrganizationJournalEntry, Tenant
from tenants.roles import ORGANIZATION_ROLES, Role
from tenants.scope import current_or_none, organization_scope, person_scope
from tests import factories
from tests.factories import BY, in_tenant
from tests.for_each import for_each

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


def invited(tenant: Tenant, email: str = "jo@example.com", role: Role = Role.OWNER, **given: Any) -> str:
    """Create an invitation by a tenant administrator and return its token."""
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with person_scope(administrator):
        _, token = invite(
            by=administrator, organization=tenant.organization, tenant=tenant, email=email, role=role, **given
        )
    return token


def test_accepting_an_invitation_creates_a_membership(tenant: Tenant) -> None:
    token = invited(tenant, " Jo@Example.com ", Role.AUDITOR, access_until=timezone.now() + 30 * DAY)
    person = factories.person("jo@example.com")
    welcome = selectors.invitation(token)
    assert (welcome.email, welcome.tenant) == ("jo@example.com", tenant)
    assert welcome.organization == tenant.organization
    assert current_or_none() is None
    with person_scope(person) as before:
        membership = accept_invitation(by=person, token=token)
        assert before.tenant_ids == frozenset()
    with person_scope(person) as scope:
        assert scope.roles(tenant.pk) == {Role.AUDITOR}
        assert Invitation.objects.get().accepted_by == person
    assert membership.valid_until == welcome.access_until
    with in_tenant(tenant):
        actions = list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))
        assert actions[-2:] == ["membership.invited", "membership.invitation_accepted"]
        assert token not in str(list(JournalEntry.objects.values_list("details", "target")))
        assert not Invitation.objects.filter(token_hash=token).exists()


@for_each(
    "held, offered, accepted", [(None, "spring", False), ("spring", None, False), ("spring", "winter", True)]
)
def test_auditors_cannot_get_a_role_with_a_review_period_beside_one_without(
    tenant: Tenant, held: str | None, offered: str | None, accepted: bool
) -> None:
    """The role without a review period reads all records, so the period of the other role would have no effect."""
    periods = {
        "winter": ReviewPeriod(date(2026, 1, 1), date(2026, 3, 31)),
        "spring": ReviewPeriod(date(2026, 4, 1), date(2026, 6, 30)),
        None: None,
    }
    person = factories.person(f"{held}.{offered}@example.com")
    factories.member(Role.AUDITOR, tenant, person, review=periods[held])
    until = timezone.now() + 60 * DAY
    token = invited(tenant, person.email, Role.AUDITOR, access_until=until, review=periods[offered])
    if accepted:
        assert accept_invitation(by=person, token=token).review_period == periods[offered]
    else:
        with pytest.raises(Conflict, match="You are already an auditor") as caught:
            accept_invitation(by=person, token=token)
        assert caught.value.code == "already_member"


def test_invitation_works_once(tenant: Tenant) -> None:
    token = invited(tenant)
    person = factories.person("jo@example.com")
    accept_invitation(by=person, token=token)
    with pytest.raises(Conflict) as caught:
        accept_invitation(by=person, token=token)
    assert caught.value.code == "invitation_used"


def test_invitation_works_only_for_its_address(tenant: Tenant) -> None:
    token = invited(tenant)
    other = factories.person("somebody@example.com")
    with pytest.raises(PermissionDenied) as caught:
        accept_invitation(by=other, token=token)
    assert caught.value.code == "invitation_for_another"
    with person_scope(other) as scope:
        assert scope.tenant_ids == frozenset()


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 100, "\ud800"])
def test_unknown_token_is_not_found(token: str, tenant: Tenant) -> None:
    invited(tenant)
    with pytest.raises(NotFound):
        selectors.invitation(token)
    with pytest.raises(NotFound):
        accept_invitation(by=factories.person("jo@example.com"), token=token)


def test_expired_invitation_is_refused(tenant: Tenant) -> None:
    token = invited(tenant)
    with in_tenant(tenant):
        assert selectors.open_invitations(tenant).count() == 1
        Invitation.objects.update(created_at=timezone.now() - 9 * DAY, expires_at=timezone.now() - DAY)
        assert selectors.open_invitations(tenant).count() == 0
    with pytest.raises(Conflict) as caught:
        accept_invitation(by=factories.person("jo@example.com"), token=token)
    assert caught.value.code == "invitation_expired"


@pytest.mark.parametrize("whole", [False, True])
def test_nobody_comes_back_with_an_invitation_sent_before_their_access_ended(
    tenant: Tenant, whole: bool
) -> None:
    place = tenant.organization if whole else tenant
    leaving = factories.member(Role.ORGANIZATION_ADMINISTRATOR if whole else Role.TENANT_ADMINISTRATOR, place)
    factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    tokens = []
    with person_scope(leaving):
        for role, where in (
            (Role.TENANT_ADMINISTRATOR, tenant),
            *([(Role.ORGANIZATION_ADMINISTRATOR, None)] if whole else []),
        ):
            given = {"organization": tenant.organization, "tenant": where, "email": "second@me.example"}
            tokens.append(invite(by=leaving, role=role, **given)[1])
    with organization_scope(tenant.organization):
        revoke_membership(by=BY, membership=Membership.objects.get(person=leaving))
    person = factories.person("second@me.example")
    for token in tokens:
        with pytest.raises(Conflict, match="may no longer grant access"):
            accept_invitation(by=person, token=token)
    with person_scope(person) as scope:
        assert scope.tenant_ids == frozenset()


@pytest.mark.parametrize("role", [Role.TENANT_ADMINISTRATOR, Role.ORGANIZATION_ADMINISTRATOR])
def test_invitation_by_an_administrator_works(tenant: Tenant, role: Role) -> None:
    whole = role in ORGANIZATION_ROLES
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with person_scope(administrator):
        _, token = invite(
            by=administrator,
            organization=tenant.organization,
            tenant=None if whole else tenant,
            email="jo@example.com",
            role=role,
        )
    assert accept_invitation(by=factories.person("jo@example.com"), token=token).role == role


def test_new_invitation_replaces_the_earlier_one(tenant: Tenant) -> None:
    earlier = invited(tenant)
    later = invited(tenant)
    person = factories.person("jo@example.com")
    with pytest.raises(Conflict, match="expired"):
        accept_invitation(by=person, token=earlier)
    assert accept_invitation(by=person, token=later).role == Role.OWNER


def test_invitation_to_the_organization_gives_access_to_its_tenants(tenant: Tenant) -> None:
    organization = tenant.organization
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with person_scope(administrator):
        _, token = invite(
            by=administrator,
            organization=organization,
            email="eng@example.com",
            role=Role.ORGANIZATION_ENGINEER,
        )
    person = factories.person("eng@example.com")
    accept_invitation(by=person, token=token)
    with person_scope(person) as scope:
        assert scope.tenant_ids == {tenant.pk}
    with organization_scope(organization):
        for model in (JournalEntry, OrganizationJournalEntry):
            recorded = set(model.objects.values_list("action", flat=True))
            assert {"membership.invited", "membership.invitation_accepted"} <= recorded


@pytest.mark.parametrize(
    "email", ["", "jo", "jo@", "@example.com", "a b@example.com", "jo@example.com,x@y.z"]
)
def test_invalid_email_address_is_refused(email: str, tenant: Tenant) -> None:
    with pytest.raises(InvalidInput) as caught:
        invited(tenant, email)
    assert list(caught.value.fields) == ["email"]


@pytest.mark.parametrize("giver", list(Role))
def test_roles_that_may_grant_access(giver: Role, tenant: Tenant) -> None:
    """Administrators grant roles only in their own tenant or organization."""
    organization = tenant.organization
    by = factories.member(giver, organization if giver in ORGANIZATION_ROLES else tenant)
    may_give = {
        Role.ORGANIZATION_ADMINISTRATOR: set(Role),
        Role.TENANT_ADMINISTRATOR: set(Role) - ORGANIZATION_ROLES,
    }.get(giver, set())
    for role in Role:
        given: dict[str, Any] = {
            "by": by,
            "person": factories.person(),
            "organization": organization,
            "tenant": None if role in ORGANIZATION_ROLES else tenant,
            "role": role,
            "valid_until": timezone.now() + DAY,
        }
        with person_scope(by):
            if role in may_give:
                assert grant_membership(**given).role == role
            else:
                with pytest.raises(PermissionDenied):
                    grant_membership(**given)


def test_granting_access_needs_the_scope_of_the_granting_person(tenant: Tenant) -> None:
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    given: dict[str, Any] = {
        "person": factories.person(),
        "organization": tenant.organization,
        "tenant": tenant,
        "role": Role.OWNER,
    }
    with pytest.raises(NoScope):
        grant_membership(by=administrator, **given)
    with in_tenant(tenant), pytest.raises(PermissionDenied):
        grant_membership(by=administrator, **given)
    impostor = factories.person()
    with person_scope(administrator), pytest.raises(PermissionDenied):
        grant_membership(by=impostor, **given)


NOW = timezone.now()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": Role.ORGANIZATION_ENGINEER}, "role"),
        ({"role": Role.OWNER, "tenant": None}, "role"),
        ({"role": Role.AUDITOR}, "valid_until"),
        ({"role": Role.OWNER, "valid_until": NOW - DAY}, "valid_until"),
        ({"role": Role.OWNER, "valid_from": NOW + 2 * DAY, "valid_until": NOW + DAY}, "valid_until"),
        ({"role": Role.OWNER, "valid_from": NOW - 2 * DAY, "valid_until": NOW - DAY}, "valid_until"),
    ],
)
def test_role_in_the_wrong_place_or_period_is_refused(
    given: dict[str, Any], field: str, tenant: Tenant
) -> None:
    person = factories.person()
    with organization_scope(tenant.organization), pytest.raises(InvalidInput) as caught:
        grant_membership(
            **{"by": BY, "person": person, "organization": tenant.organization, "tenant": tenant, **given}
        )
    assert list(caught.value.fields) == [field]


def test_tenant_of_another_organization_is_refused(tenant: Tenant) -> None:
    other = factories.organization()
    with organization_scope(other), pytest.raises(InvalidInput) as caught:
        grant_membership(by=BY, person=factories.person(), organization=other, tenant=tenant, role=Role.OWNER)
    assert caught.value.code == "tenant_foreign"


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        (None, None, True),
        (NOW + 5 * DAY, None, True),
        (NOW + 10 * DAY, None, False),
        (NOW + 9 * DAY, NOW + 11 * DAY, True),
        (NOW + 10 * DAY, NOW + 11 * DAY, False),
    ],
)
def test_overlapping_memberships_with_the_same_role_are_refused(
    start: datetime | None, end: datetime | None, refused: bool, tenant: Tenant
) -> None:
    person = factories.member(Role.OWNER, tenant, valid_from=NOW, valid_until=NOW + 10 * DAY)
    if refused:
        with pytest.raises(Conflict):
            factories.member(Role.OWNER, tenant, person, valid_from=start, valid_until=end)
    else:
        factories.member(Role.OWNER, tenant, person, valid_from=start, valid_until=end)
    factories.member(Role.APPROVER, tenant, person)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"role": Role.APPROVER}, "second_administrator"),
        ({"role": Role.ORGANIZATION_ENGINEER}, "place"),
        ({"tenant": None}, "place"),
        ({"role": "king"}, "role"),
        ({"role": Role.AUDITOR}, "auditor_ends"),
        ({"valid_until": NOW}, "period"),
        ({"valid_until": NOW - DAY}, "period"),
    ],
)
def test_database_enforces_the_rules(wrong: dict[str, Any], constraint: str, tenant: Tenant) -> None:
    values = {
        "person": factories.person(),
        "organization": tenant.organization,
        "tenant": tenant,
        "role": Role.OWNER,
        "valid_from": NOW,
    }
    with (
        organization_scope(tenant.organization),
        pytest.raises(IntegrityError, match=f"tenants_membership_{constraint}"),
        transaction.atomic(),
    ):
        Membership.objects.create(**{**values, **wrong})


def test_revoking_ends_access_immediately_and_keeps_the_row(tenant: Tenant) -> None:
    person = factories.member(Role.OWNER, tenant)
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with person_scope(administrator):
        membership = Membership.objects.get(person=person)
        revoked = revoke_membership(by=administrator, membership=membership)
        assert revoked is not None
        with pytest.raises(Conflict):
            revoke_membership(by=administrator, membership=membership)
        assert Membership.objects.filter(person=person).exists()
        assert not selectors.members(tenant).filter(person=person).exists()
    with person_scope(person) as scope:
        assert scope.tenant_ids == frozenset()
    factories.member(Role.OWNER, tenant, person)


def test_revoking_a_future_membership_deletes_it(tenant: Tenant) -> None:
    person = factories.member(Role.OWNER, tenant, valid_from=timezone.now() + DAY)
    with in_tenant(tenant):
        assert revoke_membership(by=BY, membership=Membership.objects.get(person=person)) is None
        assert not Membership.objects.filter(person=person).exists()
        assert JournalEntry.objects.order_by("-sequence")[0].action == "membership.revoked"


def test_last_administrator_cannot_be_revoked(tenant: Tenant) -> None:
    first = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with person_scope(first), pytest.raises(Conflict) as caught:
        revoke_membership(by=first, membership=Membership.objects.get(person=first))
    assert caught.value.code == "last_administrator"
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with person_scope(first):
        assert revoke_membership(by=first, membership=Membership.objects.get(person=first)) is not None
    with person_scope(second), pytest.raises(Conflict):
        revoke_membership(by=second, membership=Membership.objects.get(person=second))


def test_tenant_administrator_cannot_revoke_people_of_the_provider(tenant: Tenant) -> None:
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    with person_scope(administrator):
        seen = selectors.members(tenant).get(person=engineer)
        with pytest.raises((PermissionDenied, Membership.DoesNotExist)):
            revoke_membership(by=administrator, membership=seen)
    with person_scope(engineer) as scope:
        assert tenant.pk in scope.tenant_ids


def test_people_with_a_role_are_found(tenant: Tenant) -> None:
    approver = factories.member(Role.APPROVER, tenant)
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)
    factories.member(Role.APPROVER, factories.tenant(tenant.organization))
    gone = factories.member(Role.APPROVER, tenant)
    gone.is_active = False
    gone.save()
    with in_tenant(tenant):
        assert list(selectors.people_with_role(tenant, [Role.APPROVER])) == [approver]
        both = selectors.people_with_role(tenant, [Role.APPROVER, Role.ORGANIZATION_ENGINEER])
        assert set(both) == {approver, engineer}
