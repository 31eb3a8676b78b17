"""Serve the retention of a customer's data: periods, a preview of the data that would be deleted, and legal holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessments.estate.quantities import in_days
from portal.retention.actions.holds import MAX_REASON, lift_hold, place_hold
from portal.retention.actions.policy import DEFAULT, KEEP, set_periods
from portal.retention.actions.runs import RUN_KINDS, cancel_run, request_run
from portal.retention.kinds import CUSTOMER_KINDS, DELAY_DAYS, KINDS, REASONS
from portal.retention.models import RetentionRun
from portal.retention.selectors import DELAY, default_days, hold_of, periods
from portal.web.components.form_parts import refused
from portal.web.shared.action_messages import reported
from portal.web.shared.forms.retention import RetentionForm, days_label, report_saved, retention_conflict
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.values.stale_values import last_change

SHOWN_RUNS: Final = 10


class HoldForm(forms.Form):
    """A form with the reason why a legal hold begins or ends."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="For example: litigation 4711, requested by the legal department. The journal records this reason.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and save the customer's retention periods.

    The button `preview` counts the data that the entered periods would delete. `cancel` stops a running preview or
    deletion. `hold` and `lift` start and end a legal hold.
    """
    tenant = access.tenant(slug, needs=Capability.RETAIN)
    data = request.POST if request.method == "POST" else None
    hold_form = HoldForm(data if data is not None and ("hold" in data or "lift" in data) else None)
    if data is not None and "cancel" in data:
        run = access.of_tenant(tenant, RetentionRun, data["cancel"], needs=Capability.RETAIN)
        with reported(request, "The run is cancelled.", refusal=Conflict):
            cancel_run(run=run, by=person())
        return redirect("retention", slug)
    if hold_form.is_bound and hold_form.is_valid():
        return _change_hold(request, tenant, hold_form.cleaned_data["reason"])
    is_form = data is not None and ("save" in data or "preview" in data)
    form = _form(tenant, data if is_form else None)
    if form.is_bound and form.is_valid():
        if data is not None and "preview" in data:
            _preview(tenant, form.wanted())
            return _page(request, tenant, form, hold_form)
        if response := _save(request, tenant, form):
            return response
    status = 400 if form.is_bound or hold_form.is_bound else 200
    return _page(request, tenant, form, hold_form, status=status)


def _form(tenant: Tenant, data: Any, typed: Mapping[str, str] | None = None) -> RetentionForm:
    defaults = {
        key: "without limit" if days is None else in_days(days) for key, days in default_days(tenant).items()
    }
    return RetentionForm(data, periods=periods(tenant, CUSTOMER_KINDS), defaults=defaults, typed=typed)


def _change_hold(request: HttpRequest, tenant: Tenant, reason: str) -> HttpResponse:
    if "lift" in request.POST:
        with reported(
            request,
            f"The legal hold is lifted. In {DELAY_DAYS} days, Surety starts to delete old data again.",
        ):
            lift_hold(tenant=tenant, by=person(), reason=reason)
    else:
        with reported(
            request,
            f"{tenant.name} is on legal hold. Surety deletes no old data of this customer until {DELAY_DAYS} days"
            " after the legal hold is lifted.",
        ):
            place_hold(tenant=tenant, by=person(), reason=reason)
    return redirect("retention", tenant.slug)


def _save(request: HttpRequest, tenant: Tenant, form: RetentionForm) -> HttpResponse | None:
    try:
        rules = set_periods(tenant=tenant, by=person(), wanted=form.wanted(), expected=form.expected())
    except Conflict:
        last = last_change(tenant, ["retention.changed"], f"tenant:{tenant.pk}")
        others, merged = retention_conflict(form, periods(tenant, CUSTOMER_KINDS), last)
        return _page(request, tenant, _form(tenant, None, merged), HoldForm(), status=409, others=others)
    except InvalidInput as error:
        refused(form, error)
        return None
    if report_saved(request, rules):
        _preview(tenant, form.wanted())
    return redirect("retention", tenant.slug)


def _preview(tenant: Tenant, wanted: Mapping[str, str]) -> None:
    """Request a preview of the data that the chosen periods would delete."""
    defaults = default_days(tenant)
    days = {
        key: defaults[key] if text == DEFAULT else None if text == KEEP else int(text)
        for key, text in wanted.items()
    }
    request_run(tenant=tenant, by=person(), dry_run=True, kinds=list(days), days=days)


def _page(
    request: HttpRequest,
    tenant: Tenant,
    form: RetentionForm,
    hold_form: HoldForm,
    *,
    status: int = 200,
    others: dict[str, Any] | None = None,
) -> HttpResponse:
    runs = RetentionRun.objects.filter(tenant=tenant)
    preview = runs.filter(dry_run=True).exclude(state=RetentionRun.State.CANCELLED).first()
    deletions = list(runs.filter(dry_run=False)[:SHOWN_RUNS])
    hold = hold_of(tenant)
    context = {
        "tenant": tenant,
        "form": form,
        "others": others,
        "hold": hold,
        "hold_ends": hold.lifted_at + DELAY if hold is not None and hold.lifted_at else None,
        "hold_form": hold_form,
        "delay": DELAY_DAYS,
        "preview": preview,
        "preview_rows": _results(tenant, preview) if preview else [],
        "active": next((run for run in deletions if run.is_active), None),
        "runs": [(run, [row for row in _results(tenant, run) if row["rows"]]) for run in deletions],
    }
    return render(request, "settings/retention.html", context, status=status)


def _results(tenant: Tenant, run: RetentionRun) -> list[dict[str, Any]]:
    """Return the results of a preview or deletion, one entry per kind of data. Each entry links to the pages that show
    why data was kept.
    """
    found = []
    for key in RUN_KINDS:
        result = run.results.get(key)
        if result is None:
            continue
        kept = [
            {
                "label": REASONS[reason].label,
                "number": number,
                "url": reverse(REASONS[reason].page, args=[tenant.slug]) + REASONS[reason].query,
            }
            for reason, number in result["kept"].items()
            if reason in REASONS
        ]
        found.append(
            {
                "kind": KINDS[key],
                "period": days_label(run.days.get(key)),
                "unlimited": result["before"] is None,
                "before": _moment(result["before"]),
                "rows": result["rows"],
                "bytes": result["bytes"],
                "oldest": _moment(result["oldest"]),
                "kept": kept,
            }
        )
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
