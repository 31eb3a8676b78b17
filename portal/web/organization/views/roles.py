"""An organization's roles with their rights, and the review of the people with these roles."""

from __future__ import annotations

import tempfile
from typing import Any, Final

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.queries.access_review import AccessRow, access_rows, table
from portal.queries.journal.actors import names_of, parse_actor
from portal.spreadsheets import csv_chunks, write_xlsx
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access, role_pages, selectors
from tenants.actions.reviews import access_digest, last_review, review_access
from tenants.errors import Conflict
from tenants.models import Membership, Organization
from tenants.roles import Capability, Role

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def roles(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the table of roles and rights."""
    organization = access.organization(slug, needs=Capability.MEMBERS)
    context = {
        "organization": organization,
        "columns": role_pages.columns(),
        "rows": role_pages.rows(),
    }
    return render(request, "organization/roles.html", context)


def access_review(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everybody's access on one page, so that a review covers the whole list."""
    organization = access.organization(slug, needs=Capability.MEMBERS)
    memberships = list(selectors.organization_memberships(organization))
    review = last_review(organization)
    rows = access_rows(memberships)
    context = {
        "organization": organization,
        "rows": rows,
        "auditors": _auditors(memberships),
        "people": len({row.person_id for row in memberships}),
        "remarked": sum(bool(row.remarks) for row in rows),
        "seen": access_digest(memberships),
        "review": review,
        "reviewer": parse_actor(review.by, names_of([review.by])).name if review else "",
    }
    return render(request, "organization/access_review.html", context)


def _auditors(memberships: list[Membership]) -> list[Membership]:
    """Return the memberships of auditors. Those that end first are at the beginning."""
    found = [row for row in memberships if row.role == Role.AUDITOR]
    return sorted(found, key=lambda row: (row.valid_until is None, row.valid_until))


@require_POST
def reviewed(request: HttpRequest, slug: str) -> HttpResponse:
    """Record that the person reviewed the list of everybody's access. `seen` is the digest of the list that was
    shown.
    """
    organization = access.organization(slug, needs=Capability.MEMBERS)
    seen, note = request.POST.get("seen", ""), request.POST.get("note", "")
    with reported(request, "The review is recorded in the organization’s journal.", refusal=Conflict):
        review_access(by=person(), organization=organization, seen=seen, note=note)
    return redirect("access-review", slug=slug)


def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    organization, rows = _rows(slug)
    response = StreamingHttpResponse(csv_chunks(table(rows)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(organization)}.csv"'
    return response


def as_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    organization, rows = _rows(slug)
    file = tempfile.TemporaryFile(prefix="surety-export-")  # noqa: SIM115 - the response closes it
    write_xlsx(table(rows), file, "Access")
    file.seek(0)
    name = f"{_file_name(organization)}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _rows(slug: str) -> tuple[Organization, list[AccessRow]]:
    organization = access.organization(slug, needs=Capability.MEMBERS)
    memberships: Any = selectors.organization_memberships(organization).select_related(
        "person", "tenant", "granted_by", "confirmed_by"
    )
    return organization, access_rows(list(memberships))


def _file_name(organization: Organization) -> str:
    return f"access-{organization.slug}-{timezone.now():%Y-%m-%d}"
