"""Pre-flights: which controls a service principal lets Surety assess, and which permissions it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.credentials.preflight import Requested, latest_preflight, request_preflight_again
from assessments.estate.gaps import Reason
from portal.api.pages import only
from portal.api.people import person
from portal.api.v1.connection import SERVICE_PRINCIPALS
from tenants import access
from tenants.errors import NotFound
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

STATES: Final = ("waiting", "finished", "lost")


class MissingSerializer(serializers.Serializer[Any]):
    """Data that the service principal cannot read."""

    collection = serializers.CharField()
    permission = serializers.CharField()
    subscription = serializers.CharField(
        allow_blank=True,
        help_text="The GUID of a subscription, or the name of a management group; empty for the directory",
    )
    reason = serializers.ChoiceField([str(one) for one in Reason])
    message = serializers.CharField()


class ReadinessSerializer(serializers.Serializer[Any]):
    """Whether the service principal can read all data that a control needs, in all checked subscriptions."""

    control = serializers.SlugField(source="control.slug")
    is_assessable = serializers.BooleanField(source="is_judged")
    missing = MissingSerializer(many=True)


class ExcessSerializer(serializers.Serializer[Any]):
    """A right with which the service principal could change something. Surety never needs such a right."""

    subscription = serializers.CharField(
        allow_blank=True,
        help_text="The GUID of the subscription; empty for application permissions and directory roles, which apply"
        " to the whole directory",
    )
    action = serializers.CharField(
        help_text="An example of what the service principal may do: a permitted action, an application permission"
        " such as `Mail.Send`, or a directory role such as `directory role Global Administrator`"
    )


class PreflightSerializer(serializers.Serializer[Any]):
    """The latest pre-flight of a service principal."""

    state = serializers.SerializerMethodField(
        help_text="`waiting` until a worker has finished; `lost` if no worker did so in time"
    )
    requested_at = serializers.DateTimeField(source="at")
    error_code = serializers.CharField(
        source="report.error_code",
        default="",
        help_text="The code of the error if the sign-in failed",
        allow_blank=True,
    )
    error = serializers.CharField(
        source="report.error",
        default="",
        help_text="Why the sign-in failed and what to do, as a text for people",
        allow_blank=True,
    )
    subscriptions = serializers.SerializerMethodField(help_text="The subscriptions that were checked")
    controls = ReadinessSerializer(source="report.controls", many=True, default=list)
    commands = serializers.ListField(
        source="report.commands",
        child=serializers.CharField(),
        default=list,
        help_text="Commands of the Azure CLI that grant the missing permissions",
    )
    excessive = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "enum": list(STATES)})
    def get_state(self, row: Requested) -> str:
        if row.report is not None:
            return "finished"
        return "lost" if row.is_lost else "waiting"

    def get_subscriptions(self, row: Requested) -> list[str]:
        return list(row.report.subscriptions if row.report else row.subscriptions)

    @extend_schema_field(ExcessSerializer(many=True))
    def get_excessive(self, row: Requested) -> list[Mapping[str, str]]:
        found = row.report.excessive if row.report else ()
        return [{"subscription": subscription, "action": action} for subscription, action in found]


class PreflightView(APIView):
    """The latest pre-flight of a service principal."""

    @extend_schema(
        operation_id="get_preflight",
        summary="Get the pre-flight of a service principal",
        description="The result of a pre-flight can be read for a day. If the service principal gets a new"
        " credential, Surety starts a pre-flight.",
        responses=PreflightSerializer,
    )
    def get(self, request: Request, customer: str, pk: UUID) -> Response:
        only(request, (), paged=False)
        _, row = _principal(customer, pk)
        newest = latest_preflight(row)
        if newest is None:
            raise NotFound(
                "No pre-flight of this service principal was requested in the last 24 hours. Start one."
            )
        return Response(PreflightSerializer(newest).data)

    @extend_schema(
        operation_id="start_preflight",
        summary="Start a pre-flight",
        description="A worker checks the permissions in at most 100 subscriptions. Read this address every few seconds"
        " until `state` is no longer `waiting`. While a pre-flight runs, a second request starts no other pre-flight.",
        request=None,
        responses={202: PreflightSerializer},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant, row = _principal(customer, pk)
        requested = request_preflight_again(by=person(request), service_principal=row)
        address = reverse("api-service-principal-preflight", args=[tenant.slug, row.pk])
        return Response(PreflightSerializer(requested).data, status=202, headers={"Location": address})


def _principal(customer: str, pk: UUID) -> tuple[Tenant, ServicePrincipal]:
    tenant = access.tenant(customer, needs=Capability.ADMINISTER)
    return tenant, SERVICE_PRINCIPALS.find(tenant, pk)
