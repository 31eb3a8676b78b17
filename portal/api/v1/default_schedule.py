"""The schedule and the watch that an organization's customers have by default."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.schedules import set_default_schedule
from assessments.actions.watch.settings import set_default_watch
from assessments.timing.schedules import OFF
from portal.api.bodies import checked, names_of_fields
from portal.api.etags import ETAG, with_etag
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, require_match
from tenants import access
from tenants.models import Organization
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER
_TEXTS: Final = "`off`, or a timetable such as `Mon-Fri 02:00, 14:00 within 120` (minutes)"
_WATCH: Final = "Whether changes are read between assessments"


class DefaultScheduleSerializer(serializers.Serializer[Any]):
    """The schedule and the watch of customers that have not chosen their own."""

    schedule = serializers.CharField(help_text=_TEXTS)
    is_watched = serializers.BooleanField(help_text=_WATCH)


class SetDefaultScheduleSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    schedule = serializers.CharField(max_length=200, required=False, help_text=_TEXTS)
    is_watched = serializers.BooleanField(required=False, help_text=_WATCH)


class DefaultScheduleView(APIView):
    """The default schedule of an organization."""

    @extend_schema(
        operation_id="get_default_schedule",
        summary="Get the default schedule and the default watch setting",
        parameters=[ETAG],
        responses=DefaultScheduleSerializer,
    )
    def get(self, request: Request, organization: str) -> Response:
        only(request, (), paged=False)
        return _answer(access.organization(organization, needs=_NEEDS))

    @extend_schema(
        operation_id="set_default_schedule",
        summary="Set the default schedule and the default watch setting",
        description="A new schedule takes effect for customers without a schedule of their own. A new default of the"
        " watch takes effect for customers without a watch setting of their own. Both take effect within a minute.",
        parameters=[IF_MATCH],
        request=SetDefaultScheduleSerializer,
        responses=DefaultScheduleSerializer,
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(SetDefaultScheduleSerializer, request)
        row = Organization.objects.select_for_update(no_key=True).get(pk=found.pk)
        require_match(request, _answer(row).headers["ETag"])
        by = person(request)
        if "schedule" in values:
            with names_of_fields({"wanted": "schedule"}):
                set_default_schedule(organization=row, by=by, wanted=values["schedule"])
        if "is_watched" in values:
            set_default_watch(organization=row, by=by, wanted=values["is_watched"])
        return _answer(access.organization(organization, needs=_NEEDS))


def _answer(organization: Organization) -> Response:
    shown = {
        "schedule": organization.default_schedule or OFF,
        "is_watched": organization.watch_by_default,
    }
    return with_etag(Response(DefaultScheduleSerializer(shown).data))
