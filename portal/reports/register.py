"""Lines of the register of exceptions and of the attestations, as of one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from assessments.controls.registry import catalogue
from portal.reports.facts import AttestationFact, ExceptionFact, FileFact, FindingFact
from portal.treatment.matching import describe_rule
from portal.treatment.models import Attestation, EvidenceFile, ExceptionItem, FindingException
from portal.treatment.states import ShownState
from portal.treatment.timeline import actor_label
from tenants.models import Person, Tenant

State = FindingException.State
MAX_NAMED: Final = 3
# What a shown state of a manual verdict says of its answer.
_STANDINGS: Final = {ShownState.LAPSED: "expired", ShownState.NOT_MET: "not met", ShownState.ATTESTED: "met"}


def name_of(who: Person | None) -> str:
    """A person as the journal's text names them; empty for nobody."""
    return actor_label(who) if who else ""


def covers(row: FindingException, item: ExceptionItem, fact: FindingFact | None, at: datetime) -> bool:
    """Whether the exception, if it is in force, provably covers the verdict at that moment."""
    return (
        fact is not None
        and fact.outcome == "fail"
        and item.approved_at is not None
        and item.approved_at <= at
        and item.approved_sha256 == fact.observed_sha256
        and row.starts_at <= at < row.ends_at
    )


def files_of(tenant: Tenant, at: datetime) -> dict[UUID, tuple[FileFact, ...]]:
    """Exception or attestation -> its files; what was added later is not among them."""
    found: dict[UUID, tuple[FileFact, ...]] = {}
    for row in EvidenceFile.objects.filter(tenant=tenant, uploaded_at__lte=at).order_by("uploaded_at", "id"):
        of = row.exception_id or row.attestation_id
        if of is not None:
            fact = FileFact(row.name, row.content_type, row.size, row.sha256, row.uploaded_at)
            found[of] = (*found.get(of, ()), fact)
    return found


def exception_fact(
    row: FindingException,
    state: str,
    items: list[ExceptionItem],
    known: dict[str, FindingFact],
    files: tuple[FileFact, ...],
    at: datetime,
) -> ExceptionFact:
    """The line of the register as it read at that moment: later decisions are left out."""
    is_decided = row.decided_at is not None and row.decided_at <= at
    has_ended = row.ended_at is not None and row.ended_at <= at
    in_force = state in FindingException.IN_FORCE
    facts = [(item, known.get(str(item.finding_id))) for item in items]
    return ExceptionFact(
        number=row.number,
        scope=row.get_scope_display(),
        about=_about(row, (fact for _, fact in facts)),
        state=str(State(state).label),
        because=row.get_returned_because_display() if state == State.RETURNED else "",
        reason=row.reason,
        compensating_control=row.compensating_control,
        requested_by=actor_label(row.requested_by),
        requested_at=row.requested_at,
        decided_by=name_of(row.decided_by) if is_decided else "",
        decided_at=row.decided_at if is_decided else None,
        decision_note=row.decision_note if is_decided else "",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended_by=name_of(row.ended_by) if has_ended else "",
        ended_at=row.ended_at if has_ended else None,
        end_note=row.end_note if has_ended else "",
        maximum=row.maximum,
        findings=len(items),
        covers=sum(in_force and covers(row, item, fact, at) for item, fact in facts),
        changed=sum(
            in_force and fact is not None and fact.outcome == "fail" and not covers(row, item, fact, at)
            for item, fact in facts
        ),
        files=files,
    )


def _about(row: FindingException, facts: Iterable[FindingFact | None]) -> str:
    """What the exception means: its rule, or its controls with the subjects while they are few."""
    if row.scope == FindingException.Scope.RULE:
        return describe_rule(row)
    there = [fact for fact in facts if fact is not None]
    if not there:
        return "subjects that are no longer there"
    if len(there) <= MAX_NAMED:
        return "; ".join(f"{fact.control} on {fact.subject_name}" for fact in there)
    controls = Counter(fact.control for fact in there)
    return "; ".join(f"{control} on {number} subjects" for control, number in controls.most_common())


def attestation_fact(
    fact: FindingFact, answer: Attestation | None, files: dict[UUID, tuple[FileFact, ...]]
) -> AttestationFact:
    known = catalogue().get(fact.control)
    return AttestationFact(
        finding=fact.id,
        control=fact.control,
        title=known.title if known else fact.control,
        severity=fact.severity,
        subject_name=fact.unit_name if fact.subject == fact.unit else fact.subject_name,
        subject=fact.subject,
        unit_name=fact.unit_name,
        # An answer that was about exactly what was observed then, and something else is observed now.
        standing=_STANDINGS.get(ShownState(fact.shown), "asked anew" if answer else "never answered"),
        statement=answer.statement if answer else "",
        attested_by=actor_label(answer.attested_by) if answer else "",
        attested_at=answer.attested_at if answer else None,
        valid_until=answer.valid_until if answer else None,
        observed_changed=answer is not None and answer.observed_sha256 != fact.observed_sha256,
        files=files.get(answer.pk, ()) if answer else (),
    )
