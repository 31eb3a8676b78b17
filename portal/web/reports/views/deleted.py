"""List the hashes of reports that were deleted under the retention policy, and revoke such reports with a form."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.reports.models import DeletedReport
from portal.reports.records.register import standings
from portal.reports.records.revocation import revoke_deleted_report
from portal.web.reports.forms import RevokeDeletedForm
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50


def deleted(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.READ_REPORTS)
    return _page(request, tenant, RevokeDeletedForm())


@require_POST
def revoke(request: HttpRequest, slug: str) -> HttpResponse:
    """Revoke a deleted report permanently."""
    tenant = access.tenant(slug, needs=Capability.REVOKE_REPORTS)
    form = RevokeDeletedForm(request.POST)
    if form.is_valid():
        try:
            revoke_deleted_report(tenant=tenant, by=person(), **form.cleaned_data)
        except InvalidInput as error:
            for field, message in error.fields.items():
                form.add_error(field, message)
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("reports-deleted", slug=slug)
    if form.errors:
        return _page(request, tenant, form)
    messages.success(
        request, "The deleted report is revoked. People who may read reports of the customer are notified."
    )
    return redirect("reports-deleted", slug=slug)


def _page(request: HttpRequest, tenant: Tenant, form: RevokeDeletedForm) -> HttpResponse:
    page = Paginator(DeletedReport.objects.filter(tenant=tenant), PER_PAGE).get_page(request.GET.get("page"))
    found = standings(row.report for row in page.object_list)
    rows = [
        {
            "number": row.number,
            "sha256": row.sha256,
            "deleted_at": row.deleted_at,
            "standing": found[row.report],
        }
        for row in page.object_list
    ]
    context = {
        "tenant": tenant,
        "page": page,
        "rows": rows,
        "form": form if may(Capability.REVOKE_REPORTS, tenant) and (rows or form.errors) else None,
    }
    return render(request, "reports/deleted.html", context, status=400 if form.errors else 200)
