"""Reports whose rows and files were deleted under the retention policy: list their hashes, and revoke such a
report.
"""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.pages import Key, listed, only, page_of, page_parameters, respond
from portal.api.people import person
from portal.api.v1.reports import RevokeReportSerializer
from portal.reports.models import DeletedReport
from portal.reports.records.register import standings
from portal.reports.records.revocation import revoke_deleted_report
from portal.reports.records.signed_files import record_of
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

_SHA256: Final = 64


class DeletedReportSerializer(serializers.Serializer[Any]):
    """A deleted report, of which copies can still exist."""

    number = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="The SHA-256 of the newest copy of the file")
    deleted_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(source="standing.revoked_at", allow_null=True)
    revoked_because = serializers.CharField(source="standing.reason", allow_blank=True)


class RevokeDeletedReportSerializer(RevokeReportSerializer):
    """The deleted report to revoke, identified by the SHA-256 of its file, and the reason."""

    sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}$", max_length=_SHA256, help_text="The SHA-256 of the file, in hex"
    )


class DeletedReportsView(APIView):
    """Deleted reports of a customer."""

    @extend_schema(
        operation_id="list_deleted_reports",
        summary="List deleted reports",
        description="Reports that were deleted under the retention policy, the newest first.",
        parameters=list(page_parameters(DeletedReportSerializer)),
        responses=listed("DeletedReportPage", DeletedReportSerializer),
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), item=DeletedReportSerializer)
        tenant = access.tenant(customer, needs=Capability.READ_REPORTS)
        rows = DeletedReport.objects.filter(tenant=tenant).order_by()
        page = page_of(request, rows, Key("number", descending=True))
        return respond(request, _shown(page.rows), page.next_cursor)


class RevokeDeletedView(APIView):
    """The revocation of a deleted report."""

    @extend_schema(
        operation_id="revoke_deleted_report",
        summary="Revoke a deleted report",
        description="The SHA-256 says which report is revoked. The revocation cannot be undone.",
        request=RevokeDeletedReportSerializer,
        responses=DeletedReportSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.REVOKE_REPORTS)
        values = checked(RevokeDeletedReportSerializer, request)
        revoke_deleted_report(tenant=tenant, by=person(request), **values)
        return Response(_shown([_of(tenant, values["sha256"])])[0])


def _of(tenant: Tenant, sha256: str) -> DeletedReport:
    """Return the deleted report that had a file with this SHA-256. A renewed report had several files."""
    record = record_of(sha256)
    if record is None:
        raise NotFound("This installation has no record of a file with this SHA-256.")
    return DeletedReport.objects.get(tenant=tenant, report=record.report)


def _shown(rows: list[DeletedReport]) -> list[dict[str, Any]]:
    found = standings(row.report for row in rows)
    names = ("number", "sha256", "deleted_at")
    objects = [
        {**{name: getattr(row, name) for name in names}, "standing": found[row.report]} for row in rows
    ]
    return list(DeletedReportSerializer(objects, many=True).data)
