"""Failures over time: since when a finding has been failing, and how many failures began and ended in a period.

A failure continues while its verdict is unknown, its control is switched off, or its subscription is excluded.
`assessments.actions.units.findings` sets `Finding.failing_since` by the same rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import F, Q

from assessments.actions.unassessed_findings import CLOSED
from assessments.controls.profiles import OFF_REASONS
from assessments.models import Assessment, FindingChange
from tenants.models import Situation, Tenant

_EXCLUDED: Final = CLOSED[Situation.EXCLUDED]


@dataclass(slots=True)
class Failure:
    """The failure of a finding, computed from the changes that were passed to `change`.

    `since` is the time at which the failure began, None if the finding does not fail. While the control is switched
    off, `since` is None, and `paused` is the time at which the failure began. If the finding fails after the control
    was switched on again, the same failure continues, so `since` is again the time at which the failure began.
    """

    since: datetime | None = None
    paused: datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether the finding has a failure that has not ended. The control may be switched off at present."""
        return (self.since or self.paused) is not None

    def change(self, after: str, reason: str, at: datetime) -> None:
        """Apply a change of the verdict. `after` is the new verdict, or "gone" if the subject is no longer assessed.

        If `reason` says that the control was switched off or the subscription was excluded, the failure does not end.
        """
        if after == "fail":
            self.since, self.paused = self.since or self.paused or at, None
        elif after == "unknown":
            self.since, self.paused = self.since or self.paused, None
        elif after == "not_applicable" and reason in OFF_REASONS:
            self.since, self.paused = None, self.paused or self.since
        elif after != "gone" or reason not in (*OFF_REASONS, _EXCLUDED):
            self.since = self.paused = None


@dataclass(slots=True)
class FailureCounts:
    """The numbers of failures that began, and that ended, in a period.

    `fixed` is {control: number of failures that became a pass or not applicable}. `removed` is the number of failures
    whose resource is gone or no longer assessed. Some failures begin, or become a pass or not applicable, in an
    assessment in which the control had other settings than before. Such failures are counted in `began_with_settings`
    and `ended_with_settings`, and not in `began` and `fixed`.
    """

    began: int = 0
    removed: int = 0
    began_with_settings: int = 0
    ended_with_settings: int = 0
    fixed: Counter[str] = field(default_factory=Counter)


def count_failures(tenant: Tenant, since: datetime, until: datetime) -> FailureCounts:
    """Count the failures that began or ended after the time `since`, and not after the time `until`."""
    counts, has_other_settings = FailureCounts(), _settings_changes(tenant)
    for control, changes in _histories(tenant, since, until):
        failure: Failure | None = None
        for number, at, before, after, reason in changes:
            if failure is None:
                failure = Failure(at) if before == "fail" else Failure()
            failed = failure.exists
            failure.change(after, reason, at)
            if at <= since:
                continue
            other = has_other_settings(control, number)
            if failure.exists and not failed:
                counts.began_with_settings += other
                counts.began += not other
            elif failed and after == "gone" and reason not in OFF_REASONS:
                counts.removed += 1
            elif failed and not failure.exists and other:
                counts.ended_with_settings += 1
            elif failed and not failure.exists:
                counts.fixed[control] += 1
    return counts


type _Row = tuple[int, datetime, str, str, str]


def _histories(tenant: Tenant, since: datetime, until: datetime) -> Iterator[tuple[str, Iterator[_Row]]]:
    """Yield (control, changes up to `until`) of each finding whose failure may have begun or ended after `since`."""
    rows = FindingChange.objects.filter(tenant=tenant, at__lte=until)
    concerned = Q(after_outcome="fail") | Q(before_outcome__in=("fail", "unknown"))
    changed = rows.filter(concerned, at__gt=since).exclude(before_outcome=F("after_outcome"))
    values = (
        rows.filter(finding__in=changed.order_by().values("finding"))
        .order_by("finding", "assessment__number")
        .values_list(
            "finding",
            "finding__control",
            "assessment__number",
            "at",
            "before_outcome",
            "after_outcome",
            "reason",
        )
    )
    for (_, control), found in groupby(values.iterator(chunk_size=2000), key=itemgetter(0, 1)):
        yield control, (row[2:] for row in found)


def _settings_changes(tenant: Tenant) -> Callable[[str, int], bool]:
    """Return a function that takes a control and the number of an assessment, and returns whether the control had other
    settings in an earlier assessment.

    The function compares with several earlier assessments: the last one that covered all subscriptions and directories
    and was not cancelled, and all assessments between that one and the given one. Cancelled assessments that read
    nothing are ignored, because they judged nothing.
    """
    earlier: dict[int, list[Mapping[str, Any]]] = {}
    own: dict[int, Mapping[str, Any]] = {}
    before: list[Mapping[str, Any]] = []
    rows = Assessment.objects.filter(tenant=tenant).order_by("number")
    for number, parameters, only, state, read in rows.values_list(
        "number", "parameters", "only", "state", "summary__units__done"
    ):
        own[number], earlier[number] = parameters, list(before)
        is_cancelled = state == Assessment.State.CANCELLED
        if read or not is_cancelled:
            before = [*before, parameters] if only or is_cancelled else [parameters]
    return lambda control, number: any(
        one.get(control, {}) != own[number].get(control, {}) for one in earlier[number]
    )
