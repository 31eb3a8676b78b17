"""After any order of events, shown states, register and journal agree with a model in plain Python.

The events: findings fail with a value, change it, pass, become unknown, disappear, reappear, or move to another
resource group; exceptions are requested, approved, refused, withdrawn or revoked; time passes; transitions are applied.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.exceptions import approve, refuse, revoke, withdraw
from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
from portal.treatment.errors import NotFailing, OwnRequest, WrongState
from portal.treatment.models import ExceptionItem, FindingException, Treatment, TreatmentEvent
from portal.treatment.selectors import exceptions as selectors
from portal.treatment.selectors.refresh_triggers import needs_refresh
from portal.treatment.states import shown_state
from tenants import journal
from tenants.errors import InvalidInput, PermissionDenied, SuretyError
from tenants.models import Person
from tests import factories
from tests.portal.treatment.actions.exceptions.reference_model import LIVE, Model, Modelled, Verdict
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers, hash_of

COUNT = 4
GROUPS = ("rg-a", "rg-b")
ENDS = ("refused", "withdrawn", "expired", "revoked")

numbers = st.integers(0, COUNT - 1)
values = st.sampled_from("abc")
whom = st.integers(0, 2)
days = st.integers(1, 40)
# Possible results of an assessment for one finding; likely ones appear several times.
verdicts = st.one_of(
    st.fixed_dictionaries({"outcome": st.just("fail"), "value": values, "gone": st.just(False)}),
    st.fixed_dictionaries({"outcome": st.just("fail"), "value": st.just("a"), "gone": st.just(False)}),
    st.fixed_dictionaries({"outcome": st.just("pass"), "value": values, "gone": st.just(False)}),
    st.just({"outcome": "unknown", "gone": False}),
    st.just({"gone": True}),
    st.fixed_dictionaries({"group": st.sampled_from(GROUPS)}),
)
# The person who decides a request immediately, if any.
at_once = st.none() | whom
starts = st.sampled_from([0, 0, 0, 1, 3])


class Treatments(RuleBasedStateMachine):
    """The state machine. Each run is in the scope of one tenant, which the test creates, and is rolled back."""

    customer: ClassVar[CustomerWithApprovers]
    findings: ClassVar[list[UUID]]

    def __init__(self) -> None:
        super().__init__()
        self.transaction, self.scope = transaction.atomic(), factories.in_tenant(self.customer.tenant)
        self.transaction.__enter__()
        self.scope.__enter__()
        self.people: list[Person] = [self.customer.asker, self.customer.approver, self.customer.other]
        self.now = NOW
        self.model = Model()
        # Whether transitions were applied after the last change of a finding or of the time.
        self.fresh = True
        self.model.findings.extend(Verdict(pk) for pk in self.findings)
        self.rows: list[FindingException] = []

    def teardown(self) -> None:
        try:
            self.the_records_agree()
        finally:
            self.scope.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # Events caused by assessments.

    @rule(changes=st.dictionaries(numbers, verdicts, min_size=1), then_derive=st.booleans())
    def assessed(self, changes: dict[int, dict[str, Any]], then_derive: bool) -> None:
        for number, changed in sorted(changes.items()):
            self.judged(number, **changed)
        if then_derive:
            self.derives()

    def judged(self, number: int, **changes: Any) -> None:
        verdict = self.model.findings[number]
        failed = verdict.fails
        for name, value in changes.items():
            setattr(verdict, name, value)
        if verdict.fails and not failed:
            verdict.since = self.now
        Finding.objects.filter(pk=verdict.pk).update(
            outcome=verdict.outcome,
            state=verdict.state,
            unknown_because="forbidden" if verdict.outcome == "unknown" else "",
            observed={"value": verdict.value},
            observed_sha256=hash_of(verdict.value),
            resource_group=verdict.group,
            failing_since=verdict.since if verdict.outcome == "fail" else None,
            gone_at=self.now if verdict.gone else None,
        )
        self.fresh = False

    # Actions of people.

    @initialize(group=st.sampled_from(GROUPS), room=st.integers(0, 2), starts=starts, lasts=days)
    def begin(self, group: str, room: int, starts: int, lasts: int) -> None:
        """Begin with an exception by rule and an exception for a list, both approved."""
        self.ask_rule(
            group=group, by=0, starts=starts, lasts=lasts, room=max(room, int(group != "rg-a")), decided=1
        )
        self.ask_list(chosen={0, 1}, by=1, starts=0, lasts=lasts, decided=2, anyway=True)

    @rule(
        chosen=st.sets(numbers, min_size=1),
        by=whom,
        starts=starts,
        lasts=days,
        decided=at_once,
        anyway=st.sampled_from([False, False, True]),
    )
    def ask_list(
        self, chosen: set[int], by: int, starts: int, lasts: int, decided: int | None, anyway: bool
    ) -> None:
        if not anyway:
            chosen = {number for number in chosen if self.model.findings[number].fails}
            if not chosen:
                return
        begin = self.now + starts * DAY
        rows = [Finding(pk=self.model.findings[number].pk) for number in sorted(chosen)]
        given = {"by": self.people[by], "now": self.now, "starts_at": begin, "ends_at": begin + lasts * DAY}
        if not all(self.model.findings[number].fails for number in chosen):
            with pytest.raises(NotFailing):
                self.customer.ask(rows, **given)
            return
        self.rows.append(self.customer.ask(rows, **given))
        items: dict[int, tuple[str | None, bool]] = dict.fromkeys(chosen, (None, False))
        self.asked(Modelled(by, "", len(chosen), begin, begin + lasts * DAY, items), decided)

    @rule(
        group=st.sampled_from(GROUPS),
        by=whom,
        starts=starts,
        lasts=days,
        room=st.integers(-1, 2),
        decided=at_once,
    )
    def ask_rule(self, group: str, by: int, starts: int, lasts: int, room: int, decided: int | None) -> None:
        begin = self.now + starts * DAY
        most = max(sum(v.fails and v.group == group for v in self.model.findings) + room, 0)
        exception = Modelled(by, group, most, begin, begin + lasts * DAY, {})
        exception.items = dict.fromkeys(self.model.failing(exception), (None, False))
        given: dict[str, Any] = {
            "rule": {"resource_group": group}, "maximum": most, "by": self.people[by], "now": self.now,
            "starts_at": begin, "ends_at": exception.ends,
        }  # fmt: skip
        if most < max(1, len(exception.items)):
            with pytest.raises(InvalidInput):
                self.customer.ask(**given)
            return
        self.rows.append(self.customer.ask(**given))
        self.asked(exception, decided)

    def asked(self, exception: Modelled, decided: int | None) -> None:
        self.model.exceptions.append(exception)
        self.model.journal.append("requested")
        if decided is not None:
            self.approved(len(self.rows) - 1, decided, None, looked=True)

    def one(self, which: int) -> tuple[FindingException, Modelled]:
        index = which % len(self.rows)
        return self.rows[index], self.model.exceptions[index]

    @precondition(lambda self: self.rows)
    @rule(which=st.integers(0, 50), by=whom, most=st.none() | st.integers(1, 4), looked=st.booleans())
    def approve(self, which: int, by: int, most: int | None, looked: bool) -> None:
        self.approved(which, by, most, looked=looked)

    def approved(self, which: int, by: int, most: int | None, *, looked: bool) -> None:
        row, exception = self.one(which)
        seen = selectors.bindable_hashes(row) if looked else None
        error = self.model.approve(exception, by, most, self.now)
        if error is not None:
            with pytest.raises(error):
                approve(exception=row, by=self.people[by], maximum=most, seen=seen, now=self.now)
            return
        approve(exception=row, by=self.people[by], maximum=most, seen=seen, now=self.now)
        self.fresh = True

    @precondition(lambda self: self.rows)
    @rule(which=st.integers(0, 50), by=whom)
    def refuse(self, which: int, by: int) -> None:
        row, exception = self.one(which)
        error: type[SuretyError] | None = None
        if by == exception.asker:
            error = OwnRequest
        elif exception.state not in ("requested", "returned"):
            error = WrongState
        if error is not None:
            with pytest.raises(error):
                refuse(exception=row, by=self.people[by], note="Not like this.", now=self.now)
            return
        refuse(exception=row, by=self.people[by], note="Not like this.", now=self.now)
        exception.state, exception.decider = "refused", by
        self.model.journal.append("refused")
        self.fresh = True

    @precondition(lambda self: self.rows)
    @rule(which=st.integers(0, 50), by=whom)
    def withdraw(self, which: int, by: int) -> None:
        row, exception = self.one(which)
        error: type[SuretyError] | None = None
        if by != exception.asker:
            error = PermissionDenied
        elif exception.state != "requested":
            error = WrongState
        if error is not None:
            with pytest.raises(error):
                withdraw(exception=row, by=self.people[by], now=self.now)
            return
        withdraw(exception=row, by=self.people[by], now=self.now)
        exception.state = "withdrawn"
        self.model.journal.append("withdrawn")

    @precondition(lambda self: self.rows)
    @rule(which=st.integers(0, 50), by=whom)
    def revoke(self, which: int, by: int) -> None:
        row, exception = self.one(which)
        if exception.state not in LIVE:
            with pytest.raises(WrongState):
                revoke(exception=row, by=self.people[by], note="It is over now.", now=self.now)
            return
        revoke(exception=row, by=self.people[by], note="It is over now.", now=self.now)
        exception.state = "revoked"
        self.model.journal.append("revoked")
        self.fresh = True

    # Passing of time.

    @rule(hours=st.integers(1, 24 * 4) | st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.fresh = False

    @rule()
    def the_clock_ticks(self) -> None:
        self.derives()

    def derives(self) -> None:
        due = needs_refresh(self.customer.tenant, self.now)
        done = apply_transitions(tenant=self.customer.tenant, now=self.now)
        assert due or not (done.started or done.expired or done.lapsed or done.noticed)
        assert apply_transitions(tenant=self.customer.tenant, now=self.now) == TransitionCounts()
        assert not needs_refresh(self.customer.tenant, self.now)
        self.model.derive(self.now)
        self.fresh = True

    # Invariants.

    @invariant()
    def shown_agrees(self) -> None:
        rows = Finding.objects.annotate(shown=shown_state(self.now)).values_list("pk", "shown")
        shown = dict(rows)
        for number, verdict in enumerate(self.model.findings):
            covered = self.model.excepted(number, self.now)
            expected = {"excepted"} if covered else {verdict.state}
            if not self.fresh and covered:
                # The treatment stores only one of several covers. After the end of this cover, the finding is shown as
                # failing until transitions store another one.
                expected.add(verdict.state)
            assert shown[verdict.pk] in expected

    @invariant()
    def the_register_agrees(self) -> None:
        number_of = {verdict.pk: number for number, verdict in enumerate(self.model.findings)}
        rows = list(FindingException.objects.order_by("number"))
        held: dict[UUID, dict[int, tuple[str, bool]]] = {row.pk: {} for row in rows}
        for item in ExceptionItem.objects.all():
            entry = (item.approved_sha256, item.changed_at is not None)
            held[item.exception_id][number_of[item.finding_id]] = entry
        covers = set(
            Treatment.objects.exclude(excepted_sha256="").values_list(
                "finding_id", "exception_id", "excepted_sha256"
            )
        )
        assert [row.number for row in rows] == list(range(1, len(self.model.exceptions) + 1))
        for row, exception in zip(rows, self.model.exceptions, strict=True):
            assert (row.state, row.maximum) == (exception.state, exception.maximum)
            if row.state == "returned":
                assert row.returned_because == exception.because
            decider = None if exception.decider is None else self.people[exception.decider].pk
            assert row.decided_by_id == decider != row.requested_by_id
            assert (row.ended_at is not None) == (row.state in ENDS)
            assert held[row.pk] == {
                number: (hash_of(approved) if approved else "", changed)
                for number, (approved, changed) in exception.items.items()
            }
            covered = {(finding, sha256) for finding, by, sha256 in covers if by == row.pk}
            assert len(covered) <= row.maximum
            assert not covered or row.state in LIVE
            assert covered <= {
                (self.model.findings[number].pk, sha256) for number, (sha256, _) in held[row.pk].items()
            }

    def the_records_agree(self) -> None:
        """Check the append-only records once per run, because later steps cannot hide an error in them."""
        assert self.customer.journal() == self.model.journal
        head = journal.head(self.customer.tenant)
        approvals = TreatmentEvent.objects.filter(kind="exception_approved", by__isnull=True)
        assert not approvals.exists()
        # Nobody gets the same notice of a coming end twice.
        told = Notice.objects.filter(kind="exception_ending").values_list("key", "person_id")
        assert len(set(told)) == len(told)
        assert head.sequence >= len(self.model.journal)


@pytest.mark.slow(seconds=30)
def test_states_register_and_journal_agree_with_the_model(db: None) -> None:
    Treatments.customer = customer = CustomerWithApprovers()
    Treatments.findings = [customer.finding("a", resource_group="rg-a").pk for _ in range(COUNT)]
    run_state_machine_as_test(
        Treatments,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
