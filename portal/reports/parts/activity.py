"""The part “What was done”, which counts the fixes, new failures, decisions and answers in the 30 days before the
report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_noop

from assessments.models import Assessment, FindingChange
from portal.reports.facts.failures import count_failures
from portal.reports.facts.source import ReportSource
from portal.reports.parts.part import Part, ReportFacts, in_schema
from portal.treatment.models import FindingException
from portal.treatment.naming import control_problem

DAYS: Final = 30
MAX_CONTROLS: Final = 3
_REFUSED: Final = str(FindingException.State.REFUSED.label)


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened in the days before the report.

    The numbers count events from `since` to `until`.

    - `assessments`: finished assessments that read at least one subscription or directory, not counting assessments by
      the watch
    - `fixed`: failures that became a pass or not applicable
    - `removed`: failures whose resource is gone or no longer assessed
    - `new_failures`: verdicts that became a failure, also on new resources
    - `fixed_controls`: {control: number of fixed failures}, largest number first

    A failure of a control that was switched off or left the profile is neither fixed nor removed. A failure that was
    unknown or not judged for a time continues and is not new.
    """

    since: datetime
    until: datetime
    assessments: int = field(
        metadata=in_schema(
            "The number of finished assessments that read something. Assessments that the watch started"
            " do not count"
        )
    )
    fixed: int = field(
        metadata=in_schema(
            "The number of failures that became a pass, or to which the control no longer applies"
        )
    )
    removed: int = field(
        metadata=in_schema("The number of failures whose resource no longer exists or is no longer assessed")
    )
    new_failures: int
    became_unknown: int
    exceptions_approved: int
    exceptions_refused: int
    attestations_given: int
    fixed_controls: Mapping[str, int] = field(metadata=in_schema("Number of fixed failures by control"))


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """The facts of the part.

    `fixed_with_settings` and `new_with_settings` count the failures that ended or began in an assessment in which the
    control had other settings than before. `activity` does not count these failures.

    `catalogues` is the number of different catalogues of controls that were in use from `activity.since` to
    `activity.until`. The catalogue of the last assessment before `activity.since` is included.
    """

    activity: Activity
    fixed_with_settings: int = 0
    new_with_settings: int = 0
    catalogues: int = field(
        default=1,
        metadata=in_schema(
            "The number of different catalogues of controls that were used by the assessments of the last"
            " 30 days and by the last assessment before these days"
        ),
    )


def _gather(source: ReportSource) -> ActivityFacts:
    until = source.treatment.at
    since = until - timedelta(days=DAYS)
    failures = count_failures(source.tenant, since, until)
    became_unknown = FindingChange.objects.filter(
        tenant=source.tenant, at__gt=since, at__lte=until, after_outcome="unknown"
    ).exclude(before_outcome__in=("", "unknown"))
    decided = [
        row for row in source.treatment.exceptions if row.decided_at and since < row.decided_at <= until
    ]
    refused = sum(row.state == _REFUSED for row in decided)
    finished = Assessment.objects.filter(
        tenant=source.tenant, state=Assessment.State.FINISHED, ended_at__lte=until
    )
    ended = finished.filter(ended_at__gt=since)
    # Assessments that read nothing do not count. Assessments by the watch do not count either, because each of them
    # reads only one subscription.
    completed = ended.filter(summary__units__done__gt=0).exclude(trigger__in=Assessment.BY_WATCH)
    before = finished.filter(ended_at__lte=since).order_by("-number")[:1]
    hashes = {
        *ended.values_list("catalogue_hash", flat=True),
        *before.values_list("catalogue_hash", flat=True),
    }
    return ActivityFacts(
        Activity(
            since=since,
            until=until,
            assessments=completed.count(),
            fixed=failures.fixed.total(),
            removed=failures.removed,
            new_failures=failures.began,
            became_unknown=became_unknown.count(),
            exceptions_approved=len(decided) - refused,
            exceptions_refused=refused,
            attestations_given=sum(
                row.attested_at is not None and since < row.attested_at <= until
                for row in source.treatment.attestations
            ),
            fixed_controls=dict(failures.fixed.most_common()),
        ),
        fixed_with_settings=failures.ended_with_settings,
        new_with_settings=failures.began_with_settings,
        catalogues=len(hashes),
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    done = facts.of(PART).activity
    rows = list(done.fixed_controls.items())
    more = sum(number for _, number in rows[MAX_CONTROLS:])
    return {
        "done": done,
        "fixed_controls": [(control_problem(slug), number) for slug, number in rows[:MAX_CONTROLS]],
        "fixed_controls_more": more,
    }


PART = Part(
    "activity",
    gettext_noop("What was done"),
    gather=_gather,
    context=_context,
    is_numbered=False,
    kinds=("executive",),
    position=80,
)
