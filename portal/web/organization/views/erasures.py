"""Serve erasures of customers and pseudonymisations of people: the register, decisions, progress and certificates."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.offboarding.erasures.requests import (
    confirm_erasure,
    record_certificate_download,
    start_due_erasure,
    withdraw_erasure,
)
from portal.offboarding.erasures.shared_reports import shared_reports
from portal.offboarding.erasures.waiting_period import set_waiting_period
from portal.offboarding.models import Erasure
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.visible import person
from tenants import access
from tenants.actions.organizations import MAX_ERASURE_WAIT_HOURS
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability
from tenants.values.stale_values import Part, last_change

PER_PAGE: Final = 50
_LABELS: Final = {"hours": "Waiting period"}
_CHANGED: Final = "organization.erasure_wait_changed"


class WaitForm(forms.Form):
    """A form with the waiting period between the confirmation and the start of an erasure."""

    hours = forms.IntegerField(
        label="Waiting period in hours",
        min_value=0,
        max_value=MAX_ERASURE_WAIT_HOURS,
        help_text="The time between the confirmation and the start of an erasure. During this time, every"
        " administrator can withdraw the erasure. A longer period takes effect at once. A shorter period takes"
        " effect after seven days, and all administrators are notified. Erasures that are already confirmed"
        " keep their period.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def erasures(request: HttpRequest, slug: str) -> HttpResponse:
    """List all erasures of the organization, and set the waiting period."""
    organization = access.organization(slug, needs=Capability.OFFBOARD)
    shown: Part = {"hours": organization.erasure_wait_hours}
    others = None
    form = WaitForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            saved = set_waiting_period(
                organization=organization, by=person(), hours=typed["hours"], expected=shown
            )
        except (InvalidInput, Conflict) as error:
            if error.code != stale_forms.CODE:
                refused(form, error)
            else:
                organization.refresh_from_db()
                now = {"hours": organization.erasure_wait_hours}
                last = last_change(organization, [_CHANGED], f"organization:{organization.pk}")
                others, merged = stale_forms.conflict(_LABELS, shown, now, typed, last, _hours)
                shown, form = now, WaitForm(initial=merged)
        else:
            later = (
                f" The new waiting period applies from {saved.erasure_wait_from:%Y-%m-%d} on."
                if saved.erasure_wait_is_pending
                else ""
            )
            messages.success(request, f"Waiting period saved.{later}")
            return redirect("erasures", slug)
    rows = Erasure.objects.filter(organization=organization).select_related("requested_by", "confirmed_by")
    page = Paginator(rows.defer("certificate"), PER_PAGE).get_page(request.GET.get("page"))
    names = _names(organization, list(page.object_list))
    context = {
        "organization": organization,
        "form": form,
        "start": stale_forms.write_start(shown),
        "others": others,
        "page": page,
        "rows": [(row, names.get(row.subject, "")) for row in page.object_list],
    }
    status = 409 if others else 400 if form.is_bound else 200
    return render(request, "organization/erasures.html", context, status=status)


def _hours(_: str, value: object) -> str:
    return f"{value} h"


@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show an erasure with its progress. People confirm, start or withdraw the erasure on this page."""
    organization = access.organization(slug, needs=Capability.OFFBOARD)
    row = _erasure(organization, pk)
    try:
        if request.method == "POST" and "confirm" in request.POST:
            confirm_erasure(erasure=row, by=person())
            messages.success(request, "Confirmed.")
            return redirect("erasure", slug, pk)
        if request.method == "POST" and "start" in request.POST:
            start_due_erasure(erasure=row, by=person())
            messages.success(request, "A worker starts the erasure now.")
            return redirect("erasure", slug, pk)
        if request.method == "POST" and "withdraw" in request.POST:
            withdraw_erasure(erasure=row, by=person())
            messages.success(request, "The request was withdrawn. Nothing was deleted.")
            return redirect("erasure", slug, pk)
    except (Conflict, PermissionDenied) as error:
        messages.error(request, error.message)
        return redirect("erasure", slug, pk)
    context = {
        "organization": organization,
        "row": row,
        "name": _names(organization, [row]).get(row.subject, ""),
        "own": row.requested_by_id == person().pk,
        "live": row.state == Erasure.State.RUNNING or row.is_due,
        "tables": sorted(row.rows.items()),
        "shared_reports": _shared_reports(row),
    }
    return render(request, "organization/erasure.html", context)


def _shared_reports(row: Erasure) -> int:
    """Return how many portfolio reports the erasure of a customer will delete. Return 0 if the erasure has started or
    was withdrawn, or if it is the pseudonymisation of a person.
    """
    if not row.is_customer or not row.can_withdraw or row.subject is None:
        return 0
    return shared_reports(Tenant.objects.get(pk=row.subject)).count()


@require_POST
def certificate(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Send the certificate of an erasure, and record the download in the organization's journal."""
    organization = access.organization(slug, needs=Capability.OFFBOARD)
    row = _erasure(organization, pk)
    if not row.has_certificate:
        raise NotFound(
            "This erasure has no certificate, or its certificate was deleted when the retention period ended."
        )
    content = row.open_certificate()
    record_certificate_download(erasure=row, by=person())
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="erasure-{row.pk}.pdf"'},
    )


def _erasure(organization: Organization, pk: str) -> Erasure:
    rows = Erasure.objects.filter(organization=organization)
    rows = rows.select_related("requested_by", "confirmed_by", "withdrawn_by")
    return access.get(Erasure, pk, needs=Capability.OFFBOARD, queryset=rows)


def _names(organization: Organization, rows: list[Erasure]) -> dict[object, str]:
    """Return {id: name} of the customers and people to whom the erasures `rows` refer. Customers that are already
    erased are missing.
    """
    ids = [row.subject for row in rows if row.subject is not None]
    if not ids:
        return {}
    tenants = Tenant.objects.filter(organization=organization, pk__in=ids).values_list("pk", "name")
    people = Person.objects.filter(pk__in=[row.subject for row in rows if not row.is_customer])
    return {**dict(tenants), **{who.pk: who.get_full_name() for who in people}}
