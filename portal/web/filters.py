"""The filters of the findings page, and the counts beside them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, Self

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from assessments.models import Finding

# the name in the address -> the column
COLUMNS: Final = {
    "severity": "severity",
    "verdict": "outcome",
    "state": "state",
    "section": "section",
    "subscription": "unit",
    "control": "control",
}
_GONE: Final = "gone"


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What the address asks for: values of one name are alternatives, names narrow each other."""

    values: dict[str, list[str]] = field(default_factory=dict)
    q: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        # A NUL cannot be in a text of PostgreSQL, so nothing can match it.
        values = {
            name: [v.replace("\0", "") for v in query.getlist(name)]
            for name in COLUMNS
            if query.getlist(name)
        }
        return cls(values, query.get("q", "").replace("\0", "").strip()[:200])

    @property
    def active(self) -> int:
        """How many filters are on."""
        return sum(map(len, self.values.values())) + bool(self.q)

    def text(self) -> Q:
        """The search: every word in the subject, the control or the reason."""
        found = Q()
        for word in self.q.split():
            found &= Q(subject__icontains=word) | Q(control__icontains=word) | Q(reason__icontains=word)
        return found

    def apply(self, rows: QuerySet[Finding]) -> QuerySet[Finding]:
        """The matching findings; those whose subject is gone only when they are asked for."""
        if _GONE not in self.values.get("state", []):
            rows = rows.exclude(state=_GONE)
        for name, values in self.values.items():
            rows = rows.filter(**{f"{COLUMNS[name]}__in": values})
        return rows.filter(self.text())


@dataclass(slots=True)
class Slice:
    """Counts by facet value, each under all the other facets' filters; from one query.

    The table is grouped by all facet columns at once. That has at most controls x outcomes x units rows
    whatever the number of findings, and every facet's counts follow from it.
    """

    count: int = 0
    everything: int = 0
    counts: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: defaultdict(int) for name in COLUMNS}
    )
    by_control: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_group: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """(control, outcome) -> how many, as the list groups them."""

    @classmethod
    def of(cls, rows: QuerySet[Finding], chosen: FindingFilter) -> Self:
        names = list(COLUMNS)
        matches = Count("id", filter=chosen.text()) if chosen.q else Count("id")
        cube = rows.values_list(*COLUMNS.values()).annotate(all=Count("id"), matching=matches).order_by()
        part = cls()
        wanted = {name: set(values) for name, values in chosen.values.items()}
        with_gone = _GONE in wanted.get("state", ())
        for *values, everything, matching in cube:
            cell = dict(zip(names, values, strict=True))
            gone = cell["state"] == _GONE
            if not gone:
                part.everything += everything
            missed = [name for name, some in wanted.items() if cell[name] not in some]
            hidden = gone and not with_gone
            if matching and not missed and not hidden:
                part.count += matching
                part.by_control[cell["control"]] += matching
                part.by_group[cell["control"], cell["verdict"]] += matching
            for name in names:
                # a facet does not narrow itself; gone findings show in the state facet alone
                if matching and set(missed) <= {name} and (not hidden or name == "state"):
                    part.counts[name][cell[name]] += matching
        return part
