"""The part “Overdue findings and changes”, which lists overdue findings, and verdicts that changed since the previous
assessment. Assessments by the watch do not count as the previous assessment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_noop, ngettext

from assessments.display.names import Names
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.models import Assessment, Finding, FindingChange
from assessments.presentation.extent import extent_label
from assessments.selectors import previous_assessment
from portal.reports.facts.presentation import OUTCOME_LABELS, truncate
from portal.reports.facts.source import ReportSource, as_of
from portal.reports.parts import results, scope
from portal.reports.parts.part import BY_SEVERITY, Part, ReportFacts, in_schema
from portal.treatment.naming import control_problem, control_title, finding_title

MAX_CHANGES: Final = 60
MAX_OVERDUE: Final = 60
# Maximum number of changes in results.json. In the portal, the page with the assessment's changes shows all of them.
MAX_LISTED: Final = 20_000
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/[^/]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A verdict that changed since the previous assessment, or in the period that the report covers.

    `before` is empty if the subject is new. `after` is `gone` if the subject no longer exists or is no longer assessed.
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
class ChangeCount:
    """The number of verdicts that changed from `before` to `after`.

    `before` can be empty and `after` can be `gone`, as in `ChangeFact`.
    """

    before: str
    after: str
    number: int


@dataclass(frozen=True, slots=True)
class ChangesFacts:
    """The facts of the part.

    `due_days` is {severity: days until the due date}, most severe first. `previous` describes the last assessment
    before the report's assessment, without assessments by the watch; it is empty if there is none. `changes` are the
    most severe of the verdicts that changed since the previous assessment. `change_counts` counts all changed verdicts.
    If `previous_had_other_catalogue` is set, verdicts can also differ because controls were added, changed or removed.
    """

    due_days: Mapping[str, int] = field(
        metadata=in_schema("For each severity, the number of days until a failure is due", **BY_SEVERITY)
    )
    changes: tuple[ChangeFact, ...]
    previous: str = field(
        metadata=in_schema("The previous assessment in words; empty for the first assessment")
    )
    change_counts: tuple[ChangeCount, ...] = ()
    previous_had_other_catalogue: bool = field(
        default=False,
        metadata=in_schema(
            "Whether the previous assessment used another catalogue of controls. If so, a verdict can"
            " also differ because a control was added, changed or removed"
        ),
    )


def _gather(source: ReportSource) -> ChangesFacts:
    tenant, assessment = source.tenant, source.assessment
    previous = previous_assessment(assessment)
    counts, changes = _changes_since(previous, source) if previous else ((), ())
    return ChangesFacts(
        # Sort the keys by severity, because a JSON column does not keep the order of keys.
        due_days={key: tenant.due_days[key] for key in Finding.Severity.values if key in tenant.due_days},
        changes=changes,
        previous=_previous_label(previous) if previous else "",
        change_counts=counts,
        previous_had_other_catalogue=previous is not None
        and previous.catalogue_hash != assessment.catalogue_hash,
    )


def _changes_since(
    previous: Assessment, source: ReportSource
) -> tuple[tuple[ChangeCount, ...], tuple[ChangeFact, ...]]:
    """Count the verdicts that changed since the previous assessment, by old and new verdict. Return these counts, and
    the most severe of the changed verdicts.

    A verdict that changed several times counts once, even if some of the changes are from assessments by the watch. A
    verdict that is now the same as in the previous assessment does not count.
    """
    rows = FindingChange.objects.filter(
        tenant=source.tenant,
        assessment__number__gt=previous.number,
        assessment__number__lte=source.assessment.number,
    )
    earlier = rows.filter(finding=OuterRef("finding"), assessment__number__lt=OuterRef("assessment__number"))
    later = rows.filter(finding=OuterRef("finding"), assessment__number__gt=OuterRef("assessment__number"))
    first = earlier.order_by("assessment__number").values("before_outcome")[:1]
    moved = (
        rows.filter(~Exists(later))
        .annotate(before=Coalesce(Subquery(first), F("before_outcome")))
        .exclude(before=F("after_outcome"))
        .exclude(before="", after_outcome="gone")
    )
    pairs = moved.order_by().values_list("before", "after_outcome").annotate(number=Count("id"))
    return (
        tuple(ChangeCount(*pair) for pair in pairs.order_by("before", "after_outcome")),
        tuple(_facts(moved, source.names)),
    )


def _previous_label(previous: Assessment) -> str:
    extent = extent_label(previous)
    return f"assessment {previous.number} of {as_of(previous):%Y-%m-%d %H:%M} UTC{f' ({extent})' if extent else ''}"


def _facts(rows: QuerySet[FindingChange], names: Names) -> Iterator[ChangeFact]:
    order = ("finding__severity_rank", "finding__control", "finding__subject_name", "id")
    for row in rows.select_related("finding").order_by(*order)[:MAX_LISTED].iterator(chunk_size=500):
        yield ChangeFact(
            control=row.finding.control,
            title=control_title(row.finding.control),
            severity=row.finding.severity,
            subject_name=subject_text(row.finding.subject, row.finding.subject_name, names),
            subject=row.finding.subject,
            before=row.before,  # type: ignore[attr-defined]  # an annotation
            after=row.after_outcome,
            reason=sentence(row.reason, names),
            at=row.at,
        )


def titled(facts: ReportFacts, changes: Iterable[ChangeFact]) -> list[tuple[str, str, ChangeFact]]:
    """Return (title, name of the resource's subscription, change) for each change.

    The subscription is named, because resources of several subscriptions can have the same name. Its name is empty if
    the change is about the subscription itself or about a directory, or if the subscription is not in the report's
    scope.
    """
    names = {unit.scope_id.lower(): unit.name for unit in facts.of(scope.PART).units}
    return [
        (finding_title(fact.control, fact.after), _subscription_name(fact, names), fact) for fact in changes
    ]


def _subscription_name(fact: ChangeFact, names: Mapping[str, str]) -> str:
    found = _SUBSCRIPTION.match(fact.subject)
    name = names.get(found.group().lower(), "") if found else ""
    return "" if name == fact.subject_name else name


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = facts.of(PART)
    changes = found.changes[:MAX_CHANGES]
    overdue, overdue_more = truncate(facts.of(results.PART).overdue, MAX_OVERDUE)
    return {
        "overdue": [(control_problem(fact.control), fact) for fact in overdue],
        "overdue_more": overdue_more,
        "changes": titled(facts, changes),
        "changes_more": len(found.changes) - len(changes),
        "changes_not_listed": sum(count.number for count in found.change_counts) - len(found.changes),
        "due_days": [(name.capitalize(), days) for name, days in found.due_days.items()],
        "change_counts": count_labels(found.change_counts),
        "labels": OUTCOME_LABELS,
    }


# The kinds of changes, which are counted separately. Each change is of exactly one kind, so the numbers can be added.
_KINDS_OF_CHANGES: Final[Mapping[str, Callable[[ChangeCount], bool]]] = {
    "failing": lambda change: change.after == "fail" and change.before != "",
    "fixed": lambda change: (change.before, change.after) == ("fail", "pass"),
    "unknown": lambda change: change.after == "unknown" and change.before != "",
    "new_failing": lambda change: (change.before, change.after) == ("", "fail"),
    "new_unknown": lambda change: (change.before, change.after) == ("", "unknown"),
    "new": lambda change: change.before == "" and change.after not in ("fail", "unknown", "gone"),
    "gone": lambda change: change.after == "gone",
    "other": lambda change: (
        change.before != ""
        and change.after in ("pass", "not_applicable", "manual")
        and (change.before, change.after) != ("fail", "pass")
    ),
}


def count_labels(counts: Sequence[ChangeCount]) -> list[str]:
    """Return a phrase such as "3 changed to failing" for each kind of change that occurs.

    The phrases say what changed, not the present verdicts, because a verdict can change several times in a period. The
    phrases do not say “new failure”, because an old failure may have been unknown or not judged for a time.
    """
    numbers = {
        kind: sum(change.number for change in counts if is_of_kind(change))
        for kind, is_of_kind in _KINDS_OF_CHANGES.items()
    }
    labels = {
        "failing": gettext("%(number)s changed to failing"),
        "fixed": gettext("%(number)s changed from failing to passing"),
        "unknown": gettext("%(number)s became unknown"),
        "new_failing": ngettext(
            "%(number)s first verdict that fails",
            "%(number)s first verdicts that fail",
            numbers["new_failing"],
        ),
        "new_unknown": ngettext(
            "%(number)s first verdict that is unknown",
            "%(number)s first verdicts that are unknown",
            numbers["new_unknown"],
        ),
        "new": ngettext(
            "%(number)s first verdict that neither fails nor is unknown",
            "%(number)s first verdicts that neither fail nor are unknown",
            numbers["new"],
        ),
        "gone": gettext(
            "%(number)s ended, because the resource is gone, or is no longer assessed or judged by the control"
        ),
        "other": gettext("%(number)s changed in another way"),
    }
    return [labels[kind] % {"number": number} for kind, number in numbers.items() if number]


PART = Part(
    "changes",
    gettext_noop("Overdue findings and changes"),
    gather=_gather,
    context=_context,
    kinds=("full", "period"),
    position=230,
)
