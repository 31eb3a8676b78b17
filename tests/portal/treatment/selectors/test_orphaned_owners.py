"""Former owners: when people count as such, and the effects on rules and notices."""

from __future__ import annotations

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
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners
from tests.portal.treatment.selectors.access_changes import (
    STATES,
    Change,
    change,
    deactivated,
    in_scope,
    nothing,
    owner_again,
    revoked,
)

BY = System("tests")


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
