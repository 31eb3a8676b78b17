"""Serve the settings for the reports of an organization's customers: default paper and language, and the longest
validity of links to reports.
"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.web.shared.visible import person
from tenants import access
from tenants.actions.organizations import (
    MAX_REPORT_LINK_DAYS,
    set_report_language,
    set_report_link_days,
    set_report_paper,
)
from tenants.models import Language, Paper
from tenants.roles import Capability


class ReportSettingsForm(forms.Form):
    """A form with the paper and language of new reports, and the longest validity of links to reports."""

    paper = forms.ChoiceField(
        choices=Paper,
        help_text="Forms suggest this paper size for each new report. You can choose another paper size for a"
        " report.",
    )
    language = forms.ChoiceField(
        choices=Language,
        help_text=(
            "Forms suggest this language for each new report. Attachments are always in English. A schedule without"
            " a language of its own uses this language."
        ),
    )
    link_days = forms.IntegerField(
        label="Longest validity of links in days",
        min_value=0,
        max_value=MAX_REPORT_LINK_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=(
            f"0 to {MAX_REPORT_LINK_DAYS}. With a link, somebody without an account can download one report. A lower"
            " number also ends older links; with 0, no link works."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report_settings(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    form = ReportSettingsForm(
        request.POST if request.method == "POST" else None,
        initial={
            "paper": organization.report_paper,
            "language": organization.report_language,
            "link_days": organization.report_link_days,
        },
    )
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            set_report_paper(organization=organization, by=person(), paper=form.cleaned_data["paper"])
            set_report_language(
                organization=organization, by=person(), language=form.cleaned_data["language"]
            )
            set_report_link_days(organization=organization, by=person(), days=form.cleaned_data["link_days"])
        messages.success(request, "Report settings saved. Existing reports do not change.")
        return redirect("organization-reports", slug=slug)
    context = {"organization": organization, "form": form}
    return render(request, "organization/report_settings.html", context, status=400 if form.is_bound else 200)
