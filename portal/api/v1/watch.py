"""The watch between assessments: whether a customer is watched, and the last readings."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.watch.settings import VALUES, WORDS, set_watch
from assessments.timing.watching import WatchedUnit, watch_setting, watched_units
from portal.api.bodies import checked
from portal.api.etags import ETAG, etag_of
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, require_match
from portal.api.reauthentication import proven
from tenants import access
from tenants.actions.organizations import lock_settings
from tenants.models import Tenant
from tenants.roles import Capability

CHOICES = list(VALUES)


class WatchedUnitSerializer(serializers.Serializer[Any]):
    """A subscription or directory that is watched."""

    unit = serializers.CharField(help_text="`/subscriptions/<id>` or `directory:<id>`")
    name = serializers.CharField()
    tried_at = serializers.DateTimeField(
        source="watch.tried_at",
        default=None,
        allow_null=True,
        help_text="The time when the watch last tried to read the log of the subscription or directory",
    )
    error_code = serializers.CharField(
        source="watch.code",
        default="",
        allow_blank=True,
        help_text="The code of the error, if the log or a resource could not be read",
    )
    error = serializers.CharField(source="watch.message", default="", allow_blank=True)
    permission = serializers.CharField(
        source="watch.permission", default="", allow_blank=True, help_text="The missing permission"
    )
    requests_in_last_day = serializers.SerializerMethodField()

    def get_requests_in_last_day(self, row: WatchedUnit) -> int:
        return row.requests_in_last_day(timezone.now())


class WatchSerializer(serializers.Serializer[Any]):
    """Whether changes are read between assessments."""

    watch = serializers.ChoiceField(
        CHOICES, help_text="With `default`, the setting of the organization applies"
    )
    is_on = serializers.BooleanField(help_text="Whether the watch runs")
    units = WatchedUnitSerializer(many=True)


class SetWatchSerializer(serializers.Serializer[Any]):
    """The new setting."""

    watch = serializers.ChoiceField(
        CHOICES, help_text="With `default`, the setting of the organization applies"
    )


class WatchView(APIView):
    """The watch of a customer."""

    @extend_schema(
        operation_id="get_watch",
        summary="Get the setting and state of the watch between assessments",
        description="The entity tag changes with the setting. It does not change when the watch has read a log.",
        parameters=[ETAG],
        responses=WatchSerializer,
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), paged=False)
        return _answer(access.tenant(customer, needs=Capability.ASSESS))

    @extend_schema(
        operation_id="set_watch",
        summary="Turn the watch between assessments on or off",
        description="The new setting takes effect within a minute. The token needs the rights `assess` and"
        " `administer`.",
        parameters=[IF_MATCH],
        request=SetWatchSerializer,
        responses=WatchSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = proven(customer, Capability.ASSESS)
        wanted = checked(SetWatchSerializer, request)["watch"]
        lock_settings([tenant])
        require_match(request, _etag(tenant))
        set_watch(tenant=tenant, by=person(request), wanted=VALUES[wanted])
        return _answer(tenant)


def _answer(tenant: Tenant) -> Response:
    setting = watch_setting(tenant)
    shown = {"watch": WORDS[setting.own], "is_on": setting.is_on, "units": watched_units(tenant)}
    return Response(WatchSerializer(shown).data, headers={"ETag": _etag(tenant)})


def _etag(tenant: Tenant) -> str:
    setting = watch_setting(tenant)
    return etag_of({"watch": WORDS[setting.own], "is_on": setting.is_on})
