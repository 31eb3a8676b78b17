"""Serve the default schedule of an organization, and the schedules of its customers."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments.actions.schedules import set_default_schedule
from assessments.actions.watch.settings import set_default_watch
from assessments.actions.watch.turns import interval
from assessments.timing.schedules import DEFAULT, OFF, Planned, planned_all
from assessments.timing.timetable import parse
from portal.web.components.form_parts import refused
from portal.web.shared.forms.schedule import ScheduleForm
from portal.web.shared.local_times import local
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 100


@require_http_methods(["GET", "HEAD", "POST"])
def default_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change the default schedule, and list when the next assessment of each customer starts.

    A POST with `watch` changes whether customers are watched by default, and leaves the schedule unchanged.
    """
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    rule = organization.default_schedule
    if request.method == "POST" and request.POST.get("watch") in ("on", "off"):
        set_default_watch(organization=organization, by=person(), wanted=request.POST["watch"] == "on")
        messages.success(
            request,
            "The default setting of the watch was saved. Within a minute, the default takes effect for customers that"
            " have no setting of their own.",
        )
        return redirect("organization-schedule", slug=slug)
    form = ScheduleForm(request.POST if request.method == "POST" else None, choice=rule or OFF)
    if request.method == "POST" and form.is_valid():
        try:
            set_default_schedule(organization=organization, by=person(), wanted=form.wanted())
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(
                request,
                "Default schedule saved. Within a minute, it takes effect for customers that have no schedule of"
                " their own.",
            )
            return redirect("organization-schedule", slug=slug)
    tenants = Tenant.objects.filter(organization=organization).order_by("name", "pk")
    page = Paginator(tenants, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "form": form,
        "default": parse(rule).label if rule else "",
        "minutes": int(interval().total_seconds() // 60),
        "page": page,
        "rows": [_row(found) for found in planned_all(list(page.object_list), rule, timezone.now())],
    }
    return render(request, "organization/schedule.html", context, status=400 if form.is_bound else 200)


def _row(found: Planned) -> dict[str, Any]:
    own = "Organization default" if found.choice == DEFAULT else "Customer"
    return {
        "found": found,
        "kind": own,
        "next": local(found.next_at, found.zone),
    }
