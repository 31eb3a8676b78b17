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
def place(committed: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def copies(
    place: CustomerWithApprovers, exception: FindingException, count: int = 2
) -> list[FindingException]:
    """Return copies of the exception that were read before any decision."""
    return [place.read(exception) for _ in range(count)]


def lost(results: list[Any]) -> int:
    return sum(isinstance(result, WrongState) for result in results)


def events(place: CustomerWithApprovers, exception: FindingException) -> list[str]:
    with factories.in_tenant(place.tenant):
        rows = TreatmentEvent.objects.filter(exception=exception).order_by("at", "id")
        return [row.kind.removeprefix("exception_") for row in rows]


def race_against_approval(
    place: CustomerWithApprovers, action: Callable[..., object], by: Person
) -> tuple[Finding, FindingException, list[Any]]:
    """Run an approval and another action on an exception concurrently.

    Return the finding, the exception, and both results.
    """
    finding = place.finding()
    exception = place.ask([finding])
    one, two = copies(place, exception)
    results = run_in_tenant(
        place.tenant,
        partial(approve, exception=one, by=place.approver, now=NOW),
        partial(action, exception=two, by=by, now=NOW),
    )
    assert lost(results) == 1, results
    return finding, exception, results


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_approvers_one_decides(place: CustomerWithApprovers, _round: int) -> None:
    finding, exception, results = race_against_approval(place, approve, place.other)
    assert place.journal() == ["requested", "approved"]
    assert events(place, exception) == ["requested", "approved"]
    (winner,) = (result for result in results if not isinstance(result, WrongState))
    assert place.read(exception).decided_by_id == winner.decided_by_id
    assert place.shown(finding) == "excepted"


def _revoked(place: CustomerWithApprovers) -> None:
    with factories.in_tenant(place.tenant):
        Membership.objects.filter(person=place.approver).update(valid_until=timezone.now())


def _disabled(place: CustomerWithApprovers) -> None:
    Person.objects.filter(pk=place.approver.pk).update(is_active=False)


@pytest.mark.parametrize("end", [_revoked, _disabled])
def test_a_decision_that_waits_is_refused_if_the_access_ends(
    place: CustomerWithApprovers, end: Callable[[CustomerWithApprovers], None]
) -> None:
    exception = place.ask([place.finding()])

    def refresh(let_approval_wait: Callable[[], None]) -> None:
        with factories.in_tenant(place.tenant):
            lock_treatments(place.tenant.pk)
            let_approval_wait()
            end(place)

    def decide() -> object:
        with person_scope(place.approver):
            row = FindingException.objects.get(pk=exception.pk)
            try:
                return approve(exception=row, by=place.approver, now=NOW)
            except PermissionDenied as error:
                return error.code

    assert run_in_the_middle(refresh, decide) == (None, "access_ended")
    assert place.read(exception).state == "requested"
    assert place.journal() == ["requested"]


def test_a_decision_that_waits_is_made_if_the_access_continues(place: CustomerWithApprovers) -> None:
    exception = place.ask([place.finding()])

    def refresh(let_approval_wait: Callable[[], None]) -> None:
        with factories.in_tenant(place.tenant):
            lock_treatments(place.tenant.pk)
            let_approval_wait()

    def decide() -> object:
        with person_scope(place.approver):
            row = FindingException.objects.get(pk=exception.pk)
            return approve(exception=row, by=place.approver, now=NOW).state

    assert run_in_the_middle(refresh, decide) == (None, "active")


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_approval_and_withdrawal_one_succeeds(place: CustomerWithApprovers, _round: int) -> None:
    finding, exception, results = race_against_approval(place, withdraw, place.asker)
    approved = place.read(exception).state == "active"
    assert place.journal() == ["requested", "approved" if approved else "withdrawn"]
    assert place.shown(finding) == ("excepted" if approved else "open")
    assert isinstance(results[1 if approved else 0], WrongState)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_approval_and_refusal_of_a_returned_exception_one_succeeds(
    place: CustomerWithApprovers, _round: int
) -> None:
    finding = place.finding("a")
    exception = place.approved([finding])
    place.change(finding, "b")
    with factories.in_tenant(place.tenant):
        apply_transitions(tenant=place.tenant, now=NOW)
    one, two = copies(place, exception)
    results = run_in_tenant(
        place.tenant,
        partial(approve, exception=one, by=place.approver, now=NOW),
        partial(refuse, exception=two, by=place.other, note="Not any more.", now=NOW),
    )
    assert lost(results) == 1, results
    state = place.read(exception).state
    assert place.shown(finding) == {"active": "excepted", "refused": "open"}[state]
    assert len(place.journal()) == 4


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_expiry_and_revocation_one_succeeds(place: CustomerWithApprovers, _round: int) -> None:
    finding = place.finding()
    exception = place.approved([finding])
    (one,) = copies(place, exception, 1)
    derived, revoked = run_in_tenant(
        place.tenant,
        partial(apply_transitions, tenant=place.tenant, now=END),
        partial(revoke, exception=one, by=place.approver, note="It is over now.", now=END),
    )
    expired = place.read(exception).state == "expired"
    assert isinstance(revoked, WrongState) == expired
    assert derived.expired == int(expired)
    assert place.journal() == ["requested", "approved", "expired" if expired else "revoked"]
    assert events(place, exception)[2:] == ["expired" if expired else "revoked"]
    with factories.in_tenant(place.tenant):
        assert Notice.objects.filter(kind="exception_ended", person=place.asker).count() == 1
    assert place.shown(finding, END) == "open"


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_concurrent_transitions_happen_once(place: CustomerWithApprovers, _round: int) -> None:
    changed, ending = place.finding("a"), place.finding("b")
    returned = place.approved([changed], ends_at=END + DAY)
    ended = place.approved([ending])
    rule = place.approved(rule={"control": "storage-secure-transfer"}, maximum=3, ends_at=END + 2 * DAY)
    place.change(changed, "c")
    new = place.finding("d")
    results = run_in_tenant(place.tenant, *[partial(apply_transitions, tenant=place.tenant, now=END)] * 4)
    assert sum(result != TransitionCounts() for result in results) == 1, results
    assert place.read(ended).state == "expired"
    assert place.read(returned).state == place.read(rule).state == "returned"
    # The rule also covers the changed finding, so its exception was returned before the new finding could be added.
    assert place.journal()[6:] == ["expired", "returned", "returned"]
    assert place.shown(new, END) == "open"
    with factories.in_tenant(place.tenant):
        keys = list(Notice.objects.values_list("kind", "key", "person_id"))
    assert len(keys) == len(set(keys))


def test_concurrent_requests_get_different_numbers(place: CustomerWithApprovers) -> None:
    findings = [place.finding() for _ in range(6)]
    results = run_in_tenant(place.tenant, *[partial(place.ask, [finding]) for finding in findings])
    assert sorted(result.number for result in results) == [1, 2, 3, 4, 5, 6]
    assert place.journal() == ["requested"] * 6


def test_concurrent_extension_stays_within_the_maximum(place: CustomerWithApprovers) -> None:
    exception = place.approved(rule={"control": "storage-secure-transfer"}, maximum=2)
    for _ in range(5):
        place.finding()
    run_in_tenant(place.tenant, *[partial(apply_transitions, tenant=place.tenant, now=NOW)] * 3)
    assert len(place.items(exception)) == 2
    assert place.journal() == ["requested", "approved", "extended", "returned"]


def test_verdicts_can_be_written_during_transitions(place: CustomerWithApprovers) -> None:
    """The engine's transaction (lock, verdicts, journal) and transitions do not wait for each other."""
    findings = [place.finding("a") for _ in range(20)]
    place.approved(findings)
    first, second = threading.Event(), threading.Event()

    def engine() -> str:
        lock(Lock.VERDICTS, place.tenant.pk)
        for finding in findings:
            finding.observed_sha256 = "b" * 64
        FindingsWriter._rewrite(findings)
        first.set()
        assert second.wait(20), "derivation waits for the engine"
        journal.record(tenant=place.tenant, actor=System("tests"), action="assessment.end", target="x")
        return "written"

    def treatments() -> str:
        assert first.wait(20)
        # Transitions do not see uncommitted verdicts, and can write events of the same findings concurrently.
        assert apply_transitions(tenant=place.tenant, now=NOW) == TransitionCounts()
        done = apply_transitions(tenant=place.tenant, now=END)
        second.set()
        return f"expired {done.expired}, covers {done.covers}"

    assert run_in_tenant(place.tenant, engine, treatments) == ["written", "expired 1, covers 20"]
    assert place.journal() == ["requested", "approved", "expired"]
    with factories.in_tenant(place.tenant):
        assert TreatmentEvent.objects.filter(kind="exception_expired").count() == 20
        assert set(Finding.objects.values_list("observed_sha256", flat=True)) == {"b" * 64}
