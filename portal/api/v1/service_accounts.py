"""The service accounts of an organization."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts import selectors
from portal.api.pages import PARAMETERS, Key, listed, only, page_of, respond
from portal.api.v1.shared import PersonSerializer
from tenants import access
from tenants.models import ServiceAccount
from tenants.roles import Capability, Role


class ServiceAccountSerializer(serializers.Serializer[Any]):
    """A program of the organization with a role of its own."""

    id = serializers.UUIDField()
    person_id = serializers.UUIDField(
        help_text="The id as which other objects and the journal name the account"
    )
    name = serializers.CharField()
    purpose = serializers.CharField()
    responsible = PersonSerializer()
    role = serializers.ChoiceField(Role.values)
    customers = serializers.ListField(
        source="tenant_ids",
        child=serializers.UUIDField(),
        allow_null=True,
        help_text="Ids of the customers in which the account has its role; null for all customers",
    )
    is_enabled = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(source="person.last_seen_at", allow_null=True)

    def get_is_enabled(self, row: ServiceAccount) -> bool:
        return row.disabled_at is None


class ServiceAccountsView(APIView):
    """The service accounts of the organization."""

    @extend_schema(
        operation_id="list_service_accounts",
        summary="List service accounts",
        description="Needs the right `members` in the organization as a whole.",
        parameters=list(PARAMETERS),
        responses=listed("ServiceAccountPage", ServiceAccountSerializer),
    )
    def get(self, request: Request, organization: str) -> Response:
        only(request, ())
        found = access.organization(organization, needs=Capability.MEMBERS)
        page = page_of(request, selectors.service_accounts(found).order_by(), Key("pk"))
        return respond(request, ServiceAccountSerializer(page.rows, many=True).data, page.next_cursor)
