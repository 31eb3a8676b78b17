"""Count the resources of all customers by type, customer and region, and search them by name.

The numbers are stored (`ResourceCount`), because counting a million resources for each page would take too long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Self
from uuid import UUID

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Concat, Lower, StrIndex
from django.db.models.lookups import GreaterThan

from assessments.models import Resource, ResourceCount
from assessments.models.resource_count import first_spelling
from assessments.selectors import search_words
from portal.queries.inventory.filters import FOLDED_LOCATION, folded_location
from portal.queries.parameters import CountedFilter, Parameters, text_of, values_of
from tenants.models import Subscription, Tenant

NAMES: Final = ("type", "customer", "label", "location")
MAX_SEARCHED: Final = 100_000
"""A search reads the ids of all resources that match the other filters. If more than this number match, the search is
refused.
"""
MAX_FOUND: Final = 100


class TypeNumbers(NamedTuple):
    """The number of resources of a type (in lower case), and the number of customers with resources of this type.

    `spelling` is the type as Azure writes it, if it is known.
    """

    type: str
    resources: int
    customers: int
    spelling: str


@dataclass(frozen=True, slots=True)
class AllResourcesFilter(CountedFilter):
    """Filter of all customers' resources. Values of one parameter are alternatives (OR); all parameters must match.

    `values` has the chosen values of each parameter in NAMES: types in lower case, slugs and labels of customers,
    regions in lower case and without spaces.
    """

    values: Mapping[str, Sequence[str]]
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters state; unknown parameters are ignored."""
        given = {name: values_of(parameters, name) for name in NAMES}
        given["type"] = list(dict.fromkeys(value.lower() for value in given["type"]))
        given["location"] = list(dict.fromkeys(map(folded_location, given["location"])))
        return cls({name: values for name, values in given.items() if values}, text_of(parameters, "q"))

    def includes(self, tenant: Tenant, ignored: str = "") -> bool:
        """Return whether the customer matches the filters by customer and label, except the filter `ignored`."""
        slugs, labels = self.values.get("customer", ()), self.values.get("label", ())
        if slugs and ignored != "customer" and tenant.slug not in slugs:
            return False
        return not labels or ignored == "label" or not set(labels).isdisjoint(tenant.labels)


class AllResources:
    """The existing resources that match a filter, in several customers. Needs a scope with these customers."""

    def __init__(self, tenants: Sequence[Tenant], chosen: AllResourcesFilter) -> None:
        self.chosen = chosen
        self.tenants = {tenant.pk: tenant for tenant in tenants}
        self.matching = {tenant.pk: tenant for tenant in tenants if chosen.includes(tenant)}

    @cached_property
    def types(self) -> list[TypeNumbers]:
        """The types of the matching resources, those with the most resources first. The filter by type is ignored."""
        rows = self._counts(self.matching, "location").values("type")
        rows = rows.annotate(
            number=Sum("resources"),
            owners=Count("tenant_id", distinct=True),
            spelled=Coalesce(first_spelling("spelling", filter=~Q(spelling="")), "type"),
        )
        found = [TypeNumbers(*row) for row in rows.values_list("type", "number", "owners", "spelled")]
        return sorted(found, key=lambda row: (-row.resources, row.type))

    @property
    def chosen_types(self) -> list[TypeNumbers]:
        """The items of `types` that the filter by type selects."""
        types = self.chosen.values.get("type", ())
        return [row for row in self.types if not types or row.type in types]

    @property
    def total(self) -> int:
        """The number of resources that match the filter. The search is ignored."""
        return sum(row.resources for row in self.chosen_types)

    @property
    def unassessed(self) -> int:
        """The number of matching resources in subscriptions that assessments no longer cover. The search is ignored."""
        gone = Subscription.objects.exclude(Subscription.assessed()).annotate(
            place=Concat(Value("/subscriptions/"), "subscription_id", output_field=CharField())
        )
        same = gone.filter(tenant=OuterRef("tenant_id"), place=OuterRef("unit"))
        rows = self._counts(self.matching, "type", "location").filter(Exists(same))
        return rows.aggregate(number=Sum("resources"))["number"] or 0

    @cached_property
    def by_customer(self) -> dict[UUID, int]:
        """{id of a customer: number of resources}. Only the filters by type and region are applied."""
        rows = self._counts(self.tenants, "type", "location").values("tenant_id")
        return dict(rows.annotate(number=Sum("resources")).values_list("tenant_id", "number"))

    def facet_counts(self) -> dict[str, Counter[str]]:
        """Return {parameter: {value: number of resources}}. The numbers of a parameter ignore the filter on that
        parameter.
        """
        found: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
        found["type"].update({row.type: row.resources for row in self.types})
        for pk, number in self.by_customer.items():
            tenant = self.tenants[pk]
            if self.chosen.includes(tenant, "customer"):
                found["customer"][tenant.slug] += number
            if self.chosen.includes(tenant, "label"):
                found["label"].update(dict.fromkeys(tenant.labels, number))
        rows = self._counts(self.matching, "type").exclude(location="").values(region=FOLDED_LOCATION)
        found["location"].update(dict(rows.annotate(number=Sum("resources")).values_list("region", "number")))
        return found

    def customers_of(self, type_: str) -> list[tuple[Tenant, int]]:
        """Return the matching customers with resources of a type. Customers with more of these resources come first."""
        rows = self._counts(self.matching, "location").filter(type=type_).values("tenant_id")
        numbers = rows.annotate(number=Sum("resources")).values_list("tenant_id", "number")
        found = [(self.matching[pk], number) for pk, number in numbers]
        return sorted(found, key=lambda row: (-row[1], row[0].name.casefold()))

    def find(self) -> list[Resource] | None:
        """Return the resources whose id contains every word of the search, ordered by name. If more than MAX_FOUND
        match, return MAX_FOUND + 1 of them, so that the page can say that there are more.

        Return None if more than MAX_SEARCHED resources would have to be read.
        """
        if self.total > MAX_SEARCHED:
            return None
        rows = Resource.objects.filter(tenant_id__any_of=list(self.matching), gone_at__isnull=True)
        if types := self.chosen.values.get("type"):
            rows = rows.annotate(folded_type=Lower("type")).filter(folded_type__in=types)
        if locations := self.chosen.values.get("location"):
            rows = rows.annotate(folded_location=FOLDED_LOCATION).filter(folded_location__in=locations)
        for word in search_words(self.chosen.search)[0]:
            rows = rows.filter(GreaterThan(StrIndex(Lower("resource_id"), Lower(Value(word))), 0))
        return list(rows.order_by(Lower("name"), "id")[: MAX_FOUND + 1])

    def _counts(self, tenants: Collection[UUID], *filters: str) -> QuerySet[ResourceCount]:
        rows = ResourceCount.objects.filter(tenant_id__any_of=list(tenants)).order_by()
        rows = rows.alias(folded_location=FOLDED_LOCATION)
        columns = {"type": "type", "location": "folded_location"}
        wanted = {
            f"{columns[name]}__in": values for name in filters if (values := self.chosen.values.get(name))
        }
        return rows.filter(**wanted)
