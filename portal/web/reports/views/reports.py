"""Reports of a tenant: build, list, download."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments import selectors
from assessments.extent import extent_label
from assessments.frameworks.framework import NAMES
from assessments.models import Assessment
from portal.reports.actions import read_file, request_report
from portal.reports.models import DEFAULT_FRAMEWORK, Report
from portal.web.shared.reported import reported
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
MAX_CHOICES: Final = 50
CLASSIFICATIONS: Final = ("Confidential", "Internal", "Public")
# A report that is being built, or that failed, gets the badge of a run.
_STATES: Final = {Report.State.BUILDING: "running", Report.State.FAILED: "failed"}


class _AssessmentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, obj: Assessment) -> str:
        mark = extent_label(obj)
        return f"No. {obj.number}, finished {obj.ended_at:%Y-%m-%d %H:%M} UTC{f', {mark}' if mark else ''}"


class BuildForm(forms.Form):
    """Choose one of the tenant's newest finished assessments, the report's framework and its classification."""

    assessment = _AssessmentField(queryset=None, empty_label=None)
    framework = forms.ChoiceField(choices=list(NAMES.items()), initial=DEFAULT_FRAMEWORK, required=False)
    classification = forms.ChoiceField(choices=[(word, word) for word in CLASSIFICATIONS])
    without_names = forms.BooleanField(
        label="Leave out names",
        required=False,
        help_text="Show ids instead of the names of people, groups, applications and roles.",
    )

    def __init__(self, tenant: Tenant, data: QueryDict | None = None) -> None:
        super().__init__(data)
        ended = selectors.assessments(tenant).filter(state=Assessment.State.FINISHED)
        field = self.fields["assessment"]
        assert isinstance(field, _AssessmentField)
        newest = list(ended.values_list("pk", flat=True)[:MAX_CHOICES])
        field.queryset = ended.filter(pk__in=newest)
        self.has_choices = bool(newest)

    def clean_framework(self) -> str:
        """Return the chosen framework. Forms of versions without this choice do not send one."""
        return self.cleaned_data["framework"] or DEFAULT_FRAMEWORK


def reports(request: HttpRequest, slug: str, form: BuildForm | None = None) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.READ_REPORTS)
    may_build = may(Capability.REPORT, tenant)
    rows = (
        Report.objects.filter(tenant=tenant).select_related("assessment", "requested_by").order_by("-number")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    form = form or (BuildForm(tenant) if may_build else None)
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [_row(tenant, row) for row in page.object_list],
        "may_build": may_build,
        "form": form,
        "has_choices": form is not None and form.has_choices,
        "live": any(row.state == Report.State.BUILDING for row in page.object_list),
    }
    return render(
        request, "reports/list.html", context, status=400 if form is not None and form.errors else 200
    )


def _row(tenant: Tenant, row: Report) -> dict[str, Any]:
    ready = row.state == Report.State.READY
    return {
        "number": row.number,
        "at": row.created_at,
        "title": row.title,
        "assessment": row.assessment,
        "extent": extent_label(row.assessment),
        "framework": NAMES.get(row.framework, row.framework),
        "as_of": row.as_of,
        "status": _STATES.get(Report.State(row.state), ""),
        "error": row.error,
        "level": row.level,
        "signer": row.signer,
        "self_made": row.self_made,
        "by": row.requested_as,
        "size": row.size,
        "pages": row.pages,
        "sha256": row.sha256,
        "url": reverse("report-download", args=[tenant.slug, row.pk]) if ready else "",
    }


@require_POST
def build(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a worker to build and sign a report; the list shows its progress."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    form = BuildForm(tenant, request.POST)
    if not form.is_valid():
        return reports(request, slug, form)
    with reported(request):
        request_report(tenant=tenant, by=person(), **form.cleaned_data)
    return redirect("reports", slug=slug)


def download(request: HttpRequest, slug: str, pk: str) -> HttpResponseBase:
    """Send the signed file. A file that changed on the disk is not sent, whatever its signature says."""
    tenant = access.tenant(slug, needs=Capability.READ_REPORTS)
    report = access.of_tenant(tenant, Report, pk, needs=Capability.READ_REPORTS, related=("tenant",))
    if report.state != Report.State.READY:
        raise NotFound("This report has no file: it is still being built, or building it failed.")
    content = read_file(report=report, by=person())
    if content is None:
        messages.error(
            request,
            f"The file of report {report.number} is missing or was changed after it was signed, so it was not sent. "
            "Ask the operator of Surety to restore it from a backup, or build the report again.",
        )
        return redirect("reports", slug=slug)
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=report.file_name, content_type="application/pdf"
    )
