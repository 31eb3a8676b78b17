"""The counts beside the filters of the findings page, each under all the other filters; exact, and fast.

A treatment changes the shown state of few findings. So what people did is left out first, which indexes of
the findings answer alone, and then corrected: less what treated findings count for by their verdict, plus
what they count for as they are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, QuerySet

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.states import Shown, shown_state
from portal.web.filters import COLUMNS, NOBODY, TREATED, FindingFilter
from portal.web.findings_moments import Edges
from tenants.models import Tenant

# What is counted at once, from one index each. `shown` and `owner` and `number` are annotations.
_GROUPS: Final = ("control", "severity", "section", "outcome", "shown")
_UNIT: Final = ("unit",)
_STATE: Final = ("shown",)
_SINCE: Final = ("severity", "outcome", "shown", "number")
_OWNER: Final = ("owner",)
_OF_FACET: Final = {
    "severity": _GROUPS,
    "verdict": _GROUPS,
    "section": _GROUPS,
    "control": _GROUPS,
    "state": _STATE,
    "due": _SINCE,
    "age": _SINCE,
    "subscription": _UNIT,
    "owner": _OWNER,
}
FACETS: Final = tuple(_OF_FACET)

_SHAPES: Final = tuple(dict.fromkeys(_OF_FACET.values()))

type Shape = tuple[str, ...]
type Cells = dict[tuple[Any, ...], int]


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

    @classmethod
    def of(cls, rows: QuerySet[Finding], chosen: FindingFilter, *, whole: bool = False) -> Self:
        """`rows` are the findings of the filter's tenant that the person may see; `whole`: all there are."""
        part = cls()
        counter = _Counter(rows, chosen, whole)
        names = [name for name in FACETS if not chosen.has(name)]
        # The groups say the states as well, unless these are wanted without their own filter.
        shapes = {name: _GROUPS if name == "state" else _OF_FACET[name] for name in names}
        found = counter.cells(chosen, list(dict.fromkeys([_GROUPS, *shapes.values()])))
        part._take_groups(found[_GROUPS])
        for name, shape in shapes.items():
            part._take(name, shape, found[shape], counter.edges)
        for name in FACETS:
            if chosen.has(name):
                others = chosen.without(name)
                shape = _OF_FACET[name]
                part._take(name, shape, counter.cells(others, [shape])[shape], counter.edges)
        # Gone findings show in the state facet alone.
        gone = replace(chosen, values={**chosen.values, "state": [Shown.GONE]})
        part.counts["state"].pop(Shown.GONE, None)
        if count := gone.apply(rows).count():
            part.counts["state"][Shown.GONE] = count
        alone = next(iter(chosen.values), "") if len(chosen.values) == 1 and not chosen.q else ""
        if alone in part.counts:
            counts = part.counts[alone]
            part.everything = sum(
                count for key, count in counts.items() if (alone, key) != ("state", Shown.GONE)
            )
        else:
            part.everything = rows.exclude(state=Shown.GONE).count() if chosen.active else part.count
        return part

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
        self.groups = [
            Group(control, verdicts[control], states[control], tuple(severities[control]), count)
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


class _Counter:
    """Counts of several sets of filters; what they need in common is read once."""

    def __init__(self, rows: QuerySet[Finding], chosen: FindingFilter, whole: bool) -> None:
        self.rows = rows
        self.whole = whole
        self.edges = Edges.of(chosen.tenant, chosen.now)
        self._moved: dict[str, dict[Shape, Cells]] = {}

    def cells(self, chosen: FindingFilter, shapes: Sequence[Shape]) -> dict[Shape, Cells]:
        """Shape -> {values: how many findings}, of what the filters leave."""
        found: dict[Shape, Cells] = {shape: defaultdict(int) for shape in shapes}
        by_treatment = self.whole and not chosen.active and _OWNER in shapes and _GROUPS in shapes
        if by_treatment:
            shapes = [shape for shape in shapes if shape != _OWNER]
        untreated = chosen.apply(self.rows, treated=False)
        # What no index holds is looked for in the rows themselves, and then once for all shapes.
        at_once = bool(chosen.q) or chosen.has("tag", "owner", "due", "age")
        for some in [shapes] if at_once else [[shape] for shape in shapes]:
            for shape, key, count in self._grouped(untreated, F("state"), some):
                found[shape][key] += count
        if by_treatment:
            found[_OWNER] = self._owners(chosen.tenant, sum(found[_GROUPS].values()))
        # Units and owners change with nobody's treatment unless the filters do.
        for shape in shapes:
            if "shown" in shape or chosen.has("state", "due"):
                self._correct(found[shape], chosen, shape)
        return {
            shape: {key: count for key, count in cells.items() if count} for shape, cells in found.items()
        }

    def _owners(self, tenant: Tenant, rest: int) -> Cells:
        """Owner -> how many of all the tenant's findings: by the treatments, less those of what is gone.
        Of `rest` findings nobody owns those that are left."""
        cells: Cells = defaultdict(int)
        owned = Treatment.objects.filter(tenant=tenant, owner__isnull=False)
        for sign, rows in ((1, owned), (-1, owned.filter(finding__state=Shown.GONE))):
            for owner, count in rows.order_by().values_list("owner").annotate(count=Count("*")):
                cells[owner,] += sign * count
                rest -= sign * count
        cells[None,] = rest
        return cells

    def _correct(self, cells: Cells, chosen: FindingFilter, shape: Shape) -> None:
        """Move the treated findings from what their verdicts say to what is shown of them."""
        states, due = chosen.values.get("state"), chosen.values.get("due")
        names = _moved_by(shape, bool(due))
        for key, count in self._treated(chosen.without("state").without("due"), names, bool(due)).items():
            cell = dict(zip(names, key, strict=True))
            for sign, state in ((-1, cell["state"]), (1, cell["shown"])):
                if due is not None:
                    facts = (cell["severity"], cell["outcome"], state, cell["number"])
                    if self.edges.due_key(*facts) not in due:
                        continue
                if states is None or state in states:
                    cells[tuple(state if name == "shown" else cell[name] for name in shape)] += sign * count

    def _treated(self, chosen: FindingFilter, wanted: Shape, with_due: bool) -> Cells:
        """The findings that are shown otherwise than by their verdict; all shapes of one set at once."""
        held = self._moved.setdefault(repr((chosen.q, sorted(chosen.values.items()), with_due)), {})
        if wanted not in held:
            shown = shown_state(chosen.now)
            rows = chosen.apply(self.rows.filter(TREATED)).annotate(moved=shown).exclude(moved=F("state"))
            shapes = list(dict.fromkeys(_moved_by(shape, with_due) for shape in _SHAPES))
            held.update({shape: {} for shape in shapes})
            for shape, values, count in self._grouped(rows, shown, shapes):
                held[shape][values] = count
        return held[wanted]

    def _grouped(
        self, rows: QuerySet[Finding], shown: Any, shapes: Sequence[Shape]
    ) -> Iterator[tuple[Shape, tuple[Any, ...], int]]:
        names = {name for shape in shapes for name in shape}
        computed = {"shown_now": shown, "number": self.edges.number(), "owner": F("treatment__owner_id")}
        some = ["shown_now" if name == "shown" else name for name in sorted(names)]
        rows = rows.annotate(**{name: computed[name] for name in some if name in computed})
        return _grouped(rows.order_by().values(*some), shapes)


def _moved_by(shape: Shape, with_due: bool) -> Shape:
    """What treated findings are counted by, so that a shape can be corrected; sorted, so that equal ones are one."""
    facts = ("severity", "outcome", "number") if with_due else ()
    return tuple(sorted({*shape, "state", "shown", *facts}))


def _grouped(
    rows: QuerySet[Finding, dict[str, Any]], shapes: Sequence[Shape]
) -> Iterator[tuple[Shape, tuple[Any, ...], int]]:
    """(shape, values, count) of all shapes in one pass over the rows (GROUPING SETS)."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    names = sorted({name for shape in shapes for name in shape})
    quoted = {name: connection.ops.quote_name("shown_now" if name == "shown" else name) for name in names}
    columns = ", ".join(quoted.values())
    sets = ", ".join("(" + ", ".join(quoted[name] for name in shape) + ")" for shape in shapes)
    statement = (
        f"SELECT GROUPING({columns}), {columns}, count(*) FROM ({sql}) AS r GROUP BY GROUPING SETS ({sets})"  # noqa: S608 - the ORM's statement and our own names
    )
    # GROUPING has a bit for each column, the first one highest, set where the column is not of the set.
    masks = {
        sum(1 << (len(names) - 1 - at) for at, name in enumerate(names) if name not in shape): shape
        for shape in shapes
    }
    places = {shape: [names.index(name) for name in shape] for shape in shapes}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for mask, *values, count in cursor.fetchall():
            shape = masks[mask]
            yield shape, tuple(values[at] for at in places[shape]), count
