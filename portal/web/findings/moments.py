"""When a finding is due and how long it stands: the ranges that the findings page filters and counts by.

Ranges are half-open and disjoint, and have keys that stand in addresses. What is due: failing findings whose
shown state is among `states.DUE`, by the tenant's policy (days by severity). How old: since it fails, or
since it was first seen where it does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, Expression, Func, IntegerField, Q, Value
from django.db.models.functions import Coalesce

from portal.treatment.states import DUE as DUE_STATES
from tenants.models import Tenant

# key -> (label, due from in days from now, due before); None is open.
DUE: Final[Mapping[str, tuple[str, int | None, int | None]]] = {
    "overdue": ("Overdue", None, 0),
    "7": ("Within 7 days", 0, 7),
    "30": ("In 7 to 30 days", 7, 30),
    "later": ("Later", 30, None),
}
NOT_DUE: Final = "none"
DUE_LABELS: Final = {**{key: label for key, (label, _, _) in DUE.items()}, NOT_DUE: "No due date"}
# key -> (label, at least so many days old, less than)
AGE: Final[Mapping[str, tuple[str, int | None, int | None]]] = {
    "7": ("Under 7 days", None, 7),
    "30": ("7 to 30 days", 7, 30),
    "90": ("30 to 90 days", 30, 90),
    "older": ("90 days and older", 90, None),
}
AGE_LABELS: Final = {key: label for key, (label, _, _) in AGE.items()}
_DUE_EDGES: Final = (0, 7, 30)
_AGE_EDGES: Final = (7, 30, 90)

SINCE: Final = Coalesce("failing_since", "first_seen_at")


def _between(start: datetime | None, end: datetime | None, column: str) -> Q:
    found = Q()
    if start is not None:
        found &= Q(**{f"{column}__gte": start})
    if end is not None:
        found &= Q(**{f"{column}__lt": end})
    return found


def _shift(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)


def due(tenant: Tenant, now: datetime, keys: Collection[str], runs: Q) -> Q:
    """The findings whose due date lies in one of the ranges. `runs` says of which open ones it runs."""
    # All of `DUE_STATES` are derived from this one, which has an index.
    known = Q(state="open", severity__in=list(tenant.due_days)) & runs
    spans = Q(pk__in=())
    for severity, allowed in tenant.due_days.items():
        began = now - timedelta(days=int(allowed))
        for key in keys:
            if key in DUE:
                _, first, last = DUE[key]
                span = _between(_shift(began, first), _shift(began, last), "failing_since")
                spans |= Q(severity=severity) & span
    found = known & spans
    return found | ~known if NOT_DUE in keys else found


def age(now: datetime, keys: Collection[str]) -> Q:
    """The findings that are as old as one of the ranges says; needs the annotation `since`."""
    found = Q(pk__in=())
    for key in keys:
        if key in AGE:
            _, least, most = AGE[key]
            start = None if most is None else now - timedelta(days=most)
            end = None if least is None else now - timedelta(days=least)
            # of `most` days exactly is no longer under it
            found |= (Q() if start is None else Q(since__gt=start)) & (
                Q() if end is None else Q(since__lte=end)
            )
    return found


@dataclass(frozen=True, slots=True)
class Edges:
    """All the moments at which a range begins or ends, so that one number says due range and age together."""

    now: datetime
    due_days: Mapping[str, int]
    moments: tuple[datetime, ...]

    @classmethod
    def of(cls, tenant: Tenant, now: datetime) -> Edges:
        days = {severity: int(value) for severity, value in tenant.due_days.items()}
        # An age range takes its older end in, so its edge lies the least step behind.
        tick = timedelta(microseconds=1)
        moments = {now - timedelta(days=edge) + tick for edge in _AGE_EDGES}
        moments |= {now + timedelta(days=edge - value) for value in days.values() for edge in _DUE_EDGES}
        return cls(now, days, tuple(sorted(moments)))

    def number(self) -> Expression:
        """Between which two moments the finding's `since` lies, as PostgreSQL counts it: 0 before the first."""
        moments = Value(list(self.moments), output_field=ArrayField(DateTimeField()))
        return Func(SINCE, moments, function="width_bucket", output_field=IntegerField())

    def number_of(self, moment: datetime) -> int:
        return bisect_right(self.moments, moment)

    def due_key(self, severity: str, outcome: str, state: str, number: int) -> str:
        """The key of the due range of findings of that number."""
        if outcome != "fail" or state not in DUE_STATES or severity not in self.due_days:
            return NOT_DUE
        began = self.now - timedelta(days=self.due_days[severity])
        for key, (_, _, last) in DUE.items():
            if last is None or number < self.number_of(began + timedelta(days=last)):
                return key
        raise AssertionError("the last range is open")

    def age_key(self, number: int) -> str:
        """The key of the age range of findings of that number."""
        tick = timedelta(microseconds=1)
        for key, (_, _, most) in AGE.items():
            if most is None or number >= self.number_of(self.now - timedelta(days=most) + tick):
                return key
        raise AssertionError("the last range is open")
