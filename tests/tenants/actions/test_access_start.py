"""Access with a first day: before this day, neither scopes nor the database give the rights of the role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from tenants import access
from tenants.actions import (
    accept_invitation,
    change_role,
    decide_membership,
    grant_membership,
    invite,
    revoke_membership,
)
from tenants.actions.invitations import Offer, invite_many
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import Invitation, JournalEntry, Membership, Person, Tenant
from tenants.roles import Capability, Role
from tenants.scope import invitation_scope, person_scope
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


@pytest.fixture
def by(tenant: Tenant) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)


def invited(
    tenant: Tenant, by: Person, starts: datetime | None, ends: datetime | None = None
) -> tuple[Invitation, str]:
    with person_scope(by):
        return invite(
            by=by,
            organization=tenant.organization,
            tenant=tenant,
            email="jo@example.com",
            role=Role.OWNER,
            access_from=starts,
            access_until=ends,
        )


def accepted(tenant: Tenant, by: Person, starts: datetime | None, ends: datetime | None = None) -> Membership:
    _, token = invited(tenant, by, starts, ends)
    who = factories.person("jo@example.com")
    with person_scope(who):
        return accept_invitation(by=who, token=token)


def sees(who: Person, tenant: Tenant) -> tuple[bool, bool]:
    """Return whether the person can fetch the customer, and whether the database shows them the customer's journal."""
    with person_scope(who):
        try:
            access.tenant(tenant.slug, needs=Capability.VIEW)
            fetched = True
        except NotFound:
            fetched = False
        return fetched, JournalEntry._base_manager.filter(tenant=tenant).exists()


def test_a_first_day_is_at_most_two_years_ahead(tenant: Tenant, by: Person) -> None:
    """A role that has not begun yet counts as access. So without this limit, another organization could not
    pseudonymise the person for years.
    """
    who = factories.person()
    late, last = timezone.now() + 732 * DAY, timezone.now() + 731 * DAY - timedelta(minutes=1)
    with person_scope(by):
        for start in (late, datetime(9999, 12, 30, tzinfo=UTC)):
            with pytest.raises(InvalidInput) as granting:
                grant_membership(
                    by=by,
                    person=who,
                    organization=tenant.organization,
                    tenant=tenant,
                    role=Role.OWNER,
                    valid_from=start,
                )
            with pytest.raises(InvalidInput) as inviting:
                invited(tenant, by, start)
            assert granting.value.fields == {"valid_from": ["Enter a first day within the next 731 days."]}
            assert inviting.value.fields == {"access_from": ["Enter a first day within the next 731 days."]}
    assert accepted(tenant, by, last).valid_from == last


def test_nothing_is_accessible_before_the_start(tenant: Tenant, by: Person) -> None:
    starts = timezone.now() + 2 * DAY
    row = accepted(tenant, by, starts, starts + 9 * DAY)
    assert (row.valid_from, row.has_started) == (starts, False)
    assert sees(row.person, tenant) == (False, False)
    with time_machine.travel(starts + timedelta(seconds=1), tick=False):
        assert sees(row.person, tenant) == (True, True)
    with time_machine.travel(starts + 9 * DAY, tick=False):
        assert sees(row.person, tenant) == (False, False)
    with factories.in_tenant(tenant):
        entries = JournalEntry.objects.filter(action__startswith="membership.invit").order_by("sequence")
        assert {entry.details["access_from"][:10] for entry in entries} == {starts.date().isoformat()}


def test_start_that_has_passed_is_the_moment_of_the_acceptance(tenant: Tenant, by: Person) -> None:
    row = accepted(tenant, by, timezone.now() - DAY)
    assert row.has_started
    assert timezone.now() - row.valid_from < timedelta(minutes=1)


def test_end_must_be_after_the_start(tenant: Tenant, by: Person) -> None:
    starts = timezone.now() + 5 * DAY
    with pytest.raises(InvalidInput) as refusal:
        accepted(tenant, by, starts, starts - DAY)
    assert refusal.value.fields == {"access_until": ["Enter an end that is after the start."]}


def test_database_refuses_an_earlier_start_than_the_invitation_offers(tenant: Tenant, by: Person) -> None:
    """Without this check, SQL in the scope of the invited person could accept the invitation with access at once."""
    starts = timezone.now() + 2 * DAY
    with person_scope(by):
        given, _ = invited(tenant, by, starts)
        with pytest.raises(DatabaseError, match="an invitation cannot change"), transaction.atomic():
            Invitation.objects.filter(pk=given.pk).update(access_from=None)
    who = factories.person("jo@example.com")
    values = {
        "person": who,
        "organization": tenant.organization,
        "tenant": tenant,
        "role": Role.OWNER,
        "granted_by": by,
    }
    with invitation_scope(given.token_hash, who):
        with pytest.raises(DatabaseError, match="nobody grants themselves"), transaction.atomic():
            Membership.objects.create(valid_from=timezone.now(), **values)
        Membership.objects.create(valid_from=starts, **values)


def test_two_periods_of_one_role_are_two_invitations(tenant: Tenant, by: Person) -> None:
    start = timezone.now() + DAY
    with person_scope(by):
        rows = invite_many(
            by=by,
            organization=tenant.organization,
            offers=[
                Offer(
                    "jo@example.com", Role.OWNER, tenant, start + n * 30 * DAY + 9 * DAY, start + n * 30 * DAY
                )
                for n in (0, 1)
            ],
        )
        assert len({row.token_hash for row in rows}) == 2
        found = Invitation.objects.filter(email="jo@example.com", expires_at__gt=timezone.now())
        assert list(found.order_by("access_from").values_list("access_from", flat=True)) == [
            start,
            start + 30 * DAY,
        ]


def test_new_role_from_a_day_on_ends_the_present_role_then(tenant: Tenant, by: Person) -> None:
    row = accepted(tenant, by, None)
    starts = timezone.now() + 3 * DAY
    with person_scope(by):
        later = change_role(
            by=by, membership=row, role=Role.AUDITOR, valid_from=starts, valid_until=starts + 9 * DAY
        )
        row.refresh_from_db()
    assert (later.valid_from, row.valid_until) == (starts, starts)
    for moment, role in ((starts - DAY, Role.OWNER), (starts + DAY, Role.AUDITOR)):
        with time_machine.travel(moment, tick=False), person_scope(row.person) as scope:
            assert scope.roles(tenant.pk) == {role}


@pytest.mark.parametrize("how", ["ended", "refused"])
def test_ended_access_is_not_revived_by_a_role_with_a_first_day(tenant: Tenant, by: Person, how: str) -> None:
    """Changing the role of ended access is refused: the person must accept an invitation."""
    if how == "ended":
        row = accepted(tenant, by, None)
        with person_scope(by):
            revoke_membership(by=by, membership=row)
    else:
        with person_scope(by):
            row = grant_membership(
                by=by,
                person=factories.person(),
                organization=tenant.organization,
                tenant=tenant,
                role=Role.APPROVER,
            )
        second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
        with person_scope(second):
            decide_membership(by=second, membership=row, confirm=False)
    for starts in (timezone.now() + DAY, None):
        with person_scope(by), pytest.raises(Conflict, match="send an invitation"):
            change_role(by=by, membership=row, role=Role.TENANT_ADMINISTRATOR, valid_from=starts)
    with person_scope(by):
        assert Membership.objects.filter(person=row.person_id).count() == 1
