"""An organization's own service principals, to which customers delegate subscriptions with Azure Lighthouse.

Requests may contain credentials, but no answer contains one.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.credentials.attempt_records import Attempt, latest_attempt
from assessments.actions.credentials.managing_attempts import request_managing_attempt, request_managing_check
from portal.api.bodies import checked, names_of_fields
from portal.api.idempotency import IDEMPOTENCY_KEY, Created, create_once, keys_of
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.connection import ServicePrincipalSerializer
from portal.api.v1.credentials import CredentialSerializer, credential_of, named
from portal.api.v1.registration import FIELDS, EndpointsSerializer
from portal.api.v1.sign_ins import SignInSerializer
from tenants import access
from tenants.actions.delegations import lock_delegations
from tenants.actions.managing_principals import (
    remove_managing_principal,
    set_managing_principal_enabled,
    unsaved_principal,
)
from tenants.clouds import CHOICES
from tenants.errors import Conflict, NotFound
from tenants.ids import parse_uuid
from tenants.models import ManagingPrincipal, Organization
from tenants.roles import Capability

_NEEDS: Final = Capability.ORGANIZATION


class ManagingPrincipalSerializer(ServicePrincipalSerializer):
    """A service principal of the organization. Its credential is never sent."""

    cloud = serializers.CharField(
        source="cloud_name",
        help_text="The name of an Azure cloud, such as AzureCloud, or `custom` for other clouds",
    )


class AddManagingPrincipalSerializer(CredentialSerializer):
    """A service principal in the organization's own directory, with its credential."""

    directory_id = serializers.CharField(
        max_length=100, help_text="The GUID of your own directory. Entra calls this GUID “Tenant ID”"
    )
    client_id = serializers.CharField(
        max_length=100, help_text="The client id of the application, which the Azure CLI calls “appId”"
    )
    name = serializers.CharField(max_length=200, default="", allow_blank=True)
    cloud = serializers.ChoiceField(CHOICES, default="AzureCloud")
    endpoints = EndpointsSerializer(required=False, help_text="For the cloud `custom` only")


def _rows(organization: Organization) -> QuerySet[ManagingPrincipal]:
    rows = ManagingPrincipal.objects.filter(organization=organization)
    return rows.select_related("organization").order_by()


MANAGING_PRINCIPALS: Final = OrganizationListing[ManagingPrincipal](
    plural="managing-principals",
    singular="managing-principal",
    needs=_NEEDS,
    serializer=ManagingPrincipalSerializer,
    rows=_rows,
    lock=lambda row: lock_delegations(row.organization_id),
    description="The organization’s own service principals, to which customers delegate subscriptions. The token"
    " needs the right `organization`.",
)


class ManagingPrincipalsView(OrganizationListView, listing=MANAGING_PRINCIPALS):
    """Service principals of an organization."""

    @extend_schema(
        operation_id="add_managing_principal",
        summary="Add a service principal of the organization",
        description="A worker signs in with the credential. If the sign-in succeeds, the worker stores the"
        " credential and lists the delegated subscriptions. The header Location has the address of the result."
        " Each service principal can be added only once.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddManagingPrincipalSerializer,
        responses={202: SignInSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(AddManagingPrincipalSerializer, request)
        endpoints = values.get("endpoints") or {}

        def action() -> Created:
            with named(values), names_of_fields(FIELDS):
                principal = unsaved_principal(
                    organization=found,
                    directory_id=values["directory_id"],
                    client_id=values["client_id"],
                    name=values["name"],
                    cloud=values["cloud"],
                    cloud_settings={name: text for name, text in endpoints.items() if text},
                )
                attempt = request_managing_attempt(
                    by=person(request), principal=principal, **credential_of(values)
                )
            return Created(found.pk, str(attempt.id))

        return create_once(
            request,
            "add_managing_principal",
            place=found.pk,
            earlier=keys_of(found),
            action=action,
            answer=partial(_requested, found),
        )


class ManagingPrincipalView(OrganizationObjectView, listing=MANAGING_PRINCIPALS):
    """A service principal of an organization."""


class CredentialView(APIView):
    """The replacement of the credential of the organization's service principal."""

    @extend_schema(
        operation_id="replace_managing_credential",
        summary="Replace the credential of a service principal of the organization",
        description="A worker signs in with the new credential. If the sign-in fails, Surety keeps the old"
        " credential. The header Location has the address of the result.",
        parameters=[IF_MATCH],
        request=CredentialSerializer,
        responses={202: SignInSerializer},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(CredentialSerializer, request)
        with named(values):
            attempt = MANAGING_PRINCIPALS.change(
                request,
                found,
                pk,
                lambda row: request_managing_attempt(
                    by=person(request), principal=row, **credential_of(values)
                ),
            )
        return _accepted(found, attempt)


class CheckView(APIView):
    """A sign-in with the stored credential of the organization's service principal."""

    @extend_schema(
        operation_id="check_managing_principal",
        summary="Sign in with the stored credential, and list the delegated subscriptions",
        description="A worker signs in, and lists the delegated subscriptions. The header Location has the address of"
        " the result.",
        request=None,
        responses={202: SignInSerializer},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        row = MANAGING_PRINCIPALS.find(found, pk)
        return _accepted(found, request_managing_check(by=person(request), principal=row))


class EnableView(APIView):
    """Let assessments use the organization's service principal again."""

    @extend_schema(
        operation_id="enable_managing_principal",
        summary="Let assessments use a service principal of the organization again",
        description="Assessments again read the subscriptions that are delegated to the service principal.",
        parameters=[IF_MATCH],
        request=None,
        responses=ManagingPrincipalSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        return _set_enabled(request, organization, pk, enabled=True)


class DisableView(APIView):
    """Stop assessments from using the organization's service principal."""

    @extend_schema(
        operation_id="disable_managing_principal",
        summary="Stop using a service principal of the organization",
        description="The credential of the service principal stays stored.",
        parameters=[IF_MATCH],
        request=None,
        responses=ManagingPrincipalSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        return _set_enabled(request, organization, pk, enabled=False)


class RemoveView(APIView):
    """The removal of a service principal of the organization."""

    @extend_schema(
        operation_id="remove_managing_principal",
        summary="Delete a service principal of the organization and its credential",
        description="Surety no longer reads the subscriptions that are delegated to the service principal. The"
        " application remains in Entra. Delete it there.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        MANAGING_PRINCIPALS.change(
            request, found, pk, lambda row: remove_managing_principal(by=person(request), principal=row)
        )
        return Response(status=204)


class SignInView(APIView):
    """One sign-in of a service principal of the organization."""

    @extend_schema(
        operation_id="get_managing_sign_in",
        summary="Get a sign-in of a service principal of the organization",
        description="The result of a sign-in can be read for an hour.",
        responses=SignInSerializer,
    )
    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        only(request, (), paged=False)
        found = access.organization(organization, needs=_NEEDS)
        attempt = latest_attempt(found.pk, pk)
        if attempt is None:
            raise NotFound(
                "This sign-in does not exist, its result is older than an hour, or the token gives no access to it."
            )
        return Response(SignInSerializer(attempt).data)


ACTIONS: Final = {
    "credential": CredentialView,
    "check": CheckView,
    "enable": EnableView,
    "disable": DisableView,
    "remove": RemoveView,
}
"""The views of further operations on a service principal. Each key is the last part of the URL."""


def _requested(organization: Organization, identifier: str) -> Response:
    attempt = latest_attempt(organization.pk, parse_uuid(identifier))
    if attempt is None:
        raise Conflict(
            "The sign-in with this Idempotency-Key was requested more than an hour ago, so its result was deleted."
            " Read the service principals of the organization to see their current state.",
            code="result_not_kept",
        )
    return _accepted(organization, attempt)


def _accepted(organization: Organization, attempt: Attempt) -> Response:
    """Return the response to a request for the sign-in `attempt`: status 202 with the URL of the sign-in."""
    address = reverse("api-organization-sign-in", args=[organization.slug, attempt.id])
    return Response(SignInSerializer(attempt).data, status=202, headers={"Location": address})


def _set_enabled(request: Request, organization: str, pk: UUID, *, enabled: bool) -> Response:
    found = access.organization(organization, needs=_NEEDS)

    def action(row: Any) -> object:
        return set_managing_principal_enabled(by=person(request), principal=row, enabled=enabled)

    MANAGING_PRINCIPALS.change(request, found, pk, action)
    return MANAGING_PRINCIPALS.answer(found, MANAGING_PRINCIPALS.find(found, pk))
