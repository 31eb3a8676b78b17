"""Former owners: when people count as such, and the effects on rules and notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.former_owner_notices import notify_former_owners
from portal.treatment.actions.owners.notices import notify_overdue
from portal.treatment.actions.owners.rules import apply_rules, create_rule
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.models import Treatment
from portal.treatment.selectors.orphaned_owners import (
    former_owners,
    former_owners_with_work,
    owned_by_former_owner,
)
from portal.treatment.selectors.owners import eligible_owners, is_eligible_owner
from portal.treatment.selectors.refresh_triggers import needs_refresh
from tenants.actors import System
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

BY = System("tests")
DAY = timedelta(days=1)
type Change = Callable[[Tenant, Person], None]


def in_scope(how: Change) -> Change:
    """Open the organization's scope, in which memberships of all its tenants can be written."""

    def change(tenant: Tenant, who: Person) -> None:
        with organization_scope(tenant.organization):
            how(tenant, who)

    return change


@in_scope
def revoked(tenant: Tenant, who: Person) -> None:
    """End all memberships of the person an hour ago."""
    now = timezone.now()
    for row in Membership.objects.filter(person=who):
        row.valid_from, row.valid_until = now - 9 * DAY, now - timedelta(hours=1)
        row.save(update_fields=["valid_from", "valid_until"])


@in_scope
def starting(tenant: Tenant, who: Person) -> None:
    """Let all memberships of the person begin tomorrow."""
    Membership.objects.filter(person=who).update(valid_from=timezone.now() + DAY)


@in_scope
def ending(tenant: Tenant, who: Person) -> None:
    Membership.objects.filter(person=who).update(valid_until=timezone.now() + timedelta(minutes=5))


@in_scope
def deactivated(tenant: Tenant, who: Person) -> None:
    Person.objects.filter(pk=who.pk).update(is_active=False)


def give(tenant: Tenant, who: Person, place: Any, role: Role, **dates: datetime) -> None:
    whole = place != tenant
    Membership.objects.create(
        person=who,
        organization=tenant.organization,
        tenant=None if whole else tenant,
        role=role,
        confirmation="operator" if role is Role.APPROVER else "not_needed",
        **{"valid_from": timezone.now() - DAY, **dates},
    )


def then(*changes: Change) -> Change:
    def change(tenant: Tenant, who: Person) -> None:
        for one in changes:
            one(tenant, who)

    return change


@in_scope
def in_whole(tenant: Tenant, who: Person) -> None:
    give(tenant, who, tenant.organization, Role.ORGANIZATION_ENGINEER)


@in_scope
def in_whole_before(tenant: Tenant, who: Person) -> None:
    now = timezone.now()
    ended = {"valid_from": now - 9 * DAY, "valid_until": now - DAY}
    give(tenant, who, tenant.organization, Role.ORGANIZATION_ENGINEER, **ended)


@in_scope
def owner_again(tenant: Tenant, who: Person) -> None:
    give(tenant, who, tenant, Role.OWNER)


@in_scope
def approver_now(tenant: Tenant, who: Person) -> None:
    give(tenant, who, tenant, Role.APPROVER)


def elsewhere(tenant: Tenant, who: Person) -> None:
    """Grant a role at another provider, and in another tenant of this one."""
    factories.member(Role.ORGANIZATION_ENGINEER, factories.organization(), who)


def in_a_sister(tenant: Tenant, who: Person) -> None:
    factories.member(Role.OWNER, factories.tenant(tenant.organization), who)


def nothing(tenant: Tenant, who: Person) -> None:
    pass


# The access of the owner -> whether they are a former owner.
STATES: dict[str, tuple[Change, bool]] = {
    "active member": (nothing, False),
    "ends in minutes": (ending, False),
    "ended": (revoked, True),
    "begins tomorrow": (starting, True),
    "account off": (deactivated, True),
    "account off, ended": (then(revoked, deactivated), True),
    "ended, organization-wide": (then(revoked, in_whole), False),
    "ended, organization-wide ended too": (then(revoked, in_whole_before), True),
    "organization-wide, account off": (then(revoked, in_whole, deactivated), True),
    "ended, owner again": (then(revoked, owner_again), False),
    # An approver may view the findings but not work on them.
    "ended, approver now": (then(revoked, approver_now), True),
    "ended, member elsewhere": (then(revoked, elsewhere), True),
    "ended, member of a sister tenant": (then(revoked, in_a_sister), True),
}


@pytest.fixture
def place(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def owned(place: CustomerWithOwners, number: int = 0, owner: Person | None = None, **given: Any) -> Finding:
    """A failing finding assigned by hand while the owner had access."""
    row = place.failing(number, **given)
    assign(
        tenant=place.tenant,
        findings=Finding.objects.filter(pk=row.pk),
        owner=owner or place.owner,
        by=place.engineer,
    )
    return row


def change(place: CustomerWithOwners, how: Change) -> None:
    how(place.tenant, place.owner)


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_former_owners_are_found_for_every_loss_of_access(
    place: CustomerWithOwners, how: Change, left: bool
) -> None:
    with factories.in_tenant(place.tenant):
        mine, theirs = owned(place), owned(place, 1, place.other)
        place.failing(2)
    change(place, how)
    with factories.in_tenant(place.tenant):
        rows = Finding.objects.filter(owned_by_former_owner(place.tenant), tenant=place.tenant)
        assert [row.pk for row in rows] == ([mine.pk] if left else [])
        assert list(former_owners(place.tenant)) == ([place.owner] if left else [])
        found = former_owners_with_work(place.tenant, timezone.now())
        assert [(one.person, one.count) for one in found] == ([(place.owner, 1)] if left else [])
        owner = Person.objects.get(pk=place.owner.pk)
        assert is_eligible_owner(place.tenant, owner) is not left
        assert (owner in eligible_owners(place.tenant)) is not left
        assert theirs.pk not in {row.pk for row in rows}


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_rules_assign_nothing_to_former_owners(place: CustomerWithOwners, how: Change, left: bool) -> None:
    with factories.in_tenant(place.tenant):
        first = create_rule(tenant=place.tenant, by=BY, name="First", owner=place.owner)
        create_rule(tenant=place.tenant, by=BY, name="Then", owner=place.other)
        row = place.failing()
    change(place, how)
    with factories.in_tenant(place.tenant):
        assert apply_rules(tenant=place.tenant, by=BY) == 1
        held = Treatment.objects.get(finding=row)
        assert held.owner == (place.other if left else place.owner)
        assert (held.owner_rule == first) is not left


def test_the_next_rule_takes_over_findings_of_a_former_owner(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        create_rule(tenant=place.tenant, by=BY, name="First", owner=place.owner)
        create_rule(tenant=place.tenant, by=BY, name="Then", owner=place.other)
        by_rule = place.failing()
        apply_rules(tenant=place.tenant, by=BY)
        by_hand = owned(place, 1)
    change(place, revoked)
    with factories.in_tenant(place.tenant):
        assert apply_rules(tenant=place.tenant, by=BY) == 1
        assert Treatment.objects.get(finding=by_rule).owner == place.other
        assert Treatment.objects.get(finding=by_hand).owner == place.owner
        assert [one.count for one in former_owners_with_work(place.tenant, timezone.now())] == [1]


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_former_owners_are_not_notified_and_the_next_owner_is(
    place: CustomerWithOwners, how: Change, left: bool
) -> None:
    since = timezone.now() - timedelta(days=400)
    with factories.in_tenant(place.tenant):
        row = owned(place, failing_since=since)
        Notice.objects.filter(tenant=place.tenant).delete()
    change(place, how)
    now = timezone.now()
    with factories.in_tenant(place.tenant):
        assert notify_overdue(tenant=place.tenant, now=now) == (0 if left else 1)
        assert Notice.objects.filter(person=place.owner).count() == (0 if left else 1)
        assert (Treatment.objects.get(finding=row).overdue_told_for is None) is left
        if left:
            rows = Finding.objects.filter(owned_by_former_owner(place.tenant))
            assign(tenant=place.tenant, findings=rows, owner=place.other, by=place.engineer)
            assert notify_overdue(tenant=place.tenant, now=now) == 1
            assert Notice.objects.filter(person=place.other, kind="overdue").count() == 1


def told(place: CustomerWithOwners) -> list[tuple[Person, str]]:
    rows = Notice.objects.filter(tenant=place.tenant, kind="owner_left").select_related("person")
    return [(row.person, row.title) for row in rows.order_by("created_at", "pk")]


def test_assigners_are_notified_once_per_loss_of_access(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        owned(place)
        owned(place, 1)
        owned(place, 2, outcome="pass", state="passing", failing_since=None)
    change(place, nothing)
    with factories.in_tenant(place.tenant):
        assert notify_former_owners(tenant=place.tenant, now=timezone.now()) == 0
    change(place, revoked)
    with factories.in_tenant(place.tenant):
        assert [notify_former_owners(tenant=place.tenant, now=timezone.now()) for _ in range(3)] == [1, 0, 0]
        said = "Lin Baker has lost access and still owns 2 findings"
        assert told(place) == [(place.engineer, said)]
        notice = Notice.objects.get(kind="owner_left")
        assert f"owner={place.owner.pk}" in notice.path
    # If access is granted and lost again, people are notified again.
    change(place, owner_again)
    with factories.in_tenant(place.tenant):
        assert notify_former_owners(tenant=place.tenant, now=timezone.now()) == 0
    change(place, give_ended)
    with factories.in_tenant(place.tenant):
        assert notify_former_owners(tenant=place.tenant, now=timezone.now()) == 1
        assert len(told(place)) == 2


@in_scope
def give_ended(tenant: Tenant, who: Person) -> None:
    Membership.objects.filter(person=who, valid_until__isnull=True).update(valid_until=timezone.now())


def test_a_deactivated_account_is_announced_once(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        owned(place)
    change(place, deactivated)
    with factories.in_tenant(place.tenant):
        assert [notify_former_owners(tenant=place.tenant, now=timezone.now()) for _ in range(2)] == [1, 0]
        assert told(place)[0][1] == "Lin Baker has lost access and still owns 1 finding"


def test_former_owners_without_work_are_not_announced(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        owned(place, outcome="pass", state="passing", failing_since=None)
    change(place, revoked)
    with factories.in_tenant(place.tenant):
        assert notify_former_owners(tenant=place.tenant, now=timezone.now()) == 0
        assert list(former_owners(place.tenant)) == [place.owner]


def test_an_ended_membership_needs_a_refresh(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        owned(place)
    refresh_treatments(tenant_id=place.tenant.pk)
    end = timezone.now() + timedelta(minutes=5)
    change(place, in_scope(lambda _, who: set_end(who, end)))
    with factories.in_tenant(place.tenant):
        assert needs_refresh(place.tenant, end - timedelta(seconds=1)) is False
        assert needs_refresh(place.tenant, end) is True
    refresh_treatments(tenant_id=place.tenant.pk, now=end + timedelta(seconds=1))
    with factories.in_tenant(place.tenant):
        assert needs_refresh(place.tenant, end + timedelta(seconds=2)) is False


def set_end(who: Person, end: datetime) -> None:
    Membership.objects.filter(person=who).update(valid_until=end)
