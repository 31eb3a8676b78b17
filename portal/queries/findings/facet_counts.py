"""Count findings exactly for each value of each facet. The counts of a facet ignore the filter on that facet.

Some counts come from the list's groups by control. The other counts need queries, so a page may count them later
(`FacetCounts.of(..., wanted=costly_facets(chosen))`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from django.db.models import QuerySet

from assessments.models import Finding
from portal.queries.findings.facet_query import (
    BY_CONTROL,
    BY_DATE,
    BY_OWNER,
    BY_STATE,
    BY_UNIT,
    Counts,
    FacetCounter,
    GroupBy,
)
from portal.queries.findings.filters import COLUMNS, UNASSIGNED, FindingFilter
from portal.treatment.date_buckets import DateBuckets
from portal.treatment.states import WITH_DUE_DATE, ShownState
from tenants.models import Tenant

_GROUPINGS: Final = {
    "severity": BY_CONTROL,
    "verdict": BY_CONTROL,
    "section": BY_CONTROL,
    "control": BY_CONTROL,
    "state": BY_STATE,
    "due": BY_DATE,
    "age": BY_DATE,
    "subscription": BY_UNIT,
    "owner": BY_OWNER,
}
FACETS: Final = tuple(_GROUPINGS)
# Facets whose counts are computed from the groups of the list.
_WITH_GROUPS: Final = ("severity", "verdict", "section", "control", "state")


def costly_facets(chosen: FindingFilter) -> tuple[str, ...]:
    """Return the facets that the filter uses, or whose counts cannot be computed from the groups."""
    return tuple(name for name in FACETS if chosen.has(name) or name not in _WITH_GROUPS)


def facets_counted_alone(chosen: FindingFilter) -> tuple[str, ...]:
    """Return the costly facets that are counted faster one by one than all together:

    - the facets that the filter uses, because each of them is counted without its own part of the filter
    - the facet of owners, if the filter has a broad search
    """
    costly = costly_facets(chosen)
    return tuple(name for name in costly if chosen.has(name) or (chosen.has_broad_search and name == "owner"))


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The findings of one control, with counts by verdict and by shown state."""

    control: str
    verdicts: dict[str, int]
    states: dict[str, int]
    severities: tuple[str, ...]
    count: int


@dataclass(slots=True)
class FacetCounts:
    """Counts by facet value, and the matching findings grouped by control."""

    count: int = 0
    """The number of matching findings."""
    total: int = 0
    """The number of all findings, as if there were no filter."""
    counts: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: defaultdict(int) for name in FACETS}
    )
    by_control: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_control_and_verdict: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    groups: list[ControlGroup] = field(default_factory=list)
    running_by_severity: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """{severity: number of matching findings whose shown state is in `WITH_DUE_DATE`}. These findings have a due date
    if the policy sets due days for their severity.
    """

    def count_with_due_date(self, tenant: Tenant) -> int:
        """Return how many of the matching findings have a due date."""
        return sum(self.running_by_severity[severity] for severity in tenant.due_days)

    @classmethod
    def of(
        cls,
        rows: QuerySet[Finding],
        chosen: FindingFilter,
        *,
        complete: bool = False,
        wanted: Collection[str] = FACETS,
        with_groups: bool = True,
    ) -> Self:
        """Count the findings that the person may see. `complete` states whether `rows` are all findings of the tenant.

        The facets in `wanted` are counted with all of their values. `with_groups` adds groups, totals, and those other
        facets of `_WITH_GROUPS` that the filter uses, each with only the values that the filter chooses.
        """
        result = cls()
        unfiltered = [name for name in FACETS if name in wanted and not chosen.has(name)]
        # If the filter does not choose states, the counts of states can be computed from the groups.
        groupings = {
            name: BY_CONTROL if name == "state" and with_groups else _GROUPINGS[name] for name in unfiltered
        }
        filtered = [name for name in FACETS if name in wanted and chosen.has(name)]
        together = list(dict.fromkeys([*([BY_CONTROL] if with_groups else []), *groupings.values()]))
        all_groupings = [*together, *(_GROUPINGS[name] for name in filtered)]
        counter = FacetCounter(rows, chosen, complete=complete, groupings=all_groupings)
        found = counter.count(chosen, together) if together else {}
        if with_groups:
            result._add_groups(found[BY_CONTROL])
            for name in _WITH_GROUPS:
                if chosen.has(name) and name not in wanted:
                    result._add_facet(name, BY_CONTROL, found[BY_CONTROL], counter.buckets)
        for name, grouping in groupings.items():
            result._add_facet(name, grouping, found[grouping], counter.buckets)
        for name in filtered:
            grouping = _GROUPINGS[name]
            counts = counter.count(chosen.without(name), [grouping])[grouping]
            result._add_facet(name, grouping, counts, counter.buckets)
        if "state" in wanted:
            result._add_gone(rows, chosen)
        if with_groups:
            result.total = counter.total() if chosen.active_count else result.count
        return result

    def _add_gone(self, rows: QuerySet[Finding], chosen: FindingFilter) -> None:
        """Count the findings whose subject is gone. Only the facet of states counts these findings."""
        gone = replace(chosen, values={**chosen.values, "state": [ShownState.GONE]})
        self.counts["state"].pop(ShownState.GONE, None)
        if count := gone.apply(rows).count():
            self.counts["state"][ShownState.GONE] = count

    def _add_groups(self, counts: Counts) -> None:
        verdicts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        states: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        severities: dict[str, set[str]] = defaultdict(set)
        for (control, severity, _, outcome, shown), count in counts.items():
            self.count += count
            self.by_control[control] += count
            self.by_control_and_verdict[control, outcome] += count
            verdicts[control][outcome] += count
            states[control][shown] += count
            severities[control].add(severity)
            if shown in WITH_DUE_DATE:
                self.running_by_severity[severity] += count
        self.groups = [
            ControlGroup(
                control, verdicts[control], states[control], tuple(sorted(severities[control])), count
            )
            for control, count in self.by_control.items()
        ]

    def _add_facet(self, name: str, grouping: GroupBy, counts: Counts, buckets: DateBuckets) -> None:
        facet = self.counts[name]
        for key, count in counts.items():
            facet[_facet_value(name, dict(zip(grouping, key, strict=True)), buckets)] += count


def _facet_value(name: str, cell: dict[str, Any], buckets: DateBuckets) -> str:
    if name == "owner":
        return str(cell["owner"]) if cell["owner"] else UNASSIGNED
    if name == "state":
        return str(cell["shown"])
    if name in COLUMNS:
        return str(cell[COLUMNS[name]])
    if name == "due":
        return buckets.due_key(cell["severity"], cell["outcome"], cell["shown"], cell["number"])
    return buckets.age_key(cell["number"])
