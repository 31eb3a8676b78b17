"""Reports of a customer: list, build, follow, download."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.frameworks.framework import NAMES
from assessments.models import Assessment
from portal.api.pages import PARAMETERS, Key, listed, number, only, page_of, respond
from portal.api.people import person
from portal.reports.actions import read_file, request_report
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


class ReportsView(APIView):
    """Reports of a customer."""

    @extend_schema(
        operation_id="list_reports",
        summary="List reports",
        description="The newest first.",
        parameters=list(PARAMETERS),
        responses=listed("ReportPage", ReportSerializer),
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, ())
        rows = Report.objects.filter(tenant=access.tenant(customer, needs=Capability.READ_REPORTS))
        page = page_of(
            request, rows.select_related("assessment"), Key("number", descending=True, parse=number)
        )
        return respond(request, (ReportSerializer(one).data for one in page.rows), page.next_query)

    @extend_schema(
        operation_id="build_report",
        summary="Build a report",
        description="A worker builds and signs it. The header Location names the report: read it every few seconds"
        " until `state` is no longer `building`.",
        request=BuildSerializer,
        responses={202: ReportSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.REPORT)
        sent = BuildSerializer(data=request.data)
        _refuse_unknown(sent, request.data)
        sent.is_valid(raise_exception=True)
        choices = dict(sent.validated_data)
        if (chosen := choices.pop("assessment", None)) is not None:
            choices["assessment"] = _finished(tenant, chosen)
        report = request_report(tenant=tenant, by=person(request), **choices)
        address = reverse("api-report", args=[tenant.slug, report.number])
        return Response(ReportSerializer(report).data, status=202, headers={"Location": address})


class ReportView(APIView):
    """One report."""

    @extend_schema(operation_id="get_report", summary="Get a report", responses=ReportSerializer)
    def get(self, request: Request, customer: str, number: int) -> Response:
        only(request, ())
        return Response(ReportSerializer(_report(customer, number)).data)


class ReportFileView(APIView):
    """The signed file of a report."""

    @extend_schema(
        operation_id="download_report",
        summary="Download a report",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, customer: str, number: int) -> HttpResponse:
        only(request, ())
        report = _report(customer, number)
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


def _report(customer: str, number: int) -> Report:
    tenant = access.tenant(customer, needs=Capability.READ_REPORTS)
    found = Report.objects.filter(tenant=tenant, number=number).select_related("assessment", "tenant").first()
    if found is None:
        raise NotFound("This report does not exist, or the token gives no access to it.")
    return found


def _finished(tenant: Tenant, number: int) -> Assessment:
    found = Assessment.objects.filter(tenant=tenant, number=number, state=Assessment.State.FINISHED).first()
    if found is None:
        raise invalid("assessment", "The customer has no finished assessment with this number.")
    return found


def _refuse_unknown(serializer: serializers.Serializer[Any], data: Any) -> None:
    """Raise InvalidInput for a name that does not exist, so that a mistyped choice is not ignored."""
    unknown = sorted(set(data) - set(serializer.fields))
    if unknown:
        raise invalid(
            unknown[0][:100], f"This name does not exist. Known names: {', '.join(serializer.fields)}."
        )
