"""Import customers from a CSV file: upload, preview, progress and cancel."""

from __future__ import annotations

from typing import Final

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.files.csv_input import MAX_BYTES, MAX_LINES
from portal.files.spreadsheets import csv_file
from portal.imports.actions import cancel_import, counts, is_stalled, start_import, summary, upload
from portal.imports.columns import COLUMNS, HOST_IDENTITY
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.permissions import checks
from portal.web.components.form_parts import max_size, refused
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, Refusal
from tenants.models import Organization, Tenant
from tenants.roles import Capability

PER_PAGE: Final = 100
LISTED: Final = 20
State = CustomerImportLine.State
# {state of a line: (CSS class, icon)}, in the order in which the page lists the states.
_ICONS: Final = {
    State.ERROR: ("role-fail", "fail"),
    State.FAILED: ("role-fail", "fail"),
    State.NEW: ("role-accent", "plus"),
    State.CHANGE: ("role-accent", "settings"),
    State.CREATED: ("role-pass", "tick"),
    State.CHANGED: ("role-pass", "tick"),
    State.SAME: ("role-unknown", "tick"),
}


class FileForm(forms.Form):
    """A form with the uploaded file. The action `upload` checks the file's content."""

    file = forms.FileField(
        label="CSV file",
        help_text=f"At most {MAX_LINES:,} customers.",
        validators=[
            max_size(
                MAX_BYTES, f"The file is larger than {MAX_BYTES // 2**20} MiB. Split it into several files."
            )
        ],
    )


class OptionsForm(forms.Form):
    sign_in = forms.BooleanField(
        label="Sign in with each new credential before the import",
        required=False,
        initial=True,
        help_text="If a credential is refused, its line is not imported. The details of the line state the reason.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest, slug: str) -> HttpResponse:
    """Upload a file, and list the latest imports."""
    organization = access.organization(slug, needs=Capability.REGISTER)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = upload(
                organization=organization, by=person(), file_name=file.name or "", content=file.read()
            )
        except Refusal as error:
            refused(form, error)
        else:
            return redirect("customer-import", slug=slug, pk=row.pk)
    rows = CustomerImport.objects.filter(organization=organization).select_related("requested_by")
    context = {
        "organization": organization,
        "form": form,
        "columns": COLUMNS,
        "rows": rows.order_by("-created_at")[:LISTED],
    }
    return render(request, "organization/imports.html", context, status=400 if form.is_bound else 200)


def template(request: HttpRequest, slug: str) -> HttpResponse:
    """Download a CSV template with the column names and one example line."""
    access.organization(slug, needs=Capability.REGISTER)
    content = csv_file([column.name for column in COLUMNS], [[column.example for column in COLUMNS]])
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return answer


def customer_import(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show the changes that each line of the file would make. For an imported line, show the changes that it
    has made.
    """
    organization, row = _found(slug, pk)
    found = counts(row)
    lines = row.lines.order_by("number")
    only = request.GET.get("only", "")
    if only in State.values:
        lines = lines.filter(state=only)
    page = Paginator(lines.defer("secret"), PER_PAGE).get_page(request.GET.get("page"))
    slugs = {line.customer_slug for line in page.object_list if line.customer_slug}
    known = set(
        Tenant.objects.filter(organization=organization, slug__in=slugs).values_list("slug", flat=True)
    )
    permissions = checks(organization, page.object_list)
    done = sum(found.get(key, 0) for key in (State.CREATED, State.CHANGED, State.FAILED))
    waiting = sum(found.get(key, 0) for key in CustomerImportLine.WAITING)
    context = {
        "organization": organization,
        "row": row,
        "live": row.state == CustomerImport.State.RUNNING
        or any(one.is_waiting for one in permissions.values()),
        "stalled": is_stalled(row),
        "summary": summary(found),
        "done": done,
        "total": done + waiting,
        "waiting": waiting,
        "errors": found.get(State.ERROR, 0),
        "options": OptionsForm()
        if row.state == CustomerImport.State.PREVIEW and _has_credentials(row)
        else None,
        "page": page,
        "only": only,
        "filters": [(key, State(key).label, found[key]) for key in _ICONS if found.get(key)],
        "lines": [
            {
                "line": line,
                "mark": _ICONS[State(line.state)],
                "linked": line.customer_slug in known,
                "permissions": permissions.get(line),
            }
            for line in page.object_list
        ],
    }
    return render(request, "organization/import.html", context)


def _has_credentials(row: CustomerImport) -> bool:
    """Return whether any line that is not imported yet has a secret or names a host identity."""
    waiting = row.lines.filter(state__in=CustomerImportLine.WAITING)
    return waiting.filter(Q(secret__isnull=False) | Q(values__has_key=HOST_IDENTITY)).exists()


@require_POST
def start(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    _, row = _found(slug, pk)
    with reported(request, "The import has started.", refusal=Conflict):
        start_import(customer_import=row, by=person(), signs_in="sign_in" in request.POST)
    return redirect("customer-import", slug=slug, pk=pk)


@require_POST
def cancel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    _, row = _found(slug, pk)
    with reported(
        request, "The import was cancelled. Customers that are already imported remain.", refusal=Conflict
    ):
        cancel_import(customer_import=row, by=person())
    return redirect("customer-import", slug=slug, pk=pk)


def _found(slug: str, pk: str) -> tuple[Organization, CustomerImport]:
    organization = access.organization(slug, needs=Capability.REGISTER)
    rows = CustomerImport.objects.filter(organization=organization).select_related(
        "organization", "requested_by"
    )
    return organization, access.get(CustomerImport, pk, needs=Capability.REGISTER, queryset=rows)
