"""What people decided about the verdicts of a report: shown states, the register, attestations.

A report on the newest assessment states treatment as it is when the report is made. One on an earlier
assessment states it as of that assessment's end, from what is kept: the register and the answers with their
times, and the events of exceptions. Where an exception was approved anew since, what its earlier approval was
bound to is not kept any more, and it is not counted as covering. Owners and acknowledgements of that time are
not rebuilt. What is decided later never appears as if it had held then.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.controls.registry import is_bound
from assessments.models import Finding
from portal.reports.facts import AttestationFact, ExceptionFact, FindingFact
from portal.reports.register import State, attestation_fact, covers, exception_fact, files_of, name_of
from portal.treatment.models import Attestation, ExceptionItem, FindingException, Treatment, TreatmentEvent
from portal.treatment.states import WITH_DUE_DATE, ShownState, shown_state
from tenants.models import Tenant

_EVENTS: Final = {
    TreatmentEvent.Kind.EXCEPTION_REQUESTED: State.REQUESTED,
    TreatmentEvent.Kind.EXCEPTION_APPROVED: State.APPROVED,
    TreatmentEvent.Kind.EXCEPTION_STARTED: State.ACTIVE,
    TreatmentEvent.Kind.EXCEPTION_RETURNED: State.RETURNED,
    TreatmentEvent.Kind.EXCEPTION_REFUSED: State.REFUSED,
    TreatmentEvent.Kind.EXCEPTION_WITHDRAWN: State.WITHDRAWN,
    TreatmentEvent.Kind.EXCEPTION_EXPIRED: State.EXPIRED,
    TreatmentEvent.Kind.EXCEPTION_REVOKED: State.REVOKED,
}
_OF_OUTCOME: Final = {
    "fail": ShownState.OPEN, "pass": ShownState.PASSING, "manual": ShownState.MANUAL, "unknown": ShownState.UNKNOWN,
    "not_applicable": ShownState.NOT_APPLICABLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Treated:
    """The findings with their treatment as of `at`, the register of exceptions, and the answers."""

    at: datetime
    findings: list[FindingFact]
    exceptions: tuple[ExceptionFact, ...]
    attestations: tuple[AttestationFact, ...]


def treat(tenant: Tenant, facts: list[FindingFact], *, at: datetime, historic: bool) -> Treated:
    """The treatment of a report's verdicts as of `at`; see this module's text for `historic`."""
    exceptions = list(
        FindingException.objects.filter(tenant=tenant, requested_at__lte=at)
        .select_related("requested_by", "decided_by", "ended_by")
        .order_by("number")
    )
    states = _states_then(tenant, exceptions, at) if historic else {row.pk: row.state for row in exceptions}
    items = _items(exceptions)
    files = files_of(tenant, at)
    answers = _answers(tenant, at)
    known = {fact.id: fact for fact in facts}
    covering = _covering(exceptions, states, items, known, at)
    if historic:
        found = [_then(fact, covering.get(fact.id), answers.get(fact.id), at) for fact in facts]
    else:
        found = _now(tenant, facts, at)
    known = {fact.id: fact for fact in found}
    return Treated(
        at=at,
        findings=found,
        exceptions=tuple(
            exception_fact(row, states[row.pk], items.get(row.pk, []), known, files.get(row.pk, ()), at)
            for row in exceptions
        ),
        attestations=tuple(
            attestation_fact(fact, answers.get(fact.id), files) for fact in found if fact.outcome == "manual"
        ),
    )


def _items(exceptions: list[FindingException]) -> dict[UUID, list[ExceptionItem]]:
    found: dict[UUID, list[ExceptionItem]] = defaultdict(list)
    rows = ExceptionItem.objects.filter(exception__in=exceptions)
    for row in rows.defer("requested_observed", "approved_observed").order_by("id"):
        found[row.exception_id].append(row)
    return found


def _states_then(
    tenant: Tenant, exceptions: list[FindingException], at: datetime
) -> dict[UUID, FindingException.State]:
    """The state of each exception at that moment: what the last event until then, or its end, made of it."""
    rows = (
        TreatmentEvent.objects.filter(
            tenant=tenant, exception__in=exceptions, kind__in=list(_EVENTS), at__lte=at
        )
        .order_by("exception_id", "-at", "-id")
        .distinct("exception_id")
    )
    last = {row.exception_id: _EVENTS[TreatmentEvent.Kind(row.kind)] for row in rows}
    found = {}
    for row in exceptions:
        state = last.get(row.pk, State.REQUESTED)
        # A rule that means nothing yet, or nothing any more, has no line in any finding's timeline.
        if state == State.REQUESTED and row.decided_at is not None and row.decided_at <= at:
            state = State.APPROVED
        if state == State.APPROVED and row.starts_at <= at:
            state = State.ACTIVE
        if row.ended_at is not None and row.ended_at <= at:
            state = State(row.state)
        found[row.pk] = state
    return found


def _covering(
    exceptions: list[FindingException],
    states: dict[UUID, Any],
    items: dict[UUID, list[ExceptionItem]],
    known: dict[str, FindingFact],
    at: datetime,
) -> dict[str, int]:
    """Finding -> the number of an exception that provably covered it at that moment."""
    found: dict[str, int] = {}
    for row in sorted(exceptions, key=lambda row: row.ends_at):
        if states[row.pk] in FindingException.IN_FORCE:
            for item in items.get(row.pk, []):
                if covers(row, item, known.get(str(item.finding_id)), at):
                    found[str(item.finding_id)] = row.number
    return found


def _then(fact: FindingFact, exception: int | None, answer: Attestation | None, at: datetime) -> FindingFact:
    """The fact as it was shown at an earlier moment, as far as that is kept."""
    shown = _OF_OUTCOME[fact.outcome]
    if exception is not None:
        shown = ShownState.EXCEPTED
    elif fact.outcome == "manual" and answer is not None:
        if answer.valid_until <= at:
            shown = ShownState.LAPSED
        elif not is_bound(fact.control) or answer.observed_sha256 == fact.observed_sha256:
            shown = ShownState.ATTESTED if answer.met else ShownState.NOT_MET
    return _with(fact, shown, exception=exception)


def _with(fact: FindingFact, shown: str, **treatment: Any) -> FindingFact:
    """What is not due is not overdue."""
    if shown not in WITH_DUE_DATE:
        treatment |= {"due_at": None, "overdue_days": 0}
    return replace(fact, shown=str(shown), **treatment)


def _now(tenant: Tenant, facts: list[FindingFact], at: datetime) -> list[FindingFact]:
    """The facts with the present treatment: states as the pages show them, owners, acknowledgements."""
    states = dict(
        Finding.objects.filter(tenant=tenant, gone_at__isnull=True)
        .annotate(shown=shown_state(at))
        .values_list("pk", "shown")
    )
    rows = Treatment.objects.filter(tenant=tenant).select_related("owner", "acknowledged_by", "exception")
    treatments = {str(row.finding_id): row for row in rows}
    found = []
    for fact in facts:
        shown = states.get(UUID(fact.id), _OF_OUTCOME[fact.outcome])
        row = treatments.get(fact.id)
        if row is None:
            found.append(_with(fact, shown))
            continue
        acknowledged = ""
        if shown == ShownState.ACKNOWLEDGED:
            planned = f", planned for {row.planned_for}" if row.planned_for else ""
            plan = f": {' '.join(row.plan.split())}" if row.plan else ""
            acknowledged = f"{name_of(row.acknowledged_by)}{planned}{plan}"
        found.append(
            _with(
                fact,
                shown,
                owner=name_of(row.owner),
                exception=row.exception.number if shown == ShownState.EXCEPTED and row.exception else None,
                acknowledged=acknowledged,
            )
        )
    return found


def _answers(tenant: Tenant, at: datetime) -> dict[str, Attestation]:
    """Finding -> the newest answer given until then that was not withdrawn until then."""
    found = {}
    rows = Attestation.objects.filter(tenant=tenant, attested_at__lte=at).select_related("attested_by")
    for row in rows.order_by("attested_at", "id"):
        if row.withdrawn_at is None or row.withdrawn_at > at:
            found[str(row.finding_id)] = row
    return found
