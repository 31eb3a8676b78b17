"""Build, list, show, download and revoke the reports of a customer."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments.controls.registry import catalogue_hash
from assessments.frameworks.framework import NAMES
from assessments.presentation.extent import extent_label
from portal.distribution.models import ReportDelivery
from portal.reports.actions import read_file, request_report
from portal.reports.builds import cancel_report
from portal.reports.journal_head import compare_head, stated_head
from portal.reports.kinds import KINDS
from portal.reports.models import DeletedReport, Report
from portal.reports.records.register import Standing, standings
from portal.reports.records.revocation import revoke_report
from portal.reports.reperformance.bundle import MAX_IN_BROWSER, NoBundle, evidence_bundle
from portal.reports.signed_content import require_file
from portal.web.components.form_parts import refused
from portal.web.reports.contents import contents
from portal.web.reports.forms import BuildForm, RevokeForm
from portal.web.reports.signed_reports import (
    checked,
    file_response,
    listed,
    page_of,
    progress,
    refused_file,
    require_signed,
)
from portal.web.reports.views.links import listed_links
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import may, person, review_periods
from tenants import access
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50


def reports(request: HttpRequest, slug: str, form: BuildForm | None = None) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.READ_REPORTS)
    may_build = may(Capability.REPORT, tenant)
    rows = (
        Report.objects.filter(tenant=tenant).select_related("assessment", "requested_by").order_by("-number")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    form = form or (BuildForm(tenant, shown=request.GET) if may_build else None)
    context = {
        "tenant": tenant,
        "page": page,
        "rows": _rows(tenant, list(page.object_list), may_build=may_build),
        "may_build": may_build,
        "form": form,
        "has_choices": form is not None and form.has_choices,
        "live": any(row.state == Report.State.BUILDING for row in page.object_list),
        "has_deleted": not review_periods(tenant) and DeletedReport.objects.filter(tenant=tenant).exists(),
    }
    return render(
        request, "reports/list.html", context, status=400 if form is not None and form.errors else 200
    )


def _rows(tenant: Tenant, rows: list[Report], *, may_build: bool) -> list[dict[str, Any]]:
    found = standings(row.pk for row in rows)
    return [_row(tenant, row, found[row.pk], may_build=may_build) for row in rows]


def _row(tenant: Tenant, row: Report, standing: Standing, *, may_build: bool) -> dict[str, Any]:
    ready = row.state == Report.State.READY
    return {
        **_progress(tenant, row, may_build=may_build),
        **listed(row, standing),
        "kind": row.kind_name,
        "assessment": row.assessment,
        "extent": extent_label(row.assessment),
        "framework": NAMES.get(row.framework, row.framework) if "framework" in KINDS[row.kind].asks else "",
        "period": f"{row.period_first} to {row.period_last}" if row.period_first else "",
        "as_of": row.as_of,
        "url": reverse("report-download", args=[tenant.slug, row.pk]) if ready else "",
        "page": reverse("report", args=[tenant.slug, row.number]),
    }


def _progress(tenant: Tenant, row: Report, *, may_build: bool) -> dict[str, Any]:
    return progress(row, reverse("report-cancel", args=[tenant.slug, row.pk]), may_build=may_build)


@require_POST
def build(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a worker to build and sign a report. The list shows the progress of the build."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    form = BuildForm(tenant, request.POST)
    if not form.is_valid():
        return reports(request, slug, form)
    with reported(request):
        try:
            request_report(tenant=tenant, by=person(), **form.cleaned_data)
        except InvalidInput as error:
            refused(form, error)
            return reports(request, slug, form)
    return redirect("reports", slug=slug)


@require_POST
def cancel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Cancel the build of a report."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    report = access.of_tenant(tenant, Report, pk, needs=Capability.REPORT, related=("tenant",))
    with reported(request, f"Report {report.number} was cancelled."):
        cancel_report(report=report, by=person())
    return redirect("reports", slug=slug)


@require_POST
def revoke(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Revoke a report permanently."""
    tenant = access.tenant(slug, needs=Capability.REVOKE_REPORTS)
    row = _of_number(tenant, number)
    require_signed(row)
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            revoke_report(report=row, by=person(), reason=form.cleaned_data["reason"])
        except InvalidInput as error:
            form.add_error("reason", error.fields["reason"])
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("report", slug=slug, number=number)
    if form.errors:
        return _report(request, tenant, row, form)
    messages.success(request, f"Report {number} is revoked. People who may read the report are notified.")
    return redirect("report", slug=slug, number=number)


def report(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Show the content of a report. The browser loads the checks of the report's file afterwards.

    If the report has no file, the page shows the progress of the build, or why the build ended.
    """
    tenant = access.tenant(slug, needs=Capability.READ_REPORTS)
    row = _of_number(tenant, number)
    if row.state != Report.State.READY:
        return _unfinished(request, tenant, row)
    # The page of an unfinished report requests its progress with this header. The build has ended, so reload that page.
    if "X-Surety-Refresh" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _report(request, tenant, row, RevokeForm())


def _report(request: HttpRequest, tenant: Tenant, row: Report, form: RevokeForm) -> HttpResponseBase:
    slug = tenant.slug
    content = read_file(report=row, by=person())
    if content is None:
        return _refused(request, slug, row)
    context: dict[str, Any] = {
        "tenant": tenant,
        **page_of(row, form),
        "file": reverse("report-download", args=[slug, row.pk]),
        "edition": contents(row, content),
        "bundle": reverse("report-bundle", args=[slug, row.pk]) if may(Capability.EVIDENCE, tenant) else "",
        "has_other_controls": row.assessment.catalogue_hash != catalogue_hash(),
        "assessed_with": row.assessment.product_version,
        "reperform": f"python surety-verify.pyz {_bundle_name(row)} --fingerprint SHA256",
        "may_revoke": may(Capability.REVOKE_REPORTS, tenant),
        "deliveries": []
        if review_periods(tenant)
        else ReportDelivery.objects.filter(tenant=tenant, run__report_number=row.number).select_related(
            "person", "run"
        ),
        "links": [] if review_periods(tenant) else listed_links(tenant, row),
        "may_send": may(Capability.REPORT, tenant),
    }
    if "checks" in request.GET:
        head = stated_head(row, content)
        journal = compare_head(tenant, head, whole=False) if head else None
        context |= checked(content, context["edition"], journal)
    template = "reports/_checks.html" if request.headers.get("HX-Request") else "reports/detail.html"
    return render(request, template, context, status=400 if form.errors else 200)


def _of_number(tenant: Tenant, number: int) -> Report:
    rows = Report.objects.defer(None).select_related("tenant", "assessment")
    row = rows.filter(tenant=tenant, number=number).first()
    if row is None:
        raise NotFound("This report does not exist. Check the number of the report.")
    return row


def _unfinished(request: HttpRequest, tenant: Tenant, row: Report) -> HttpResponse:
    progress = _progress(tenant, row, may_build=may(Capability.REPORT, tenant))
    context = {
        "tenant": tenant,
        "report": row,
        "progress": progress,
        "live": row.state == Report.State.BUILDING,
    }
    return render(request, "reports/unfinished.html", context)


def _refused(request: HttpRequest, slug: str, row: Report) -> HttpResponseBase:
    return refused_file(request, row, "reports", slug)


def download(request: HttpRequest, slug: str, pk: str) -> HttpResponseBase:
    """Send the signed file. A file that was changed on the disk is not sent, even if its signature is valid."""
    tenant = access.tenant(slug, needs=Capability.READ_REPORTS)
    report = access.of_tenant(tenant, Report, pk, needs=Capability.READ_REPORTS, related=("tenant",))
    require_file(report)
    content = read_file(report=report, by=person())
    if content is None:
        return _refused(request, slug, report)
    return file_response(request, report, content)


def bundle(request: HttpRequest, slug: str, pk: str) -> HttpResponseBase:
    """Stream a ZIP file with the signed report and the evidence that the report cites."""
    tenant = access.tenant(slug, needs=Capability.EVIDENCE)
    report = access.of_tenant(tenant, Report, pk, needs=Capability.READ_REPORTS, related=("tenant",))
    if report.state != Report.State.READY:
        raise NotFound("This report has no file, so it has no evidence bundle.")
    content = read_file(report=report, by=person())
    if content is None:
        return _refused(request, slug, report)
    try:
        pieces = evidence_bundle(report, content, person(), MAX_IN_BROWSER)
    except NoBundle as error:
        messages.error(request, error.message)
        return redirect("report", slug=slug, number=report.number)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{_bundle_name(report)}"'
    return response


def _bundle_name(report: Report) -> str:
    return f"{report.file_name.removesuffix('.pdf')}-evidence.zip"
