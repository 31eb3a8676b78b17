"""An organization's settings of reports: default paper and language, and how long links can be valid."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.etags import ETAG, with_etag
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, require_match
from tenants import access
from tenants.actions.organizations import (
    MAX_REPORT_LINK_DAYS,
    set_report_language,
    set_report_link_days,
    set_report_paper,
)
from tenants.models import Language, Organization, Paper
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER
_LINKS: Final = (
    "The longest validity of links to reports, in days. The value 0 switches off all links,"
    " including existing ones"
)


class ReportSettingsSerializer(serializers.Serializer[Any]):
    """The defaults of new reports of the organization's customers, and the longest validity of links to reports."""

    paper = serializers.ChoiceField(Paper.values, source="report_paper")
    language = serializers.ChoiceField(Language.values, source="report_language")
    link_days = serializers.IntegerField(source="report_link_days", help_text=_LINKS)


class SetReportSettingsSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    paper = serializers.ChoiceField(Paper.values, required=False)
    language = serializers.ChoiceField(Language.values, required=False)
    link_days = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_REPORT_LINK_DAYS, help_text=_LINKS
    )


class ReportSettingsView(APIView):
    """The settings of reports of an organization."""

    @extend_schema(
        operation_id="get_report_settings",
        summary="Get the settings of reports",
        parameters=[ETAG],
        responses=ReportSettingsSerializer,
    )
    def get(self, request: Request, organization: str) -> Response:
        only(request, (), paged=False)
        return _answer(access.organization(organization, needs=_NEEDS))

    @extend_schema(
        operation_id="set_report_settings",
        summary="Set the paper and language of new reports, and the longest validity of links",
        parameters=[IF_MATCH],
        request=SetReportSettingsSerializer,
        responses=ReportSettingsSerializer,
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(SetReportSettingsSerializer, request)
        row = Organization.objects.select_for_update(no_key=True).get(pk=found.pk)
        require_match(request, _answer(row).headers["ETag"])
        by = person(request)
        if "paper" in values:
            set_report_paper(by=by, organization=row, paper=values["paper"])
        if "language" in values:
            set_report_language(by=by, organization=row, language=values["language"])
        if "link_days" in values:
            set_report_link_days(by=by, organization=row, days=values["link_days"])
        return _answer(access.organization(organization, needs=_NEEDS))


def _answer(organization: Organization) -> Response:
    return with_etag(Response(ReportSettingsSerializer(organization).data))
