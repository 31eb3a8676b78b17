"""What new reports of an organization's customers suggest."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.web.shared.visible import person
from tenants import access
from tenants.actions.organizations import set_report_paper
from tenants.models import Paper
from tenants.roles import Capability


class ReportSettingsForm(forms.Form):
    """The paper of new reports."""

    paper = forms.ChoiceField(
        choices=Paper,
        help_text="Suggested for each new report. Whoever builds a report can choose another paper.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and save the settings."""
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    form = ReportSettingsForm(
        request.POST if request.method == "POST" else None, initial={"paper": organization.report_paper}
    )
    if form.is_bound and form.is_valid():
        set_report_paper(organization=organization, by=person(), paper=form.cleaned_data["paper"])
        messages.success(request, "Report settings saved. Reports that exist already do not change.")
        return redirect("organization-reports", slug=slug)
    context = {"organization": organization, "form": form}
    return render(request, "organization/report_settings.html", context, status=400 if form.is_bound else 200)
