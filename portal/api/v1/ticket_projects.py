"""The projects of ticket systems in which the tickets of each customer are opened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.etags import ETAG, etag_of, with_etag
from portal.api.pages import Key, listed, only, page_of, page_parameters, respond
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, require_match
from portal.api.v1.ticket_systems import TICKET_SYSTEMS
from portal.tickets.actions.systems import locked_system, set_places
from portal.tickets.models import TicketPlace, TicketSystem
from tenants import access
from tenants.errors import NotFound
from tenants.models import Organization, Tenant
from tenants.roles import Capability


def _project_field() -> serializers.CharField:
    return serializers.CharField(
        allow_null=True,
        allow_blank=True,
        max_length=200,
        help_text="The project. Null stands for the default project of the ticket system. An empty text means that"
        " the customer gets no tickets.",
    )


class CustomerProjectSerializer(serializers.Serializer[Any]):
    """The project in which the tickets of a customer are opened."""

    customer = serializers.SlugField(help_text="The short name of the customer")
    project = _project_field()


class SetProjectSerializer(serializers.Serializer[Any]):
    """The new project of a customer's tickets."""

    project = _project_field()


class CustomerProjectsView(APIView):
    """The projects of customers in a ticket system."""

    @extend_schema(
        operation_id="list_ticket_customers",
        summary="List the projects in which the tickets of each customer are opened",
        parameters=list(page_parameters(CustomerProjectSerializer)),
        responses=listed("CustomerProjectPage", CustomerProjectSerializer),
    )
    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        only(request, (), item=CustomerProjectSerializer)
        found = access.organization(organization, needs=Capability.ORGANIZATION)
        system = TICKET_SYSTEMS.find(found, pk)
        page = page_of(request, _customers(found).order_by(), Key("pk"))
        places = dict(
            TicketPlace.objects.filter(system=system, tenant__in=page.rows).values_list(
                "tenant_id", "project"
            )
        )
        return respond(request, (_project(one, places.get(one.pk)) for one in page.rows), page.next_cursor)


class CustomerProjectView(APIView):
    """The project of one customer in a ticket system."""

    @extend_schema(
        operation_id="get_ticket_customer",
        summary="Get the project in which the tickets of a customer are opened",
        parameters=[ETAG],
        responses=CustomerProjectSerializer,
    )
    def get(self, request: Request, organization: str, pk: UUID, customer: str) -> Response:
        only(request, (), paged=False)
        found = access.organization(organization, needs=Capability.ORGANIZATION)
        system, tenant = TICKET_SYSTEMS.find(found, pk), _customer(found, customer)
        return with_etag(Response(_present(system, tenant)))

    @extend_schema(
        operation_id="set_ticket_customer",
        summary="Set the project in which the tickets of a customer are opened",
        description="Existing tickets remain in their project.",
        parameters=[IF_MATCH],
        request=SetProjectSerializer,
        responses=CustomerProjectSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID, customer: str) -> Response:
        found = access.organization(organization, needs=Capability.ORGANIZATION)
        system, tenant = TICKET_SYSTEMS.find(found, pk), _customer(found, customer)
        project = checked(SetProjectSerializer, request)["project"]
        locked_system(system)
        require_match(request, etag_of(_present(system, tenant)))
        set_places(system=system, by=person(request), projects=[(tenant, project)])
        return with_etag(Response(_present(system, tenant)))


def _customers(organization: Organization) -> Any:
    return access.tenants(needs=Capability.VIEW).filter(organization=organization)


def _customer(organization: Organization, short_name: str) -> Tenant:
    tenant = access.tenant(short_name, needs=Capability.VIEW)
    if tenant.organization_id != organization.pk:
        raise NotFound("This customer does not exist, or the token gives no access to it.")
    return tenant


def _present(system: TicketSystem, tenant: Tenant) -> dict[str, Any]:
    place = TicketPlace.objects.filter(system=system, tenant=tenant).first()
    return _project(tenant, None if place is None else place.project)


def _project(tenant: Tenant, project: str | None) -> dict[str, Any]:
    return CustomerProjectSerializer({"customer": tenant.slug, "project": project}).data
