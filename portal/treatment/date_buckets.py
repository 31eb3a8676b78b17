"""Define groups (buckets) of findings by due date and by age. Lists filter and count findings by these buckets.

A bucket includes its beginning but not its end. Keys of buckets appear in URLs. Only failing findings whose shown state
is in `states.WITH_DUE_DATE` have a due date, which depends on the severity. The age of a failing finding counts from
`failing_since`, the age of other findings from `first_seen_at`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, DateTimeField, Expression, Func, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from portal.treatment.states import WITH_DUE_DATE as DUE_STATES
from tenants.models import Tenant

# {key: (label, first day of the bucket, first day after the bucket)}. The days count from now; None means unbounded.
DUE_BUCKETS: Final[Mapping[str, tuple[str, int | None, int | None]]] = {
    "overdue": ("Overdue", None, 0),
    "7": ("Within 7 days", 0, 7),
    "30": ("In 7 to 30 days", 7, 30),
    "later": ("Later", 30, None),
}
NOT_DUE: Final = "none"
DUE_LABELS: Final = {**{key: label for key, (label, _, _) in DUE_BUCKETS.items()}, NOT_DUE: "No due date"}
# {key: (label, age at which the bucket begins, age at which the bucket ends)}. Ages are in days; None means unbounded.
AGE_BUCKETS: Final[Mapping[str, tuple[str, int | None, int | None]]] = {
    "7": ("Under 7 days", None, 7),
    "30": ("7 to 30 days", 7, 30),
    "90": ("30 to 90 days", 30, 90),
    "older": ("90 days and older", 90, None),
}
AGE_LABELS: Final = {key: label for key, (label, _, _) in AGE_BUCKETS.items()}
_DUE_BOUNDARIES: Final = (0, 7, 30)
_AGE_BOUNDARIES: Final = (7, 30, 90)

SINCE: Final = Coalesce("failing_since", "first_seen_at")


def _between(start: datetime | None, end: datetime | None, column: str) -> Q:
    found = Q()
    if start is not None:
        found &= Q(**{f"{column}__gte": start})
    if end is not None:
        found &= Q(**{f"{column}__lt": end})
    return found


def _add_days(moment: datetime, days: int | None) -> datetime | None:
    return None if days is None else moment + timedelta(days=days)


def due_in(tenant: Tenant, now: datetime, keys: Collection[str], is_running: Q) -> Q:
    """Return the query condition that a finding's due date is in one of the buckets.

    `is_running` is the query condition for findings that no exception covers. The condition may include findings that
    do not fail, because this function also requires the stored state of failing findings.
    """
    # The stored state of failing findings is “open”. Use this state, because it has an index.
    has_due_date = Q(state="open", severity__in=list(tenant.due_days)) & is_running
    spans = Q(pk__in=())
    for severity, allowed in tenant.due_days.items():
        due_now = now - timedelta(days=int(allowed))
        for key in keys:
            if key in DUE_BUCKETS:
                _, first, end = DUE_BUCKETS[key]
                span = _between(_add_days(due_now, first), _add_days(due_now, end), "failing_since")
                spans |= Q(severity=severity) & span
    found = has_due_date & spans
    return found | ~has_due_date if NOT_DUE in keys else found


def aged(now: datetime, keys: Collection[str]) -> Q:
    """Return the query condition that a finding's age is in one of the buckets. The query needs the
    annotation `since` (`SINCE`).
    """
    found = Q(pk__in=())
    for key in keys:
        if key in AGE_BUCKETS:
            _, minimum, end = AGE_BUCKETS[key]
            oldest = None if end is None else now - timedelta(days=end)
            newest = None if minimum is None else now - timedelta(days=minimum)
            # A finding that is exactly `end` days old belongs to the next bucket.
            found |= (Q() if oldest is None else Q(since__gt=oldest)) & (
                Q() if newest is None else Q(since__lte=newest)
            )
    return found


def age_key(now: datetime) -> Case:
    """Return a query expression for the key of a finding's age bucket. The query needs the annotation `since`
    (`SINCE`).
    """
    *young, oldest = AGE_BUCKETS
    cases = [When(aged(now, [key]), then=Value(key)) for key in young]
    return Case(*cases, default=Value(oldest), output_field=CharField())


def due_key(conditions: Mapping[str, Q]) -> Case:
    """Return a query expression for the key of a finding's due bucket. `conditions` is {key: condition of the
    bucket}.
    """
    cases = [When(condition, then=Value(key)) for key, condition in conditions.items()]
    return Case(*cases, default=Value(NOT_DUE), output_field=CharField())


@dataclass(frozen=True, slots=True)
class DateBuckets:
    """The boundaries of all age and due buckets, as times.

    A finding's age counts from its own time `SINCE`: when it began to fail or, if it does not fail, when it was first
    seen. The number of boundaries at or before this time determines the finding's age bucket and, together with the
    severity, its due bucket. PostgreSQL computes this number with `width_bucket`.
    """

    now: datetime
    due_days: Mapping[str, int]
    boundaries: tuple[datetime, ...]

    @classmethod
    def of(cls, tenant: Tenant, now: datetime) -> DateBuckets:
        """Return the boundaries at `now` under the tenant's policy."""
        days = {severity: int(value) for severity, value in tenant.due_days.items()}
        # A finding that is exactly 7 days old belongs to “7 to 30 days”. So the boundary is one microsecond after the
        # time of 7 days ago.
        tick = timedelta(microseconds=1)
        boundaries = {now - timedelta(days=boundary) + tick for boundary in _AGE_BOUNDARIES}
        boundaries |= {
            now + timedelta(days=boundary - value) for value in days.values() for boundary in _DUE_BOUNDARIES
        }
        return cls(now, days, tuple(sorted(boundaries)))

    def number(self) -> Expression:
        """Return a query expression for the number of boundaries at or before a finding's time `SINCE`."""
        boundaries = Value(list(self.boundaries), output_field=ArrayField(DateTimeField()))
        return Func(SINCE, boundaries, function="width_bucket", output_field=IntegerField())

    def number_of(self, moment: datetime) -> int:
        """Return the number of boundaries at or before `moment`."""
        return bisect_right(self.boundaries, moment)

    def due_key(self, severity: str, outcome: str, state: str, number: int) -> str:
        """Return the key of the due bucket of a finding with these values. `number` is its result of `number()`."""
        if outcome != "fail" or state not in DUE_STATES or severity not in self.due_days:
            return NOT_DUE
        due_now = self.now - timedelta(days=self.due_days[severity])
        for key, (_, _, end) in DUE_BUCKETS.items():
            if end is None or number < self.number_of(due_now + timedelta(days=end)):
                return key
        raise AssertionError("The last due bucket is unbounded.")

    def age_key(self, number: int) -> str:
        """Return the key of the age bucket of a finding. `number` is its result of `number()`."""
        tick = timedelta(microseconds=1)
        for key, (_, _, end) in AGE_BUCKETS.items():
            if end is None or number >= self.number_of(self.now - timedelta(days=end) + tick):
                return key
        raise AssertionError("The last age bucket is unbounded.")
