"""Import a mute list of Prowler. The page previews the findings that the entries of the list match, and requests
exceptions for these findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessments.controls.registry import catalogue
from assessments.display.subjects import subject_text
from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.configuration.problems import Problem, UnusableFile
from portal.mute_lists.actions import MAX_FILE_NAME, preview_mute_list, request_muted
from portal.mute_lists.plan import MuteListPlan
from portal.web.components.form_parts import refused
from portal.web.exceptions.deciders import report_request
from portal.web.exceptions.mute_list_form import MuteListFileForm, MuteListRequestForm, decoded, encoded
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.errors import Refusal
from tenants.models import Tenant
from tenants.roles import Capability

SAMPLE: Final = 5
"""The maximum number of findings that the preview names for each entry."""


@require_http_methods(["GET", "HEAD", "POST"])
def mute_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form (GET), preview a file (POST with a file), or request exceptions (POST of the form with the
    preview).
    """
    tenant = access.tenant(slug, needs=Capability.TREAT)
    if request.method != "POST":
        return _upload(request, tenant, MuteListFileForm())
    if "content" not in request.POST:
        form = MuteListFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return _upload(request, tenant, form)
        file = form.cleaned_data["file"]
        return _preview(request, tenant, file.read(), str(file.name or "")[-MAX_FILE_NAME:])
    content = decoded(request.POST["content"])
    if content is None:
        form = MuteListFileForm()
        messages.error(
            request, "The form was sent without the file that was previewed. Choose the file again."
        )
        return _upload(request, tenant, form, status=400)
    return _request(request, tenant, content)


def _upload(
    request: HttpRequest,
    tenant: Tenant,
    form: MuteListFileForm,
    *,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"tenant": tenant, "file_form": form, "problems": problems}
    status = 400 if form.errors or problems else status
    return render(request, "exceptions/mute_list.html", context, status=status)


def _preview(
    request: HttpRequest,
    tenant: Tenant,
    content: bytes,
    file_name: str,
    *,
    form: MuteListRequestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the findings that the file matches now. If `form` is None, all entries that match findings are
    selected.
    """
    try:
        plan = preview_mute_list(tenant=tenant, content=content)
    except UnusableFile as error:
        return _upload(request, tenant, MuteListFileForm(), problems=error.problems)
    except Refusal as error:
        return _upload(request, tenant, MuteListFileForm(), problems=[Problem(0, error.message)])
    numbers = [one.entry.number for one in plan.entries]
    chosen = [one.entry.number for one in plan.entries if one.findings]
    if form is not None:
        sent = map(str, form["entries"].value() or ())
        chosen = [int(one) for one in sent if one.isdecimal() and len(one) < 6]
    else:
        form = MuteListRequestForm(tenant, numbers=numbers)
    context = {
        "tenant": tenant,
        "form": form,
        "rows": _rows(tenant, plan, chosen),
        "content": encoded(content),
        "file_name": file_name,
        "digest": plan.digest,
        "any": any(one.findings for one in plan.entries),
    }
    return render(request, "exceptions/mute_list.html", context, status=status)


def _request(request: HttpRequest, tenant: Tenant, content: bytes) -> HttpResponse:
    # The form accepts every entry number that was sent. The action reads the file again and refuses numbers of entries
    # that the file does not have.
    numbers = [int(one) for one in request.POST.getlist("entries") if one.isdecimal() and len(one) < 6]
    form = MuteListRequestForm(tenant, request.POST, numbers=numbers)
    file_name = request.POST.get("file_name", "")[-MAX_FILE_NAME:]
    status = 400
    if form.is_valid():
        values = form.cleaned_data
        try:
            found = request_muted(
                tenant=tenant,
                by=person(),
                content=content,
                file_name=file_name,
                chosen=values["entries"],
                ends_at=values["ends_at"],
                reason=values["reason"],
                expected=values["digest"],
            )
        except Refusal as error:
            refused(form, error)
            status = 409 if error.code == "changed_meanwhile" else 400
        else:
            number = len(found)
            what = "1 exception" if number == 1 else f"{number} exceptions"
            report_request(request, what, found[0])
            return redirect("exceptions", slug=tenant.slug)
    return _preview(request, tenant, content, file_name, form=form, status=status)


def _rows(tenant: Tenant, plan: MuteListPlan, chosen: list[int]) -> list[dict[str, Any]]:
    titles = catalogue()
    shown = _samples(tenant, {pk for one in plan.entries for pk in one.findings[:SAMPLE]})
    return [
        {
            "planned": one,
            "entry": one.entry,
            "controls": [
                (slug, titles[slug].title, reverse("control", args=[slug])) for slug in one.controls[:SAMPLE]
            ],
            "more_controls": max(0, len(one.controls) - SAMPLE),
            "sample": [shown[pk] for pk in one.findings[:SAMPLE] if pk in shown],
            "has_problems": len(one.controls) > 1,
            "more": max(0, len(one.findings) - SAMPLE),
            "is_chosen": one.entry.number in chosen,
        }
        for one in plan.entries
    ]


def _samples(tenant: Tenant, pks: set[UUID]) -> Mapping[UUID, tuple[str, Any, str]]:
    """Return {id of a finding: (URL of its page, name of its subject, its problem)}."""
    rows = list(Finding.objects.filter(tenant=tenant, pk__in=pks))
    names = names_for_findings(tenant, rows, unit_names(tenant))
    controls = catalogue()
    found: dict[UUID, tuple[str, Any, str]] = {}
    for row in rows:
        url = reverse("finding", args=[tenant.slug, row.pk])
        problem = controls[row.control].problem if row.control in controls else row.control
        found[row.pk] = url, subject_text(row.subject, row.subject_name, names), problem
    return found
