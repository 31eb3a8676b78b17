"""Connect, change and test ticket systems, and set the projects of customers. Stored credentials are never shown."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from portal.tickets.actions.check import request_check
from portal.tickets.actions.systems import (
    add_system,
    change_system,
    clean_project,
    delete_system,
    locked_system,
    set_places,
    switch_system,
    system_part,
)
from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import TicketPlace, TicketSystem
from portal.tickets.selectors import systems
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from portal.web.tickets.conflicts import resolved
from portal.web.tickets.forms import SystemForm
from tenants import access
from tenants.errors import NotFound, Refusal
from tenants.models import Organization
from tenants.roles import Capability

PER_PAGE: Final = 100
NO_TICKETS: Final = "-"
"""The text that people enter for a customer that should get no tickets."""


@sensitive_post_parameters()
@sensitive_variables("form", "values")
def add(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Connect a ticket system. The URL names the kind of system."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    connector = CONNECTORS.get(kind)
    if connector is None:
        raise NotFound(
            f"Surety does not support this kind of ticket system. Use one of: {', '.join(CONNECTORS)}."
        )
    form = SystemForm(request.POST or None, connector=connector)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_system(organization=organization, by=person(), kind=kind, **form.values())
        except Refusal as error:
            refused(form, error)
        else:
            request_check(system=made, by=person())
            messages.success(request, "Ticket system connected. The result of a test appears below.")
            return redirect("ticket-system", slug=slug, pk=made.pk)
    context = {"organization": organization, "connector": connector, "form": form}
    return render(request, "tickets/system_add.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters()
@sensitive_variables("form", "values")
@require_http_methods(["GET", "HEAD", "POST"])
def system(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show and change a ticket system."""
    organization, found = _found(slug, pk)
    connector = CONNECTORS[found.kind]
    form = SystemForm(request.POST or None, connector=connector, system=found)
    start, others = system_part(found), None
    if request.method == "POST":
        start = stale_forms.start_of(request, form, start)
    if request.method == "POST" and form.is_valid():
        try:
            change_system(system=found, by=person(), expected=start, **form.values())
        except Refusal as error:
            if error.code != stale_forms.CODE:
                refused(form, error)
            else:
                _, found = _found(slug, pk)
                now = system_part(found)
                others, merged = resolved(form, organization, f"ticketsystem:{found.pk}", start, now)
                form, start = SystemForm(None, connector=connector, system=found, values=merged), now
        else:
            messages.success(request, "Ticket system saved.")
            return redirect("ticket-system", slug=slug, pk=pk)
    context = {
        "organization": organization,
        "system": found,
        "connector": connector,
        "form": form,
        "start": stale_forms.write_start(start),
        "others": others,
        "lost_credentials": bool(others)
        and any(request.POST.get(one.name) for one in connector.inputs if one.secret),
        "customers": TicketPlace.objects.filter(system=found).count(),
    }
    status = 409 if others else 400 if form.errors else 200
    return render(request, "tickets/system.html", context, status=status)


@require_POST
def test(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Let a worker test the connection to the ticket system. The system's page shows the result."""
    _, found = _found(slug, pk)
    with reported(request, "Test started. The result appears below."):
        request_check(system=found, by=person())
    return redirect("ticket-system", slug=slug, pk=pk)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    _, found = _found(slug, pk)
    on = request.POST.get("enabled") == "1"
    with reported(request, f"“{found.name}” turned {'on' if on else 'off'}."):
        switch_system(system=found, by=person(), enabled=on)
    return redirect("ticket-system", slug=slug, pk=pk)


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete a ticket system and its rules from Surety. The tickets remain in the ticket system."""
    _, found = _found(slug, pk)
    with reported(request, f"“{found.name}” deleted. The tickets remain in the ticket system."):
        delete_system(system=found, by=person())
    return redirect("tickets", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def customers(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Set the projects in which the tickets of customers are opened.

    POST saves only the projects that the person changed on the submitted page of the list.
    """
    organization, found = _found(slug, pk)
    if request.method == "POST":
        locked_system(found)
    tenants = access.tenants(needs=Capability.VIEW).filter(organization=organization)
    page = Paginator(tenants, PER_PAGE).get_page(request.GET.get("page"))
    places = dict(TicketPlace.objects.filter(system=found).values_list("tenant_id", "project"))
    rows: list[dict[str, Any]] = []
    for tenant in page.object_list:
        name = f"project-{tenant.pk}"
        shown = _shown(places.get(tenant.pk))
        start = request.POST.get(f"start-{tenant.pk}", shown)
        value = request.POST.get(name, shown)
        rows.append(
            {"tenant": tenant, "name": name, "value": value, "start": start, "now": shown, "error": ""}
        )
    context = {
        "organization": organization,
        "system": found,
        "connector": CONNECTORS[found.kind],
        "page": page,
        "rows": rows,
    }
    if request.method != "POST":
        return render(request, "tickets/customers.html", context)
    rows_changed = [row for row in rows if row["value"].strip() != row["start"]]
    for row in rows_changed:
        if row["now"] not in (row["start"], row["value"].strip()):
            row["error"] = (
                f"Somebody else has entered “{row['now']}” meanwhile. To replace it, save again."
                if row["now"]
                else "Somebody else has cleared this field meanwhile. To fill it in again, save again."
            )
            row["start"] = row["now"]
            continue
        try:
            clean_project(CONNECTORS[found.kind], "" if row["value"].strip() == NO_TICKETS else row["value"])
        except Refusal as error:
            row["error"] = error.message
    if any(row["error"] for row in rows):
        return render(request, "tickets/customers.html", context, status=400)
    projects = [(row["tenant"], _project(row["value"])) for row in rows_changed]
    set_places(system=found, by=person(), projects=projects)
    messages.success(request, "Projects saved. Existing tickets remain in their project.")
    return redirect(request.get_full_path())


def _shown(project: str | None) -> str:
    return "" if project is None else project or NO_TICKETS


def _project(typed: str) -> str | None:
    text = typed.strip()
    return None if not text else "" if text == NO_TICKETS else text


def _found(slug: str, pk: str) -> tuple[Organization, TicketSystem]:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    return organization, access.get(
        TicketSystem, pk, needs=Capability.ORGANIZATION, queryset=systems(organization)
    )
