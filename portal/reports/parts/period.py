"""The part “What happened in the period”. It has facts only in reports over a period.

The part `exposure` states for how many days the findings of each control failed. In a report over a period, that part
covers the same period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, Value, When
from django.utils.translation import gettext, gettext_noop

from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.models import Assessment, FindingChange, Unit
from assessments.presentation.extent import extent_label
from portal.queries.tenant_overview.exposure import Standing, standings
from portal.reports.attachment_files import timestamp
from portal.reports.facts.people import person_id_label, person_label
from portal.reports.facts.presentation import OUTCOME_LABELS, truncate
from portal.reports.facts.source import ReportSource, period_of
from portal.reports.parts import comparison, exposure
from portal.reports.parts.changes import ChangeCount, ChangeFact, count_labels, titled
from portal.reports.parts.part import DAY, Part, ReportFacts, in_schema
from portal.treatment.models import TreatmentEvent
from portal.treatment.naming import control_title
from tenants.models import Person

# The maximum numbers of rows in the PDF. The CSV file and results.json have more rows.
MAX_CHANGES: Final = 100
MAX_TREATMENTS: Final = 100
MAX_ASSESSMENTS: Final = 60
# The maximum number of changes, and of treatments, in results.json. `change_counts` and `treatment_counts` count all of
# them.
MAX_LISTED: Final = 20_000


@dataclass(frozen=True, slots=True)
class PeriodAssessment:
    """An assessment that ended in the period.

    `extent` says which subscriptions and directories the assessment covered, and is empty if the assessment covered
    all. `in_part` is the number of subscriptions and directories of which the assessment read only a part. `in_part` is
    None if the data that it counts was deleted under the retention policy. `by_watch` is true if the watch started the
    assessment.
    """

    number: int
    state: str
    started_at: datetime | None
    ended_at: datetime
    extent: str = field(metadata=in_schema("What the assessment read, if it did not read everything"))
    in_part: int | None = field(
        default=0,
        metadata=in_schema(
            "The number of subscriptions and directories of which some data could not be read; null if"
            " this number was deleted under the retention policy"
        ),
    )
    by_watch: bool = field(
        default=False,
        metadata=in_schema(
            "Whether the watch started the assessment. If the PDF cannot list all assessments, it leaves"
            " out such assessments first"
        ),
    )


@dataclass(frozen=True, slots=True)
class PeriodStanding:
    """The recorded figures at the end of a UTC day.

    For the last day, the report's own figures can stand in for the recorded figures. `day` is YYYY-MM-DD. The figures
    are None if none were recorded for the day.
    """

    day: str = field(metadata=in_schema(**DAY))
    score: float | None
    adjusted: float | None
    overdue: int | None = field(
        metadata=in_schema("The number of overdue failures; null if no figures were recorded on this day")
    )


@dataclass(frozen=True, slots=True)
class TreatmentFact:
    """All actions of one kind by one person or worker on the findings of a control, from `first_at` to `last_at`.

    `kind` is the kind of event in the timelines, `action` the label of this kind. `findings` is how many
    findings were treated. `exception` is the number by which people know the exception, if the actions concern one.
    """

    first_at: datetime
    last_at: datetime
    kind: str = field(metadata=in_schema(enum=list(TreatmentEvent.Kind.values)))
    action: str
    control: str
    title: str
    findings: int
    by: str
    exception: int | None = field(metadata=in_schema("Number of the exception"))


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """The events in the period that the report covers.

    The report covers the time from `since` until `until`. `first` and `last` are UTC days as YYYY-MM-DD, both included.

    - `until`: the end of the last day or, if earlier, the time as of which the report shows treatments
    - `changes`: at most `MAX_LISTED` changed verdicts: first the changes of existing findings, then new findings, each
      group with the most severe first; `change_counts` counts all changes
    - `treatments`: at most `MAX_LISTED` treatments, oldest first; `treatment_counts`: {action: number of findings} of
      all treatments
    - `before`: the figures recorded for the day before the period
    - `after`: the figures recorded for the last day of the period or, if `until` is before the end of that day, the
      report's own figures
    """

    first: str = field(metadata=in_schema("First UTC day", **DAY))
    last: str = field(metadata=in_schema("Last UTC day, which is included", **DAY))
    since: datetime
    until: datetime = field(
        metadata=in_schema(
            "The end of the last day of the period, or the time of the report if it is earlier"
        )
    )
    assessments: tuple[PeriodAssessment, ...]
    before: PeriodStanding = field(metadata=in_schema("The figures at the end of the day before the period"))
    after: PeriodStanding = field(
        metadata=in_schema(
            "The figures at the end of the last day of the period, or at the time `until` if it is earlier"
        )
    )
    change_counts: tuple[ChangeCount, ...]
    changes: tuple[ChangeFact, ...] = field(
        metadata=in_schema(
            "At most 20,000 changes of verdicts. Changes from one verdict to another come first, then the"
            " first verdicts on new findings. Each of these groups begins with the most severe changes. The field"
            " change_counts counts all changes"
        )
    )
    treatment_counts: Mapping[str, int] = field(metadata=in_schema("Number of findings by action"))
    treatments: tuple[TreatmentFact, ...] = field(
        metadata=in_schema(
            "At most 20,000 treatments, the oldest first. The field treatment_counts counts all treatments"
        )
    )

    @property
    def ends_with_day(self) -> bool:
        """Whether the report includes the whole last day of the period."""
        return self.until.date().isoformat() > self.last


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """The facts of the part. `period` is None in all reports except reports over a period."""

    period: PeriodReport | None = field(
        metadata=in_schema("What happened in the period; null except in reports over a period")
    )


def _gather(source: ReportSource) -> PeriodFacts:
    period = period_of(source.report)
    if period is None:
        return PeriodFacts(None)
    until = min(period.end, source.treatment.at)
    before, after = map(_standing, standings(source.tenant, period))
    if until < period.end:
        after = _own_standing(source, until)
    treatments = list(_treatments(source, period.start, until))
    return PeriodFacts(
        PeriodReport(
            first=period.first.isoformat(),
            last=period.last.isoformat(),
            since=period.start,
            until=until,
            assessments=tuple(_assessments(source, period.start, until)),
            before=before,
            after=after,
            change_counts=tuple(_change_counts(source, period.start, until)),
            changes=tuple(_changes(source, period.start, until)),
            treatment_counts=_treatment_counts(source, period.start, until),
            treatments=tuple(treatments[:MAX_LISTED]),
        )
    )


def _standing(row: Standing) -> PeriodStanding:
    return PeriodStanding(row.day.isoformat(), row.score, row.adjusted, row.overdue)


def _own_standing(source: ReportSource, until: datetime) -> PeriodStanding:
    """Return the figures at the time `until`, from the report's own findings. The figures in the database for this day
    can be from a later time.
    """
    return PeriodStanding(
        until.date().isoformat(),
        source.summaries["raw"]["score"],
        source.summaries["adjusted"]["score"],
        sum(fact.overdue_days > 0 for fact in source.findings),
    )


def _assessments(source: ReportSource, since: datetime, until: datetime) -> Iterator[PeriodAssessment]:
    rows = Assessment.objects.filter(tenant=source.tenant, ended_at__gte=since, ended_at__lte=until)
    # Count only units that were read in part. Units of which nothing was read have gaps too, but `extent_label` names
    # their number.
    partly = Q(units__state=Unit.State.DONE) & ~Q(units__gaps=[])
    rows = rows.annotate(in_part=Count("units", filter=partly))
    for row in rows.order_by("number").defer("parameters"):
        yield PeriodAssessment(
            row.number,
            row.get_state_display(),
            row.started_at,
            row.ended_at or until,
            extent_label(row),
            row.in_part if row.details_deleted_at is None else None,
            row.trigger in Assessment.BY_WATCH,
        )


def _changed(source: ReportSource, since: datetime, until: datetime) -> Any:
    rows = FindingChange.objects.filter(tenant=source.tenant, at__gte=since, at__lte=until)
    return rows.exclude(before_outcome=F("after_outcome"))


def _change_counts(source: ReportSource, since: datetime, until: datetime) -> Iterator[ChangeCount]:
    pairs = _changed(source, since, until).order_by().values_list("before_outcome", "after_outcome")
    for before, after, number in pairs.annotate(number=Count("id")).order_by(
        "before_outcome", "after_outcome"
    ):
        yield ChangeCount(before, after, number)


def _changes(source: ReportSource, since: datetime, until: datetime) -> Iterator[ChangeFact]:
    first_verdict = Case(
        When(before_outcome="", then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    rows = _changed(source, since, until).annotate(first_verdict=first_verdict).select_related("finding")
    order = (
        "first_verdict",
        "finding__severity_rank",
        "finding__control",
        "finding__subject_name",
        "at",
        "id",
    )
    for row in rows.order_by(*order)[:MAX_LISTED].iterator(chunk_size=500):
        yield ChangeFact(
            control=row.finding.control,
            title=control_title(row.finding.control),
            severity=row.finding.severity,
            subject_name=subject_text(row.finding.subject, row.finding.subject_name, source.names),
            subject=row.finding.subject,
            before=row.before_outcome,
            after=row.after_outcome,
            reason=sentence(row.reason, source.names),
            at=row.at,
        )


def _treatments(source: ReportSource, since: datetime, until: datetime) -> Iterator[TreatmentFact]:
    """Yield the events in the timelines of findings, grouped by kind, control, exception and person."""
    rows = (
        TreatmentEvent.objects.filter(tenant=source.tenant, at__gte=since, at__lte=until)
        .order_by()
        .values("kind", "finding__control", "exception__number", "by", "actor")
        .annotate(first_at=Min("at"), last_at=Max("at"), findings=Count("finding", distinct=True))
        .order_by("first_at", "kind", "finding__control", "actor")
    )
    found = list(rows)
    people = Person.objects.in_bulk({row["by"] for row in found})
    for row in found:
        yield TreatmentFact(
            first_at=row["first_at"],
            last_at=row["last_at"],
            kind=row["kind"],
            action=str(TreatmentEvent.Kind(row["kind"]).label),
            control=row["finding__control"],
            title=control_title(row["finding__control"]),
            findings=row["findings"],
            by=_by(source, people, row["by"], row["actor"]),
            exception=row["exception__number"],
        )


def _treatment_counts(source: ReportSource, since: datetime, until: datetime) -> dict[str, int]:
    """Return {action: number of findings}, most findings first. A finding counts once for each action, even if several
    people have treated it in this way.
    """
    rows = TreatmentEvent.objects.filter(tenant=source.tenant, at__gte=since, at__lte=until).order_by()
    counted: Counter[str] = Counter()
    for kind, number in rows.values_list("kind").annotate(number=Count("finding", distinct=True)):
        counted[str(TreatmentEvent.Kind(kind).label)] = number
    return dict(counted.most_common())


def _by(source: ReportSource, people: Mapping[UUID, Person], by: UUID | None, actor: str) -> str:
    """Return the name of the person or worker who acted. `by` is the id of a person, `actor` the name of a worker."""
    label: Callable[[Person | None], str] = person_id_label if source.report.without_names else person_label
    if by is not None:
        return label(people.get(by)) or f"Person {by}"
    return actor


def period_table(facts: ReportFacts) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """Return the header and rows of `period.csv`. A row is about days failing, a change or a treatment."""
    header = (
        "record", "from", "to", "control", "title", "severity", "subject_name", "subject", "before", "after", "reason",
        "action", "by", "exception", "findings", "days_failing",
    )  # fmt: skip
    return header, _rows(facts)


def _rows(facts: ReportFacts) -> Iterator[Sequence[object]]:
    found = facts.of(PART).period
    if found is None:
        return
    span = (timestamp(found.since), timestamp(found.until))
    for days in facts.of(exposure.PART).exposure:
        yield (
            "days failing", *span, days.control, days.title, days.severity, "", "", "", "", "", "", "", "",
            days.findings, f"{days.days:.2f}",
        )  # fmt: skip
    for change in found.changes:
        yield (
            "verdict changed", timestamp(change.at), timestamp(change.at), change.control, change.title,
            change.severity, change.subject_name, change.subject, change.before, change.after,
            change.reason, "", "", "", "", "",
        )  # fmt: skip
    for row in found.treatments:
        yield (
            "treatment", timestamp(row.first_at), timestamp(row.last_at), row.control, row.title, "", "", "", "", "",
            "", row.action, row.by, row.exception, row.findings, "",
        )  # fmt: skip


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = facts.of(PART).period
    if found is None:
        return {}
    # Most new findings pass. The PDF shows new findings only if they fail or are unknown, so that readers do not
    # overlook the changed verdicts.
    listed = [fact for fact in found.changes if fact.before or fact.after in ("fail", "unknown")]
    changes = listed[:MAX_CHANGES]
    total = sum(count.number for count in found.change_counts)
    treatments, treatments_more = truncate(found.treatments, MAX_TREATMENTS)
    assessments = _printed(found.assessments)
    return {
        **comparison.judging_context(facts),
        "period": found,
        "period_days": (
            (gettext("End of the day before the period"), found.before),
            (
                gettext("End of the last day") if found.ends_with_day else gettext("End of the period"),
                found.after,
            ),
        ),
        "assessments": assessments,
        "assessments_more": len(found.assessments) - len(assessments),
        "change_counts": count_labels(found.change_counts),
        "changes": titled(facts, changes),
        "changes_total": total,
        "changes_more": len(found.changes) - len(changes),
        "changes_not_listed": total - len(found.changes),
        "treatment_counts": found.treatment_counts.items(),
        "treatments": treatments,
        "treatments_more": treatments_more,
        "labels": OUTCOME_LABELS,
    }


def _printed(assessments: Sequence[PeriodAssessment]) -> Sequence[PeriodAssessment]:
    """Return at most `MAX_ASSESSMENTS` assessments. If there are more, first leave out those that the watch started,
    because there can be many in a day.
    """
    preferred = sorted(assessments, key=lambda row: row.by_watch)
    return sorted(preferred[:MAX_ASSESSMENTS], key=lambda row: row.number)


PART = Part(
    "period",
    gettext_noop("What happened in the period"),
    gather=_gather,
    context=_context,
    kinds=("period",),
    position=250,
)
