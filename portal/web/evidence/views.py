"""Handing out the files that people added to exceptions and attestations: as a download and nothing else."""

from __future__ import annotations

from django.db.models import Q
from django.http import FileResponse, HttpRequest

from portal.treatment.models import EvidenceFile
from portal.web.shared.visible import visible_exceptions, visible_findings
from tenants import access
from tenants.errors import NotFound
from tenants.roles import Capability


def evidence_file(request: HttpRequest, slug: str, pk: str) -> FileResponse:
    """The file, to whoever may see what it belongs to; never shown by the browser in our origin.

    A person gave it, so it may be anything: whatever its type, it is an attachment that no browser guesses
    about, renders or runs.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    theirs = Q(exception__in=visible_exceptions(tenant).order_by()) | Q(
        attestation__finding__in=visible_findings(tenant).order_by()
    )
    found = access.get(
        EvidenceFile,
        pk,
        needs=Capability.VIEW,
        queryset=EvidenceFile.objects.filter(theirs, tenant=tenant),
    )
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise NotFound(
            "This file is no longer in the state directory. Restore it from a backup; its SHA-256 is "
            f"{found.sha256}."
        ) from None
    answer = FileResponse(
        content, as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
