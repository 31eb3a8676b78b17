"""Overdue findings, and verdicts that changed since the previous assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from assessments.display.names import Names
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.extent import extent_label
from assessments.models import Assessment, Finding, FindingChange
from assessments.selectors import assessments
from portal.reports.parts import results
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.presentation import OUTCOME_LABELS, truncate
from portal.reports.source import ReportSource
from portal.treatment.naming import control_problem, control_title, finding_title

MAX_CHANGES: Final = 60
MAX_OVERDUE: Final = 60
ENDED: Final = (Assessment.State.FINISHED, Assessment.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A verdict that changed in the assessment.

    `before` is empty if the subject is new; `after` is `gone` if the subject was removed.
    """

    control: str
    title: str
    severity: str
    subject_name: str
    subject: str
    before: str
    after: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangesFacts:
    """The facts of the part.

    `due_days`: {severity: days}, most severe first. `previous` describes the assessment with which this one is
    compared; empty for a customer's first assessment.
    """

    due_days: Mapping[str, int]
    changes: tuple[ChangeFact, ...]
    previous: str


def _gather(source: ReportSource) -> ChangesFacts:
    tenant, assessment = source.tenant, source.assessment
    previous = assessments(tenant).filter(number__lt=assessment.number, state__in=ENDED).first()
    return ChangesFacts(
        # JSON columns do not keep the order of keys.
        due_days={key: tenant.due_days[key] for key in Finding.Severity.values if key in tenant.due_days},
        changes=tuple(_changes(assessment, source.names)),
        previous=_previous_label(previous) if previous else "",
    )


def _previous_label(previous: Assessment) -> str:
    extent = extent_label(previous)
    return f"assessment {previous.number} of {previous.created_at:%Y-%m-%d %H:%M} UTC{f' ({extent})' if extent else ''}"


def _changes(assessment: Assessment, names: Names) -> list[ChangeFact]:
    rows = FindingChange.objects.filter(assessment=assessment).select_related("finding")
    changes = []
    for row in rows.order_by("finding__severity_rank", "finding__control", "finding__subject_name"):
        if row.before_outcome == row.after_outcome:
            continue
        changes.append(
            ChangeFact(
                control=row.finding.control,
                title=control_title(row.finding.control),
                severity=row.finding.severity,
                subject_name=subject_text(row.finding.subject, row.finding.subject_name, names),
                subject=row.finding.subject,
                before=row.before_outcome,
                after=row.after_outcome,
                reason=sentence(row.reason, names),
                at=row.at,
            )
        )
    return changes


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    changes, changes_more = truncate(facts.of(PART).changes, MAX_CHANGES)
    overdue, overdue_more = truncate(facts.of(results.PART).overdue, MAX_OVERDUE)
    return {
        "overdue": [(control_problem(fact.control), fact) for fact in overdue],
        "overdue_more": overdue_more,
        "changes": [(finding_title(fact.control, fact.after), fact) for fact in changes],
        "changes_more": changes_more,
        "change_counts": _change_counts(facts.of(PART).changes),
        "labels": OUTCOME_LABELS,
    }


def _change_counts(changes: tuple[ChangeFact, ...]) -> list[tuple[int, str]]:
    pairs = [(change.before, change.after) for change in changes]
    kinds = [
        ("now fail", sum(after == "fail" and before != "fail" for before, after in pairs)),
        ("failed and now pass", pairs.count(("fail", "pass"))),
        (
            "became unknown",
            sum(after == "unknown" and before not in ("unknown", "") for before, after in pairs),
        ),
        ("are on new subjects", sum(before == "" for before, _ in pairs)),
        ("are on removed subjects", sum(after == "gone" for _, after in pairs)),
    ]
    return [(number, label) for label, number in kinds if number]


PART = Part("changes", "Overdue findings and changes", gather=_gather, context=_context)
