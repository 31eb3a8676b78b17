"""Serve the controls that an organization writes itself: list, draft, trial, publication, states."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.own_controls import MAX_REASON, discard_draft, publish, save_draft, set_state
from assessments.models import OwnControl, OwnControlVersion
from assessments.own.definition import prefix_of, stored_form
from assessments.own_controls.catalogue import own_controls_of
from assessments.own_controls.trial import MAX_CUSTOMERS, try_control
from portal.configuration.own_controls import EXAMPLE, MAX_CHARACTERS, problems_of_cases, read_control
from portal.configuration.problems import Problem, UnusableFile
from portal.web.components.form_parts import ScrollingBoxes, refused
from portal.web.organization import own_control_help
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Refusal
from tenants.ids import parse_uuid
from tenants.models import Organization
from tenants.roles import Capability
from tenants.scope import current

_DONE: Final = {
    "active": "{} is switched on. The next assessment of each customer evaluates this control.",
    "off": "{} is switched off. The next assessment of each customer does not evaluate this control.",
    "retired": "{} is retired. The next assessment of each customer does not evaluate this control.",
}


class TextForm(forms.Form):
    """A form with the definition of a control as YAML."""

    text = forms.CharField(
        label="Definition",
        max_length=MAX_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "mono", "spellcheck": "false"}),
        help_text=mark_safe(
            "Enter the control as YAML. Its name begins with the prefix of the organization. <a"
            ' href="#own-control-help">Fields and conditions</a> are explained below.'
        ),
    )
    # The time at which the draft or version in the form was written. If a different time is stored when the form is
    # submitted, somebody else has changed the control.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class StateForm(forms.Form):
    """A form that switches off or retires a control, with the reason."""

    state = forms.ChoiceField(
        label="New state",
        choices=[("off", "Switched off"), ("retired", "Retired: cannot be switched on again")],
    )
    reason = forms.CharField(
        max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}), help_text="Reports show the reason."
    )


class TrialForm(forms.Form):
    """A form that selects the customers for a trial. The trial evaluates a control on their stored configurations."""

    customer = forms.MultipleChoiceField(
        label="Customers",
        widget=ScrollingBoxes,
        help_text=f"At most {MAX_CUSTOMERS}",
        error_messages={"required": "Choose at least one customer."},
    )

    def __init__(self, choices: list[tuple[str, str]], data: Any) -> None:
        super().__init__(data)
        self.fields["customer"].choices = choices  # type: ignore[attr-defined]

    def clean_customer(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["customer"]
        if len(chosen) > MAX_CUSTOMERS:
            raise forms.ValidationError(f"Choose at most {MAX_CUSTOMERS} customers.")
        return chosen


def own_controls(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    rows = list(own_controls_of(organization))
    drafts = {
        one.control_id: one
        for one in OwnControlVersion.objects.filter(organization=organization, published_at=None)
    }
    context = {
        "organization": organization,
        "rows": [
            {
                "control": row,
                "title": (row.definition or drafts[row.pk].data).get("title", row.slug),
                "draft": drafts.get(row.pk),
            }
            for row in rows
        ],
    }
    return render(request, "organization/own_controls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a new control."""
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    example = EXAMPLE.replace("{prefix}", prefix_of(organization.slug))
    return _write(request, organization, None, example)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show and save the draft of a control. If there is no draft, the form shows the newest version."""
    organization, control = _found(slug, pk, Capability.ADMINISTER)
    newest = OwnControlVersion.objects.filter(control=control).first()
    text, seen = (newest.text, newest.written_at.isoformat()) if newest else ("", "")
    return _write(request, organization, control, text, seen)


def _write(
    request: HttpRequest, organization: Organization, control: OwnControl | None, text: str, seen: str = ""
) -> HttpResponse:
    initial = {"text": text, "seen": seen}
    form = TextForm(request.POST if request.method == "POST" else None, initial=initial)
    problems: list[Problem] = []
    if form.is_valid():
        written = form.cleaned_data["text"].replace("\r\n", "\n")
        try:
            if form.cleaned_data["seen"] != seen:
                raise Conflict(
                    "Somebody else has changed the control. Copy your text, and open the page again.",
                    code="own_control_changed",
                )
            data = read_control(written, organization)
            if control is not None and data["control"] != control.slug:
                raise UnusableFile(
                    [
                        Problem(
                            1,
                            f"The name {control.slug} cannot be changed. To use another name, add another control.",
                        )
                    ]
                )
            if control is None and _exists(organization, data["control"]):
                raise UnusableFile(
                    [
                        Problem(
                            1,
                            f"The control {data['control']} already exists. Choose another name, or open the control to"
                            " write its next version.",
                        )
                    ]
                )
            saved = save_draft(organization=organization, by=person(), text=written, data=data)
        except UnusableFile as error:
            problems = error.problems
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            messages.success(request, "Draft saved. Assessments use the draft only after it is published.")
            return redirect("own-control", slug=organization.slug, pk=saved.pk)
    status = 400 if problems or form.errors else 200
    context = {
        "organization": organization,
        "control": control,
        "form": form,
        "problems": problems,
        "help_fields": own_control_help.FIELDS,
        "help_conditions": own_control_help.CONDITIONS,
    }
    return render(request, "organization/own_control_form.html", context, status=status)


def _exists(organization: Organization, name: str) -> bool:
    return OwnControl.objects.filter(organization=organization, slug=name).exists()


def own_control(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show a control with its state, draft, cases and versions. If the query names customers, also show a trial."""
    organization, control = _found(slug, pk, Capability.ADMINISTER)
    return _page(request, organization, control)


@require_POST
def publish_draft(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization, control = _found(slug, pk, Capability.ORGANIZATION)
    number = request.POST.get("version", "")
    try:
        row = publish(
            control=control,
            by=person(),
            number=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
            seen=request.POST.get("seen", ""),
        )
    except (Conflict, InvalidInput, PermissionDenied) as error:
        messages.error(request, error.message)
    else:
        text = (
            f"Version {row.version} of {row.slug} is published. The next assessment of each customer uses this"
            " version."
        )
        messages.success(request, text)
    return redirect("own-control", slug=organization.slug, pk=control.pk)


@require_POST
def discard(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization, control = _found(slug, pk, Capability.ADMINISTER)
    try:
        discard_draft(control=control, by=person())
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Draft deleted.")
    if OwnControl.objects.filter(pk=control.pk).exists():
        return redirect("own-control", slug=organization.slug, pk=control.pk)
    return redirect("own-controls", slug=organization.slug)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Switch the control off or on, or retire it."""
    organization, control = _found(slug, pk, Capability.ORGANIZATION)
    on = request.POST.get("state") == "active"
    form = StateForm(request.POST)
    if on or form.is_valid():
        values = {"state": "active"} if on else form.cleaned_data
        try:
            set_state(control=control, by=person(), **values)
        except InvalidInput as error:
            refused(form, error)
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("own-control", slug=organization.slug, pk=control.pk)
        else:
            messages.success(request, _DONE[values["state"]].format(control.slug))
            return redirect("own-control", slug=organization.slug, pk=control.pk)
    return _page(request, organization, control, state_form=form)


def _found(slug: str, pk: str, needs: Capability) -> tuple[Organization, OwnControl]:
    organization = access.organization(slug, needs=needs)
    identifier = parse_uuid(pk)
    found = own_controls_of(organization).filter(pk=identifier).first() if identifier else None
    if found is None:
        raise NotFound("This control does not exist, or you have no access to it.")
    return organization, found


def _page(
    request: HttpRequest, organization: Organization, control: OwnControl, state_form: StateForm | None = None
) -> HttpResponse:
    versions = list(
        OwnControlVersion.objects.filter(control=control).select_related("written_by", "published_by")
    )
    draft = next((one for one in versions if one.published_at is None), None)
    shown = draft or next(iter(versions), None)
    tenants = {
        one.slug: one for one in access.tenants(needs=Capability.VIEW_ALL).filter(organization=organization)
    }
    choices = [(key, one.name) for key, one in tenants.items()]
    trial_form = TrialForm(choices, request.GET if {"customer", "try"} & request.GET.keys() else None)
    trials = None
    if shown is not None and trial_form.is_valid():
        chosen = [tenants[key] for key in trial_form.cleaned_data["customer"]]
        try:
            trials = try_control(stored_form(shown.data), chosen)
        except Refusal as error:
            refused(trial_form, error)
    context = {
        "organization": organization,
        "control": control,
        "title": shown.data["title"] if shown else control.slug,
        "shown": shown,
        "draft": draft,
        "seen": draft.written_at.isoformat() if draft else "",
        "versions": versions,
        "problems": problems_of_cases(shown.text, shown.data) if shown else [],
        "may_decide": current().may_in_organization(Capability.ORGANIZATION, organization.pk),
        "state_form": state_form or StateForm(),
        "trial_form": trial_form,
        "trials": trials,
    }
    status = 400 if (state_form and state_form.errors) or trial_form.errors else 200
    return render(request, "organization/own_control.html", context, status=status)
