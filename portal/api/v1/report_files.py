"""The answer with the signed file of a report, for reports of customers and portfolio reports."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpResponse
from rest_framework.request import Request

from portal.api.people import person
from portal.api.problems import file_changed
from portal.reports.signed_build import SignedBuild
from tenants import journal
from tenants.models import Organization, Tenant


def file_answer(
    request: Request,
    report: SignedBuild,
    content: bytes | None,
    *,
    target: Model | str,
    tenant: Tenant | None = None,
    organization: Organization | None = None,
) -> HttpResponse:
    """Return the file as a download, and record the download in the journal of the customer or organization. If
    `content` is None, because the file is missing or was changed, return the error of `file_changed`.
    """
    if content is None:
        return file_changed()
    journal.record(
        actor=person(request),
        action="file.downloaded",
        target=target,
        details={"file": report.file_name},
        tenant=tenant,
        organization=organization,
    )
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{report.file_name}"'
    return response
