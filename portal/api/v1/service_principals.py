"""Changes of service principals: add, replace the credential, check, enable, disable, remove.

Requests may contain credentials, but no answer contains one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.credentials.attempt_records import latest_attempt
from assessments.actions.credentials.attempts import request_attempt, request_check, unsaved_directory
from portal.accounts.models import IdempotencyKey
from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, Created, create_once
from portal.api.listing import ListView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, change_unanswered
from portal.api.v1.connection import SERVICE_PRINCIPALS, ServicePrincipalSerializer
from portal.api.v1.credentials import CredentialSerializer, credential_of, named
from portal.api.v1.sign_ins import SignInSerializer, accepted
from tenants import access
from tenants.actions import remove_service_principal, set_principal_enabled
from tenants.actions.service_principals import lock_principals
from tenants.clouds import CLOUDS
from tenants.errors import Conflict, invalid
from tenants.ids import parse_uuid
from tenants.models import Directory, ServicePrincipal, Tenant
from tenants.roles import Capability


class AddServicePrincipalSerializer(CredentialSerializer):
    """A service principal with its credential."""

    client_id = serializers.CharField(
        max_length=100, help_text="The client id of the application, which the Azure CLI calls “appId”"
    )
    name = serializers.CharField(max_length=200, default="", allow_blank=True)
    directory_id = serializers.CharField(
        max_length=100,
        required=False,
        help_text="The GUID of the service principal’s directory. If the customer has exactly one directory, this"
        " field can be left out",
    )
    directory_name = serializers.CharField(
        max_length=200,
        default="",
        allow_blank=True,
        help_text="The name of the directory, if the customer does not have this directory yet",
    )
    cloud = serializers.ChoiceField(
        list(CLOUDS),
        default="AzureCloud",
        help_text="The cloud of the directory, if the customer does not have this directory yet",
    )


class ServicePrincipalsView(ListView, listing=SERVICE_PRINCIPALS):
    """Service principals of a customer."""

    @extend_schema(
        operation_id="add_service_principal",
        summary="Add a service principal",
        description="A worker signs in with the credential. If the sign-in succeeds, the worker stores the"
        " credential and reads the subscriptions and permissions. The header Location has the address of the"
        " result. Read this address every few seconds until `state` is no longer `waiting`.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddServicePrincipalSerializer,
        responses={202: SignInSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(AddServicePrincipalSerializer, request)
        credential = _credential(tenant, values)

        def action() -> Created:
            with named(values):
                attempt = request_attempt(
                    by=person(request),
                    directory=_directory(tenant, values),
                    client_id=values["client_id"],
                    name=values["name"],
                    **credential,
                )
            return Created(tenant.pk, str(attempt.id))

        return create_once(
            request,
            "add_service_principal",
            place=tenant.pk,
            earlier=IdempotencyKey.objects.filter(tenant=tenant),
            action=action,
            answer=partial(_requested, tenant),
        )


class CredentialView(APIView):
    """The replacement of a service principal's credential."""

    @extend_schema(
        operation_id="replace_credential",
        summary="Replace the credential of a service principal",
        description="A worker signs in with the new credential. If the sign-in fails, Surety keeps the old"
        " credential. The header Location has the address of the result.",
        parameters=[IF_MATCH],
        request=CredentialSerializer,
        responses={202: SignInSerializer},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(CredentialSerializer, request)
        credential = _credential(tenant, values)
        with named(values):
            attempt = change_unanswered(
                request,
                tenant,
                SERVICE_PRINCIPALS,
                pk,
                lambda row: request_attempt(
                    by=person(request), directory=row.directory, service_principal=_whole(row), **credential
                ),
                lock=partial(lock_principals, [pk]),
            )
        return accepted(tenant, attempt)


class CheckView(APIView):
    """A sign-in with the stored credential of a service principal."""

    @extend_schema(
        operation_id="check_service_principal",
        summary="Sign in with the stored credential",
        description="A worker signs in, and reads the subscriptions. The header Location has the address of the"
        " result.",
        request=None,
        responses={202: SignInSerializer},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        row = SERVICE_PRINCIPALS.find(tenant, pk)
        return accepted(tenant, request_check(by=person(request), service_principal=row))


class EnableView(APIView):
    """Let assessments use a service principal again."""

    @extend_schema(
        operation_id="enable_service_principal",
        summary="Let assessments use a service principal again",
        parameters=[IF_MATCH],
        request=None,
        responses=ServicePrincipalSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        return _set_enabled(request, customer, pk, enabled=True)


class DisableView(APIView):
    """Stop assessments from using a service principal."""

    @extend_schema(
        operation_id="disable_service_principal",
        summary="Stop using a service principal",
        description="The credential of the service principal stays stored.",
        parameters=[IF_MATCH],
        request=None,
        responses=ServicePrincipalSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        return _set_enabled(request, customer, pk, enabled=False)


class RemoveView(APIView):
    """The removal of a service principal."""

    @extend_schema(
        operation_id="remove_service_principal",
        summary="Delete a service principal and its credential",
        description="The subscriptions of the service principal and their findings remain. The application"
        " also remains in Entra. Delete it there.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        change_unanswered(
            request,
            tenant,
            SERVICE_PRINCIPALS,
            pk,
            lambda row: remove_service_principal(by=person(request), service_principal=row),
            lock=partial(lock_principals, [pk]),
        )
        return Response(status=204)


def _set_enabled(request: Request, customer: str, pk: UUID, *, enabled: bool) -> Response:
    tenant = access.tenant(customer, needs=Capability.ADMINISTER)
    return change(
        request,
        tenant,
        SERVICE_PRINCIPALS,
        pk,
        lambda row: set_principal_enabled(by=person(request), service_principal=row, enabled=enabled),
        lock=partial(lock_principals, [pk]),
    )


def _credential(tenant: Tenant, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `request_attempt` for the credential.

    Several customers can share one host identity. So only a token that may register customers in the whole organization
    can use a host identity. Raise PermissionDenied for other tokens.
    """
    if values.get("identity"):
        access.require_in_organization(Capability.REGISTER, organization_id=tenant.organization_id)
    return credential_of(values)


def _directory(tenant: Tenant, values: Mapping[str, Any]) -> Directory:
    """Return the directory of a new service principal.

    If Surety does not have this directory yet, return an unsaved row, which is stored after the sign-in.
    """
    rows = Directory.objects.filter(tenant=tenant).select_related("tenant")
    identifier = values.get("directory_id")
    if identifier is None:
        known = list(rows[:2])
        if len(known) != 1:
            raise invalid(
                "directory_id",
                "The customer has no directory or several directories. Send the field directory_id.",
            )
        return known[0]
    wanted = unsaved_directory(
        tenant=tenant, directory_id=identifier, name=values["directory_name"], cloud=values["cloud"]
    )
    return rows.filter(directory_id=wanted.directory_id).first() or wanted


def _whole(row: ServicePrincipal) -> ServicePrincipal:
    """Return the service principal with its directory and customer loaded."""
    rows: QuerySet[ServicePrincipal] = ServicePrincipal.objects.select_related("directory__tenant")
    return rows.get(pk=row.pk)


def _requested(tenant: Tenant, identifier: str) -> Response:
    attempt = latest_attempt(tenant.pk, parse_uuid(identifier))
    if attempt is None:
        raise Conflict(
            "The sign-in with this Idempotency-Key was requested more than an hour ago, so its result was deleted."
            " Read the service principals of the customer to see their current state.",
            code="result_not_kept",
        )
    return accepted(tenant, attempt)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "credential": CredentialView,
    "check": CheckView,
    "enable": EnableView,
    "disable": DisableView,
    "remove": RemoveView,
}
"""The views that change or check a service principal. Each key is the last part of the URL."""
