"""Former owners: when people count as such, and the effects on rules and notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice
from portal.notify.notice_validity import still_valid
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
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def owned(
    customer: CustomerWithOwners, number: int = 0, owner: Person | None = None, **given: Any
) -> Finding:
    """A failing finding assigned by hand while the owner had access."""
    row = customer.failing(number, **given)
    assign(
        tenant=customer.tenant,
        findings=Finding.objects.filter(pk=row.pk),
        owner=owner or customer.owner,
        by=customer.engineer,
    )
    return row


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_former_owners_are_found_for_every_loss_of_access(
    customer: CustomerWithOwners, how: Change, left: bool
) -> None:
    with factories.in_tenant(customer.tenant):
        mine, theirs = owned(customer), owned(customer, 1, customer.other)
        customer.failing(2)
    change(customer, how)
    with factories.in_tenant(customer.tenant):
        rows = Finding.objects.filter(owned_by_former_owner(customer.tenant), tenant=customer.tenant)
        assert [row.pk for row in rows] == ([mine.pk] if left else [])
        assert list(former_owners(customer.tenant)) == ([customer.owner] if left else [])
        found = former_owners_with_work(customer.tenant, timezone.now())
        assert [(one.person, one.count) for one in found] == ([(customer.owner, 1)] if left else [])
        owner = Person.objects.get(pk=customer.owner.pk)
        assert is_eligible_owner(customer.tenant, owner) is not left
        assert (owner in eligible_owners(customer.tenant)) is not left
        assert theirs.pk not in {row.pk for row in rows}


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_rules_assign_nothing_to_former_owners(customer: CustomerWithOwners, how: Change, left: bool) -> None:
    with factories.in_tenant(customer.tenant):
        first = create_rule(tenant=customer.tenant, by=BY, name="First", owner=customer.owner)
        create_rule(tenant=customer.tenant, by=BY, name="Then", owner=customer.other)
        row = customer.failing()
    change(customer, how)
    with factories.in_tenant(customer.tenant):
        assert apply_rules(tenant=customer.tenant, by=BY) == 1
        held = Treatment.objects.get(finding=row)
        assert held.owner == (customer.other if left else customer.owner)
        assert (held.owner_rule == first) is not left


def test_the_next_rule_takes_over_findings_of_a_former_owner(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        create_rule(tenant=customer.tenant, by=BY, name="First", owner=customer.owner)
        create_rule(tenant=customer.tenant, by=BY, name="Then", owner=customer.other)
        by_rule = customer.failing()
        apply_rules(tenant=customer.tenant, by=BY)
        by_hand = owned(customer, 1)
    change(customer, revoked)
    with factories.in_tenant(customer.tenant):
        assert apply_rules(tenant=customer.tenant, by=BY) == 1
        assert Treatment.objects.get(finding=by_rule).owner == customer.other
        assert Treatment.objects.get(finding=by_hand).owner == customer.owner
        assert [one.count for one in former_owners_with_work(customer.tenant, timezone.now())] == [1]


@pytest.mark.parametrize(("how", "left"), STATES.values(), ids=STATES)
def test_former_owners_are_not_notified_and_the_next_owner_is(
    customer: CustomerWithOwners, how: Change, left: bool
) -> None:
    since = timezone.now() - timedelta(days=400)
    with factories.in_tenant(customer.tenant):
        row = owned(customer, failing_since=since)
        Notice.objects.filter(tenant=customer.tenant).delete()
    change(customer, how)
    now = timezone.now()
    with factories.in_tenant(customer.tenant):
        assert notify_overdue(tenant=customer.tenant, now=now) == (0 if left else 1)
        assert Notice.objects.filter(person=customer.owner).count() == (0 if left else 1)
        assert (Treatment.objects.get(finding=row).overdue_told_for is None) is left
        if left:
            rows = Finding.objects.filter(owned_by_former_owner(customer.tenant))
            assign(tenant=customer.tenant, findings=rows, owner=customer.other, by=customer.engineer)
            assert notify_overdue(tenant=customer.tenant, now=now) == 1
            assert Notice.objects.filter(person=customer.other, kind="overdue").count() == 1


def told(customer: CustomerWithOwners) -> list[tuple[Person, str]]:
    rows = Notice.objects.filter(tenant=customer.tenant, kind="owner_left").select_related("person")
    return [(row.person, row.title) for row in rows.order_by("created_at", "pk")]


def test_assigners_are_notified_once_per_loss_of_access(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        owned(customer)
        owned(customer, 1)
        owned(customer, 2, outcome="pass", state="passing", failing_since=None)
    change(customer, nothing)
    with factories.in_tenant(customer.tenant):
        assert notify_former_owners(tenant=customer.tenant, now=timezone.now()) == 0
    change(customer, revoked)
    with factories.in_tenant(customer.tenant):
        assert [notify_former_owners(tenant=customer.tenant, now=timezone.now()) for _ in range(3)] == [
            1,
            0,
            0,
        ]
        said = "Lin Baker has lost access and still owns 2 findings"
        assert told(customer) == [(customer.engineer, said)]
        notice = Notice.objects.get(kind="owner_left")
        assert f"owner={customer.owner.pk}" in notice.path
    # If access is granted and lost again, people are notified again.
    change(customer, owner_again)
    with factories.in_tenant(customer.tenant):
        assert notify_former_owners(tenant=customer.tenant, now=timezone.now()) == 0
    change(customer, give_ended)
    with factories.in_tenant(customer.tenant):
        assert notify_former_owners(tenant=customer.tenant, now=timezone.now()) == 1
        assert len(told(customer)) == 2


def test_a_notice_of_a_former_owner_is_not_mailed_after_the_findings_were_assigned(
    customer: CustomerWithOwners,
) -> None:
    with factories.in_tenant(customer.tenant):
        owned(customer)
    change(customer, revoked)
    with factories.in_tenant(customer.tenant):
        assert notify_former_owners(tenant=customer.tenant, now=timezone.now()) == 1
        notices = list(Notice.objects.filter(kind="owner_left"))
        assert still_valid(notices, customer.tenant) == notices
        rows = Finding.objects.filter(owned_by_former_owner(customer.tenant))
        assign(tenant=customer.tenant, findings=rows, owner=customer.other, by=customer.engineer)
        assert still_valid(notices, customer.tenant) == []


@in_scope
def give_ended(tenant: Tenant, who: Person) -> None:
    Membership.objects.filter(person=who, valid_until__isnull=True).update(valid_until=timezone.now())


def test_a_deactivated_account_is_announced_once(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        owned(customer)
    change(customer, deactivated)
    with factories.in_tenant(customer.tenant):
        assert [notify_former_owners(tenant=customer.tenant, now=timezone.now()) for _ in range(2)] == [1, 0]
        assert told(customer)[0][1] == "Lin Baker has lost access and still owns 1 finding"


def test_former_owners_without_work_are_not_announced(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        owned(customer, outcome="pass", state="passing", failing_since=None)
    change(customer, revoked)
    with factories.in_tenant(customer.tenant):
        assert notify_former_owners(tenant=customer.tenant, now=timezone.now()) == 0
        assert list(former_owners(customer.tenant)) == [customer.owner]


@pytest.mark.slow(seconds=1)
def test_an_ended_membership_needs_a_refresh(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        owned(customer)
    end = timezone.now() + timedelta(minutes=5)
    # Refresh on the day of `end`, because a day without a refresh needs one anyway.
    refresh_treatments(tenant_id=customer.tenant.pk, now=end - timedelta(seconds=2))
    change(customer, in_scope(lambda _, who: set_end(who, end)))
    with factories.in_tenant(customer.tenant):
        assert needs_refresh(customer.tenant, end - timedelta(seconds=1)) is False
        assert needs_refresh(customer.tenant, end) is True
    refresh_treatments(tenant_id=customer.tenant.pk, now=end + timedelta(seconds=1))
    with factories.in_tenant(customer.tenant):
        assert needs_refresh(customer.tenant, end + timedelta(seconds=2)) is False


def set_end(who: Person, end: datetime) -> None:
    Membership.objects.filter(person=who).update(valid_until=end)
