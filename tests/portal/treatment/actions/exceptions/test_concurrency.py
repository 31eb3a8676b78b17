"""Concurrent actions on exceptions: one decision, one journal entry, one change of state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions.units.findings import FindingsWriter
from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.exceptions import approve, refuse, revoke, withdraw
from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import FindingException, TreatmentEvent
from tenants import journal
from tenants.actors import System
from tenants.errors import PermissionDenied
from tenants.locks import Lock, lock
from tenants.models import Membership, Person
from tenants.scope import person_scope
from tests import factories
from tests.concurrency import run_in_the_middle
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers, run_in_tenant

ROUNDS = 5
END = NOW + 30 * DAY


@pytest.fixture
def customer(committed: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def copies(
    customer: CustomerWithApprovers, exception: FindingException, count: int = 2
) -> list[FindingException]:
    """Return copies of the exception that were read before any decision."""
    return [customer.read(exception) for _ in range(count)]


def lost(results: list[Any]) -> int:
    return sum(isinstance(result, WrongState) for result in results)


def events(customer: CustomerWithApprovers, exception: FindingException) -> list[str]:
    with factories.in_tenant(customer.tenant):
        rows = TreatmentEvent.objects.filter(exception=exception).order_by("at", "id")
        return [row.kind.removeprefix("exception_") for row in rows]


def race_against_approval(
    customer: CustomerWithApprovers, action: Callable[..., object], by: Person
) -> tuple[Finding, FindingException, list[Any]]:
    """Run an approval and another action on an exception concurrently.

    Return the finding, the exception, and both results.
    """
    finding = customer.finding()
    exception = customer.ask([finding])
    one, two = copies(customer, exception)
    results = run_in_tenant(
        customer.tenant,
        partial(approve, exception=one, by=customer.approver, now=NOW),
        partial(action, exception=two, by=by, now=NOW),
    )
    assert lost(results) == 1, results
    return finding, exception, results


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_approvers_one_decides(customer: CustomerWithApprovers, _round: int) -> None:
    finding, exception, results = race_against_approval(customer, approve, customer.other)
    assert customer.journal() == ["requested", "approved"]
    assert events(customer, exception) == ["requested", "approved"]
    (winner,) = (result for result in results if not isinstance(result, WrongState))
    assert customer.read(exception).decided_by_id == winner.decided_by_id
    assert customer.shown(finding) == "excepted"


def _revoked(customer: CustomerWithApprovers) -> None:
    with factories.in_tenant(customer.tenant):
        Membership.objects.filter(person=customer.approver).update(valid_until=timezone.now())


def _disabled(customer: CustomerWithApprovers) -> None:
    Person.objects.filter(pk=customer.approver.pk).update(is_active=False)


@pytest.mark.parametrize("end", [_revoked, _disabled])
def test_a_decision_that_waits_is_refused_if_the_access_ends(
    customer: CustomerWithApprovers, end: Callable[[CustomerWithApprovers], None]
) -> None:
    exception = customer.ask([customer.finding()])

    def refresh(let_approval_wait: Callable[[], None]) -> None:
        with factories.in_tenant(customer.tenant):
            lock_treatments(customer.tenant.pk)
            let_approval_wait()
            end(customer)

    def decide() -> object:
        with person_scope(customer.approver):
            row = FindingException.objects.get(pk=exception.pk)
            try:
                return approve(exception=row, by=customer.approver, now=NOW)
            except PermissionDenied as error:
                return error.code

    assert run_in_the_middle(refresh, decide) == (None, "access_ended")
    assert customer.read(exception).state == "requested"
    assert customer.journal() == ["requested"]


def test_a_decision_that_waits_is_made_if_the_access_continues(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])

    def refresh(let_approval_wait: Callable[[], None]) -> None:
        with factories.in_tenant(customer.tenant):
            lock_treatments(customer.tenant.pk)
            let_approval_wait()

    def decide() -> object:
        with person_scope(customer.approver):
            row = FindingException.objects.get(pk=exception.pk)
            return approve(exception=row, by=customer.approver, now=NOW).state

    assert run_in_the_middle(refresh, decide) == (None, "active")


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_approval_and_withdrawal_one_succeeds(customer: CustomerWithApprovers, _round: int) -> None:
    finding, exception, results = race_against_approval(customer, withdraw, customer.asker)
    approved = customer.read(exception).state == "active"
    assert customer.journal() == ["requested", "approved" if approved else "withdrawn"]
    assert customer.shown(finding) == ("excepted" if approved else "open")
    assert isinstance(results[1 if approved else 0], WrongState)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_approval_and_refusal_of_a_returned_exception_one_succeeds(
    customer: CustomerWithApprovers, _round: int
) -> None:
    finding = customer.finding("a")
    exception = customer.approved([finding])
    customer.change(finding, "b")
    with factories.in_tenant(customer.tenant):
        apply_transitions(tenant=customer.tenant, now=NOW)
    one, two = copies(customer, exception)
    results = run_in_tenant(
        customer.tenant,
        partial(approve, exception=one, by=customer.approver, now=NOW),
        partial(refuse, exception=two, by=customer.other, note="Not any more.", now=NOW),
    )
    assert lost(results) == 1, results
    state = customer.read(exception).state
    assert customer.shown(finding) == {"active": "excepted", "refused": "open"}[state]
    assert len(customer.journal()) == 4


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_expiry_and_revocation_one_succeeds(customer: CustomerWithApprovers, _round: int) -> None:
    finding = customer.finding()
    exception = customer.approved([finding])
    (one,) = copies(customer, exception, 1)
    derived, revoked = run_in_tenant(
        customer.tenant,
        partial(apply_transitions, tenant=customer.tenant, now=END),
        partial(revoke, exception=one, by=customer.approver, note="It is over now.", now=END),
    )
    expired = customer.read(exception).state == "expired"
    assert isinstance(revoked, WrongState) == expired
    assert derived.expired == int(expired)
    assert customer.journal() == ["requested", "approved", "expired" if expired else "revoked"]
    assert events(customer, exception)[2:] == ["expired" if expired else "revoked"]
    with factories.in_tenant(customer.tenant):
        assert Notice.objects.filter(kind="exception_ended", person=customer.asker).count() == 1
    assert customer.shown(finding, END) == "open"


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_concurrent_transitions_happen_once(customer: CustomerWithApprovers, _round: int) -> None:
    changed, ending = customer.finding("a"), customer.finding("b")
    returned = customer.approved([changed], ends_at=END + DAY)
    ended = customer.approved([ending])
    rule = customer.approved(rule={"control": "storage-secure-transfer"}, maximum=3, ends_at=END + 2 * DAY)
    customer.change(changed, "c")
    new = customer.finding("d")
    results = run_in_tenant(
        customer.tenant, *[partial(apply_transitions, tenant=customer.tenant, now=END)] * 4
    )
    assert sum(result != TransitionCounts() for result in results) == 1, results
    assert customer.read(ended).state == "expired"
    assert customer.read(returned).state == customer.read(rule).state == "returned"
    # There is no entry `extended`. The exception by rule was returned, because it also covers the changed finding, and
    # a returned exception gets no new findings.
    assert customer.journal()[6:] == ["expired", "returned", "returned"]
    assert customer.shown(new, END) == "open"
    with factories.in_tenant(customer.tenant):
        keys = list(Notice.objects.values_list("kind", "key", "person_id"))
    assert len(keys) == len(set(keys))


def test_concurrent_requests_get_different_numbers(customer: CustomerWithApprovers) -> None:
    findings = [customer.finding() for _ in range(6)]
    results = run_in_tenant(customer.tenant, *[partial(customer.ask, [finding]) for finding in findings])
    assert sorted(result.number for result in results) == [1, 2, 3, 4, 5, 6]
    assert customer.journal() == ["requested"] * 6


def test_concurrent_extension_stays_within_the_maximum(customer: CustomerWithApprovers) -> None:
    exception = customer.approved(rule={"control": "storage-secure-transfer"}, maximum=2)
    for _ in range(5):
        customer.finding()
    run_in_tenant(customer.tenant, *[partial(apply_transitions, tenant=customer.tenant, now=NOW)] * 3)
    assert len(customer.items(exception)) == 2
    assert customer.journal() == ["requested", "approved", "extended", "returned"]


@pytest.mark.slow(seconds=1)
def test_verdicts_can_be_written_during_transitions(customer: CustomerWithApprovers) -> None:
    """Two transactions do not wait for each other: `apply_transitions`, and one that holds the lock VERDICTS and writes
    verdicts and the journal.
    """
    findings = [customer.finding("a") for _ in range(20)]
    customer.approved(findings)
    first, second = threading.Event(), threading.Event()

    def engine() -> str:
        lock(Lock.VERDICTS, customer.tenant.pk)
        for finding in findings:
            finding.observed_sha256 = "b" * 64
        FindingsWriter._rewrite(findings)
        first.set()
        assert second.wait(20), "derivation waits for the engine"
        journal.record(tenant=customer.tenant, actor=System("tests"), action="assessment.end", target="x")
        return "written"

    def treatments() -> str:
        assert first.wait(20)
        # Transitions do not see the uncommitted verdicts of `engine`, but can write events of the same findings.
        assert apply_transitions(tenant=customer.tenant, now=NOW) == TransitionCounts()
        done = apply_transitions(tenant=customer.tenant, now=END)
        second.set()
        return f"expired {done.expired}, covers {done.covers}"

    assert run_in_tenant(customer.tenant, engine, treatments) == ["written", "expired 1, covers 20"]
    assert customer.journal() == ["requested", "approved", "expired"]
    with factories.in_tenant(customer.tenant):
        assert TreatmentEvent.objects.filter(kind="exception_expired").count() == 20
        assert set(Finding.objects.values_list("observed_sha256", flat=True)) == {"b" * 64}
