"""The service accounts of an organization, and their client secrets. No answer contains the text of a secret."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts import selectors
from portal.accounts.actions.service_credentials import revoke_client_secret
from portal.api.pages import Key, listed, only, page_of, page_parameters, respond
from portal.api.people import person
from portal.api.v1.shared import PersonSerializer
from tenants import access
from tenants.errors import NotFound
from tenants.models import Organization, ServiceAccount
from tenants.roles import Capability, Role


class ServiceAccountSerializer(serializers.Serializer[Any]):
    """A program of the organization with a role of its own."""

    id = serializers.UUIDField()
    person_id = serializers.UUIDField(
        help_text="The id with which other objects and the journal refer to the account"
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


class ClientSecretSerializer(serializers.Serializer[Any]):
    """A client secret of a service account, without the secret itself."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    beginning = serializers.CharField(help_text="The first characters of the secret")
    capabilities = serializers.ListField(
        child=serializers.ChoiceField(Capability.values),
        help_text="Access tokens of this client secret can have these rights, and no others",
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="The time when Surety last issued an access token for this client secret"
    )
    last_used_from = serializers.IPAddressField(allow_null=True)


class ServiceAccountsView(APIView):
    """The service accounts of the organization."""

    @extend_schema(
        operation_id="list_service_accounts",
        summary="List service accounts",
        description="The token needs the right `members` for the whole organization.",
        parameters=list(page_parameters(ServiceAccountSerializer)),
        responses=listed("ServiceAccountPage", ServiceAccountSerializer),
    )
    def get(self, request: Request, organization: str) -> Response:
        only(request, (), item=ServiceAccountSerializer)
        found = access.organization(organization, needs=Capability.MEMBERS)
        page = page_of(request, selectors.service_accounts(found).order_by(), Key("pk"))
        return respond(request, ServiceAccountSerializer(page.rows, many=True).data, page.next_cursor)


class ClientSecretsView(APIView):
    """The client secrets of a service account."""

    @extend_schema(
        operation_id="list_client_secrets",
        summary="List the client secrets of a service account",
        description="The list includes expired and revoked client secrets. The token needs the right `members` for"
        " the whole organization.",
        parameters=list(page_parameters(ClientSecretSerializer)),
        responses=listed("ClientSecretPage", ClientSecretSerializer),
    )
    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        only(request, (), item=ClientSecretSerializer)
        account = _account(access.organization(organization, needs=Capability.MEMBERS), pk)
        page = page_of(request, selectors.secrets_of_service_account(account).order_by(), Key("pk"))
        return respond(request, ClientSecretSerializer(page.rows, many=True).data, page.next_cursor)


class RevokeSecretView(APIView):
    """The revocation of a client secret."""

    @extend_schema(
        operation_id="revoke_client_secret",
        summary="Revoke a client secret and its access tokens",
        description="The token needs the right `organization` for the whole organization. If the client secret"
        " is already revoked, nothing changes.",
        request=None,
        responses=ClientSecretSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID, secret: UUID) -> Response:
        account = _account(access.organization(organization, needs=Capability.ORGANIZATION), pk)
        revoked = revoke_client_secret(by=person(request), account=account, secret_id=secret)
        return Response(ClientSecretSerializer(revoked).data)


def _account(organization: Organization, pk: UUID) -> ServiceAccount:
    account = selectors.service_accounts(organization).filter(pk=pk).first()
    if account is None:
        raise NotFound("This service account does not exist, or the token gives no access to it.")
    return account
