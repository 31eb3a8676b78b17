"""Show an organization's roles with their rights, and review the people with these roles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.accounts.selectors import service_accounts
from portal.queries.access_review import AccessRow, access_rows, table
from portal.queries.journal.actors import names_of, parse_actor
from portal.web.shared.action_messages import reported
from portal.web.shared.spreadsheet_responses import csv_response, xlsx_response
from portal.web.shared.visible import person
from tenants import access, selectors
from tenants.actions.reviews import access_digest, last_review, review_access
from tenants.errors import Conflict
from tenants.models import Membership, Organization
from tenants.people import role_pages
from tenants.roles import Capability, Role


def roles(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.MEMBERS)
    context = {
        "organization": organization,
        "columns": role_pages.columns(),
        "rows": role_pages.rows(),
    }
    return render(request, "organization/roles.html", context)


def access_review(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everybody's access on one page, so that a review covers the whole list. Service accounts are on a page of
    their own; this page states their number.
    """
    organization = access.organization(slug, needs=Capability.MEMBERS)
    memberships = list(selectors.organization_memberships(organization))
    review = last_review(organization)
    rows = access_rows(memberships)
    context = {
        "organization": organization,
        "rows": rows,
        "auditors": _auditors(memberships),
        "people": len({row.person_id for row in memberships}),
        "service_accounts": service_accounts(organization).filter(disabled_at__isnull=True).count(),
        "remarked": sum(bool(row.remarks) for row in rows),
        "seen": access_digest(memberships),
        "review": review,
        "reviewer": parse_actor(review.by, names_of([review.by])).name if review else "",
    }
    return render(request, "organization/access_review.html", context)


def _auditors(memberships: list[Membership]) -> list[Membership]:
    """Return the memberships of auditors, sorted by their end. Memberships without an end come last."""
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
    return csv_response(table(rows), _file_name(organization))


def as_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    organization, rows = _rows(slug)
    return xlsx_response(table(rows), _file_name(organization), "Access")


def _rows(slug: str) -> tuple[Organization, list[AccessRow]]:
    organization = access.organization(slug, needs=Capability.MEMBERS)
    memberships: Any = selectors.organization_memberships(organization).select_related(
        "person", "tenant", "granted_by", "confirmed_by"
    )
    return organization, access_rows(list(memberships))


def _file_name(organization: Organization) -> str:
    return f"access-{organization.slug}-{timezone.now():%Y-%m-%d}"
