"""The filter of the inventory, and the counts of its facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate, Lower, Replace, StrIndex
from django.db.models.lookups import GreaterThan

from assessments.models import Finding, Resource
from assessments.models.resource_count import first_spelling
from assessments.selectors import search_words
from portal.changes.models import ApprovedConfiguration
from portal.queries.parameters import Condition, Parameters, text_of, values_of
from portal.treatment.matching import has_tag
from portal.treatment.states import ShownState, shown_state
from tenants.models import Tenant

PRESENT, DELETED = "present", "deleted"
STATES: Final = {PRESENT: "In Azure", DELETED: "Deleted"}
WITH_FINDINGS: Final = "open"
FINDINGS: Final = {WITH_FINDINGS: "With open findings"}
APPROVED, DIFFERS = "approved", "differs"
APPROVALS: Final = {APPROVED: "Approved", DIFFERS: "Approved, but differs now"}
ORDERS: Final[dict[str, tuple[Combinable | str, ...]]] = {
    "name": (Lower("name"), "id"),
    "changed": ("-changed_at", "id"),
}
ORDER_LABELS: Final = {"name": "By name", "changed": "Last changed first"}
# {parameter: (the column that it filters, its label)}. Other parameters, such as `tag`, need more than one column.
_COLUMNS: Final = {
    "type": ("folded_type", "Type"),
    "place": ("unit", "Subscription"),
    "group": ("folded_group", "Resource group"),
    "location": ("folded_location", "Region"),
}
# Azure spells types, resource groups and regions in several ways, even in the same subscription: "West Europe" and
# "westeurope", "RG-WEB" and "rg-web". These expressions give all spellings of a value the same form.
FOLDED_LOCATION: Final = Lower(Replace("location", Value(" "), Value("")))
_FOLDED: Final = {
    "folded_type": Lower("type"),
    "folded_group": Lower("resource_group"),
    "folded_location": FOLDED_LOCATION,
}


def folded_location(value: str) -> str:
    """Return a region in the form of `FOLDED_LOCATION`."""
    return value.replace(" ", "").lower()


_FOLDS: Final[Mapping[str, Callable[[str], str]]] = {
    "type": str.lower,
    "group": str.lower,
    "location": folded_location,
}


class _Combination(NamedTuple):
    """One combination of values of the columns in `_COLUMNS`, with the number of resources that have it."""

    values: tuple[str, ...]
    is_gone: bool
    resources: int
    spelling: str
    group_spelling: str


@dataclass(frozen=True, slots=True)
class InventoryFilter:
    """Filter of one customer's resources. Values of one parameter are alternatives (OR); all parameters must match.

    - `columns`: values of `type` and `group` (in lower case), `place` (scope ids of subscriptions and directories) and
      `location` (in lower case, without spaces)
    - `tags`: `name` or `name=value`
    - `states`, `findings`, `approvals`: keys of STATES, FINDINGS and APPROVALS; without `states`, only existing
      resources match
    """

    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    search: str = ""
    order: str = "name"

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters state. Unknown values of `sort`, `state`, `findings` and
        `approval` are ignored.
        """
        order = text_of(parameters, "sort")
        return cls(
            columns={
                name: tuple(map(_FOLDS.get(name, str), values))
                for name in _COLUMNS
                if (values := values_of(parameters, name))
            },
            tags=tuple(values_of(parameters, "tag")),
            states=tuple(value for value in values_of(parameters, "state") if value in STATES),
            findings=tuple(value for value in values_of(parameters, "findings") if value in FINDINGS),
            approvals=tuple(value for value in values_of(parameters, "approval") if value in APPROVALS),
            search=text_of(parameters, "q"),
            order=order if order in ORDERS else "name",
        )

    @property
    def active_count(self) -> int:
        """The number of filter values in use."""
        several = [*self.columns.values(), self.tags, self.states, self.findings, self.approvals]
        return sum(map(len, several)) + bool(self.search)

    def describe(self, names: Mapping[str, str]) -> list[Condition]:
        """Return the filter in words. `names` maps types of resources, and scope ids of subscriptions and directories,
        to the names that pages show.
        """
        found = [
            Condition(name, label, tuple(names.get(value, value) for value in self.columns.get(name, ())))
            for name, (_, label) in _COLUMNS.items()
        ]
        found += [
            Condition("tag", "Tag", self.tags),
            Condition("state", "State", tuple(STATES[value] for value in self.states)),
            Condition("findings", "Findings", tuple(FINDINGS[value] for value in self.findings)),
            Condition(
                "approval", "Approved configuration", tuple(APPROVALS[value] for value in self.approvals)
            ),
            Condition("q", "Search", (self.search,) if self.search else ()),
        ]
        return [condition for condition in found if condition.values]

    def narrow(self, rows: QuerySet[Resource], now: datetime) -> QuerySet[Resource]:
        """Return the resources that match the search and the filters by tags, findings and approvals. `apply` applies
        the other filters.
        """
        if self.findings:
            rows = rows.filter(
                Exists(open_findings(OuterRef("tenant_id"), now).filter(subject_ref=OuterRef("ref")))
            )
        if self.approvals:
            approved = ApprovedConfiguration.objects.filter(
                tenant=OuterRef("tenant_id"), resource=OuterRef("pk"), ended_at__isnull=True
            )
            differing = approved.filter(differs_since__isnull=False)
            rows = rows.filter(Exists(approved if APPROVED in self.approvals else differing))
        for word in search_words(self.search)[0]:
            rows = rows.filter(GreaterThan(StrIndex(Lower("resource_id"), Lower(Value(word))), 0))
        if self.tags:
            rows = rows.filter(self._tagged())
        return rows

    def _tagged(self) -> Q:
        found = Q()
        for tag in self.tags:
            name, equals, value = tag.partition("=")
            found |= Q(tags__contains={name: ""}) if equals and not value else Q(has_tag(name, value))
        return found

    def matches(self, combination: _Combination, ignored: str = "") -> bool:
        """Return whether resources with this combination of values match all facets, except the facet `ignored`."""
        for (name, values), own in zip(self._facets(), combination.values, strict=True):
            if name != ignored and values and own not in values:
                return False
        states = self.states or (PRESENT,)
        return ignored == "state" or (DELETED if combination.is_gone else PRESENT) in states

    def _facets(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return ((name, self.columns.get(name, ())) for name in _COLUMNS)

    def apply(self, rows: QuerySet[Resource]) -> QuerySet[Resource]:
        """Return the resources among `rows` (the result of `narrow`) that also match the facets, in the order of the
        filter.
        """
        for name, (column, _) in _COLUMNS.items():
            if values := self.columns.get(name):
                rows = rows.filter(**{f"{column}__in": values})
        states = self.states or (PRESENT,)
        if len(states) == 1:
            rows = rows.filter(gone_at__isnull=states[0] == PRESENT)
        return rows.order_by(*ORDERS[self.order])


def open_findings(tenant: Any, now: datetime) -> QuerySet[Any]:
    """Return the open findings of a tenant (an object or id). All pages of the inventory use this definition of open
    findings.
    """
    rows = Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN)
    return rows.annotate(shown=shown_state(now)).filter(shown=ShownState.OPEN).order_by()


def listed_resources(tenant: Tenant) -> QuerySet[Resource]:
    """Return the resources of a customer, with the annotations that the filter needs."""
    return Resource.objects.filter(tenant=tenant).annotate(**_FOLDED)


class InventorySearch:
    """The resources of a customer that match a filter, with counts for each facet. One query returns all
    counts.
    """

    def __init__(self, tenant: Tenant, chosen: InventoryFilter, now: datetime) -> None:
        self.chosen = chosen
        self._narrowed = chosen.narrow(listed_resources(tenant), now)
        counted = (
            self._narrowed.order_by()
            .annotate(is_gone=Q(gone_at__isnull=False))
            .values_list(*(column for column, _ in _COLUMNS.values()), "is_gone")
            .annotate(
                resources=Count("*"),
                spelling=first_spelling("type"),
                # Choose a spelling with few capitals: the last one in the collation "C", which sorts small letters
                # after capitals.
                group_spelling=Max(Collate("resource_group", "C")),
            )
        )
        self._counts = [_Combination(tuple(row[:-4]), *row[-4:]) for row in counted]

    @property
    def types(self) -> dict[str, str]:
        """{type in lower case: the type as Azure writes it}, including types that the facets exclude."""
        found: dict[str, str] = {}
        for row in self._counts:
            folded = row.spelling.lower()
            found[folded] = min(row.spelling, found.get(folded, row.spelling))
        return found

    @property
    def groups(self) -> dict[str, str]:
        """{resource group in lower case: one of its spellings}, including groups that the facets exclude."""
        found: dict[str, str] = {}
        for row in self._counts:
            folded = row.group_spelling.lower()
            found[folded] = max(row.group_spelling, found.get(folded, ""))
        return found

    @property
    def total(self) -> int:
        """Number of matching resources."""
        return sum(row.resources for row in self._counts if self.chosen.matches(row))

    def number_in(self, places: Collection[str]) -> int:
        """Return the number of matching resources in these subscriptions (scope ids), without deleted resources."""
        unit = list(_COLUMNS).index("place")
        return sum(
            row.resources
            for row in self._counts
            if row.values[unit] in places and not row.is_gone and self.chosen.matches(row)
        )

    def resources(self) -> QuerySet[Resource]:
        """Return the matching resources in the order of the filter."""
        return self.chosen.apply(self._narrowed)

    def facet_counts(self) -> dict[str, Counter[str]]:
        """Return {parameter: {value: number of resources}}. The numbers of a parameter ignore the filter on that
        parameter.
        """
        found: dict[str, Counter[str]] = {name: Counter() for name in (*_COLUMNS, "state")}
        for row in self._counts:
            for name, value in zip(_COLUMNS, row.values, strict=True):
                if value and self.chosen.matches(row, name):
                    found[name][value] += row.resources
            if self.chosen.matches(row, "state"):
                found["state"][DELETED if row.is_gone else PRESENT] += row.resources
        return found


def numbers_of_open_findings(
    resources: Sequence[Resource], now: datetime
) -> dict[tuple[UUID, UUID], Counter[str]]:
    """Return {(tenant id, `Resource.ref`): {severity: number of open findings, "unknown": number of findings with an
    unknown verdict}}. Sends one query.

    The keys contain the tenant, because two tenants can have the same resource, for example after its subscription
    moved.
    """
    rows = (
        Finding.objects.filter(
            tenant_id__any_of=list({row.tenant_id for row in resources}),
            subject_ref__in=[row.ref for row in resources],
            state__in=(Finding.State.OPEN, Finding.State.UNKNOWN),
        )
        .annotate(shown=shown_state(now))
        .filter(shown__in=(ShownState.OPEN, ShownState.UNKNOWN))
        .order_by()
    )
    found: dict[tuple[UUID, UUID], Counter[str]] = {}
    grouped = rows.values_list("tenant_id", "subject_ref", "severity", "shown").annotate(number=Count("*"))
    for tenant_id, ref, severity, shown, number in grouped:
        key = severity if shown == ShownState.OPEN else ShownState.UNKNOWN
        found.setdefault((tenant_id, ref), Counter())[key] += number
    return found
