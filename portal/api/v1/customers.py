"""Customers, and the token of a request."""

from __future__ import annotations

from typing import Any, Final

from django.db.models.functions import Lower
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import ApiToken, IdempotencyKey
from portal.api.bodies import checked
from portal.api.etags import ETAG, etag_of, with_etag
from portal.api.idempotency import IDEMPOTENCY_KEY, Created, create_once
from portal.api.listing import any_of, text
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
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.registration import RegisterSerializer, organization_of, register
from portal.api.v1.tenant_changes import ChangeCustomerSerializer, change_tenant_as_read
from portal.queries.keyset import Part, columns
from portal.queries.parameters import text_of, values_of
from tenants import access
from tenants.actions.registrations import lock_registrations
from tenants.models import Person, Tenant
from tenants.roles import Capability
from tenants.scope import current


class CustomerSerializer(serializers.Serializer[Any]):
    """A customer to which the token gives access."""

    id = serializers.UUIDField()
    short_name = serializers.SlugField(help_text="The name in addresses")
    name = serializers.CharField()
    organization = serializers.SlugField(help_text="The short name of the organization")
    labels = serializers.ListField(child=serializers.CharField())
    time_zone = serializers.CharField()
    archived_at = serializers.DateTimeField(allow_null=True)
    capabilities = serializers.ListField(
        child=serializers.ChoiceField(Capability.values), help_text="What the token may do for this customer"
    )


class TokenSerializer(serializers.Serializer[Any]):
    """The token with which a request was sent."""

    name = serializers.CharField()
    person = serializers.CharField(help_text="The name of the person or service account of the token")
    email = serializers.EmailField()
    capabilities = serializers.ListField(child=serializers.ChoiceField(Capability.values))
    expires_at = serializers.DateTimeField()


class MeView(APIView):
    """The token with which the request was sent."""

    @extend_schema(
        operation_id="get_token", summary="Get the token that the request sends", responses=TokenSerializer
    )
    def get(self, request: Request) -> Response:
        only(request, (), paged=False)
        token, owner = request.auth, request.user
        assert isinstance(token, ApiToken)
        assert isinstance(owner, Person)
        fields = {
            "name": token.name,
            "person": owner.get_full_name(),
            "email": owner.email,
            "capabilities": token.capabilities,
            "expires_at": token.expires_at,
        }
        return Response(TokenSerializer(fields).data)


_PARAMETERS: Final = (
    text("q", "Words that the name contains"),
    any_of("label", "Label of the customer"),
    OpenApiParameter(
        SORT,
        str,
        enum=["name"],
        description="The order: `name`. Without this parameter, the order is by short name.",
    ),
)


class CustomersView(APIView):
    """The customers to which the token gives access."""

    @extend_schema(
        operation_id="list_customers",
        summary="List customers",
        description="All customers to which the token gives access, including archived customers. Without `sort`,"
        " the customers are in the order of their short names.",
        parameters=[*_PARAMETERS, *page_parameters(CustomerSerializer)],
        responses=listed("CustomerPage", CustomerSerializer),
    )
    def get(self, request: Request) -> Response:
        only(request, [one.name for one in _PARAMETERS], item=CustomerSerializer)
        parameters = dict(request.query_params.lists())
        check_values(_PARAMETERS, parameters)
        rows = access.tenants(needs=Capability.VIEW, archived=None).select_related("organization")
        if search := text_of(parameters, "q"):
            rows = rows.filter(name__icontains=search)
        if labels := values_of(parameters, "label"):
            rows = rows.filter(labels__has_any_keys=labels)
        if request.query_params.get(SORT):
            page = page_of_parts(request, [Part(rows, columns(Lower("name"), "pk"))])
        else:
            page = page_of(request, rows, Key("slug"))
        return respond(request, (_customer(one) for one in page.rows), page.next_cursor)

    @extend_schema(
        operation_id="register_customer",
        summary="Register a customer",
        description="The customer gets one Entra directory. The next step is to add a service principal"
        " (`add_service_principal`). 409 with the code `directory_registered` if a customer of the organization already"
        " has the directory.",
        parameters=[IDEMPOTENCY_KEY],
        request=RegisterSerializer,
        responses={201: CustomerSerializer},
    )
    def post(self, request: Request) -> Response:
        organization = organization_of(request)
        values = checked(RegisterSerializer, request)
        # Another request with the same idempotency key may be registering the customer now. `lock_registrations` waits
        # until that request has ended, and then adds the customer that it registered to the scope of this request.
        lock_registrations(organization.pk)

        def action() -> Created:
            registered = register(organization, person(request), values)
            return Created(registered.pk, str(registered.pk))

        return create_once(
            request,
            "register_customer",
            place=organization.pk,
            earlier=IdempotencyKey.objects.filter(tenant__organization=organization),
            action=action,
            answer=_registered,
        )


class CustomerView(APIView):
    """One customer."""

    @extend_schema(
        operation_id="get_customer", summary="Get a customer", parameters=[ETAG], responses=CustomerSerializer
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), paged=False)
        return with_etag(Response(_customer(access.tenant(customer, needs=Capability.VIEW))))

    @extend_schema(
        operation_id="change_customer",
        summary="Change name, time zone or labels of a customer",
        description="The short name never changes, so addresses stay valid.",
        parameters=[IF_MATCH],
        request=ChangeCustomerSerializer,
        responses=CustomerSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(ChangeCustomerSerializer, request)
        changed = change_tenant_as_read(request, tenant, lambda row: etag_of(_customer(row)), values)
        return with_etag(Response(_customer(changed)))


def _registered(identifier: str) -> Response:
    # Select by the right to register customers, because the token may lack the right to view them.
    rows = access.tenants(needs=Capability.REGISTER, archived=None).select_related("organization")
    found = rows.get(pk=identifier)
    response = with_etag(Response(_customer(found), status=201))
    response.headers["Location"] = reverse("api-customer", args=[found.slug])
    return response


def _customer(tenant: Tenant) -> dict[str, Any]:
    held = current().capabilities(tenant.pk)
    fields = {
        "id": tenant.pk,
        "short_name": tenant.slug,
        "name": tenant.name,
        "organization": tenant.organization.slug,
        "labels": tenant.labels,
        "time_zone": tenant.timezone,
        "archived_at": tenant.archived_at,
        "capabilities": [str(one) for one in Capability if one in held],
    }
    return CustomerSerializer(fields).data
