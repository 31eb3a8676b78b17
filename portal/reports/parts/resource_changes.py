"""The part on changes of resources. For each change, it shows the changed properties, possible actors, changed
verdicts, and the review.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_noop

from assessments.models import ActivityReading, Assessment
from assessments.selectors import assessments, previous_assessment
from portal.changes.models import ResourceChange
from portal.reports.attachment_files import timestamp
from portal.reports.facts.presentation import OUTCOME_LABELS
from portal.reports.facts.resource_changes import (
    ATTRIBUTIONS,
    MOST_SEVERE_FIRST,
    ResourceChangeFact,
    change_fact,
)
from portal.reports.facts.source import ReportSource, as_of, period_of
from portal.reports.facts.temporary_lists import SpilledList
from portal.reports.parts import identity, scope
from portal.reports.parts.part import Part, ReportFacts, in_schema
from portal.treatment.naming import control_title

CSV_FILE: Final = "resource-changes.csv"
# Maximum numbers of changes: in the PDF of a report with resource-changes.csv, in other PDFs, and in the CSV file.
MAX_PRINTED: Final = 100
MAX_PRINTED_SHORT: Final = 15
MAX_LISTED: Final = 20_000
_WITH_TABLE: Final = ("changes", "period")
_REVIEWS: Final = {
    "waiting": gettext_noop("Waiting for review"),
    "unexpected": gettext_noop("Unexpected"),
    "expected": gettext_noop("Expected"),
    "rolled_back": gettext_noop("Rolled back"),
}
_KINDS: Final = {
    "created": gettext_noop("Created"),
    "changed": gettext_noop("Changed"),
    "deleted": gettext_noop("Deleted"),
    "operation": gettext_noop("Operation"),
}


@dataclass(frozen=True, slots=True)
class UnreadLogFact:
    """An activity log for which at least one reading failed, with the missing permission or another reason.

    The report may lack operations of this log.

    `permission` is the missing permission. If the log could not be read for another reason, `permission` is empty and
    `message` states the reason.
    """

    unit: str
    unit_name: str
    permission: str
    message: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ResourceChanges:
    """The changes of resources that were found in the report's period or, if it has none, since the earlier assessment:
    later than `since`, up to and including `until`.

    - `changes`: first the changes that made findings fail, most severe first; then the other changes, oldest first
    - `not_listed`: number of changes that the report does not list
    - `kind_counts`: {kind: number of changes}; `attribution_counts`: {attribution: number of changes}; `review_counts`:
      {state of the review: number of changes}; these numbers include changes that are not listed
    - `unread`: the activity logs of which a reading failed
    """

    since: datetime
    until: datetime
    total: int
    not_listed: int
    kind_counts: Mapping[str, int]
    attribution_counts: Mapping[str, int]
    review_counts: Mapping[str, int]
    unread: tuple[UnreadLogFact, ...]
    changes: Sequence[ResourceChangeFact] = field(
        metadata=in_schema(
            "At most 20,000 changes in change reports and reports over a period, and at most 15 changes"
            " in other reports. The field total counts all changes"
        )
    )


@dataclass(frozen=True, slots=True)
class ResourceChangesFacts:
    """The facts of the part. `resource_changes` is None if there is neither a period nor an earlier assessment."""

    resource_changes: ResourceChanges | None = field(
        metadata=in_schema("The changes of resources; null in reports on the first assessment of a customer")
    )


def _gather(source: ReportSource) -> ResourceChangesFacts:
    span = _span(source)
    if span is None:
        return ResourceChangesFacts(None)
    since, until = span
    rows = ResourceChange.objects.filter(tenant=source.tenant, at__gt=since, at__lte=until)
    total = rows.count()
    limit = MAX_LISTED if source.report.kind in _WITH_TABLE else MAX_PRINTED_SHORT
    attributions: Counter[str] = Counter()
    reviews: Counter[str] = Counter()

    def facts() -> Iterator[ResourceChangeFact]:
        ordered = rows.order_by(MOST_SEVERE_FIRST, "at", "id").select_related(
            "reviewed_by", "owner", "plan", "approval"
        )
        ordered = ordered.defer("approval__content")
        if source.historic:
            ordered = ordered.prefetch_related("events__by")
        for number, row in enumerate(ordered.iterator(chunk_size=500)):
            fact = change_fact(row, source)
            attributions[fact.attribution] += 1
            reviews[fact.review] += bool(fact.review)
            if number < limit:
                yield fact

    listed: SpilledList[ResourceChangeFact] = SpilledList(facts())
    kinds = Counter(rows.order_by().values_list("kind", flat=True))
    return ResourceChangesFacts(
        ResourceChanges(
            since=since,
            until=until,
            total=total,
            not_listed=total - len(listed),
            kind_counts={kind: kinds[kind] for kind in _KINDS if kinds[kind]},
            attribution_counts={key: attributions[key] for key in ATTRIBUTIONS if attributions[key]},
            review_counts={key: reviews[key] for key in _REVIEWS if reviews[key]},
            unread=tuple(_unread(source, since, until)),
            changes=listed,
        )
    )


def _span(source: ReportSource) -> tuple[datetime, datetime] | None:
    """Return the times between which a report lists changes, as (start, end). Return None if there is no earlier
    assessment.

    A report over a period lists the changes in that period. A change report lists the changes between its two
    assessments. Other reports list the changes since the previous assessment, not counting assessments by the watch.
    """
    if (period := period_of(source.report)) is not None:
        return period.start, min(period.end, source.treatment.at)
    before: Assessment | None
    if (number := source.report.baseline_number) is not None:
        # Accept every state, because somebody may have chosen a cancelled assessment as the baseline.
        before = assessments(source.tenant).filter(number=number, number__lt=source.assessment.number).first()
    else:
        before = previous_assessment(source.assessment)
    return (as_of(before), as_of(source.assessment)) if before is not None else None


def _unread(source: ReportSource, since: datetime, until: datetime) -> Iterator[UnreadLogFact]:
    """Yield the logs for which at least one reading failed in the period. If several permissions were missing, the log
    occurs once for each of them. The message is that of the last failure.
    """
    rows = ActivityReading.objects.filter(
        ~Q(code=""), tenant=source.tenant, until__gt=since, since__lt=until
    ).order_by("until")
    found: dict[tuple[str, str], UnreadLogFact] = {}
    for row in rows.iterator(chunk_size=500):
        known = found.get((row.unit, row.permission))
        found[row.unit, row.permission] = UnreadLogFact(
            unit=row.unit,
            unit_name=source.names.place(row.unit) or row.unit,
            permission=row.permission,
            message=row.message,
            first_at=known.first_at if known else row.until,
            last_at=row.until,
        )
    yield from found.values()


def resource_changes_table(facts: ReportFacts) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """Return the header and the rows of `resource-changes.csv`.

    A change has one row for each item of its `properties`, which are the first changed properties. A change without
    `properties` has a single row.
    """
    header = (
        "change", "kind", "found_at", "not_before", "assessment", "resource_name", "resource_type", "resource",
        "subscription_or_directory", "resource_group", "property", "property_change", "before", "after",
        "properties_changed", "attribution", "possible_actors", "operations", "operations_at", "not_attributed_because",
        "verdicts_moved", "rules", "severity", "review", "reviewed_by", "reviewed_at", "review_reason", "ticket",
        "planned_change", "owner", "due_at", "approved_at", "differs_from_approved",
    )  # fmt: skip
    return header, _rows(facts)


def _rows(facts: ReportFacts) -> Iterator[Sequence[object]]:
    found = facts.of(PART).resource_changes
    for change in found.changes if found else ():
        first = (
            change.change, change.kind, timestamp(change.at), _moment(change.since), change.assessment or "",
            change.resource_name, change.resource_type, change.resource, change.unit_name, change.resource_group,
        )  # fmt: skip
        last = (
            change.property_count, change.attribution, "; ".join(change.actors),
            "; ".join(dict.fromkeys(one.operation for one in change.operations)),
            "; ".join(dict.fromkeys(timestamp(one.at) for one in change.operations)),
            change.gap,
            "; ".join(f"{one.control}: {one.before or 'new'} → {one.after}" for one in change.verdicts),
            "; ".join(change.rules), change.severity, change.review, change.reviewed_by, _moment(change.reviewed_at),
            change.review_reason, change.ticket, change.planned_change, change.owner, _moment(change.due_at),
            _moment(change.approved_at), "; ".join(one.path for one in change.approved_differences),
        )  # fmt: skip
        for one in change.properties:
            yield (*first, one.path, one.change, one.before, one.after, *last)
        if not change.properties:
            yield (*first, "", "", "", "", *last)


def _moment(at: datetime | None) -> str:
    return timestamp(at) if at else ""


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = facts.of(PART).resource_changes
    if found is None:
        return {}
    is_short = facts.of(identity.PART).identity.kind not in _WITH_TABLE
    shown = found.changes[: MAX_PRINTED_SHORT if is_short else MAX_PRINTED]
    return {
        "resource_changes": found,
        "incomplete": sum(unit.reached != "completely" for unit in facts.of(scope.PART).units),
        "resource_change_rows": [
            (_KINDS[change.kind], change, [(control_title(one.control), one) for one in change.verdicts])
            for change in shown
        ],
        "resource_changes_more": (found.total if is_short else len(found.changes)) - len(shown),
        "resource_changes_file": "" if is_short else CSV_FILE,
        "resource_change_kinds": [(_KINDS[kind], number) for kind, number in found.kind_counts.items()],
        "attribution_counts": [
            (ATTRIBUTIONS[key], number) for key, number in found.attribution_counts.items()
        ],
        "attributions": ATTRIBUTIONS,
        "review_counts": [(_REVIEWS[key], number) for key, number in found.review_counts.items()],
        "reviews": _REVIEWS,
        "labels": OUTCOME_LABELS,
    }


PART = Part(
    "resource_changes",
    gettext_noop("Resource changes and who made them"),
    gather=_gather,
    context=_context,
    kinds=("full", "period", "changes"),
    position=240,
)
