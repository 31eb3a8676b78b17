"""Declare the lists of an organization's objects. `portal.api.listing` is the counterpart for customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.etags import ETAG, etag_of, with_etag
from portal.api.pages import Key, listed, only, page_of, page_parameters, respond
from portal.api.preconditions import require_match
from tenants import access
from tenants.errors import NotFound
from tenants.models import Organization
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class OrganizationListing[M: Model]:
    """The declaration of a list of an organization's objects. Each object also has its own URL.

    `lock` locks a row until the transaction ends. `portal.api.listing.Listing` describes the other fields.
    """

    plural: str
    singular: str
    needs: Capability
    serializer: type[serializers.Serializer[Any]]
    rows: Callable[[Organization], QuerySet[M]]
    lock: Callable[[M], object]
    objects: Callable[[Organization, Sequence[M]], Iterable[Any]] | None = None
    description: str = ""
    seen: Callable[[M], Any] = field(default=lambda row: None)

    def shown(self, organization: Organization, rows: Sequence[M]) -> list[Any]:
        """Return the objects of these rows in the form in which the API sends them."""
        found = rows if self.objects is None else self.objects(organization, rows)
        return list(self.serializer(found, many=True).data)

    def find(self, organization: Organization, pk: object) -> M:
        """Return the row with this id. Raise NotFound if the organization has no such row."""
        found = self.rows(organization).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"This {self.noun} does not exist, or the token gives no access to it.")
        return found

    def answer(self, organization: Organization, row: M, status: int = 200) -> Response:
        """Return a response with the object and its entity tag. If `status` is 201 or 202, the response also has the
        URL of the object.
        """
        (shown,) = self.shown(organization, [row])
        response = with_etag(Response(shown, status=status), self.seen(row))
        if status in (201, 202):
            name = f"api-organization-{self.singular.removeprefix('organization-')}"
            response.headers["Location"] = reverse(name, args=[organization.slug, row.pk])
        return response

    def change[T](
        self, request: Request, organization: Organization, pk: object, action: Callable[[M], T]
    ) -> T:
        """Lock the row, call `action` with the row, and return the result of `action`. Raise PreconditionRequired or
        PreconditionFailed unless If-Match names the present entity tag.
        """
        self.lock(self.find(organization, pk))
        row = self.find(organization, pk)
        (shown,) = self.shown(organization, [row])
        require_match(request, etag_of(shown, self.seen(row)))
        return action(row)

    @property
    def noun(self) -> str:
        """The singular name in words, such as `ticket system`."""
        return self.singular.replace("-", " ")


class OrganizationListView(APIView):
    """The view of a list that an `OrganizationListing` declares: `class SystemList(OrganizationListView,
    listing=SYSTEMS)`.
    """

    listing: ClassVar[OrganizationListing[Any]]

    def __init_subclass__(cls, *, listing: OrganizationListing[Any], **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.listing = listing
        described = extend_schema(
            operation_id=f"list_{listing.plural.replace('-', '_')}",
            summary=f"List {listing.plural.replace('-', ' ')}",
            description=listing.description,
            parameters=list(page_parameters(listing.serializer)),
            responses=listed(
                f"{listing.serializer.__name__.removesuffix('Serializer')}Page", listing.serializer
            ),
        )
        extend_schema_view(get=described)(cls)

    def get(self, request: Request, organization: str) -> Response:
        only(request, (), item=self.listing.serializer)
        found = access.organization(organization, needs=self.listing.needs)
        page = page_of(request, self.listing.rows(found).order_by(), Key("pk"))
        return respond(request, self.listing.shown(found, page.rows), page.next_cursor)


class OrganizationObjectView(APIView):
    """The view of one object of an `OrganizationListing`: `class SystemDetail(OrganizationObjectView,
    listing=SYSTEMS)`.
    """

    listing: ClassVar[OrganizationListing[Any]]

    def __init_subclass__(cls, *, listing: OrganizationListing[Any], **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.listing = listing
        described = extend_schema(
            operation_id=f"get_{listing.singular.replace('-', '_')}",
            summary=f"Get {'an' if listing.singular[0] in 'aeio' else 'a'} {listing.noun}",
            parameters=[ETAG],
            responses=listing.serializer,
        )
        extend_schema_view(get=described)(cls)

    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        only(request, (), paged=False)
        found = access.organization(organization, needs=self.listing.needs)
        return self.listing.answer(found, self.listing.find(found, pk))
