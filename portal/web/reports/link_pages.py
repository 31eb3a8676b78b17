"""Define the common part of the pages that create links to a customer's report and to a portfolio report."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from portal import links
from portal.distribution.actions.links import MAX_RECIPIENT, MAX_USES, AnyReport, create_link
from portal.web.components.form_parts import refused
from portal.web.shared.visible import person
from tenants.errors import Conflict, InvalidInput
from tenants.models import Organization, Tenant

DEFAULT_DAYS: Final = 7


class LinkForm(forms.Form):
    """A form with the recipient of a link, and the time for which the link works."""

    recipient = forms.CharField(
        label="For whom",
        max_length=MAX_RECIPIENT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The list of links and the journal show this name. For example: Contoso, internal audit",
    )
    days = forms.IntegerField(
        label="Valid for days", min_value=1, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )

    def __init__(self, maximum: int, data: Any = None) -> None:
        super().__init__(data, initial={"days": min(DEFAULT_DAYS, maximum)})
        self.fields["days"].help_text = f"At most {maximum}, which is the limit of the organization."


@sensitive_variables("token")
def create(
    request: HttpRequest, place: Tenant | Organization, report: AnyReport, *, template: str
) -> HttpResponse:
    """Show the form of a link to the report. POST creates the link and shows it.

    `place` is the customer or the organization of the report.
    """
    if isinstance(place, Tenant):
        kind, maximum = "tenant", place.organization.report_link_days
    else:
        kind, maximum = "organization", place.report_link_days
    form = LinkForm(maximum, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {kind: place, "report": report, "maximum": maximum, "uses": MAX_USES}
    if form.is_bound and form.is_valid():
        try:
            link, token = create_link(report=report, by=person(), **form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            address = links.absolute(links.report_link(token))
            return render(request, template, context | {"link": link, "address": address})
    return render(request, template, context | {"form": form}, status=400 if form.is_bound else 200)
