"""Download files that people attached to exceptions and attestations."""

from __future__ import annotations

import hashlib
from io import BytesIO

import structlog
from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from portal.treatment.models import EvidenceFile
from portal.web.shared.visible import person, visible_exceptions, visible_findings
from tenants import access, journal
from tenants.errors import NotFound
from tenants.roles import Capability

log = structlog.get_logger(__name__)


def evidence_file(request: HttpRequest, slug: str, pk: str) -> HttpResponseBase:
    """Download a file. Only people who may see the file's exception or attestation can download it.

    If the stored file was changed after somebody attached it, refuse the download. The file may contain anything, so
    browsers must not guess its type, display it or run it.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    visible = Q(exception__in=visible_exceptions(tenant).order_by()) | Q(
        attestation__finding__in=visible_findings(tenant).order_by()
    )
    found = access.get(
        EvidenceFile,
        pk,
        needs=Capability.VIEW,
        queryset=EvidenceFile.objects.filter(visible, tenant=tenant).select_related("tenant", "attestation"),
    )
    try:
        with found.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise NotFound(
            "This file is missing in the state directory. Restore the file from a backup. Its SHA-256 is"
            f" {found.sha256}."
        ) from None
    if (stored := hashlib.sha256(content).hexdigest()) != found.sha256:
        return _refused(request, found, stored)
    response = FileResponse(
        BytesIO(content), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _refused(request: HttpRequest, row: EvidenceFile, stored: str) -> HttpResponseBase:
    """Record that the stored file was changed, and show the page of its exception or manual control with the error."""
    details = {"file": row.name, "sha256": row.sha256, "found": stored}
    journal.record(
        tenant=row.tenant, actor=person(), action="evidence.file_refused", target=row, details=details
    )
    log.error("evidence_file_refused", file=str(row.pk), sha256=row.sha256, found=stored)
    messages.error(
        request,
        f"{row.name} was changed on the server after it was attached, so it was not sent. Ask the operator of Surety"
        " to restore the file from a backup.",
    )
    if row.attestation is not None:
        return redirect("attest", slug=row.tenant.slug, pk=row.attestation.finding_id)
    return redirect("exception", slug=row.tenant.slug, pk=row.exception_id)
