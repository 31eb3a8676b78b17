"""The findings of all customers, counted by control and customer: groups, and facets with their numbers.

Numbers come from the counts that snapshots store (`ControlCount`), or from the findings of tenants in which an
assessment has written since their snapshot. The few findings whose treatment changes their shown state are then moved
from the count of their verdict to the count of their shown state, as in `portal.treatment.selectors.scores`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Count

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.queries.parameters import Parameters, text_of, values_of
from portal.treatment.models import ControlCount
from portal.treatment.models.control_count import STATES
from portal.treatment.selectors.scores import past_due_in, up_to_date_snapshots, verdicts_by_control
from portal.treatment.states import CHANGES_SHOWN_STATE, TREATABLE, ShownState, shown_state
from tenants.models import Tenant

# Parameters of the address that narrow the findings, in the order of the page's facets.
NAMES: Final = ("severity", "state", "customer", "label", "section", "control")
# Shown states of subjects to which the control does not apply or that no longer exist.
_NOT_JUDGED: Final = (ShownState.NOT_APPLICABLE, ShownState.GONE)


@dataclass(slots=True)
class Cell:
    """The findings of one tenant, control and severity: {shown state: number}."""

    tenant_id: UUID
    control: str
    severity: str
    section: str
    states: Counter[str]


def read_cells(tenants: Sequence[Tenant], now: datetime, control: str = "") -> list[Cell]:
    """Read the cells of these tenants, of one control if it is given, in a fixed number of queries."""
    ids = [tenant.pk for tenant in tenants]
    cells = {(cell.tenant_id, cell.control, cell.severity): cell for cell in _counted_cells(ids, control)}
    treated = (
        _of_control(control)
        .filter(CHANGES_SHOWN_STATE, tenant_id__in=ids, state__in=TREATABLE)
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", "control", "severity", "state", "shown")
        .annotate(number=Count("id"))
        .order_by()
    )
    for tenant_id, slug, severity, state, shown, number in treated:
        # An assessment may have written between the two queries.
        if (cell := cells.get((tenant_id, slug, severity))) is not None:
            cell.states[state] -= number
            cell.states[shown] += number
    return list(cells.values())


def _of_control(control: str) -> Any:
    rows = Finding.objects.all()
    return rows.filter(control=control) if control else rows


def _counted_cells(ids: list[UUID], control: str) -> Iterable[Cell]:
    fresh = set(up_to_date_snapshots(ids).values_list("tenant_id", flat=True))
    rows = ControlCount.objects.filter(tenant_id__in=fresh)
    if control:
        rows = rows.filter(control=control)
    counted = set()
    columns = ("tenant_id", "control", "severity", "section", *STATES)
    for tenant_id, slug, severity, section, *numbers in rows.order_by().values_list(*columns):
        counted.add(tenant_id)
        states = Counter({state: number for state, number in zip(STATES, numbers, strict=True) if number})
        yield Cell(tenant_id, slug, severity, section, states)
    # Snapshots of earlier versions have no counts by control.
    for tenant_id, counts in verdicts_by_control([pk for pk in ids if pk not in counted]).items():
        found: dict[tuple[str, str], Cell] = {}
        for (slug, severity, section, _, state), number in counts.items():
            if control and slug != control:
                continue
            cell = found.setdefault((slug, severity), Cell(tenant_id, slug, severity, section, Counter()))
            cell.states[state] += number
        yield from found.values()


@dataclass(frozen=True, slots=True)
class AllFindingsFilter:
    """Filter of the findings of all customers. Values of one parameter are alternatives; parameters narrow.

    `customer` holds slugs of tenants. `search` is a text of which each word occurs in the title or the id of the
    control.
    """

    values: Mapping[str, Sequence[str]]
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that an address asks for; unknown parameters are ignored."""
        return cls(
            {name: given for name in NAMES if (given := values_of(parameters, name))},
            text_of(parameters, "q"),
        )

    @property
    def active_count(self) -> int:
        """The number of values that narrow the findings, including the search."""
        return sum(map(len, self.values.values())) + bool(self.search)


@dataclass(slots=True)
class AllFindingsGroup:
    """The findings of one control in all customers.

    `count`: the number of matching findings; `customers`: the number of customers that have them. `states`: {shown
    state: number} of all findings of the chosen customers, whatever states are chosen. `assessed_customers`: the
    number of customers in which the control applies to something.
    """

    control: str
    severity: str
    count: int = 0
    customers: int = 0
    assessed_customers: int = 0
    states: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class AllFindings:
    """The groups that match a filter, and for each parameter {value: number of findings that it would match}."""

    groups: list[AllFindingsGroup]
    facets: dict[str, Counter[str]]
    total: int


def all_findings(cells: Iterable[Cell], tenants: Sequence[Tenant], chosen: AllFindingsFilter) -> AllFindings:
    """Group and count the cells. The numbers of a facet disregard the facet's own parameter."""
    by_id = {tenant.pk: tenant for tenant in tenants}
    keys: dict[str, Callable[[Cell], Collection[str]]] = {
        "severity": lambda cell: (cell.severity,),
        "customer": lambda cell: (by_id[cell.tenant_id].slug,),
        "label": lambda cell: by_id[cell.tenant_id].labels,
        "section": lambda cell: (cell.section,),
        "control": lambda cell: (cell.control,),
    }
    wanted = {name: frozenset(values) for name, values in chosen.values.items()}
    states = wanted.pop("state", frozenset())
    titles = _matching_controls(chosen.search)
    facets: dict[str, Counter[str]] = defaultdict(Counter)
    groups: dict[str, AllFindingsGroup] = {}
    seen: dict[str, tuple[set[UUID], set[UUID]]] = defaultdict(lambda: (set(), set()))
    for cell in cells:
        if titles is not None and cell.control not in titles:
            continue
        values = {name: key(cell) for name, key in keys.items()}
        refused = [name for name, any_of in wanted.items() if any_of.isdisjoint(values[name])]
        if len(refused) > 1:
            continue
        number = _number(cell, states)
        for name in refused or keys:
            for value in values[name]:
                facets[name][value] += number
        if refused:
            continue
        facets["state"].update(cell.states)
        group = groups.setdefault(cell.control, AllFindingsGroup(cell.control, cell.severity))
        _add(group, cell, number, seen[cell.control])
    shown = [group for group in groups.values() if group.count]
    return AllFindings(shown, facets, sum(group.count for group in shown))


def _matching_controls(search: str) -> set[str] | None:
    """Return the controls whose title or id has all words of the search; None without a search."""
    words = search.casefold().split()
    if not words:
        return None
    return {
        slug
        for slug, control in catalogue().items()
        if all(word in f"{control.title} {control.problem} {slug}".casefold() for word in words)
    }


def _number(cell: Cell, states: Collection[str]) -> int:
    """Return the number of findings in the chosen states; without a choice, of all states but gone."""
    return sum(cell.states[state] for state in states) if states else cell.states.total()


def _add(group: AllFindingsGroup, cell: Cell, number: int, seen: tuple[set[UUID], set[UUID]]) -> None:
    with_matches, with_subjects = seen
    group.count += number
    group.states.update(cell.states)
    if list(Finding.Severity.values).index(cell.severity) < list(Finding.Severity.values).index(
        group.severity
    ):
        group.severity = cell.severity
    if number:
        with_matches.add(cell.tenant_id)
    if any(found for state, found in cell.states.items() if state not in _NOT_JUDGED):
        with_subjects.add(cell.tenant_id)
    group.customers, group.assessed_customers = len(with_matches), len(with_subjects)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The open findings of a control in one tenant: {owner or None: number}, and how many are overdue."""

    owners: Mapping[UUID | None, int]
    overdue: int


def open_work(control: str, tenants: Sequence[Tenant], now: datetime) -> dict[UUID, OpenWork]:
    """Return who owns the open findings of a control in each tenant, and how many are past their due date."""
    rows = (
        Finding.objects.filter(
            tenant_id__in=[tenant.pk for tenant in tenants], control=control, state=Finding.State.OPEN
        )
        .annotate(shown=shown_state(now))
        .filter(shown=ShownState.OPEN)
        .values_list("tenant_id", "treatment__owner_id")
        .annotate(number=Count("*"), late=Count("pk", filter=past_due_in(list(tenants), now)))
        .order_by("-number")
    )
    owners: dict[UUID, dict[UUID | None, int]] = defaultdict(dict)
    overdue: Counter[UUID] = Counter()
    for tenant_id, owner_id, number, late in rows:
        owners[tenant_id][owner_id] = number
        overdue[tenant_id] += late
    return {tenant_id: OpenWork(found, overdue[tenant_id]) for tenant_id, found in owners.items()}
