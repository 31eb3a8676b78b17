"""Reports of a customer: list, build, cancel a build, download and revoke."""

from __future__ import annotations

from collections.abc import Sequence
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
from portal.api.bodies import checked, names_of_fields
from portal.api.etags import ETAG
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView
from portal.api.pages import Key, only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change
from portal.api.v1.report_files import file_answer
from portal.api.v1.shared import FOR_FRAMEWORK_KINDS
from portal.reports.actions import read_file, request_report
from portal.reports.builds import cancel_report
from portal.reports.create import MAX_CLASSIFICATION
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models import Report
from portal.reports.models.report import DEFAULT_FRAMEWORK
from portal.reports.records.register import Standing, standings
from portal.reports.records.revocation import MAX_REASON, revoke_report
from portal.reports.signed_content import require_file
from tenants import access
from tenants.errors import invalid
from tenants.models import Language, Paper, Tenant
from tenants.roles import Capability

MAX_NUMBER: Final = 999_999_999
REPORT_STATES: Final = Report.State.values


class ReportSerializer(serializers.Serializer[Any]):
    """A report. Its file can be downloaded when `state` is `ready`."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(list(KINDS))
    state = serializers.ChoiceField(REPORT_STATES)
    error = serializers.CharField(help_text="Why the build failed", allow_blank=True)
    assessment = serializers.IntegerField(
        source="assessment.number", help_text="The number of the assessment"
    )
    framework = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(help_text="The report states the verdicts as they were at this time")
    level = serializers.CharField(help_text="The PAdES level of the signature", allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes of the file", allow_null=True)
    sha256 = serializers.CharField(allow_blank=True)
    revoked_at = serializers.DateTimeField(source="standing.revoked_at", allow_null=True)
    revoked_because = serializers.CharField(source="standing.reason", allow_blank=True)
    superseded_by = serializers.IntegerField(
        source="standing.number",
        allow_null=True,
        help_text="The number of the report that supersedes this report",
    )


class BuildSerializer(serializers.Serializer[Any]):
    """The report to build. Fields that are left out get the defaults of the form with which people build reports."""

    kind = serializers.ChoiceField(list(KINDS), default=DEFAULT_KIND)
    assessment = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_NUMBER, help_text="The number of a finished assessment"
    )
    framework = serializers.ChoiceField(
        list(NAMES),
        required=False,
        help_text=f"{FOR_FRAMEWORK_KINDS}: the framework (default: {DEFAULT_FRAMEWORK})",
    )
    without_names = serializers.BooleanField(
        default=False,
        help_text="Whether the report contains ids instead of the names of people, groups, applications and roles",
    )
    paper = serializers.ChoiceField(Paper.values, required=False)
    language = serializers.ChoiceField(Language.values, required=False)
    compare_with = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_NUMBER,
        help_text="For the kind `changes`: the number of the earlier finished assessment with which the report"
        " compares its own assessment",
    )
    period_first = serializers.DateField(
        required=False, help_text="The first day of the period, for kinds of reports that cover a period"
    )
    period_last = serializers.DateField(required=False, help_text="The last day, which is included")
    classification = serializers.CharField(max_length=MAX_CLASSIFICATION, required=False)
    supersedes = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_NUMBER,
        help_text="The number of an earlier report of the same kind, which the new report supersedes",
    )


class RevokeReportSerializer(serializers.Serializer[Any]):
    """Why a report is revoked."""

    reason = serializers.CharField(
        max_length=MAX_REASON,
        help_text="The reason for the revocation. Everybody who verifies the file can read this reason, so do not"
        " name the customer",
    )


def _objects(tenant: Tenant, rows: Sequence[Report]) -> list[_Shown]:
    found = standings(row.pk for row in rows)
    return [_Shown(row, found[row.pk]) for row in rows]


class _Shown:
    """A report. `standing` says whether the report was revoked or superseded."""

    def __init__(self, row: Report, standing: Standing) -> None:
        self._row, self.standing = row, standing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


REPORTS: Final = Listing[Report](
    plural="reports",
    singular="report",
    needs=Capability.READ_REPORTS,
    serializer=ReportSerializer,
    rows=lambda tenant: Report.objects.filter(tenant=tenant).select_related("assessment", "tenant"),
    objects=_objects,
    key=Key("number", descending=True),
    lookup="number",
    converter="int",
    description="The newest reports come first. A report can be downloaded when its `state` is `ready`.",
)


class ReportsView(ListView, listing=REPORTS):
    """Reports of a customer."""

    @extend_schema(
        operation_id="build_report",
        summary="Build a report",
        description="A worker builds and signs the report. The header Location has the address of the report."
        " Read this address every few seconds until `state` is no longer `building`.",
        parameters=[IDEMPOTENCY_KEY],
        request=BuildSerializer,
        responses={202: ReportSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.REPORT)
        choices = checked(BuildSerializer, request)
        if (chosen := choices.pop("assessment", None)) is not None:
            choices["assessment"] = _finished(tenant, "assessment", chosen)
        if (chosen := choices.pop("compare_with", None)) is not None:
            choices["baseline"] = _finished(tenant, "compare_with", chosen)
        if (chosen := choices.pop("supersedes", None)) is not None:
            choices["supersedes"] = _earlier(tenant, chosen)

        def action() -> Report:
            with names_of_fields({"baseline": "compare_with"}):
                return request_report(tenant=tenant, by=person(request), **choices)

        return create(
            request,
            tenant,
            REPORTS,
            "build_report",
            action,
            status=202,
        )


class CancelView(APIView):
    """The cancellation of a build."""

    @extend_schema(
        operation_id="cancel_report",
        summary="Cancel the build of a report",
        parameters=[ETAG],
        request=None,
        responses=ReportSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.REPORT)
        cancel_report(report=REPORTS.find(tenant, number), by=person(request))
        return REPORTS.answer(tenant, REPORTS.find(tenant, number))


class RevokeView(APIView):
    """The revocation of a report."""

    @extend_schema(
        operation_id="revoke_report",
        summary="Revoke a report",
        description="A revocation cannot be undone. Everybody who verifies the file in this installation of Surety"
        " sees that the report is revoked, and why. People who may read the customer's reports get a notice.",
        parameters=[IF_MATCH],
        request=RevokeReportSerializer,
        responses=ReportSerializer,
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.REVOKE_REPORTS)
        reason = checked(RevokeReportSerializer, request)["reason"]
        rows = Report.objects.filter(tenant=tenant, number=number)
        return change(
            request,
            tenant,
            REPORTS,
            number,
            lambda row: revoke_report(report=row, by=person(request), reason=reason),
            lock=lambda: list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk")),
        )


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
        require_file(report)
        content = read_file(report=report, by=person(request))
        return file_answer(request, report, content, target=report.tenant, tenant=report.tenant)


def _finished(tenant: Tenant, field: str, number: int) -> Assessment:
    found = Assessment.objects.filter(tenant=tenant, number=number, state=Assessment.State.FINISHED).first()
    if found is None:
        raise invalid(field, "The customer has no finished assessment with this number.")
    return found


def _earlier(tenant: Tenant, number: int) -> Report:
    found = Report.objects.filter(tenant=tenant, number=number, state=Report.State.READY).first()
    if found is None:
        raise invalid("supersedes", "The customer has no finished report with this number.")
    return found
