"""Rows of the register of exceptions at the time of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from portal.reports.facts.people import PersonLabel
from portal.reports.facts.shared import ExceptionFact, FileFact, FindingFact
from portal.treatment.matching import describe_rule
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.naming import control_problem

State = FindingException.State
MAX_NAMED_FINDINGS: Final = 3


def covers(row: FindingException, item: ExceptionItem, fact: FindingFact | None, at: datetime) -> bool:
    """Return whether the exception covered the finding at the time `at`: it was in force, and approved for the value
    that the report shows.
    """
    return (
        fact is not None
        and fact.outcome == "fail"
        and item.approved_at is not None
        and item.approved_at <= at
        and item.approved_sha256 == fact.observed_sha256
        and row.starts_at <= at < row.ends_at
    )


def exception_fact(
    row: FindingException,
    state: str,
    items: list[ExceptionItem],
    findings: dict[str, FindingFact],
    files: tuple[FileFact, ...],
    at: datetime,
    label: PersonLabel,
) -> ExceptionFact:
    """Return the exception as it was at the time `at`. Decisions made later do not appear.

    `findings` is {id: finding of the report}.
    """
    is_decided = row.decided_at is not None and row.decided_at <= at
    has_ended = row.ended_at is not None and row.ended_at <= at
    in_force = state in FindingException.IN_FORCE
    facts = [(item, findings.get(str(item.finding_id))) for item in items]
    return ExceptionFact(
        number=row.number,
        scope=row.get_scope_display(),
        about=_describe_scope(row, (fact for _, fact in facts)),
        state=str(State(state).label),
        because=row.get_returned_because_display() if state == State.RETURNED else "",
        reason=row.reason,
        compensating_control=row.compensating_control,
        requested_by=label(row.requested_by),
        requested_at=row.requested_at,
        decided_by=label(row.decided_by) if is_decided else "",
        decided_at=row.decided_at if is_decided else None,
        decision_note=row.decision_note if is_decided else "",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended_by=label(row.ended_by) if has_ended else "",
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


def _describe_scope(row: FindingException, facts: Iterable[FindingFact | None]) -> str:
    """Describe in words which findings the exception is for: the conditions of its rule, the names of up to three
    findings, or the number of findings for each control.
    """
    if row.scope == FindingException.Scope.RULE:
        return describe_rule(row)
    existing = [fact for fact in facts if fact is not None]
    if not existing:
        return "Findings that are no longer judged"
    if len(existing) <= MAX_NAMED_FINDINGS:
        return "; ".join(f"{control_problem(fact.control)}: {fact.subject_name}" for fact in existing)
    controls = Counter(fact.control for fact in existing)
    return "; ".join(
        f"{control_problem(control)}: {number} finding{'s' if number > 1 else ''}"
        for control, number in controls.most_common()
    )
