"""Reports of a customer: list, build, follow, download."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.frameworks.framework import NAMES
from assessments.models import Assessment
from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView
from portal.api.pages import Key, only
from portal.api.people import person
from portal.reports.actions import read_file, request_report
from portal.reports.builds import cancel_report
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models import Report
from tenants import access
from tenants.errors import Conflict, NotFound, invalid
from tenants.models import Language, Paper, Tenant
from tenants.roles import Capability


class ReportSerializer(serializers.Serializer[Any]):
    """A report. Its file can be downloaded when `state` is `ready`."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(list(KINDS))
    state = serializers.ChoiceField(Report.State.values)
    error = serializers.CharField(help_text="Why the build failed", allow_blank=True)
    assessment = serializers.IntegerField(
        source="assessment.number", help_text="The number of the assessment"
    )
    framework = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(help_text="The time whose verdicts the report states")
    level = serializers.CharField(help_text="The PAdES level of the signature", allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes of the file", allow_null=True)
    sha256 = serializers.CharField(allow_blank=True)


class BuildSerializer(serializers.Serializer[Any]):
    """What to build. Everything that is left out is chosen as on the page."""

    kind = serializers.ChoiceField(list(KINDS), default=DEFAULT_KIND)
    assessment = serializers.IntegerField(
        required=False, min_value=1, max_value=999_999_999, help_text="The number of a finished assessment"
    )
    framework = serializers.ChoiceField(list(NAMES), required=False, help_text="For the kind `framework`")
    without_names = serializers.BooleanField(
        default=False, help_text="Ids instead of names of people and groups"
    )
    paper = serializers.ChoiceField(Paper.values, required=False)
    language = serializers.ChoiceField(Language.values, required=False)


REPORTS: Final = Listing[Report](
    plural="reports",
    singular="report",
    needs=Capability.READ_REPORTS,
    serializer=ReportSerializer,
    rows=lambda tenant: Report.objects.filter(tenant=tenant).select_related("assessment", "tenant"),
    key=Key("number", descending=True),
    lookup="number",
    converter="int",
    description="The newest first. A report can be downloaded when its `state` is `ready`.",
)


class ReportsView(ListView, listing=REPORTS):
    """Reports of a customer."""

    @extend_schema(
        operation_id="build_report",
        summary="Build a report",
        description="A worker builds and signs it. The header Location names the report: read it every few seconds"
        " until `state` is no longer `building`.",
        parameters=[IDEMPOTENCY_KEY],
        request=BuildSerializer,
        responses={202: ReportSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.REPORT)
        choices = checked(BuildSerializer, request)
        if (chosen := choices.pop("assessment", None)) is not None:
            choices["assessment"] = _finished(tenant, chosen)
        return create(
            request,
            tenant,
            REPORTS,
            "build_report",
            lambda: request_report(tenant=tenant, by=person(request), **choices),
            status=202,
        )


class CancelView(APIView):
    """The cancellation of a build."""

    @extend_schema(
        operation_id="cancel_report",
        summary="Cancel the build of a report",
        request=None,
        responses=ReportSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.REPORT)
        cancel_report(report=REPORTS.find(tenant, number), by=person(request))
        return REPORTS.answer(tenant, REPORTS.find(tenant, number))


class ReportFileView(APIView):
    """The signed file of a report."""

    @extend_schema(
        operation_id="download_report",
        summary="Download a report",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, customer: str, number: int) -> HttpResponse:
        only(request, (), paged=False)
        report = REPORTS.find(access.tenant(customer, needs=REPORTS.needs), number)
        if report.state != Report.State.READY:
            raise NotFound(
                "This report has no file: it is still being built, was cancelled, or building it failed."
            )
        content = read_file(report=report, by=person(request))
        if content is None:
            raise Conflict(
                "The stored file differs from the file that was signed, so it is not sent. Restore it from a backup.",
                code="file_changed",
            )
        response = HttpResponse(content, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{report.file_name}"'
        return response


def _finished(tenant: Tenant, number: int) -> Assessment:
    found = Assessment.objects.filter(tenant=tenant, number=number, state=Assessment.State.FINISHED).first()
    if found is None:
        raise invalid("assessment", "The customer has no finished assessment with this number.")
    return found
