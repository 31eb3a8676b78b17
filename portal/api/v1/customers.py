"""Customers, and what the token is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import ApiToken
from portal.api.etags import with_etag
from portal.api.pages import PARAMETERS, Key, listed, only, page_of, respond, slug
from tenants import access
from tenants.models import Person, Tenant
from tenants.roles import Capability
from tenants.scope import current


class CustomerSerializer(serializers.Serializer[Any]):
    """A customer, as the token sees it."""

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
    person = serializers.CharField(help_text="The name of the person as whom the token acts")
    email = serializers.EmailField()
    capabilities = serializers.ListField(child=serializers.ChoiceField(Capability.values))
    expires_at = serializers.DateTimeField()


class MeView(APIView):
    """The token itself."""

    @extend_schema(operation_id="get_token", summary="What this token is", responses=TokenSerializer)
    def get(self, request: Request) -> Response:
        only(request, (), paged=False)
        token, person = request.auth, request.user
        assert isinstance(token, ApiToken)
        assert isinstance(person, Person)
        fields = {
            "name": token.name,
            "person": person.get_full_name(),
            "email": person.email,
            "capabilities": token.capabilities,
            "expires_at": token.expires_at,
        }
        return Response(TokenSerializer(fields).data)


class CustomersView(APIView):
    """The customers that the token sees."""

    @extend_schema(
        operation_id="list_customers",
        summary="List customers",
        parameters=list(PARAMETERS),
        responses=listed("CustomerPage", CustomerSerializer),
    )
    def get(self, request: Request) -> Response:
        only(request, ())
        rows = access.tenants(needs=Capability.VIEW, archived=None).select_related("organization")
        page = page_of(request, rows, Key("slug", parse=slug))
        return respond(request, (_customer(one) for one in page.rows), page.next_cursor)


class CustomerView(APIView):
    """One customer."""

    @extend_schema(operation_id="get_customer", summary="Get a customer", responses=CustomerSerializer)
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), paged=False)
        return with_etag(Response(_customer(access.tenant(customer, needs=Capability.VIEW))))


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
