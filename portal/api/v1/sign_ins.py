"""Sign-ins with credentials of service principals. A worker signs in. The result is read with a later request."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.credentials.attempt_records import Attempt, latest_attempt
from portal.api.pages import only
from tenants import access
from tenants.errors import NotFound
from tenants.ids import parse_uuid
from tenants.models import Tenant
from tenants.roles import Capability

STATES: Final = ("waiting", "succeeded", "refused", "lost")


class SignInSerializer(serializers.Serializer[Any]):
    """A sign-in with the credential of a service principal. A new credential is stored only if the sign-in succeeds."""

    id = serializers.UUIDField()
    state = serializers.SerializerMethodField(
        help_text="`waiting` until a worker has signed in; `lost` if no worker did so within two minutes"
    )
    requested_at = serializers.DateTimeField(source="at")
    ended_at = serializers.DateTimeField(allow_null=True)
    error_code = serializers.CharField(help_text="Why the sign-in failed", allow_blank=True)
    error = serializers.CharField(help_text="What to do about the error", allow_blank=True)
    client_id = serializers.CharField()
    service_principal = serializers.UUIDField(
        source="principal_id",
        allow_null=True,
        help_text="The id of the service principal; null while a new service principal is not stored yet",
    )
    subscriptions = serializers.IntegerField(
        allow_null=True,
        help_text="The number of subscriptions that the service principal sees; null if they could"
        " not be listed",
    )

    @extend_schema_field({"type": "string", "enum": list(STATES)})
    def get_state(self, attempt: Attempt) -> str:
        if attempt.is_waiting:
            return "waiting"
        if attempt.is_lost:
            return "lost"
        return "succeeded" if attempt.has_succeeded else "refused"


class SignInView(APIView):
    """One sign-in."""

    @extend_schema(
        operation_id="get_sign_in",
        summary="Get a sign-in",
        description="The result of a sign-in can be read for an hour.",
        responses=SignInSerializer,
    )
    def get(self, request: Request, customer: str, pk: UUID) -> Response:
        only(request, (), paged=False)
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        return Response(SignInSerializer(find(tenant, pk)).data)


def find(tenant: Tenant, identifier: object) -> Attempt:
    """Return the sign-in of the customer. Raise NotFound if there is no such sign-in, or if the result of the sign-in
    is no longer kept.
    """
    found = latest_attempt(tenant.pk, parse_uuid(identifier))
    if found is None:
        raise NotFound(
            "This sign-in does not exist, its result is older than an hour, or the token gives no access to it."
        )
    return found


def accepted(tenant: Tenant, attempt: Attempt) -> Response:
    """Return the response to a request that has started the sign-in."""
    address = reverse("api-sign-in", args=[tenant.slug, attempt.id])
    return Response(SignInSerializer(attempt).data, status=202, headers={"Location": address})
