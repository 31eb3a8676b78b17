"""Set the look of reports on an organization's customers: logo, colour, name, contact and cover text, with a
preview.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.reports.branding.actions import (
    MAX_CONTACT,
    MAX_COVER_TEXT,
    MAX_NAME,
    Look,
    clean_label,
    clean_look,
    remove_branding,
    save_branding,
)
from portal.reports.branding.colours import DEFAULT_ACCENT
from portal.reports.branding.logos import MAX_UPLOAD, Logo, read_logo
from portal.reports.branding.selectors import (
    BrandingFact,
    current,
    current_brandings,
    logo_of,
    newest_version,
)
from portal.reports.branding.slots import take_drawing_slot
from portal.reports.cover_preview import cover_preview
from portal.reports.models import ReportBranding
from portal.web.components.form_parts import refused
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput, Refusal
from tenants.models import Organization, Tenant
from tenants.roles import Capability

_TEXTS: Final = ("name", "contact", "cover_text", "accent")


class BrandingForm(forms.Form):
    """A form with the texts, the colour and the logo. `logo_data` holds a logo that was uploaded for a preview."""

    name = forms.CharField(
        required=False,
        max_length=MAX_NAME,
        help_text="The cover shows this name. If this field is empty and there is a logo, the cover shows only the"
        " logo.",
    )
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.svg,image/png,image/svg+xml"}),
        help_text=(
            f"PNG or SVG, at most {MAX_UPLOAD // 1024} KiB. Reports show the logo on white, at most 60 mm wide and 20"
            " mm high. Convert the texts of an SVG to paths."
        ),
    )
    without_logo = forms.BooleanField(label="No logo", required=False)
    accent = forms.CharField(
        label="Accent colour",
        required=False,
        max_length=20,
        initial=DEFAULT_ACCENT,
        help_text="Six hexadecimal digits. The colour must be dark enough to be read on white. Default:"
        f" {DEFAULT_ACCENT}.",
    )
    contact = forms.CharField(
        required=False,
        max_length=MAX_CONTACT,
        help_text="The contact for questions about the report, for example an email address.",
    )
    cover_text = forms.CharField(
        required=False,
        max_length=MAX_COVER_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"A paragraph on the cover, at most {MAX_COVER_TEXT} characters.",
    )
    logo_data = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def look(self, organization: Organization, stored: Logo | None) -> Look:
        """Return the branding that was entered. Raise InvalidInput if the uploaded file cannot be a logo."""
        found = cast("Look", {name: self.cleaned_data[name] for name in _TEXTS})
        logo = self._uploaded(organization)
        if self.cleaned_data["without_logo"]:
            found["logo"] = None
        elif logo is not None and (stored is None or logo.sha256 != stored.sha256):
            found["logo"] = logo
        return found

    def _uploaded(self, organization: Organization) -> Logo | None:
        file: UploadedFile[Any] | None = self.cleaned_data["logo_file"]
        if file is not None:
            content = file.read(MAX_UPLOAD + 1)
        else:
            try:
                content = base64.b64decode(self.cleaned_data["logo_data"], validate=True)
            except (binascii.Error, ValueError):
                return None
            if not content:
                return None
        take_drawing_slot(organization)
        return read_logo(content)


@require_http_methods(["GET", "HEAD", "POST"])
def report_branding(request: HttpRequest, slug: str) -> HttpResponse:
    """Show, preview, save and remove a branding. If the query has a `label`, the branding is for the customers with
    this label. Without a label, it is the default branding.
    """
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    try:
        label = clean_label(request.GET.get("label", ""))
    except InvalidInput:
        return redirect("organization-report-branding", slug=slug)
    stored = current(organization, label)
    if request.method != "POST":
        initial = {name: getattr(stored, name) for name in _TEXTS} if stored else {}
        form = BrandingForm(initial={**initial, "version": newest_version(organization, label)})
        try:
            picture = _preview(organization, stored, {})
        except Conflict as busy:
            return _page(request, organization, label, form, no_picture=busy.message)
        return _page(request, organization, label, form, picture=picture)
    form = BrandingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, organization, label, form, status=400)
    wanted = request.POST.get("do")
    try:
        if wanted == "remove":
            remove_branding(
                organization=organization,
                by=person(),
                label=label,
                expected_version=form.cleaned_data["version"],
            )
            messages.success(request, "Branding removed. Existing reports do not change.")
            return redirect("organization-report-branding", slug=slug)
        look = form.look(organization, logo_of(stored))
        if wanted == "preview":
            return _page(
                request,
                organization,
                label,
                _with_logo(request, look),
                picture=_preview(organization, stored, look),
            )
        save_branding(
            organization=organization,
            by=person(),
            look=look,
            label=label,
            expected_version=form.cleaned_data["version"],
        )
    except Refusal as error:
        _show(form, error)
        return _page(request, organization, label, form, status=400)
    messages.success(request, "Branding saved for new reports. Existing reports do not change.")
    address = reverse("organization-report-branding", args=[slug])
    return redirect(f"{address}?{urlencode({'label': label})}" if label else address)


def _show(form: BrandingForm, error: Refusal) -> None:
    """Add the errors of the action to the form. Errors about the argument `logo` are shown at the field `logo_file`."""
    if "logo" in error.fields:
        form.add_error("logo_file", forms.ValidationError(error.fields["logo"]))
    else:
        refused(form, error)


def _with_logo(request: HttpRequest, look: Look) -> BrandingForm:
    """Return the form with the previewed logo in a hidden field, because browsers do not send a chosen file again."""
    logo = look.get("logo")
    data = request.POST.copy()
    data["logo_data"] = base64.b64encode(logo.content).decode() if logo else ""
    shown = BrandingForm(data)
    shown.is_valid()
    return shown


def _preview(organization: Organization, stored: ReportBranding | None, look: Look) -> str:
    """Return a preview of the report's cover as a `data:` URL with a PNG image.

    Raise InvalidInput if a value is invalid, and Conflict if too many covers are being drawn.
    """
    values = {name: getattr(stored, name) if stored else "" for name in _TEXTS}
    values |= {"accent": values["accent"] or DEFAULT_ACCENT} | clean_look(look)
    logo = look["logo"] if "logo" in look else logo_of(stored)
    take_drawing_slot(organization)
    fact = BrandingFact(label="", version=0, logo_sha256=logo.sha256 if logo else "", **values)
    return f"data:image/png;base64,{base64.b64encode(cover_preview(organization, fact, logo)).decode()}"


def _page(
    request: HttpRequest,
    organization: Organization,
    label: str,
    form: BrandingForm,
    *,
    picture: str = "",
    no_picture: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = current_brandings(organization)
    branded = {row.label.casefold() for row in rows}
    customers = Tenant.objects.filter(organization=organization).values_list("labels", flat=True)
    labels = sorted({word for words in customers for word in words}, key=str.casefold)
    stored = next((row for row in rows if row.label == label), None)
    context = {
        "organization": organization,
        "label": label,
        "form": form,
        "picture": picture,
        "no_picture": no_picture,
        "stored": stored,
        "rows": rows,
        "unbranded": [word for word in labels if word.casefold() not in branded],
    }
    return render(request, "organization/report_branding.html", context, status=status)
