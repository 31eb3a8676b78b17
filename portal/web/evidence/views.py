"""Download of files that people attached to exceptions and attestations."""

from __future__ import annotations

from django.db.models import Q
from django.http import FileResponse, HttpRequest

from portal.treatment.models import EvidenceFile
from portal.web.shared.visible import visible_exceptions, visible_findings
from tenants import access
from tenants.errors import NotFound
from tenants.roles import Capability


def evidence_file(request: HttpRequest, slug: str, pk: str) -> FileResponse:
    """Download a file, for people who may see its exception or attestation.

    An uploaded file may contain anything, so browsers must not guess its type, render it or run it.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    visible = Q(exception__in=visible_exceptions(tenant).order_by()) | Q(
        attestation__finding__in=visible_findings(tenant).order_by()
    )
    found = access.get(
        EvidenceFile,
        pk,
        needs=Capability.VIEW,
        queryset=EvidenceFile.objects.filter(visible, tenant=tenant),
    )
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise NotFound(
            f"This file is missing from the state directory. Restore it from a backup; its SHA-256 is {found.sha256}."
        ) from None
    response = FileResponse(
        content, as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
