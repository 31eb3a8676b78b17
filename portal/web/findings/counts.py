"""The counts beside the filters of the findings page, each under all the other filters; exact.

Some come with the groups of the list and cost nothing more. The others need passes of their own over the
findings: the page lets them be fetched when it is there (`Slice.of(..., wanted=later(chosen))`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from django.db.models import QuerySet

from assessments.models import Finding
from portal.treatment.states import DUE, Shown
from portal.web.findings.cells import GROUPS, OWNER, SINCE, STATE, UNIT, Cells, Counter, Shape
from portal.web.findings.filters import COLUMNS, NOBODY, FindingFilter
from portal.web.findings.moments import Edges
from tenants.models import Tenant

_OF_FACET: Final = {
    "severity": GROUPS,
    "verdict": GROUPS,
    "section": GROUPS,
    "control": GROUPS,
    "state": STATE,
    "due": SINCE,
    "age": SINCE,
    "subscription": UNIT,
    "owner": OWNER,
}
FACETS: Final = tuple(_OF_FACET)
# What the cells of the groups say of all findings under the filters.
_WITH_GROUPS: Final = ("severity", "verdict", "section", "control", "state")


def later(chosen: FindingFilter) -> tuple[str, ...]:
    """The facets whose counts do not come with the groups: of other facts, or with a filter of their own."""
    return tuple(name for name in FACETS if chosen.has(name) or name not in _WITH_GROUPS)


def fetched_alone(chosen: FindingFilter) -> tuple[str, ...]:
    """Those of the `later` that are dear together with others: under all filters but their own, and owners where
    a search has found many."""
    names = (name for name in later(chosen) if chosen.has(name) or (chosen.many and name == "owner"))
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one control: how many of each verdict and of each shown state."""

    control: str
    verdicts: dict[str, int]
    states: dict[str, int]
    severities: tuple[str, ...]
    count: int


@dataclass(slots=True)
class Slice:
    """Counts by facet value, and of each control what the filters leave of it."""

    count: int = 0
    everything: int = 0
    counts: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: defaultdict(int) for name in FACETS}
    )
    by_control: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_group: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """(control, verdict) -> how many, as the list groups them."""
    groups: list[Group] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Severity -> how many of the groups' findings have a due date where the policy has the severity."""

    def dated(self, tenant: Tenant) -> int:
        """How many of the groups' findings have a due date."""
        return sum(self.failing[severity] for severity in tenant.due_days)

    @classmethod
    def of(
        cls,
        rows: QuerySet[Finding],
        chosen: FindingFilter,
        *,
        whole: bool = False,
        wanted: Collection[str] = FACETS,
        groups: bool = True,
    ) -> Self:
        """`rows` are the findings of the filter's tenant that the person may see; `whole`: all there are.
        Counts only the facets `wanted`, and without `groups` neither these nor the totals.

        A facet that is not wanted has the counts of its chosen values, where the groups say them.
        """
        part = cls()
        names = [name for name in FACETS if name in wanted and not chosen.has(name)]
        # The groups say the states as well, unless these are wanted without their own filter.
        shapes = {name: GROUPS if name == "state" and groups else _OF_FACET[name] for name in names}
        own = [name for name in FACETS if name in wanted and chosen.has(name)]
        together = list(dict.fromkeys([*([GROUPS] if groups else []), *shapes.values()]))
        counter = Counter(rows, chosen, whole, [*together, *(_OF_FACET[name] for name in own)])
        found = counter.cells(chosen, together) if together else {}
        if groups:
            part._take_groups(found[GROUPS])
            for name in _WITH_GROUPS:
                if chosen.has(name) and name not in wanted:
                    part._take(name, GROUPS, found[GROUPS], counter.edges)
        for name, shape in shapes.items():
            part._take(name, shape, found[shape], counter.edges)
        for name in own:
            shape = _OF_FACET[name]
            part._take(name, shape, counter.cells(chosen.without(name), [shape])[shape], counter.edges)
        if "state" in wanted:
            part._take_gone(rows, chosen)
        if groups:
            part.everything = counter.total() if chosen.active else part.count
        return part

    def _take_gone(self, rows: QuerySet[Finding], chosen: FindingFilter) -> None:
        """Gone findings show in the state facet alone."""
        gone = replace(chosen, values={**chosen.values, "state": [Shown.GONE]})
        self.counts["state"].pop(Shown.GONE, None)
        if count := gone.apply(rows).count():
            self.counts["state"][Shown.GONE] = count

    def _take_groups(self, cells: Cells) -> None:
        verdicts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        states: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        severities: dict[str, set[str]] = defaultdict(set)
        for (control, severity, _, outcome, shown), count in cells.items():
            self.count += count
            self.by_control[control] += count
            self.by_group[control, outcome] += count
            verdicts[control][outcome] += count
            states[control][shown] += count
            severities[control].add(severity)
            if shown in DUE:
                self.failing[severity] += count
        self.groups = [
            Group(control, verdicts[control], states[control], tuple(sorted(severities[control])), count)
            for control, count in self.by_control.items()
        ]

    def _take(self, name: str, shape: Shape, cells: Cells, edges: Edges) -> None:
        into = self.counts[name]
        for key, count in cells.items():
            into[_key(name, dict(zip(shape, key, strict=True)), edges)] += count


def _key(name: str, cell: dict[str, Any], edges: Edges) -> str:
    """The facet's value of a cell."""
    if name == "owner":
        return str(cell["owner"]) if cell["owner"] else NOBODY
    if name == "state":
        return str(cell["shown"])
    if name in COLUMNS:
        return str(cell[COLUMNS[name]])
    if name == "due":
        return edges.due_key(cell["severity"], cell["outcome"], cell["shown"], cell["number"])
    return edges.age_key(cell["number"])
