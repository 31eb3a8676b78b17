"""Handle the configuration of an organization as a file: download, upload, plan and apply."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portal.configuration.actions import apply_upload, export, plan_again, upload
from portal.configuration.models import ConfigurationFile
from portal.configuration.plan import compare
from portal.configuration.problems import Problem, UnusableFile
from portal.configuration.schema import schema
from portal.configuration.steps import Kind, Plan
from portal.configuration.yaml_text import MAX_BYTES
from portal.web.components.form_parts import max_size
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict
from tenants.models import Organization, Tenant
from tenants.roles import Capability

LISTED: Final = 20
CHANGES: Final = require_http_methods(["GET", "HEAD", "POST"])
_MARKS: Final = {
    Kind.ADD: ("role-pass", "plus"),
    Kind.CHANGE: ("role-accent", "settings"),
    Kind.REMOVE: ("role-fail", "close"),
    Kind.TODO: ("role-unknown", "note"),
}


class FileForm(forms.Form):
    """A form with the uploaded file. The action `upload` checks the file's content."""

    file = forms.FileField(
        label="YAML file",
        help_text=f"At most {MAX_BYTES // 2**20} MiB.",
        validators=[
            max_size(
                MAX_BYTES,
                f"The file is larger than {MAX_BYTES // 2**20} MiB. Split the file into several files with fewer"
                " customers.",
            )
        ],
    )


@CHANGES
def configuration(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page on which people download and upload the configuration. POST stores an uploaded file and plans its
    changes.
    """
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row, _ = upload(
                organization=organization, by=person(), file_name=file.name or "", content=file.read()
            )
        except UnusableFile as error:
            problems = error.problems
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            return redirect("configuration-file", slug=slug, pk=row.pk)
    files = ConfigurationFile.objects.filter(organization=organization).select_related("uploaded_by")
    context = {
        "organization": organization,
        "form": form,
        "problems": problems,
        "tenants": Tenant.objects.filter(organization=organization).order_by("name", "pk"),
        "files": files.defer("content").order_by("-created_at")[:LISTED],
    }
    return render(request, "organization/configuration.html", context, status=400 if form.is_bound else 200)


@require_safe
def as_yaml(request: HttpRequest, slug: str) -> HttpResponse:
    """Download the settings of the organization and of all its customers, or only the settings of one customer
    (`customer`).
    """
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    tenants = Tenant.objects.filter(organization=organization).order_by("name", "pk")
    if chosen := request.GET.get("customer", ""):
        tenants = tenants.filter(pk=access.tenant(chosen, needs=Capability.ADMINISTER).pk)
        if not tenants:
            raise Http404
    text = export(organization=organization, tenants=tenants, whole=not chosen)
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{organization.slug}.yaml"'
    return answer


@require_safe
def json_schema(request: HttpRequest, slug: str) -> HttpResponse:
    """Download the JSON schema of configuration files."""
    access.organization(slug, needs=Capability.ORGANIZATION)
    answer = JsonResponse(schema(), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="configuration.schema.json"'
    return answer


@CHANGES
def configuration_file(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show what a file would change. POST applies the file; POST with `again` only computes the changes again."""
    organization, row = _found(slug, pk)
    problems: list[Problem] = []
    status = 200
    if request.method == "POST":
        try:
            if "again" in request.POST:
                plan_again(file=row, by=person())
                return redirect("configuration-file", slug=slug, pk=pk)
            done = apply_upload(file=row, by=person())
        except UnusableFile as error:
            problems, status = error.problems, 400
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("configuration-file", slug=slug, pk=pk)
        else:
            number = len(done.changes)
            messages.success(
                request, f"{row.file_name} is applied: {number} change{'' if number == 1 else 's'}."
            )
            return redirect("configuration-file", slug=slug, pk=pk)
    found: Plan | None = None
    if row.applied_at is None and not problems:
        try:
            found = compare(row.content.encode(), organization=organization, by=row.uploaded_by)
        except UnusableFile as error:
            problems = error.problems
    context = {
        "organization": organization,
        "row": row,
        "plan": found,
        "steps": [{"step": step, "mark": _MARKS[step.kind]} for step in found.in_file_order] if found else [],
        "problems": problems,
        "changed": found is not None and found.digest != row.state_digest,
        "mine": row.uploaded_by_id == person().pk,
    }
    return render(request, "organization/configuration_file.html", context, status=status)


def _found(slug: str, pk: str) -> tuple[Organization, ConfigurationFile]:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    rows = ConfigurationFile.objects.filter(organization=organization).select_related(
        "organization", "uploaded_by"
    )
    return organization, access.get(ConfigurationFile, pk, needs=Capability.ORGANIZATION, queryset=rows)
