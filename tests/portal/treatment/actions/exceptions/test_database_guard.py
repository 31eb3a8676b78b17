"""Changes of exceptions that the database refuses, even if the application's role writes rows without the actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.treatment.actions.exceptions import approve, refuse, revoke, withdraw
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import ExceptionItem, FindingException
from tenants.ids import uuid7
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers, hash_of

STATES = FindingException.State.values
ENDED = [str(state) for state in FindingException.ENDED]
# {state: the states that may follow it}
STEPS = {
    "requested": {"approved", "active", "refused", "withdrawn"},
    "approved": {"active", "expired", "revoked"},
    "active": {"returned", "expired", "revoked"},
    "returned": {"approved", "active", "refused", "expired", "revoked"},
    **{state: set() for state in ENDED},
}


@pytest.fixture
def customer(db: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def brought_to(customer: CustomerWithApprovers, state: str) -> FindingException:
    """Bring an exception into the state through the actions."""
    row = customer.finding()
    given = {"starts_at": NOW + DAY} if state == "approved" else {}
    asked = state in ("requested", "refused", "withdrawn")
    exception = customer.ask([row]) if asked else customer.approved([row], **given)
    if state == "returned":
        customer.change(row, "b")
    with factories.in_tenant(customer.tenant):
        if state == "refused":
            refuse(exception=exception, by=customer.approver, note="Not with these data.", now=NOW)
        elif state == "withdrawn":
            withdraw(exception=exception, by=customer.asker, now=NOW)
        elif state == "revoked":
            revoke(exception=exception, by=customer.approver, note="It was a mistake.", now=NOW)
        elif state in ("returned", "expired"):
            apply_transitions(tenant=customer.tenant, now=NOW if state == "returned" else NOW + 30 * DAY)
    exception = customer.read(exception)
    assert exception.state == state
    return exception


def update(customer: CustomerWithApprovers, exception: FindingException, **values: Any) -> None:
    with factories.in_tenant(customer.tenant), transaction.atomic():
        FindingException.objects.filter(pk=exception.pk).update(**values)


@pytest.mark.parametrize("before", STATES)
def test_the_trigger_permits_the_documented_transitions_only(
    customer: CustomerWithApprovers, before: str
) -> None:
    exception = brought_to(customer, before)
    for after in STATES:
        if after == before:
            continue
        values: dict[str, Any] = {
            "state": after,
            "decided_by": exception.decided_by or customer.other,
            "decided_at": exception.decided_at or NOW,
            "ended_at": NOW if after in ENDED else None,
            "returned_at": NOW if after == "returned" else exception.returned_at,
            "returned_because": "changed" if after == "returned" else exception.returned_because,
        }
        if after in STEPS[before]:
            with factories.in_tenant(customer.tenant), transaction.atomic():
                FindingException.objects.filter(pk=exception.pk).update(**values)
                transaction.set_rollback(True)
        else:
            with pytest.raises(IntegrityError, match="treatment_exception_guard"):
                update(customer, exception, **values)
    assert customer.read(exception).state == before


ASKED: dict[str, Any] = {
    "number": 77,
    "scope": "rule",
    "reason": "Another reason than before.",
    "compensating_control": "Something else entirely.",
    "cap_days": 3650,
    "starts_at": NOW - DAY,
    "requested_at": NOW - DAY,
    "control": "storage-secure-transfer",
    "resource_pattern": "*",
    "tag_name": "env",
}


@pytest.mark.parametrize("column", ASKED)
@pytest.mark.parametrize("state", ["requested", "active"])
def test_the_requested_columns_cannot_change(
    customer: CustomerWithApprovers, state: str, column: str
) -> None:
    exception = brought_to(customer, state)
    with pytest.raises(IntegrityError, match="what was asked for"):
        update(customer, exception, **{column: ASKED[column]})


def test_the_requester_cannot_be_replaced_to_decide(customer: CustomerWithApprovers) -> None:
    exception = brought_to(customer, "requested")
    with pytest.raises(IntegrityError, match="by whom"):
        update(customer, exception, requested_by=customer.other)
    with pytest.raises(IntegrityError, match="by whom"):
        update(
            customer,
            exception,
            requested_by=customer.other,
            state="active",
            decided_by=customer.asker,
            decided_at=NOW,
        )


DECIDED: dict[str, Any] = {
    "decided_at": NOW + DAY,
    "decision_note": "Never said.",
    "maximum": 50,
    "ends_at": NOW + 20 * DAY,
}


@pytest.mark.parametrize("column", DECIDED)
@pytest.mark.parametrize("state", ["approved", "active", "revoked"])
def test_a_decision_cannot_change(customer: CustomerWithApprovers, state: str, column: str) -> None:
    exception = brought_to(customer, state)
    with pytest.raises(IntegrityError, match="treatment_exception_guard"):
        update(customer, exception, **{column: DECIDED[column]})
    with pytest.raises(IntegrityError, match="treatment_exception_guard"):
        update(customer, exception, decided_by=customer.other)


@pytest.mark.parametrize("state", ["requested", "active", "returned"])
def test_the_end_cannot_be_postponed(customer: CustomerWithApprovers, state: str) -> None:
    exception = brought_to(customer, state)
    with pytest.raises(IntegrityError, match="not put off"):
        update(customer, exception, ends_at=exception.ends_at + timedelta(seconds=1))


def test_a_returned_exception_needs_a_later_decision(customer: CustomerWithApprovers) -> None:
    exception = brought_to(customer, "returned")
    update(customer, exception, returned_at=NOW + DAY)
    with pytest.raises(IntegrityError, match="another decision"):
        update(customer, exception, state="active")


def test_a_decision_by_a_clock_that_is_behind_is_accepted(customer: CustomerWithApprovers) -> None:
    exception = brought_to(customer, "returned")
    ahead = NOW + timedelta(seconds=20)
    update(customer, exception, returned_at=ahead)
    with factories.in_tenant(customer.tenant):
        decided = approve(exception=customer.read(exception), by=customer.other, now=NOW)
    assert (decided.state, decided.decided_at) == ("active", ahead)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_the_cap_is_the_same_in_every_time_zone(customer: CustomerWithApprovers, zone: str) -> None:
    """A backup may be restored in a session with another time zone, where a day may have 23 hours."""
    longest = customer.ask([customer.finding()], ends_at=NOW + 180 * DAY)
    with factories.in_tenant(customer.tenant), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        longest.pk, longest.number = uuid7(), 98
        longest.save(force_insert=True)
        longest.pk, longest.number, longest.ends_at = uuid7(), 99, longest.ends_at + timedelta(seconds=1)
        with pytest.raises(IntegrityError, match="treatment_exception_cap"), transaction.atomic():
            longest.save(force_insert=True)
        cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")


@pytest.mark.parametrize("state", STATES)
def test_exceptions_cannot_be_deleted(customer: CustomerWithApprovers, state: str) -> None:
    exception = brought_to(customer, state)
    refused = pytest.raises(IntegrityError, match="stays in the register")
    with factories.in_tenant(customer.tenant), refused, transaction.atomic(), connection.cursor() as cursor:
        # Use SQL: Django would first delete the events of the timeline, for which the role has no privilege.
        cursor.execute("DELETE FROM treatment_findingexception WHERE id = %s", [exception.pk])


def test_a_person_cannot_decide_in_the_name_of_somebody_else(customer: CustomerWithApprovers) -> None:
    """With raw SQL in a person's scope, only an approver can decide, and only in the approver's own name."""
    exception = brought_to(customer, "requested")
    owner = factories.member(Role.OWNER, customer.tenant)
    for me, named in (
        (customer.other, customer.approver),
        (customer.other, owner),
        (owner, owner),
        (owner, customer.approver),
        (customer.asker, customer.approver),
    ):
        with (
            person_scope(me),
            pytest.raises(IntegrityError, match="treatment_decider_guard"),
            transaction.atomic(),
        ):
            cursor_update(exception, named)
    assert customer.read(exception).state == "requested"
    with person_scope(customer.approver), transaction.atomic():
        cursor_update(exception, customer.approver)
    assert customer.read(exception).decided_by == customer.approver


def cursor_update(exception: FindingException, named: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE treatment_findingexception SET state = 'active', decided_by_id = %s, decided_at = %s"
            " WHERE id = %s",
            [named.pk, NOW, exception.pk],
        )
        assert cursor.rowcount == 1


def add_item(customer: CustomerWithApprovers, exception: FindingException, **values: Any) -> None:
    """Add a finding to the exception without the actions, as the application's role could do in the tenant's scope."""
    bound = {"requested_sha256": hash_of("a"), "approved_sha256": hash_of("a"), "approved_at": NOW, **values}
    finding = customer.finding()
    with factories.in_tenant(customer.tenant), transaction.atomic():
        ExceptionItem.objects.create(tenant=customer.tenant, exception=exception, finding=finding, **bound)


@pytest.mark.parametrize("state", [*ENDED, "approved", "active", "returned"])
def test_a_decided_list_gets_no_findings(customer: CustomerWithApprovers, state: str) -> None:
    exception = brought_to(customer, state)
    for added_at in (None, NOW):
        with pytest.raises(IntegrityError, match="treatment_item_guard"):
            add_item(customer, exception, added_at=added_at)
    assert len(customer.items(exception)) == 1


def test_a_rule_gets_findings_up_to_its_maximum(customer: CustomerWithApprovers) -> None:
    exception = customer.approved(rule={"control": customer.finding().control}, maximum=2)
    assert len(customer.items(exception)) == 1
    with pytest.raises(IntegrityError, match="matches later says so"):
        add_item(customer, exception)
    add_item(customer, exception, added_at=NOW)
    with pytest.raises(IntegrityError, match="up to its maximum"):
        add_item(customer, exception, added_at=NOW)


@pytest.mark.parametrize("state", ["requested", *ENDED, "approved", "active", "returned"])
def test_covered_findings_cannot_change(customer: CustomerWithApprovers, state: str) -> None:
    exception = brought_to(customer, state)
    changes: list[dict[str, Any]] = [
        {"finding": customer.finding()},
        {"requested_sha256": "c" * 64},
        {"added_at": NOW},
    ]
    if state not in ("requested", "returned"):
        changes.append({"approved_sha256": "c" * 64, "approved_at": NOW})
    for values in changes:
        refused = pytest.raises(IntegrityError, match="treatment_item_guard")
        with factories.in_tenant(customer.tenant), refused, transaction.atomic():
            ExceptionItem.objects.filter(exception=exception).update(**values)
    with factories.in_tenant(customer.tenant):
        assert ExceptionItem.objects.filter(exception=exception).update(changed_at=NOW) == 1


def commit(*, closed: bool = False) -> None:
    """Run the checks that the database runs at commit. With `closed`, close the scope of the transaction first."""
    with connection.cursor() as cursor:
        if closed:
            cursor.execute("SELECT set_config('surety.tenants', '', true)")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("state", ["requested", "returned"])
def test_no_value_is_approved_without_a_decision(
    customer: CustomerWithApprovers, state: str, closed: bool
) -> None:
    """SQL in the scope of a worker must not store an approved value without a decision. Otherwise, an exception could
    cover a finding whose value nobody has approved.
    """
    exception = brought_to(customer, state)
    values = {"approved_sha256": hash_of("b"), "approved_observed": {"v": "b"}, "approved_at": NOW}
    with factories.in_tenant(customer.tenant), transaction.atomic():
        point = transaction.savepoint_create()
        assert ExceptionItem.objects.filter(exception=exception).update(**values) == 1
        with pytest.raises(IntegrityError, match="only together with a decision"):
            commit(closed=closed)
        transaction.savepoint_rollback(point)
    with factories.in_tenant(customer.tenant), transaction.atomic():
        approve(exception=exception, by=customer.other, note="Changed, but acceptable.", now=NOW + DAY)
        commit(closed=closed)
    (item,) = customer.items(exception).values()
    assert item.approved_at == NOW + DAY


@pytest.mark.parametrize("state", ["requested", "returned"])
@pytest.mark.parametrize("added_at", [None, NOW])
def test_no_finding_is_added_to_a_rule_without_a_decision(
    customer: CustomerWithApprovers, state: str, added_at: datetime | None
) -> None:
    row = customer.finding()
    rule = {"rule": {"control": row.control}, "maximum": 5}
    exception = customer.ask(**rule) if state == "requested" else customer.approved(**rule)
    if state == "returned":
        customer.change(row, "b")
        with factories.in_tenant(customer.tenant):
            apply_transitions(tenant=customer.tenant, now=NOW)
    assert customer.read(exception).state == state

    def add() -> None:
        add_item(customer, exception, added_at=added_at)
        commit()

    with pytest.raises(IntegrityError, match="treatment_item_guard"), transaction.atomic():
        add()
