"""The schedule of a customer."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.schedules import set_schedule
from assessments.models import Schedule
from assessments.timing.schedules import planned
from assessments.timing.watching import watch_setting
from portal.api.bodies import checked
from portal.api.etags import ETAG, with_etag
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, require_match
from portal.api.reauthentication import proven
from tenants import access
from tenants.actions.organizations import lock_settings
from tenants.models import Tenant
from tenants.roles import Capability

_TEXTS = "`off`, `default` (the schedule of the organization), or a timetable such as `daily 06:00`"


class ScheduleSerializer(serializers.Serializer[Any]):
    """When assessments of a customer start."""

    schedule = serializers.CharField(source="choice", help_text=_TEXTS)
    label = serializers.CharField(help_text="The schedule in words")  # type: ignore[assignment]
    next_at = serializers.DateTimeField(
        allow_null=True,
        help_text="The time of the next start; null if there is no schedule or the schedule is paused",
    )
    is_paused = serializers.BooleanField(
        help_text="Whether the schedule is paused. A schedule is paused while Entra refuses all service principals"
        " of the customer"
    )
    last_due_at = serializers.DateTimeField(source="row.last_due_at", default=None, allow_null=True)
    last_outcome = serializers.ChoiceField(
        Schedule.Outcome.values, source="row.last_outcome", default="", allow_blank=True
    )
    is_watched = serializers.BooleanField(help_text="Whether changes are read between assessments")


class SetScheduleSerializer(serializers.Serializer[Any]):
    """The new schedule."""

    schedule = serializers.CharField(
        max_length=200,
        help_text=f"{_TEXTS} or `Mon-Fri 02:00, 14:00 within 120`. `within` is the window in minutes",
    )


class ScheduleView(APIView):
    """The schedule of a customer."""

    @extend_schema(
        operation_id="get_schedule",
        summary="Get the schedule of assessments",
        parameters=[ETAG],
        responses=ScheduleSerializer,
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), paged=False)
        return _answer(access.tenant(customer, needs=Capability.VIEW_ALL))

    @extend_schema(
        operation_id="set_schedule",
        summary="Set the schedule of assessments",
        description="The times are in the time zone of the customer. The token needs the rights `assess` and"
        " `administer`.",
        parameters=[IF_MATCH],
        request=SetScheduleSerializer,
        responses=ScheduleSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = proven(customer, Capability.ASSESS)
        wanted = checked(SetScheduleSerializer, request)["schedule"]
        lock_settings([tenant])
        require_match(request, _answer(tenant).headers["ETag"])
        shown = planned(tenant, timezone.now()).choice
        set_schedule(tenant=tenant, by=person(request), wanted=wanted, expected=shown)
        return _answer(tenant)


def _answer(tenant: Tenant) -> Response:
    found = planned(tenant, timezone.now())
    fields = {
        "choice": found.choice,
        "label": found.label,
        "next_at": found.next_at,
        "is_paused": found.is_paused,
        "is_watched": watch_setting(tenant).is_on,
        "row": found.row,
    }
    return with_etag(Response(ScheduleSerializer(fields).data))
