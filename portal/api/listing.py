"""Declare the lists of a customer's objects.

A `Listing` says which rows a person sees, who may read the rows, and how the rows are shown. `ListView` is the view of
the declared list, and `ObjectView` the view of one object. The OpenAPI contract describes both views, and takes the
description from the declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import new_class
from typing import Any, ClassVar, Final

from django.db.models import Model, QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.etags import ETAG, etag_of, with_etag
from portal.api.pages import (
    SORT,
    Key,
    check_values,
    listed,
    only,
    page_of,
    page_of_parts,
    page_parameters,
    respond,
)
from portal.queries.keyset import Part
from portal.queries.parameters import Parameters
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

_CUSTOMER: Final = "v1/customers/<slug:customer>"
# Regular expressions for the values of filters. SCOPE accepts only lower case, because the scopes of subscriptions and
# directories are stored in lower case.
UUID: Final = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
SCOPE: Final = "^(/subscriptions/|directory:)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


@dataclass(frozen=True, slots=True)
class Filters[M: Model]:
    """The parameters that filter a list, and the function that applies them. Values of a parameter with an `enum` or a
    `pattern` are checked.
    """

    parameters: tuple[OpenApiParameter, ...]
    apply: Callable[[QuerySet[M], Parameters, Tenant], QuerySet[M]]


@dataclass(frozen=True, slots=True)
class Orders[M: Model]:
    """The orders of a list. The page of the portal that shows the same list offers the same orders.

    - `labels`: describes each value of the parameter `sort`
    - `parts`: returns the rows in the order that a value of `sort` names. The rows are split into querysets (parts),
      which the list shows one after the other
    """

    labels: Mapping[str, str]
    parts: Callable[[QuerySet[M], str, Tenant], Sequence[Part[QuerySet[M]]]]

    @property
    def parameter(self) -> OpenApiParameter:
        """The parameter `sort`."""
        labels = ", ".join(f"`{name}` ({label})" for name, label in self.labels.items())
        return OpenApiParameter(
            SORT,
            str,
            enum=list(self.labels),
            description=f"The order of the items: {labels}. The portal uses the same values in the addresses of its"
            " lists. Without this parameter, items have the order that the description of the operation states.",
        )


def one_of(name: str, values: Iterable[str], description: str) -> OpenApiParameter:
    """Return a filter for rows that have one of the values that a request names. A request may only name values in
    `values`.
    """
    return OpenApiParameter(name, str, enum=list(values), many=True, description=description)


def any_of(name: str, description: str, pattern: str | None = None) -> OpenApiParameter:
    """Return a filter for rows that match one of the given texts. If `pattern` is set, each text must match this
    regular expression.
    """
    return OpenApiParameter(name, str, many=True, description=description, pattern=pattern)


def text(name: str, description: str) -> OpenApiParameter:
    """Return a filter that accepts one text."""
    return OpenApiParameter(name, str, description=description)


@dataclass(frozen=True, slots=True)
class Listing[M: Model]:
    """The declaration of a list of a customer's objects. Each object also has its own URL.

    - `plural`, `singular`: the names of the objects in URLs, operations and messages
    - `rows`: the rows that the person of the current scope (`tenants.scope`) may see
    - `needs`: the capability that a request needs; without it, the answer is 403. If `list_needs` is set, requests for
      the list need `list_needs` instead
    - `objects`: turns the rows into the objects that the serializer reads. If `objects` is not set, the serializer
      reads the rows themselves. If `is_finished`, the API sends the objects as they are, without the serializer
    - `lookup`: the column whose value is in an object's URL, with Django's path converter `converter`
    - `seen`: data that the entity tag covers in addition to the object. If these data have changed since a program read
      the object, the program cannot change the object
    """

    plural: str
    singular: str
    needs: Capability
    serializer: type[serializers.Serializer[Any]]
    rows: Callable[[Tenant], QuerySet[M]]
    objects: Callable[[Tenant, Sequence[M]], Iterable[Any]] | None = None
    is_finished: bool = False
    list_needs: Capability | None = None
    key: Key = field(default_factory=Key)
    filters: Filters[M] | None = None
    orders: Orders[M] | None = None
    lookup: str = "pk"
    converter: str = "uuid"
    description: str = ""
    seen: Callable[[M], Any] | None = None

    def shown(self, tenant: Tenant, rows: Sequence[M]) -> list[Any]:
        """Return the objects of these rows in the form in which the API sends them."""
        found = rows if self.objects is None else self.objects(tenant, rows)
        return list(found) if self.is_finished else list(self.serializer(found, many=True).data)

    def find(self, tenant: Tenant, value: Any) -> M:
        """Return the row of the object with this value in its URL. Raise NotFound if the person sees no such row."""
        found = self.rows(tenant).filter(**{self.lookup: value}).first()
        if found is None:
            raise NotFound(f"This {self.noun} does not exist, or the token gives no access to it.")
        return found

    def etag(self, tenant: Tenant, row: M) -> str:
        """Return the entity tag of the object."""
        return etag_of(self.shown(tenant, [row])[0], self.seen(row) if self.seen else None)

    def answer(self, tenant: Tenant, row: M, status: int = 200) -> Response:
        """Return the object with its entity tag."""
        (shown,) = self.shown(tenant, [row])
        return with_etag(Response(shown, status=status), self.seen(row) if self.seen else None)

    @property
    def noun(self) -> str:
        """The singular name in words, such as `owner rule`."""
        return self.singular.replace("-", " ")

    @property
    def parameters(self) -> tuple[OpenApiParameter, ...]:
        """All parameters of the list."""
        return (*self.own_parameters, *page_parameters(self.serializer))

    @property
    def own_parameters(self) -> tuple[OpenApiParameter, ...]:
        """The parameters of the filters, and the parameter `sort`."""
        orders = (self.orders.parameter,) if self.orders else ()
        return (*(self.filters.parameters if self.filters else ()), *orders)


class ListView(APIView):
    """The view of a list that a `Listing` declares: `class FindingList(ListView, listing=FINDINGS)`."""

    listing: ClassVar[Listing[Any]]

    def __init_subclass__(cls, *, listing: Listing[Any], **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.listing = listing
        words = listing.plural.replace("-", " ")
        name = listing.serializer.__name__.removesuffix("Serializer")
        described = extend_schema(
            operation_id=f"list_{listing.plural.replace('-', '_')}",
            summary=f"List {words}",
            description=listing.description or f"All {words} of the customer.",
            parameters=list(listing.parameters),
            responses=listed(f"{name}Page", listing.serializer),
        )
        extend_schema_view(get=described)(cls)

    def get(self, request: Request, customer: str) -> Response:
        listing = self.listing
        only(request, [one.name for one in listing.own_parameters], item=listing.serializer)
        tenant = access.tenant(customer, needs=listing.list_needs or listing.needs)
        rows, parameters = listing.rows(tenant), dict(request.query_params.lists())
        check_values(listing.own_parameters, parameters)
        if listing.filters is not None:
            rows = listing.filters.apply(rows, parameters, tenant)
        if listing.orders is not None and (order := request.query_params.get(SORT)):
            page = page_of_parts(request, listing.orders.parts(rows, order, tenant))
        else:
            page = page_of(request, rows, listing.key)
        return respond(request, listing.shown(tenant, page.rows), page.next_cursor)


class ObjectView(APIView):
    """The view of one object of a `Listing`: `class FindingDetail(ObjectView, listing=FINDINGS)`."""

    listing: ClassVar[Listing[Any]]

    def __init_subclass__(cls, *, listing: Listing[Any], **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.listing = listing
        described = extend_schema(
            operation_id=f"get_{listing.singular.replace('-', '_')}",
            summary=f"Get {'an' if listing.singular[0] in 'aeio' else 'a'} {listing.noun}",
            description=f"One {listing.noun} of the customer.",
            parameters=[ETAG],
            responses=listing.serializer,
        )
        extend_schema_view(get=described)(cls)

    def get(self, request: Request, customer: str, **found_by: Any) -> Response:
        only(request, (), paged=False)
        tenant = access.tenant(customer, needs=self.listing.needs)
        return self.listing.answer(tenant, self.listing.find(tenant, found_by[self.listing.lookup]))


def addresses(
    listing: Listing[Any], *, lists: type[APIView] | None = None, one: type[APIView] | None = None
) -> list[URLPattern]:
    """Return two URL patterns: `api-<plural>` for the list, and `api-<singular>` for one object.

    By default, both views are read-only. For objects that can also be created or changed, `lists` and `one` are the
    views to use instead.
    """
    base = f"{_CUSTOMER}/{listing.plural}"
    lists = lists or _view(ListView, listing)
    one = one or _view(ObjectView, listing)
    return [
        path(base, lists.as_view(), name=f"api-{listing.plural}"),
        path(f"{base}/<{listing.converter}:{listing.lookup}>", one.as_view(), name=f"api-{listing.singular}"),
    ]


def _view(base: type[ListView | ObjectView], listing: Listing[Any]) -> type[APIView]:
    name = f"{listing.serializer.__name__.removesuffix('Serializer')}{base.__name__}"
    return new_class(name, (base,), {"listing": listing}, lambda body: body.update(__doc__=base.__doc__))
