"""Serve the page with the name and the default time zone of an organization."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.web.components.form_parts import refused, set_choices
from portal.web.shared import stale_forms
from portal.web.shared.visible import person
from tenants import access
from tenants.actions.organizations import change_organization
from tenants.errors import Conflict, InvalidInput
from tenants.models import Organization
from tenants.roles import Capability
from tenants.values.stale_values import last_change
from tenants.values.time_display import zones

_LABELS: Final = {"name": "Name", "timezone": "Default time zone"}
_ACTIONS: Final = ("organization.renamed", "organization.time_zone_changed")


class GeneralForm(forms.Form):
    """A form with the name and the time zone of an organization."""

    name = forms.CharField(max_length=200, help_text="Pages, mails and reports show this name.")
    timezone = forms.ChoiceField(
        label=_LABELS["timezone"],
        help_text="The time zone of new customers for which no other time zone is entered, and of people who have not"
        " chosen a time zone. Registered customers keep their time zone.",
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict.fromkeys(["UTC", organization.timezone, *zones()])
        set_choices(self, "timezone", [(name, name.replace("_", " ")) for name in names])


def _part(organization: Organization) -> dict[str, str]:
    return {"name": organization.name, "timezone": organization.timezone}


@require_http_methods(["GET", "HEAD", "POST"])
def general(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and save the name and the time zone. The short name in URLs never changes."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    shown, others = _part(organization), None
    form = GeneralForm(request.POST or None, organization=organization, initial=shown)
    if request.method == "POST":
        shown = dict(stale_forms.start_of(request, form, shown))
    if request.method == "POST" and form.is_valid():
        try:
            change_organization(by=person(), organization=organization, **form.cleaned_data, expected=shown)
        except (InvalidInput, Conflict) as error:
            if error.code != stale_forms.CODE:
                refused(form, error)
            else:
                organization.refresh_from_db()
                last = last_change(organization, _ACTIONS, f"organization:{organization.pk}")
                others, merged = stale_forms.conflict(
                    _LABELS, shown, _part(organization), form.cleaned_data, last, _text
                )
                shown = _part(organization)
                form = GeneralForm(organization=organization, initial=merged)
        else:
            messages.success(request, "Saved.")
            return redirect("organization-general", slug=slug)
    context = {
        "organization": organization,
        "form": form,
        "start": stale_forms.write_start(shown),
        "others": others,
    }
    status = 409 if others else 400 if form.is_bound else 200
    return render(request, "organization/general.html", context, status=status)


def _text(_name: str, value: Any) -> str:
    return str(value).replace("_", " ")
