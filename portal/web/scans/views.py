"""Import vulnerability scans, list the imports, and show or delete an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.scans.imports import delete_import, import_scan
from assessments.actions.units.inventory import key_of
from assessments.estate.ids import name_of
from assessments.models import Resource, ScanEntry, ScanImport
from portal.retention.selectors import refuse_on_hold
from portal.web.components.form_parts import refused
from portal.web.scans.forms import DeleteForm, ScanFileForm
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import Refusal
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
LOCATION: Final = "X-Surety-Location"
"""The header with the URL that the browser opens after the page's script has uploaded a file.

The response to such an upload must not be a redirect. The script would follow the redirect and fetch the page, with the
message about the result. A message is shown only once, so it would be missing when the browser opens the page.
"""
UPLOAD: Final = "X-Surety-Upload"


@require_http_methods(["GET", "HEAD", "POST"])
def scans(request: HttpRequest, slug: str) -> HttpResponse:
    """List the imports, and import a file."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    form = ScanFileForm()
    if request.method == "POST":
        access.tenant(slug, needs=Capability.ATTEST)
        with timezone.override(ZoneInfo(tenant.timezone)):
            form = ScanFileForm(request.POST, request.FILES)
            is_valid = form.is_valid()
        if is_valid:
            file = form.cleaned_data["file"]
            try:
                row = import_scan(
                    tenant=tenant,
                    by=person(),
                    origin=ScanImport.Origin.PAGE,
                    file_name=file.name or "",
                    content=file.read(),
                    scanned_at=form.cleaned_data["scanned_at"],
                )
            except Refusal as error:
                refused(form, error)
            else:
                messages.success(request, "Scan imported. The next assessment evaluates the scan.")
                return _opened(request, slug, row)
    rows = _counted(tenant).select_related("imported_by").order_by("-imported_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tenant": tenant,
        "form": form,
        "page": page,
        "rows": page.object_list,
        "may_import": may(Capability.ATTEST, tenant),
    }
    return render(request, "scans/list.html", context, status=400 if form.is_bound else 200)


def scan(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show an import with its machines. `?only=unmatched` shows only machines that are not in the inventory."""
    tenant, row = _found(slug, pk)
    return _shown(request, tenant, row, DeleteForm())


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ATTEST)
    row = _visible(tenant, pk)
    form = DeleteForm(request.POST)
    if form.is_valid():
        try:
            refuse_on_hold(tenant)
            delete_import(scan_import=row, by=person(), reason=form.cleaned_data["reason"])
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(
                request, f"Import “{row.file_name}” deleted. The next assessment no longer uses this import."
            )
            return redirect("scans", slug=slug)
    return _shown(request, tenant, row, form)


def _shown(request: HttpRequest, tenant: Tenant, row: ScanImport, form: DeleteForm) -> HttpResponse:
    only = "unmatched" if request.GET.get("only") == "unmatched" else ""
    entries = row.entries.defer("vulnerabilities").order_by("label", "pk")
    if only:
        entries = entries.filter(machine="")
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tenant": tenant,
        "row": row,
        "form": form,
        "only": only,
        "page": page,
        "entries": _entries(tenant, list(page.object_list)),
        "may_import": may(Capability.ATTEST, tenant),
    }
    return render(request, "scans/scan.html", context, status=400 if form.is_bound else 200)


def _entries(tenant: Tenant, rows: Sequence[ScanEntry]) -> list[dict[str, Any]]:
    keys = {row.machine: key_of(row.machine) for row in rows if row.machine}
    found = Resource.objects.filter(tenant=tenant, key__in=keys.values())
    resources = {resource.key: resource for resource in found}
    return [
        {
            "entry": row,
            "resource": resources.get(keys.get(row.machine, "")),
            "machine": name_of(row.machine),
        }
        for row in rows
    ]


def _counted(tenant: Tenant) -> Any:
    return ScanImport.objects.filter(tenant=tenant).annotate(
        machines=Count("entries"), unmatched=Count("entries", filter=Q(entries__machine=""))
    )


def _found(slug: str, pk: str) -> tuple[Tenant, ScanImport]:
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    return tenant, _visible(tenant, pk)


def _visible(tenant: Tenant, pk: str) -> ScanImport:
    """Return the import. Raise NotFound for people who see only the findings that they own."""
    rows = _counted(tenant).select_related("imported_by", "tenant")
    if not may(Capability.VIEW_ALL, tenant):
        rows = rows.none()
    found: ScanImport = access.get(ScanImport, pk, needs=Capability.VIEW, queryset=rows)
    return found


def _opened(request: HttpRequest, slug: str, row: ScanImport) -> HttpResponse:
    answer = redirect("scan", slug=slug, pk=row.pk)
    if UPLOAD not in request.headers:
        return answer
    return HttpResponse(status=204, headers={LOCATION: answer.url})
