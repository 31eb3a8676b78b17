"""Build, list, show, download and revoke portfolio reports of an organization."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.distribution.models import PortfolioDelivery
from portal.portfolio_reports.actions import (
    cancel_portfolio,
    read_file,
    request_portfolio,
)
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.render import STATES
from portal.portfolio_reports.revocation import revoke_portfolio
from portal.reports.edition import read_edition
from portal.reports.journal_head import compare_head, stated_head
from portal.reports.records.register import Standing, can_be_superseded, standings
from portal.reports.signed_content import require_file
from portal.web.components.form_parts import ScrollingBoxes, refused, set_choices
from portal.web.reports.forms import CLASSIFICATIONS, RevokeForm
from portal.web.reports.signed_reports import (
    checked,
    file_response,
    listed,
    page_of,
    progress,
    refused_file,
    require_signed,
)
from portal.web.reports.views.portfolio_links import listed_links
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access, journal, scope
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import Language, Organization, Paper, Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
_STATE: Final = PortfolioReport.State


class _ReportField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, obj: PortfolioReport) -> str:
        day = f", as of {obj.as_of:%Y-%m-%d}" if obj.as_of else ""
        return f"Report {obj.number}{day}, {obj.selection}"


class PortfolioForm(forms.Form):
    """A form that sets the customers, by a label or one by one, and the look of the report."""

    label = forms.ChoiceField(required=False, help_text="Only customers with this label.")
    customers = forms.MultipleChoiceField(
        required=False,
        widget=ScrollingBoxes,
        help_text="Choose a label or individual customers, but not both. If you choose neither a label nor a customer,"
        " the report covers all customers.",
    )
    classification = forms.ChoiceField(choices=[(word, word) for word in CLASSIFICATIONS])
    paper = forms.ChoiceField(choices=Paper)
    language = forms.ChoiceField(
        choices=Language, help_text="Language of the pages. Attachments are always in English."
    )
    supersedes = _ReportField(
        queryset=None,
        required=False,
        empty_label="No earlier report",
        help_text="When the earlier report is verified, the result names the new one. Both files stay unchanged.",
    )

    def __init__(self, organization: Organization, data: QueryDict | None = None) -> None:
        super().__init__(data)
        tenants = list(Tenant.objects.filter(organization=organization, archived_at=None).order_by("name"))
        labels = sorted({label for tenant in tenants for label in tenant.labels}, key=str.casefold)
        set_choices(self, "label", [("", "Any label"), *((label, label) for label in labels)])
        set_choices(self, "customers", [(str(tenant.pk), tenant.name) for tenant in tenants])
        if not labels:
            del self.fields["label"]
            self.fields["customers"].help_text = "If you choose no customer, the report covers all customers."
        self.fields["paper"].initial = organization.report_paper
        self.fields["language"].initial = organization.report_language
        field = self.fields["supersedes"]
        assert isinstance(field, forms.ModelChoiceField)
        old = can_be_superseded(PortfolioReport.objects.filter(organization=organization))
        field.queryset = old
        if not old.exists():
            del self.fields["supersedes"]
        self.has_customers = bool(tenants)


def _may(capability: Capability, organization: Organization) -> bool:
    return scope.current().may_in_organization(capability, organization.pk)


def portfolio_reports(request: HttpRequest, slug: str, form: PortfolioForm | None = None) -> HttpResponse:
    """List the reports, with the form that builds a report."""
    organization = access.organization(slug, needs=Capability.READ_REPORTS)
    may_build = _may(Capability.REPORT, organization)
    rows = PortfolioReport.objects.filter(organization=organization).order_by("-number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = standings(row.pk for row in page.object_list)
    context = {
        "organization": organization,
        "page": page,
        "rows": [_row(organization, row, found[row.pk], may_build=may_build) for row in page.object_list],
        "form": form or (PortfolioForm(organization) if may_build else None),
        "live": any(row.state == _STATE.BUILDING for row in page.object_list),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "organization/portfolio_reports.html", context, status=status)


def _row(
    organization: Organization, row: PortfolioReport, standing: Standing, *, may_build: bool
) -> dict[str, Any]:
    ready = row.state == _STATE.READY
    return {
        **_progress(organization, row, may_build=may_build),
        **listed(row, standing),
        "customers": len(row.customers),
        "selection": row.selection,
        "url": reverse("portfolio-report-download", args=[organization.slug, row.pk]) if ready else "",
        "page": reverse("portfolio-report", args=[organization.slug, row.number]),
    }


def _progress(organization: Organization, row: PortfolioReport, *, may_build: bool) -> dict[str, Any]:
    address = reverse("portfolio-report-cancel", args=[organization.slug, row.pk])
    return progress(row, address, may_build=may_build)


@require_POST
def build(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a worker to build and sign a report. The list shows the progress of the build."""
    organization = access.organization(slug, needs=Capability.REPORT)
    form = PortfolioForm(organization, request.POST)
    if form.is_valid():
        try:
            with reported(request, refusal=Conflict):
                request_portfolio(organization=organization, by=person(), **_chosen(form))
        except InvalidInput as error:
            refused(form, error)
    if form.errors:
        return portfolio_reports(request, slug, form)
    return redirect("portfolio-reports", slug=slug)


def _chosen(form: PortfolioForm) -> Any:
    given = dict(form.cleaned_data)
    names = {str(pk): pk for pk in Tenant.objects.values_list("pk", flat=True)}
    given["customers"] = [names[text] for text in given["customers"] if text in names]
    return given


@require_POST
def cancel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Cancel the build of a report."""
    organization = access.organization(slug, needs=Capability.REPORT)
    report = _report(organization, pk=pk)
    with reported(request, f"Report {report.number} was cancelled."):
        cancel_portfolio(report=report, by=person())
    return redirect("portfolio-reports", slug=slug)


def portfolio_report(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Show a report, or the progress of its build."""
    organization = access.organization(slug, needs=Capability.READ_REPORTS)
    row = _report(organization, number=number)
    if row.state != _STATE.READY:
        context = {
            "organization": organization,
            "report": row,
            "progress": _progress(organization, row, may_build=_may(Capability.REPORT, organization)),
            "live": row.state == _STATE.BUILDING,
        }
        return render(request, "organization/portfolio_report_unfinished.html", context)
    # The page of an unfinished report requests its progress with this header. The build has ended, so reload that page.
    if "X-Surety-Refresh" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _page(request, organization, row, RevokeForm())


def _page(
    request: HttpRequest, organization: Organization, row: PortfolioReport, form: RevokeForm
) -> HttpResponseBase:
    content = read_file(report=row, by=person())
    if content is None:
        return _refused(request, organization, row)
    edition = read_edition(content)
    context: dict[str, Any] = {
        "organization": organization,
        **page_of(row, form),
        "file": reverse("portfolio-report-download", args=[organization.slug, row.pk]),
        "edition": edition.results,
        "headings": edition.headings,
        "customers": [_customer(fact) for fact in edition.results["customers"]],
        "may_revoke": _may(Capability.REVOKE_REPORTS, organization),
        "links": listed_links(row),
        "deliveries": PortfolioDelivery.objects.filter(
            organization=organization, run__report_number=row.number
        ).select_related("person", "run"),
        "may_send": _may(Capability.REPORT, organization),
    }
    if "checks" in request.GET:
        head = stated_head(row, content)
        journal_check = compare_head(organization, head, whole=False) if head else None
        context |= checked(content, None, journal_check)
    template = "reports/_checks.html" if request.headers.get("HX-Request") else None
    return render(
        request,
        template or "organization/portfolio_report.html",
        context,
        status=400 if form.errors else 200,
    )


def _customer(fact: dict[str, Any]) -> dict[str, Any]:
    read_at = fact["read_at"]
    return {
        **fact,
        "state_name": STATES[fact["state"]],
        "read_at": datetime.fromisoformat(read_at) if read_at else None,
    }


@require_POST
def revoke(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Revoke a report permanently."""
    organization = access.organization(slug, needs=Capability.REVOKE_REPORTS)
    row = _report(organization, number=number)
    require_signed(row)
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            with reported(request, f"Report {number} is revoked.", refusal=Conflict):
                revoke_portfolio(report=row, by=person(), reason=form.cleaned_data["reason"])
        except InvalidInput as error:
            refused(form, error)
    if form.errors:
        return _page(request, organization, row, form)
    return redirect("portfolio-report", slug=slug, number=number)


def download(request: HttpRequest, slug: str, pk: str) -> HttpResponseBase:
    """Send the signed file, and record the download in the journal. A file that was changed on the disk is not sent."""
    organization = access.organization(slug, needs=Capability.READ_REPORTS)
    row = _report(organization, pk=pk)
    require_file(row)
    content = read_file(report=row, by=person())
    if content is None:
        return _refused(request, organization, row)
    if request.method == "GET":
        journal.record(
            organization=organization,
            actor=person(),
            action="file.downloaded",
            target=f"portfolio_report:{row.number}",
            details={"file": row.file_name},
        )
    return file_response(request, row, content)


def _report(organization: Organization, **key: Any) -> PortfolioReport:
    rows = PortfolioReport.objects.select_related("organization")
    row = rows.filter(organization=organization, **key).first()
    if row is None:
        raise NotFound("This report does not exist, or you do not have access to it.")
    return row


def _refused(request: HttpRequest, organization: Organization, row: PortfolioReport) -> HttpResponseBase:
    return refused_file(request, row, "portfolio-reports", organization.slug)
