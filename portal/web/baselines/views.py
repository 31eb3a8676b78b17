"""Serve the list of baselines, the customers' settings that deviate from a baseline, and the forms that create, change
and apply a baseline.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.treatment.actions.baselines import (
    apply_baselines,
    delete_baseline,
    save_baseline,
    set_baseline_parameters,
)
from portal.treatment.actions.baselines.retention import may_retain
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import (
    last_change_of_any,
    parameters_part,
    policy_part,
    versions,
)
from portal.treatment.selectors.baselines import (
    Deviation,
    applies_to,
    baselines,
    complete,
    deviations,
)
from portal.web.baselines.conflicts import parameters_conflict, policy_conflict
from portal.web.baselines.forms import BaselineForm
from portal.web.baselines.setting_texts import profile_label, setting_label, settings_url, value_text
from portal.web.baselines.texts import owners_of, rule_text, shipped_rule_rows, watch_rule_rows
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.forms.parameter import ParameterForm, control_with_parameters, parameter_text
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.ids import parse_uuid
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability

MAX_REASONS: Final = 10
"""The maximum number of reasons that the page shows if several settings cannot be set to the values of the baseline.
"""


def place_of(slug: str) -> tuple[Organization, list[Tenant]]:
    """Return the organization and all its customers that are not archived."""
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    rows = Tenant.objects.filter(organization=organization, archived_at__isnull=True)
    return organization, list(rows.order_by("name", "pk"))


def get_baseline(organization: Organization, pk: str) -> Baseline:
    rows = Baseline.objects.filter(organization=organization).select_related("organization")
    return access.get(Baseline, pk, needs=Capability.ADMINISTER, queryset=rows)


def baseline_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List the baselines and, for each customer, the settings that deviate from them."""
    return _list(request, *place_of(slug))


def _list(
    request: HttpRequest, organization: Organization, tenants: list[Tenant], chosen: Collection[str] = ()
) -> HttpResponse:
    """Render the list. After a conflict (status 409), the settings in `chosen` are selected again."""
    ordered = baselines(organization)
    found = deviations(tenants, ordered)
    people = owners_of(
        [value for one in found for value in (one.value, one.wanted) if isinstance(value, dict)]
    )
    context = {
        "organization": organization,
        "rows": [
            {
                "baseline": row,
                "url": reverse("baseline", args=[organization.slug, row.pk]),
                "customers": sum(applies_to(row, tenant) for tenant in tenants),
                "deviating": len({one.tenant.pk for one in found if one.baseline.pk == row.pk}),
            }
            for row in ordered
        ],
        "deviations": [_line(one, people) for one in found],
        "chosen": chosen,
        "start": stale_forms.write_start(versions(ordered)),
    }
    return render(request, "baselines/list.html", context, status=409 if chosen else 200)


def _line(found: Deviation, people: Mapping[str, Person]) -> dict[str, Any]:
    return {
        "key": f"{found.tenant.pk} {found.setting}",
        "tenant": found.tenant,
        "baseline": found.baseline,
        "setting": setting_label(found.setting),
        "value": value_text(found.setting, found.value, found.wanted, people),
        "wanted": value_text(found.setting, found.wanted, found.wanted, people),
        "url": settings_url(found.tenant, found.setting),
    }


def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Create a baseline."""
    organization, tenants = place_of(slug)
    form = BaselineForm(request.POST or None, may_retain=may_retain(organization))
    if request.method == "POST" and form.is_valid():
        try:
            row = save_baseline(organization=organization, by=person(), tenants=tenants, **form.values())
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            effect = (
                "Customers that had the default values now have the values of the baseline."
                if any(applies_to(row, tenant) for tenant in tenants)
                else "It applies to no customer yet."
            )
            messages.success(request, f"The baseline was created. {effect}")
            return redirect("baseline", slug=slug, pk=row.pk)
    context = {"organization": organization, "form": form, "labels": _labels(tenants)}
    return render(request, "baselines/add.html", context)


def _labels(tenants: list[Tenant]) -> list[str]:
    return sorted({label for tenant in tenants for label in tenant.labels}, key=str.casefold)


def baseline(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Change a baseline's name, customers and policy. The page also lists the control parameters of the baseline."""
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    shown = policy_part(row)
    form = BaselineForm(request.POST or None, initial=shown, may_retain=may_retain(organization))
    others = None
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and form.is_valid():
        try:
            save_baseline(
                organization=organization,
                by=person(),
                tenants=tenants,
                baseline=row,
                expected=shown,
                **form.values(),
            )
        except (InvalidInput, Conflict) as error:
            if error.code != stale_forms.CODE:
                refused(form, error)
            else:
                row = get_baseline(organization, pk)
                others, values = policy_conflict(row, shown, form.cleaned_data)
                form, shown = (
                    BaselineForm(initial=values, may_retain=may_retain(organization)),
                    policy_part(row),
                )
        else:
            messages.success(request, "Saved. Customers without values of their own now have the new values.")
            return redirect("baseline", slug=slug, pk=pk)
    parameters = [
        (
            found,
            [
                (parameter.title, parameter_text(values[parameter.name]))
                for values in [row.parameters.get(found.slug, {})]
                for parameter in found.parameters
                if parameter.name in values
            ],
            reverse("baseline-parameter", args=[slug, pk, found.slug]),
        )
        for found in catalogue().values()
        if found.parameters
    ]
    context = {
        "organization": organization,
        "baseline": row,
        "form": form,
        "start": stale_forms.write_start(shown),
        "profile": profile_label(row.profile) if row.profile else "",
        "version": stale_forms.write_start(versions([row])),
        "others": others,
        "labels": _labels(tenants),
        "rules": [
            {
                "name": rule["name"],
                "text": rule_text(rule, owners_of(row.owner_rules)),
                "url": reverse("baseline-rule", args=[slug, pk, number]),
            }
            for number, rule in enumerate(row.owner_rules)
        ],
        "watch_rules": watch_rule_rows(organization, row),
        "shipped_rules": shipped_rule_rows(row),
        "severities": Finding.Severity.choices,
        "channels": [
            {
                "channel": channel,
                "url": reverse("baseline-channel", args=[slug, pk, channel.pk]),
            }
            for channel in row.channels.defer("address", "secret")
        ],
        "customers": [tenant for tenant in tenants if applies_to(row, tenant)],
        "parameters": [one for one in parameters if one[1]],
        "unset_parameters": [one for one in parameters if not one[1]],
    }
    return render(request, "baselines/detail.html", context, status=409 if others else 200)


def parameter(request: HttpRequest, slug: str, pk: str, control: str) -> HttpResponse:
    """Set the parameters of one control in a baseline, or let each customer set its own parameters."""
    organization, tenants = place_of(slug)
    row = get_baseline(organization, pk)
    found = control_with_parameters(control)
    shown = parameters_part(row, found.slug)
    form = ParameterForm(request.POST or None, control=found, values=complete(found.slug, shown))
    others = None
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and form.is_valid():
        values = None if "remove" in request.POST else form.overrides()
        try:
            set_baseline_parameters(
                baseline=row, by=person(), tenants=tenants, slug=found.slug, values=values, expected=shown
            )
        except (InvalidInput, Conflict) as error:
            if error.code != stale_forms.CODE:
                form.add_error(None, error.message)
            else:
                row = get_baseline(organization, pk)
                others, merged = parameters_conflict(row, found, shown, values)
                form = ParameterForm(control=found, values=complete(found.slug, merged))
                shown = parameters_part(row, found.slug)
        else:
            messages.success(request, "Saved. Customers without values of their own now have the new values.")
            return redirect("baseline", slug=slug, pk=pk)
    context = {
        "organization": organization,
        "baseline": row,
        "found": found,
        "form": form,
        "is_set": found.slug in row.parameters,
        "start": stale_forms.write_start(shown),
        "others": others,
    }
    return render(request, "baselines/parameter.html", context, status=409 if others else 200)


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete a baseline, unless somebody has changed it after the page was opened."""
    organization, _ = place_of(slug)
    row = get_baseline(organization, pk)
    seen = stale_forms.read_start(request.POST.get("start", ""))
    if seen is None:
        messages.error(request, stale_forms.MISSING)
        return redirect("baseline", slug=slug, pk=pk)
    try:
        delete_baseline(baseline=row, by=person(), expected=seen)
    except Conflict as error:
        if error.code != stale_forms.CODE:
            messages.error(request, error.message)
            return redirect("baselines", slug=slug)
        row = get_baseline(organization, pk)
        messages.error(
            request,
            f"The baseline was not deleted, because {row.changed_by} changed it {stale_forms.ago(row.changed_at)}."
            " Check the present values, then delete the baseline.",
        )
        return redirect("baseline", slug=slug, pk=pk)
    messages.success(request, "The baseline was deleted. Customers keep their values.")
    return redirect("baselines", slug=slug)


@require_POST
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Set the selected settings of customers to the values of their baselines."""
    organization, tenants = place_of(slug)
    pairs = [text.partition(" ") for text in request.POST.getlist("setting")]
    chosen = {(pk, setting) for text, _, setting in pairs if (pk := parse_uuid(text)) is not None}
    seen = stale_forms.read_start(request.POST.get("start", ""))
    if seen is None:
        messages.error(request, stale_forms.MISSING)
        return redirect("baselines", slug=slug)
    try:
        result = apply_baselines(
            organization=organization, by=person(), tenants=tenants, chosen=chosen, expected=seen
        )
    except Conflict as error:
        if error.code != stale_forms.CODE:
            raise
        last = last_change_of_any(organization)
        by = f" by {last.who} {stale_forms.ago(last.at)}," if last else ""
        messages.error(
            request,
            f"No setting was changed, because a baseline was changed{by} after you opened this page."
            " Check the new values of the settings selected below, then set them again.",
        )
        return _list(request, organization, tenants, chosen={f"{pk} {setting}" for pk, setting in chosen})
    number = result.changed
    if number:
        what = "1 setting was set to the value of its baseline"
        if number != 1:
            what = f"{number} settings were set to the values of their baselines"
        messages.success(request, f"{what}.")
    for deviation, reason in result.refused[:MAX_REASONS]:
        messages.error(request, f"{setting_label(deviation.setting)} was not changed. {reason}")
    if more := len(result.refused[MAX_REASONS:]):
        messages.error(request, f"{more} more setting{'s were' if more != 1 else ' was'} not changed.")
    if not number and not result.refused:
        messages.warning(request, "Select at least one setting that deviates from its baseline.")
    return redirect("baselines", slug=slug)
