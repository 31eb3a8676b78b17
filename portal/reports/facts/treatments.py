"""Read the treatment of a report's verdicts: states after treatment, the exception register, and attestations.

A report on the latest assessment shows the treatment at the time of the report. A report on an earlier assessment shows
the treatment at the end of that assessment. That treatment is reconstructed from the times of exceptions and answers,
and from the timelines of findings (`portal.reports.facts.past_treatments`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.controls.registry import is_bound
from portal.reports.facts.attestations import answers_by_finding, attestation_fact, files_by_owner
from portal.reports.facts.exceptions import covers, exception_fact
from portal.reports.facts.finding_store import FindingCount, FindingStore
from portal.reports.facts.past_treatments import (
    Acknowledgement,
    acknowledgements_at,
    approved_items_at,
    describe,
    owners_at,
)
from portal.reports.facts.people import PersonLabel, person_label
from portal.reports.facts.presentation import SEVERITIES
from portal.reports.facts.shared import AttestationFact, ExceptionFact, FindingFact
from portal.treatment.models import Attestation, ExceptionItem, FindingException, Treatment
from portal.treatment.selectors.past_exceptions import set_back
from portal.treatment.states import WITH_DUE_DATE, ShownState
from tenants.models import Tenant

# One query reads the treatments of a batch of findings. A batch ends as soon as it has this number of findings or more.
_BATCH: Final = 2000
# {outcome of a verdict: its shown state without treatment}.
_UNTREATED: Final = {
    "fail": ShownState.OPEN,
    "pass": ShownState.PASSING,
    "manual": ShownState.MANUAL,
    "unknown": ShownState.UNKNOWN,
    "not_applicable": ShownState.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class TreatmentFacts:
    """The findings of a report with their treatment at the time `at`.

    `findings` and `by_control` contain the findings, control by control. `counts` counts the findings by control,
    severity, outcome and state. `evidence` has the SHA-256 hashes of the evidence of all findings. `exceptions` is the
    register of exceptions. `attestations` has a row for each manual verdict, most severe first.
    """

    at: datetime
    findings: Sequence[FindingFact]
    by_control: Mapping[str, Sequence[FindingFact]]
    counts: Mapping[FindingCount, int]
    evidence: AbstractSet[bytes]
    exceptions: tuple[ExceptionFact, ...]
    attestations: tuple[AttestationFact, ...]


def treatment_facts(
    tenant: Tenant,
    verdicts: Iterable[list[FindingFact]],
    *,
    at: datetime,
    historic: bool,
    label: PersonLabel = person_label,
) -> TreatmentFacts:
    """Return the findings with their treatment at the time `at`.

    `verdicts` yields all findings, control by control (`portal.reports.facts.verdicts`). Their treatment is added here.
    If `historic` is set, `at` is the end of an earlier assessment. `label` returns how the report names a person.
    """
    exceptions = list(
        FindingException.objects.filter(tenant=tenant, requested_at__lte=at)
        .select_related("requested_by", "decided_by", "ended_by")
        .order_by("number")
    )
    items: Mapping[UUID, list[ExceptionItem]] = _items_by_exception(exceptions)
    if historic:
        set_back(exceptions, at)
        items = approved_items_at(tenant, exceptions, items, at)
    states = {row.pk: _state_at(row, row.state, at) for row in exceptions}
    past = _Past.of(tenant, at, label) if historic else _Past({}, {})
    files = files_by_owner(tenant, at)
    answers = answers_by_finding(tenant, at)
    in_scope = {str(item.finding_id) for rows in items.values() for item in rows}
    store = FindingStore()
    excepted: dict[str, FindingFact] = {}
    attestations: list[AttestationFact] = []
    for rows in verdicts if historic else _treated_now(tenant, verdicts, label):
        findings = rows
        if historic:
            by_id = {fact.id: fact for fact in rows if fact.id in in_scope}
            covering = _covering_exceptions(exceptions, states, items, by_id, at) if by_id else {}
            findings = [
                _treated_at(fact, covering.get(fact.id), answers.get(fact.id), past, at) for fact in rows
            ]
        excepted |= {fact.id: fact for fact in findings if fact.id in in_scope}
        attestations += [
            attestation_fact(fact, answers.get(fact.id), files, label)
            for fact in findings
            if fact.outcome == "manual"
        ]
        store.add(findings)
    return TreatmentFacts(
        at=at,
        findings=store.findings,
        by_control=store.by_control,
        counts=store.counts,
        evidence=store.evidence,
        exceptions=tuple(
            exception_fact(
                row, states[row.pk], items.get(row.pk, []), excepted, files.get(row.pk, ()), at, label
            )
            for row in exceptions
        ),
        attestations=tuple(sorted(attestations, key=lambda fact: SEVERITIES.index(fact.severity))),
    )


def _state_at(row: FindingException, state: str, at: datetime) -> str:
    """Return the state of an exception at the time `at`. The stored `state` may be out of date, because time has passed
    since it was stored. So the start and the end of the exception are compared with `at`.
    """
    if state in FindingException.COVERING and row.ends_at <= at:
        return FindingException.State.EXPIRED
    if state == FindingException.State.APPROVED and row.starts_at <= at:
        return FindingException.State.ACTIVE
    return state


def _items_by_exception(exceptions: list[FindingException]) -> dict[UUID, list[ExceptionItem]]:
    found: dict[UUID, list[ExceptionItem]] = defaultdict(list)
    rows = ExceptionItem.objects.filter(exception__in=exceptions)
    for row in rows.defer("requested_observed", "approved_observed").order_by("id"):
        found[row.exception_id].append(row)
    return found


def _covering_exceptions(
    exceptions: list[FindingException],
    states: dict[UUID, Any],
    items: Mapping[UUID, list[ExceptionItem]],
    verdicts: dict[str, FindingFact],
    at: datetime,
) -> dict[str, int]:
    """Return {id of a finding: number of the exception that covered it at the time `at`}.

    If several exceptions covered a finding, return the number of the one that ends last.
    """
    found: dict[str, int] = {}
    for row in sorted(exceptions, key=lambda row: row.ends_at):
        if states[row.pk] in FindingException.IN_FORCE:
            for item in items.get(row.pk, []):
                if covers(row, item, verdicts.get(str(item.finding_id)), at):
                    found[str(item.finding_id)] = row.number
    return found


@dataclass(frozen=True, slots=True)
class _Past:
    """The owners and acknowledgements at an earlier time, by the id of the finding."""

    owners: Mapping[str, str]
    acknowledgements: Mapping[str, Acknowledgement]

    @classmethod
    def of(cls, tenant: Tenant, at: datetime, label: PersonLabel) -> _Past:
        return cls(owners_at(tenant, at, label), acknowledgements_at(tenant, at, label))

    def acknowledgement(self, fact: FindingFact) -> str:
        """Return the acknowledgement of the failure as text, or an empty text if there is none.

        An acknowledgement before the failure began was for an earlier failure, and does not count.
        """
        found = self.acknowledgements.get(fact.id)
        if found is None or fact.outcome != "fail" or fact.failing_since is None:
            return ""
        return found.text if found.acknowledged_at >= fact.failing_since else ""


def _treated_at(
    fact: FindingFact, exception: int | None, answer: Attestation | None, past: _Past, at: datetime
) -> FindingFact:
    """Return the finding with the treatment that it had at the earlier time `at`."""
    shown, acknowledged = _UNTREATED[fact.outcome], ""
    if exception is not None:
        shown = ShownState.EXCEPTED
    elif acknowledged := past.acknowledgement(fact):
        shown = ShownState.ACKNOWLEDGED
    elif fact.outcome == "manual" and answer is not None:
        if answer.valid_until <= at:
            shown = ShownState.LAPSED
        elif not is_bound(fact.control) or answer.observed_sha256 == fact.observed_sha256:
            shown = ShownState.ATTESTED if answer.met else ShownState.NOT_MET
    return _with_treatment(
        fact,
        shown,
        owner=past.owners.get(fact.id, ""),
        exception=exception,
        acknowledged=acknowledged,
    )


def _with_treatment(fact: FindingFact, shown: str, **treatment: Any) -> FindingFact:
    if shown not in WITH_DUE_DATE:
        treatment |= {"due_at": None, "overdue_days": 0}
    return replace(fact, shown=str(shown), **treatment)


def _treated_now(
    tenant: Tenant, verdicts: Iterable[list[FindingFact]], label: PersonLabel
) -> Iterator[list[FindingFact]]:
    """Yield the findings, control by control, with their current owners, acknowledgements and exceptions.

    The given findings already have their current state in `shown`.
    """
    for batch in _batches(verdicts):
        # Select by control, not by finding: the ids of all findings could be too many parameters for one query.
        controls = [rows[0].control for rows in batch]
        rows = Treatment.objects.filter(tenant=tenant, finding__control__in=controls)
        related = rows.select_related("owner", "acknowledged_by", "exception")
        treatments = {str(row.finding_id): row for row in related}
        for findings in batch:
            yield [_treated(fact, treatments.get(fact.id), label) for fact in findings]


def _batches(verdicts: Iterable[list[FindingFact]]) -> Iterator[list[list[FindingFact]]]:
    """Yield the lists of `verdicts`, one for each control, in batches. Most controls have few findings, so a batch
    usually has the lists of several controls. Each batch except the last has at least `_BATCH` findings.
    """
    batch: list[list[FindingFact]] = []
    for findings in verdicts:
        batch.append(findings)
        if sum(map(len, batch)) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _treated(fact: FindingFact, row: Treatment | None, label: PersonLabel) -> FindingFact:
    if row is None:
        return _with_treatment(fact, fact.shown) if fact.due_at is not None else fact
    return _with_treatment(
        fact,
        fact.shown,
        owner=label(row.owner),
        exception=row.exception.number if fact.shown == ShownState.EXCEPTED and row.exception else None,
        acknowledged=_acknowledgement(row, label) if fact.shown == ShownState.ACKNOWLEDGED else "",
    )


def _acknowledgement(row: Treatment, label: PersonLabel) -> str:
    return describe(label(row.acknowledged_by), row.planned_for, row.plan)
