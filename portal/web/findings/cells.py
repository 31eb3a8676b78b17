"""Cells: how many findings there are of each combination of some facts, under a set of filters; exact, and fast.

A treatment changes the shown state of few findings. So what people did is left out first, which indexes of
the findings answer alone, and then corrected: less what treated findings count for by their verdict, plus
what they count for as they are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, QuerySet

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.selectors.scores import settled_count
from portal.treatment.states import Shown, shown_state
from portal.web.findings.filters import TREATED, FindingFilter
from portal.web.findings.moments import Edges
from tenants.models import Tenant

type Shape = tuple[str, ...]
type Cells = dict[tuple[Any, ...], int]

# What is counted at once, from one index each. `shown` and `owner` and `number` are annotations.
GROUPS: Final = ("control", "severity", "section", "outcome", "shown")
UNIT: Final = ("unit",)
STATE: Final = ("shown",)
SINCE: Final = ("severity", "outcome", "shown", "number")
OWNER: Final = ("owner",)


class Counter:
    """Counts of several sets of filters; what they need in common is read once."""

    def __init__(
        self, rows: QuerySet[Finding], chosen: FindingFilter, whole: bool, shapes: Sequence[Shape]
    ) -> None:
        """`shapes` are all that will be asked for, under whatever filters."""
        self.rows = rows
        self.shapes = shapes
        self.whole = whole
        self.tenant = chosen.tenant
        self.edges = Edges.of(chosen.tenant, chosen.now)
        self._total: int | None = None
        self._moved: dict[str, dict[Shape, Cells]] = {}

    def cells(self, chosen: FindingFilter, shapes: Sequence[Shape]) -> dict[Shape, Cells]:
        """Shape -> {values: how many findings}, of what the filters leave."""
        found: dict[Shape, Cells] = {shape: defaultdict(int) for shape in shapes}
        by_treatment = self.whole and not chosen.active and OWNER in shapes
        if by_treatment:
            shapes = [shape for shape in shapes if shape != OWNER]
        untreated = chosen.apply(self.rows, treated=False)
        # What no index holds is looked for in the rows themselves, and then once for all shapes.
        at_once = bool(chosen.q) or chosen.has("due", "age", "owner", "tag")
        for some in [shapes] if at_once else [[shape] for shape in shapes]:
            for shape, key, count in self._grouped(untreated, F("state"), some):
                found[shape][key] += count
        if not chosen.active and GROUPS in shapes:
            self._total = sum(found[GROUPS].values())
        if by_treatment:
            found[OWNER] = self._owners(chosen.tenant)
        # Units and owners change with nobody's treatment unless the filters do.
        for shape in shapes:
            if "shown" in shape or chosen.has("state", "due"):
                self._correct(found[shape], chosen, shape)
        return {
            shape: {key: count for key, count in cells.items() if count} for shape, cells in found.items()
        }

    def total(self) -> int:
        """How many findings there are, without those that are gone; read once."""
        if self._total is None and self.whole:
            self._total = settled_count(self.tenant)
        if self._total is None:
            self._total = self.rows.exclude(state=Shown.GONE).count()
        return self._total

    def _owners(self, tenant: Tenant) -> Cells:
        """Owner -> how many of all the tenant's findings: by the treatments, less those of what is gone.
        Nobody owns those that are left."""
        cells: Cells = defaultdict(int)
        rest = self.total()
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
            shapes = list(dict.fromkeys(_moved_by(shape, with_due) for shape in self.shapes))
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
