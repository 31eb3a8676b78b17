"""Changes of the policy: conflicts, concurrency, and effects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.treatment.actions.exceptions import approve, refuse, revoke
from portal.treatment.actions.policy import change_policy
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.models import FindingException, Snapshot
from portal.treatment.selectors.policy import preview_policy
from tenants import journal
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, Tenant
from tests import factories
from tests.concurrency import run_concurrently
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers

COLUMNS = ("name", "timezone", "labels", "exception_cap_days", "due_days")
ROUNDS = 3


def policy_of(customer: CustomerWithApprovers) -> dict[str, Any]:
    with factories.in_tenant(customer.tenant):
        row = Tenant.objects.get(pk=customer.tenant.pk)
    return {column: getattr(row, column) for column in COLUMNS}


def change(customer: CustomerWithApprovers, start: dict[str, Any], **given: Any) -> Tenant:
    """Change the policy as the page does: submit all columns, some of them with new values."""
    return change_policy(
        tenant=Tenant.objects.get(pk=customer.tenant.pk),
        by=customer.asker,
        expected=start,
        **{**start, **given},
    )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_concurrent_changes_one_is_a_conflict(committed: None, _round: int) -> None:
    customer = CustomerWithApprovers()
    start = policy_of(customer)
    results = run_concurrently(
        partial(change, customer, start, exception_cap_days=90),
        partial(change, customer, start, due_days={**start["due_days"], "high": 14}),
        tenant=customer.tenant,
        caught=(Conflict,),
    )
    (told,) = (result for result in results if isinstance(result, Conflict))
    assert told.code == "changed_meanwhile"
    after = policy_of(customer)
    moved = {column for column in COLUMNS if after[column] != start[column]}
    assert moved == set(told.fields)
    assert len(moved) == 1
    with factories.in_tenant(customer.tenant):
        assert JournalEntry.objects.filter(action="tenant.changed").count() == 1
        assert journal.verify(customer.tenant) == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_same_change_twice_is_applied_once(committed: None, _round: int) -> None:
    customer = CustomerWithApprovers()
    start = policy_of(customer)
    call = partial(change, customer, start, exception_cap_days=90)
    results = run_concurrently(call, call, tenant=customer.tenant, caught=(Conflict,))
    assert [row.exception_cap_days for row in results] == [90, 90]
    with factories.in_tenant(customer.tenant):
        assert JournalEntry.objects.filter(action="tenant.changed").count() == 1


@pytest.mark.django_db
def test_a_change_that_was_reverted_is_no_conflict() -> None:
    customer = CustomerWithApprovers()
    start = policy_of(customer)
    with factories.in_tenant(customer.tenant):
        change(customer, start, exception_cap_days=90)
        change(customer, policy_of(customer), exception_cap_days=start["exception_cap_days"])
        assert change(customer, start, name="Another").name == "Another"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        {"due_days": {"critical": 0}},
        {"exception_cap_days": 0},
        {"labels": ["a,b"]},
        {"timezone": "Mars/Base"},
    ],
    ids=["days", "cap", "labels", "time zone"],
)
def test_an_invalid_policy_changes_nothing(given: dict[str, Any]) -> None:
    customer = CustomerWithApprovers()
    start = policy_of(customer)
    with factories.in_tenant(customer.tenant), pytest.raises(InvalidInput) as caught:
        change(customer, start, **{"name": "Another", **given})
    assert list(caught.value.fields) == list(given)
    assert policy_of(customer) == start


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db
def test_a_shorter_cap_keeps_present_ends_and_binds_the_approver() -> None:
    customer = CustomerWithApprovers()
    runs = customer.approved([customer.finding()], ends_at=NOW + 100 * DAY)
    asked = customer.ask([customer.finding()], ends_at=NOW + 100 * DAY)
    with factories.in_tenant(customer.tenant):
        change(customer, policy_of(customer), exception_cap_days=60)
        tenant = Tenant.objects.get(pk=customer.tenant.pk)
        seen = preview_policy(tenant, due_days={}, cap_days=60, now=NOW)
    assert (seen.running, seen.waiting) == (1, 1)
    assert customer.read(runs).ends_at == NOW + 100 * DAY
    refresh_treatments(tenant_id=customer.tenant.pk, now=NOW + 61 * DAY)
    assert customer.read(runs).state == FindingException.State.ACTIVE
    with factories.in_tenant(customer.tenant):
        with pytest.raises(InvalidInput) as caught:
            approve(exception=customer.read(asked), by=customer.approver, now=NOW)
        assert caught.value.code == "end_too_late"
        approve(exception=customer.read(asked), by=customer.approver, now=NOW, ends_at=NOW + 60 * DAY)


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db
def test_changed_due_days_enqueue_a_refresh_and_a_name_does_not(
    django_capture_on_commit_callbacks: Any,
) -> None:
    customer = CustomerWithApprovers()
    customer.finding(severity="high", failing_since=NOW - 10 * DAY)
    refresh_treatments(tenant_id=customer.tenant.pk, now=NOW)
    for given, calls in (({"name": "Another"}, 0), ({"exception_cap_days": 90}, 0), ({"high": 5}, 1)):
        start = policy_of(customer)
        days = {"due_days": {**start["due_days"], **given}} if "high" in given else given
        with factories.in_tenant(customer.tenant), django_capture_on_commit_callbacks() as callbacks:
            change(customer, start, **days)
        assert len(callbacks) == calls, given
    refresh_treatments(tenant_id=customer.tenant.pk, now=NOW)
    with factories.in_tenant(customer.tenant):
        assert Snapshot.objects.get(tenant=customer.tenant).overdue == 1


@pytest.mark.django_db
def test_the_preview_needs_two_queries() -> None:
    customer = CustomerWithApprovers()
    for number in range(3):
        customer.finding(value=str(number), failing_since=NOW - timedelta(days=number * 20))
    with factories.in_tenant(customer.tenant), CaptureQueriesContext(connection) as queries:
        preview_policy(customer.tenant, due_days={"high": 1, "low": 2}, cap_days=3, now=NOW)
    assert len(queries) == 2


def active(customer: CustomerWithApprovers, days: int) -> None:
    customer.approved([customer.finding()], ends_at=NOW + days * DAY)


def to_begin(customer: CustomerWithApprovers, days: int) -> None:
    start = NOW + 5 * DAY
    customer.approved([customer.finding()], starts_at=start, ends_at=start + days * DAY)


def returned(customer: CustomerWithApprovers, days: int) -> None:
    finding = customer.finding()
    exception = customer.approved([finding], ends_at=NOW + days * DAY)
    customer.change(finding, "b")
    refresh_treatments(tenant_id=customer.tenant.pk, now=NOW)
    assert customer.read(exception).state == FindingException.State.RETURNED


def requested(customer: CustomerWithApprovers, days: int) -> None:
    customer.ask([customer.finding()], ends_at=NOW + days * DAY)


def refused(customer: CustomerWithApprovers, days: int) -> None:
    exception = customer.ask([customer.finding()], ends_at=NOW + days * DAY)
    with factories.in_tenant(customer.tenant):
        refuse(exception=exception, by=customer.approver, note="It can be fixed now.", now=NOW)


def revoked(customer: CustomerWithApprovers, days: int) -> None:
    exception = customer.approved([customer.finding()], ends_at=NOW + days * DAY)
    with factories.in_tenant(customer.tenant):
        revoke(exception=exception, by=customer.approver, note="It was fixed by now.", now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("made", "days", "passed", "running", "waiting"),
    [
        (active, 100, 0, 1, 0),
        (active, 60, 0, 0, 0),
        (to_begin, 61, 0, 1, 0),
        (to_begin, 60, 0, 0, 0),
        (returned, 100, 0, 1, 1),
        # 50 of the 100 days have passed. A new approval would be for the other 50 days, below the new maximum of 60.
        (returned, 100, 50, 1, 0),
        (requested, 100, 0, 0, 1),
        (requested, 60, 0, 0, 0),
        # The exception has ended, although no transition has expired it yet.
        (active, 100, 100, 0, 0),
        (refused, 100, 0, 0, 0),
        (revoked, 100, 0, 0, 0),
    ],
)
def test_the_preview_counts_exceptions_beyond_the_new_cap(
    made: Callable[[CustomerWithApprovers, int], None], days: int, passed: int, running: int, waiting: int
) -> None:
    customer = CustomerWithApprovers()
    made(customer, days)
    with factories.in_tenant(customer.tenant):
        seen = preview_policy(customer.tenant, due_days={}, cap_days=60, now=NOW + passed * DAY)
    assert (seen.running, seen.waiting) == (running, waiting)
