"""The filter of a customer's changes, and the counts of its facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower

from assessments.models import Finding
from assessments.selectors import search_words
from portal.changes.models import ResourceChange
from portal.queries.changes.search import has_actor, has_word
from portal.queries.parameters import Condition, Parameters, text_of, values_of
from tenants.ids import parse_uuid
from tenants.models import Tenant

MAX_COUNTED: Final = 2000
"""The maximum number of changes that the facets count. If more changes match the period and the search, the facets
count the newest.
"""
MAX_TOTAL: Final = 10_000
"""The maximum number of changes that a list counts and shows. The export has all changes."""
NOT_CAUGHT: Final = "none"
STATES: Final = {
    "waiting": "Waiting for review",
    "unexpected": "Unexpected",
    "expected": "Expected",
    "rolled_back": "Rolled back",
    NOT_CAUGHT: "Not caught by a rule",
}
KINDS: Final = dict(ResourceChange.Kind.choices)
DIFFERS: Final = "differs"
APPROVED: Final = {DIFFERS: "Differs from it"}
SEVERITIES: Final = dict(Finding.Severity.choices)
PERIODS: Final = {
    "1": "Last 24 hours",
    "7": "Last 7 days",
    "30": "Last 30 days",
    "90": "Last 90 days",
    "all": "Any time",
}
DEFAULT_PERIOD: Final = "30"
_LABELS: Final = {
    "state": "Review",
    "severity": "Severity",
    "kind": "Change",
    "type": "Type",
    "place": "Subscription",
    "group": "Resource group",
    "property": "Property",
    "actor": "Actor",
    "operation": "Operation",
    "rule": "Rule",
    "approved": "Approved configuration",
}
_COLUMNS: Final = {
    "state": "state",
    "severity": "severity",
    "kind": "kind",
    "type": "type",
    "place": "unit",
    "group": "resource_group",
    "property": "properties",
    "actor": "actors",
    "operation": "operations",
    "rule": "rules",
    "approved": "approval",
}
_LISTS: Final = frozenset({"property", "actor", "operation", "rule"})
_FOLDED: Final = frozenset({"type", "actor", "operation"})


type _Row = tuple[Any, ...]
"""The stored facet values of one change, in the order of _COLUMNS."""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Filter of one customer's changes. Values of one parameter are alternatives (OR); all parameters must match.

    `facets` maps parameters of `_LABELS` to values. `period` is a key of PERIODS. `resource` is the primary key
    of a resource. If query parameters name a resource but no period, `period` is `all`.
    """

    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    period: str = DEFAULT_PERIOD
    search: str = ""
    resource: UUID | None = None

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters state. Unknown states, kinds, severities, periods and values of
        `approved` are ignored.
        """
        known: dict[str, Collection[str]] = {
            "state": STATES,
            "severity": SEVERITIES,
            "kind": KINDS,
            "approved": APPROVED,
        }
        facets = {}
        for name in _COLUMNS:
            values = [
                value.casefold() if name in _FOLDED else value.lower() if name == "group" else value
                for value in values_of(parameters, name)
                if name not in known or value in known[name]
            ]
            if values:
                facets[name] = tuple(values)
        resource, period = parse_uuid(text_of(parameters, "resource")), text_of(parameters, "days")
        default = _default_period(resource)
        return cls(facets, period if period in PERIODS else default, text_of(parameters, "q"), resource)

    @property
    def default_period(self) -> str:
        """The period that applies if the query parameters name none."""
        return _default_period(self.resource)

    @property
    def active_count(self) -> int:
        """The number of filter values in use, without the period."""
        return sum(map(len, self.facets.values())) + bool(self.search) + bool(self.resource)

    def describe(self, places: dict[str, str], actors: dict[str, str]) -> list[Condition]:
        """Return the filter in words. `places` maps scope ids of subscriptions and directories to names,
        `actors` maps ids to names.
        """
        labels = {
            "state": STATES,
            "severity": SEVERITIES,
            "kind": KINDS,
            "approved": APPROVED,
            "place": places,
            "actor": actors,
        }
        found = [
            Condition(
                name,
                label,
                tuple(labels.get(name, {}).get(value, value) for value in self.facets.get(name, ())),
            )
            for name, label in _LABELS.items()
        ]
        found.append(Condition("q", "Search", (self.search,) if self.search else ()))
        return [condition for condition in found if condition.values]

    def narrow(
        self, tenant: Tenant, now: datetime, among: QuerySet[ResourceChange] | None = None
    ) -> QuerySet[ResourceChange]:
        """Return the changes that match period, search and resource, ignoring the facets.

        `among` are the changes to choose from. None means all changes of the customer.
        """
        rows = ResourceChange.objects.filter(tenant=tenant) if among is None else among
        if self.period != "all":
            rows = rows.filter(at__gte=now - timedelta(days=int(self.period)))
        if self.resource is not None:
            rows = rows.filter(resource=self.resource)
        for word in search_words(self.search)[0]:
            rows = rows.filter(has_word(tenant, word))
        return rows

    def apply(self, tenant: Tenant, rows: QuerySet[ResourceChange]) -> QuerySet[ResourceChange]:
        """Return the changes among `rows` (the result of `narrow`) that also match the facets, newest first."""
        for name, values in self.facets.items():
            if name == "actor":
                rows = rows.filter(has_actor(tenant, values))
                continue
            if name == "approved":
                rows = rows.filter(approval__isnull=False)
                continue
            if name == "group":
                # Ignore case: Azure spells the same resource group in several ways, such as "RG-WEB" and "rg-web".
                rows = rows.alias(folded_group=Lower("resource_group")).filter(folded_group__in=values)
                continue
            stored = ["" if name == "state" and value == NOT_CAUGHT else value for value in values]
            lookup = "overlap" if name in _LISTS else "in"
            rows = rows.filter(**{f"{_COLUMNS[name]}__{lookup}": stored})
        return rows.order_by("-at", "-id")

    def compared(self, rows: Iterable[_Row]) -> tuple[list[_Row], dict[str, list[_Row]]]:
        """Return the rows that match all facets, and {facet: rows that match every facet except this one}."""
        chosen = [
            (place, name, frozenset(values), name in _LISTS)
            for place, name in enumerate(_COLUMNS)
            if (values := self.facets.get(name))
        ]
        matching: list[_Row] = []
        all_but_one: dict[str, list[_Row]] = {name: [] for name in self.facets}
        for row in rows:
            missed = [
                name
                for place, name, wanted, is_list in chosen
                if (wanted.isdisjoint(row[place]) if is_list else _shown(name, row[place]) not in wanted)
            ]
            if not missed:
                matching.append(row)
            elif len(missed) == 1:
                all_but_one[missed[0]].append(row)
        return matching, all_but_one


def _default_period(resource: UUID | None) -> str:
    return "all" if resource else DEFAULT_PERIOD


class ChangeSearch:
    """The changes of a customer that match a filter, with counts for each facet."""

    def __init__(self, tenant: Tenant, chosen: ChangeFilter, now: datetime) -> None:
        self.chosen = chosen
        self._tenant = tenant
        self._now = now
        self._narrowed = chosen.narrow(tenant, now)
        rows = self._narrowed.order_by("-at", "-id")
        if chosen.search:
            # To find the primary keys, PostgreSQL reads only an index. So find them first, and then read the other
            # columns of the found changes.
            matching = ResourceChange.objects.filter(
                tenant=tenant, pk__in=rows.values("pk")[: MAX_COUNTED + 1]
            )
            rows = matching.order_by("-at", "-id")
        self._counted: list[_Row] = list(rows.values_list(*_COLUMNS.values())[: MAX_COUNTED + 1])

    @property
    def is_cut(self) -> bool:
        """Whether the facets count only the newest changes."""
        return len(self._counted) > MAX_COUNTED

    def total(self) -> int:
        """Return the number of matching changes, at most MAX_TOTAL."""
        if not self.is_cut:
            return len(self._compared[0])
        return self._matching.values("pk")[:MAX_TOTAL].count()

    def changes(self) -> QuerySet[ResourceChange]:
        """Return the matching changes, newest first."""
        return self._matching.all()

    @cached_property
    def _matching(self) -> QuerySet[ResourceChange]:
        return self.chosen.apply(self._tenant, self._narrowed)

    @cached_property
    def _compared(self) -> tuple[list[_Row], dict[str, list[_Row]]]:
        return self.chosen.compared(self._counted[:MAX_COUNTED])

    def older_open(self) -> int:
        """Return how many changes from before the period still wait for a review or are unexpected, at most
        MAX_TOTAL. Return 0 if the filter has no period, or is on one resource.
        """
        if self.chosen.period == "all" or self.chosen.resource is not None:
            return 0
        before = self._now - timedelta(days=int(self.chosen.period))
        rows = ResourceChange.objects.filter(
            tenant=self._tenant, state__in=ResourceChange.OPEN, at__lt=before
        )
        return rows.order_by()[:MAX_TOTAL].count()

    def facet_counts(self) -> dict[str, Counter[str]]:
        """Return {parameter: {value: number of changes}}. The numbers of a parameter ignore the filter on that
        parameter.
        """
        matching, all_but_one = self._compared
        found = {}
        for place, name in enumerate(_COLUMNS):
            values = [row[place] for row in chain(matching, all_but_one.get(name, ()))]
            counts = Counter(chain.from_iterable(values) if name in _LISTS else values)
            found[name] = Counter[str]()
            for value, number in counts.items():
                if shown := _shown(name, value):
                    found[name][shown] += number
        return found


def _shown(name: str, value: Any) -> str:
    """Convert a stored value into the value of the facet `name` that the page and the query parameter use. If the
    column of the facet contains lists, `value` is one item of a list.
    """
    if name == "state":
        return value or NOT_CAUGHT
    if name == "approved":
        return DIFFERS if value else ""
    return str(value).lower() if name == "group" else str(value)
