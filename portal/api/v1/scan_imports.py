"""Imported vulnerability scans of a customer: upload, list and delete imports, and list the machines of an import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.scans.imports import MAX_REASON, delete_import, import_scan
from assessments.models import ScanEntry, ScanImport
from assessments.scan_files.facts import Scanner, Severity
from portal.api.bodies import checked
from portal.api.listing import Listing, ListView, one_of
from portal.api.pages import Key, check_values, listed, only, page_of, page_parameters, respond
from portal.api.people import person
from portal.api.v1.shared import PersonSerializer
from portal.retention.selectors import refuse_on_hold
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

_MATCHES: Final = ("matched", "unmatched")


class ScanImportSerializer(serializers.Serializer[Any]):
    """An imported file of a vulnerability scanner. The file itself is not kept."""

    id = serializers.UUIDField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes of the file")
    scanner = serializers.ChoiceField([str(scanner) for scanner in Scanner])
    origin = serializers.ChoiceField(ScanImport.Origin.values)
    scanned_from = serializers.DateTimeField(help_text="The time of the earliest scan in the file")
    scanned_at = serializers.DateTimeField(help_text="The time of the latest scan in the file")
    imported_at = serializers.DateTimeField()
    imported_by = PersonSerializer(allow_null=True)
    machines = serializers.IntegerField()
    unmatched = serializers.IntegerField(
        help_text="The number of machines in the file that match none or several of the machines in the inventory"
    )
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"Open vulnerabilities by severity: {', '.join(Severity)}"
    )
    notes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Sentences that say which parts of the file were not imported",
    )


class ScanEntrySerializer(serializers.Serializer[Any]):
    """A machine in an imported file."""

    id = serializers.UUIDField()
    host = serializers.CharField(
        source="label",
        help_text="The first name of the machine in the file, or its first address if the file states no name",
    )
    addresses = serializers.ListField(child=serializers.CharField())
    names = serializers.ListField(child=serializers.CharField())
    machine = serializers.CharField(
        help_text="The Azure resource id of the virtual machine in lower case; an empty text if no machine matches",
        allow_blank=True,
    )
    reason = serializers.CharField(help_text="Why no machine matches", allow_blank=True)
    scanned_at = serializers.DateTimeField()
    is_authenticated = serializers.BooleanField(
        allow_null=True,
        help_text="Whether the scanner signed in to the machine; null if the file does not state it",
    )
    counts = serializers.DictField(child=serializers.IntegerField())


class UploadScanSerializer(serializers.Serializer[Any]):
    """A file of a vulnerability scanner, as multipart/form-data."""

    file = serializers.FileField(
        help_text="The file of a scanner as XML, CSV or JSON, optionally compressed with gzip"
    )
    scanned_at = serializers.DateTimeField(
        required=False,
        help_text="The time of the scan. Surety uses this time for machines for which the file states no time",
    )


class DeleteScanSerializer(serializers.Serializer[Any]):
    """The reason why an import is deleted."""

    reason = serializers.CharField(max_length=MAX_REASON)


def _rows(tenant: Tenant) -> QuerySet[ScanImport]:
    return (
        ScanImport.objects.filter(tenant=tenant)
        .select_related("imported_by", "tenant")
        .annotate(machines=Count("entries"), unmatched=Count("entries", filter=Q(entries__machine="")))
    )


SCAN_IMPORTS: Final = Listing[ScanImport](
    plural="scan-imports",
    singular="scan-import",
    needs=Capability.VIEW_ALL,
    serializer=ScanImportSerializer,
    rows=_rows,
    description="Imported files of vulnerability scanners.",
)


class ScanImportsView(ListView, listing=SCAN_IMPORTS):
    """Imported scans of a customer."""

    # Only uploads have a body. The list of imports is read with GET, so it needs no parser.
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="import_scan",
        summary="Import a vulnerability scan",
        description="Reads a file of Nessus, Qualys, OpenVAS, Greenbone, Tripwire IP360 or Defender for Cloud, and"
        " matches the machines in the file with the inventory. The next assessment uses the results. If a file"
        " with the same content was imported before, the answer is 409 with the code `already_imported`. If"
        " other files are being imported, the answer is 409 with the code `import_busy`: try again in a minute.",
        request={"multipart/form-data": UploadScanSerializer},
        responses={201: ScanImportSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        access.tenant(customer, needs=Capability.VIEW_ALL)
        tenant = access.tenant(customer, needs=Capability.ATTEST)
        values = checked(UploadScanSerializer, request)
        file: UploadedFile[Any] = values["file"]
        row = import_scan(
            tenant=tenant,
            by=person(request),
            origin=ScanImport.Origin.API,
            file_name=file.name or "",
            content=file.read(),
            scanned_at=values.get("scanned_at"),
        )
        response = SCAN_IMPORTS.answer(tenant, SCAN_IMPORTS.find(tenant, row.pk), status=201)
        response.headers["Location"] = reverse("api-scan-import", args=[tenant.slug, row.pk])
        return response


class EntriesView(APIView):
    """The machines of an imported file."""

    _MATCH: Final[OpenApiParameter] = one_of("match", _MATCHES, "Whether a machine of the inventory matches")

    @extend_schema(
        operation_id="list_scan_entries",
        summary="List the machines of an imported scan",
        description="The list has one item for each machine in the file. If no machine of the inventory matches, the"
        " item has the reason.",
        parameters=[_MATCH, *page_parameters(ScanEntrySerializer)],
        responses=listed("ScanEntryPage", ScanEntrySerializer),
    )
    def get(self, request: Request, customer: str, pk: UUID) -> Response:
        only(request, ("match",), item=ScanEntrySerializer)
        tenant = access.tenant(customer, needs=Capability.VIEW_ALL)
        parameters = dict(request.query_params.lists())
        check_values([self._MATCH], parameters)
        rows: QuerySet[ScanEntry] = SCAN_IMPORTS.find(tenant, pk).entries.defer("vulnerabilities")
        match parameters.get("match"):
            case ["matched"]:
                rows = rows.exclude(machine="")
            case ["unmatched"]:
                rows = rows.filter(machine="")
        page = page_of(request, rows, Key())
        return respond(request, ScanEntrySerializer(page.rows, many=True).data, page.next_cursor)


class DeleteView(APIView):
    """The deletion of an import."""

    @extend_schema(
        operation_id="delete_scan_import",
        summary="Delete an imported scan",
        description="The next assessment no longer uses the imported scan. Evidence of earlier assessments remains.",
        request=DeleteScanSerializer,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        access.tenant(customer, needs=Capability.VIEW_ALL)
        tenant = access.tenant(customer, needs=Capability.ATTEST)
        values = checked(DeleteScanSerializer, request)
        found = SCAN_IMPORTS.find(tenant, pk)
        refuse_on_hold(tenant)
        delete_import(scan_import=found, by=person(request), reason=values["reason"])
        return Response(status=204)


ACTIONS: Final[Mapping[str, type[APIView]]] = {"entries": EntriesView, "delete": DeleteView}
"""The views of further operations on an imported scan. Each key is the last part of the URL."""
