"""Show and change a customer's values of control parameters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from assessments.actions.control_settings import set_control_values, values_part
from assessments.controls.declare import Control
from assessments.controls.parameter import Parameter
from assessments.controls.registry import SECTIONS, catalogue
from assessments.models import ControlSetting
from portal.web.shared import stale_forms
from portal.web.shared.forms.parameter import (
    ParameterForm,
    control_with_parameters,
    help_of,
    judged_text,
    parameter_text,
    parameters_conflict,
)
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import Refusal
from tenants.roles import Capability
from tenants.values.stale_values import last_change


def _label_and_help(parameter: Parameter) -> tuple[str, str]:
    """Return two texts that the page shows about a parameter: usually its title, and its help text as description.

    If the help text begins with the title, return the help text as label, and an empty description. So the page does
    not show the same words twice.
    """
    title, text = parameter.title, help_of(parameter)
    return (text, "") if text.lower().startswith(title.lower()) else (title, text)


def parameters(request: HttpRequest, slug: str) -> HttpResponse:
    """List the controls that have parameters, with the current values of the parameters."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    own = dict(ControlSetting.objects.filter(tenant=tenant).values_list("control", "values"))
    q = request.GET.get("q", "").strip()
    rows = [
        {
            "slug": found.slug,
            "title": found.title,
            "section": found.section,
            "values": [
                (
                    *_label_and_help(p),
                    parameter_text(own.get(found.slug, {}).get(p.name, p.default)),
                    p.name in own.get(found.slug, {}),
                )
                for p in found.parameters
            ],
        }
        for found in catalogue().values()
        if found.parameters and _matches(found, q)
    ]
    groups = [
        (title, of_section)
        for section, title in SECTIONS.items()
        if (of_section := [row for row in rows if row["section"] == section])
    ]
    context = {
        "tenant": tenant,
        "groups": groups,
        "number": len(rows),
        "q": q,
        "search_fields": [],
        "may_administer": may(Capability.ADMINISTER, tenant),
    }
    return render(request, "settings/parameters.html", context)


def _matches(control: Control, q: str) -> bool:
    names = " ".join(f"{one.title} {one.help}" for one in control.parameters)
    text = f"{control.title} {control.slug} {names}".casefold()
    return all(word in text for word in q.casefold().split())


def parameter(request: HttpRequest, slug: str, control: str) -> HttpResponse:
    """Change a control's parameter values. The change takes effect with the next assessment."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    found = control_with_parameters(control)
    row = ControlSetting.objects.filter(tenant=tenant, control=found.slug).first()
    # The stored row can contain a value for a parameter that the control no longer has. Such a value is ignored.
    shown, others = values_part(found, row.values if row else {}), None
    form = ParameterForm(request.POST or None, control=found, values=shown)
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and form.is_valid():
        overrides = {} if "reset" in request.POST else form.overrides()
        try:
            set_control_values(tenant=tenant, by=person(), slug=found.slug, values=overrides, expected=shown)
        except Refusal as error:
            if error.code != stale_forms.CODE:
                form.add_error(None, error.message)
            else:
                row = ControlSetting.objects.filter(tenant=tenant, control=found.slug).first()
                now = values_part(found, row.values if row else {})
                others, merged = parameters_conflict(
                    found,
                    shown,
                    now,
                    values_part(found, overrides),
                    last=last_change(tenant, ["control.parameters"], f"control:{found.slug}"),
                )
                form, shown = ParameterForm(control=found, values=merged), now
        else:
            messages.success(request, "Values saved. The next assessment uses the new values.")
            return redirect("parameters", slug=slug)
    context = {
        "tenant": tenant,
        "found": found,
        "judged": judged_text(found, values_part(found, row.values if row else {})),
        "form": form,
        "start": stale_forms.write_start(shown),
        "others": others,
    }
    status = 409 if others else 400 if form.errors else 200
    return render(request, "settings/parameter.html", context, status=status)
