"""Count findings by combinations of columns, under a filter.

Counts are exact, and fast even for 100,000 findings. Findings are first counted by verdict, which only reads indexes.
Then the few treated findings are moved to the count of their shown state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, QuerySet

from assessments.models import Finding
from portal.queries.findings.filters import TREATED, FindingFilter
from portal.treatment.date_buckets import DateBuckets
from portal.treatment.models import Treatment
from portal.treatment.selectors.verdict_counts import snapshot_count
from portal.treatment.states import ShownState, shown_state
from tenants.models import Tenant

type GroupBy = tuple[str, ...]
type Counts = dict[tuple[Any, ...], int]

# Combinations of columns by which findings are counted. For each combination, there is an index with the columns that
# are read. Three names are annotations and not columns: `shown` is the shown state, `owner` the owner, and `number`
# encodes the finding's ranges of dates (`DateBuckets.number`).
BY_CONTROL: Final = ("control", "severity", "section", "outcome", "shown")
BY_UNIT: Final = ("unit",)
BY_STATE: Final = ("shown",)
BY_DATE: Final = ("severity", "outcome", "shown", "number")
BY_OWNER: Final = ("owner",)


class FacetCounter:
    """A counter of findings under several filters. A condition that several of the filters share is evaluated once."""

    def __init__(
        self, rows: QuerySet[Finding], chosen: FindingFilter, *, complete: bool, groupings: Sequence[GroupBy]
    ) -> None:
        """Prepare counts of `rows`. `complete` is true if `rows` are all findings of the tenant.

        `groupings` are the groupings for which `count` will be called.
        """
        self.rows = rows
        self.groupings = groupings
        self.complete = complete
        self.tenant = chosen.tenant
        self.buckets = DateBuckets.of(chosen.tenant, chosen.now)
        self._total: int | None = None
        self._corrections: dict[str, dict[GroupBy, Counts]] = {}

    def count(self, chosen: FindingFilter, groupings: Sequence[GroupBy]) -> dict[GroupBy, Counts]:
        """Return, for each grouping, how many matching findings have each combination of values."""
        found: dict[GroupBy, Counts] = {grouping: defaultdict(int) for grouping in groupings}
        owners_by_treatment = self.complete and not chosen.active_count and BY_OWNER in groupings
        if owners_by_treatment:
            groupings = [grouping for grouping in groupings if grouping != BY_OWNER]
        untreated = chosen.apply(self.rows, treated=False)
        # Queries with a search or one of these four filters use no index. So count all groupings in one query, which
        # reads the rows only once. Otherwise, use one query for each grouping, because each grouping has an index.
        single_pass = bool(chosen.search) or chosen.has("due", "age", "owner", "tag")
        for batch in [groupings] if single_pass else [[grouping] for grouping in groupings]:
            for grouping, key, count in self._grouped(untreated, F("state"), batch):
                found[grouping][key] += count
        if not chosen.active_count and BY_CONTROL in groupings:
            self._total = sum(found[BY_CONTROL].values())
        if owners_by_treatment:
            found[BY_OWNER] = self._count_owners(chosen.tenant)
        # Without a filter by state or due date, only the counts by shown state need corrections.
        for grouping in groupings:
            if "shown" in grouping or chosen.has("state", "due"):
                self._correct(found[grouping], chosen, grouping)
        return {
            grouping: {key: count for key, count in counts.items() if count}
            for grouping, counts in found.items()
        }

    def total(self) -> int:
        """Return the number of all findings, except those whose subject is gone. The number is read from the database
        only once.
        """
        if self._total is None and self.complete:
            self._total = snapshot_count(self.tenant)
        if self._total is None:
            self._total = self.rows.exclude(state=ShownState.GONE).count()
        return self._total

    def _count_owners(self, tenant: Tenant) -> Counts:
        """Count the findings of each owner from the treatments. The remaining findings have no owner.

        Gone findings are not counted.
        """
        counts: Counts = defaultdict(int)
        unassigned = self.total()
        owned = Treatment.objects.filter(tenant=tenant, owner__isnull=False)
        for sign, rows in ((1, owned), (-1, owned.filter(finding__state=ShownState.GONE))):
            for owner, count in rows.order_by().values_list("owner").annotate(count=Count("*")):
                counts[owner,] += sign * count
                unassigned -= sign * count
        counts[None,] = unassigned
        return counts

    def _correct(self, counts: Counts, chosen: FindingFilter, grouping: GroupBy) -> None:
        """Correct the counts of a grouping by moving treated findings from the state of their verdict to their shown
        state.
        """
        states, due = chosen.values.get("state"), chosen.values.get("due")
        names = _correction_columns(grouping, bool(due))
        changed = self._changed_by_treatment(chosen.without("state").without("due"), names, bool(due))
        for key, count in changed.items():
            cell = dict(zip(names, key, strict=True))
            for sign, state in ((-1, cell["state"]), (1, cell["shown"])):
                if due is not None:
                    facts = (cell["severity"], cell["outcome"], state, cell["number"])
                    if self.buckets.due_key(*facts) not in due:
                        continue
                if states is None or state in states:
                    values = tuple(state if name == "shown" else cell[name] for name in grouping)
                    counts[values] += sign * count

    def _changed_by_treatment(self, chosen: FindingFilter, columns: GroupBy, with_due: bool) -> Counts:
        """Count, by `columns`, the findings whose shown state differs from the stored state. One query counts them for
        all groupings at once, and the result is kept for further calls.
        """
        key = repr((chosen.search, sorted(chosen.values.items()), with_due))
        known = self._corrections.setdefault(key, {})
        if columns not in known:
            shown = shown_state(chosen.now)
            rows = chosen.apply(self.rows.filter(TREATED)).annotate(moved=shown).exclude(moved=F("state"))
            wanted = list(dict.fromkeys(_correction_columns(one, with_due) for one in self.groupings))
            known.update({one: {} for one in wanted})
            for grouping, values, count in self._grouped(rows, shown, wanted):
                known[grouping][values] = count
        return known[columns]

    def _grouped(
        self, rows: QuerySet[Finding], shown: Any, groupings: Sequence[GroupBy]
    ) -> Iterator[tuple[GroupBy, tuple[Any, ...], int]]:
        names = {name for grouping in groupings for name in grouping}
        computed = {"shown_now": shown, "number": self.buckets.number(), "owner": F("treatment__owner_id")}
        columns = ["shown_now" if name == "shown" else name for name in sorted(names)]
        rows = rows.annotate(**{name: computed[name] for name in columns if name in computed})
        return group_by_sets(rows.order_by().values(*columns), groupings)


def _correction_columns(grouping: GroupBy, with_due: bool) -> GroupBy:
    """Return the columns that are needed to correct the counts of a grouping. They are sorted, so that the same columns
    always give the same tuple.
    """
    facts = ("severity", "outcome", "number") if with_due else ()
    return tuple(sorted({*grouping, "state", "shown", *facts}))


def group_by_sets(
    rows: QuerySet[Finding, dict[str, Any]], groupings: Sequence[GroupBy]
) -> Iterator[tuple[GroupBy, tuple[Any, ...], int]]:
    """Yield (grouping, values, count) for all groupings. PostgreSQL reads the rows only once (GROUPING SETS)."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    names = sorted({name for grouping in groupings for name in grouping})
    quoted = {name: connection.ops.quote_name("shown_now" if name == "shown" else name) for name in names}
    columns = ", ".join(quoted.values())
    sets = ", ".join("(" + ", ".join(quoted[name] for name in grouping) + ")" for grouping in groupings)
    statement = (
        f"SELECT GROUPING({columns}), {columns}, count(*) FROM ({sql}) AS r GROUP BY GROUPING SETS ({sets})"  # noqa: S608 - the ORM's statement and our own names
    )
    # GROUPING returns one bit per column, the first column as the highest. A set bit means that the row is not grouped
    # by the column.
    grouping_of = {
        sum(1 << (len(names) - 1 - at) for at, name in enumerate(names) if name not in grouping): grouping
        for grouping in groupings
    }
    positions = {grouping: [names.index(name) for name in grouping] for grouping in groupings}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for mask, *values, count in cursor.fetchall():
            grouping = grouping_of[mask]
            yield grouping, tuple(values[at] for at in positions[grouping]), count
