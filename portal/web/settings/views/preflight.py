"""The pre-flight of a service principal: what it lets be judged, and what grants the rest.

A worker asks Azure; the page looks every two seconds whether it has answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from assessments.actions.preflight import latest_preflight, request_preflight
from assessments.controls.registry import SECTIONS
from portal.web.shared import closing
from portal.web.shared.visible import person, unit_names
from tenants import access, selectors
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

if TYPE_CHECKING:
    from assessments.readiness import ControlReadiness, Missing, PreflightReport

# Some forty requests each: more would not be asked within the time that a pre-flight has.
MOST_SUBSCRIPTIONS: Final = 100


def preflight(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """GET says what will be asked, or what the newest pre-flight of the last day found; POST asks for a new one."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    principal = access.get(
        ServicePrincipal,
        pk,
        needs=Capability.ADMINISTER,
        queryset=ServicePrincipal.objects.filter(tenant=tenant).select_related("directory__tenant"),
    )
    known = _subscriptions(tenant, principal)
    context = {
        "tenant": tenant,
        "principal": principal,
        "known": len(known),
        "asked": known[:MOST_SUBSCRIPTIONS],
        "left_out": max(0, len(known) - MOST_SUBSCRIPTIONS),
    }
    newest = latest_preflight(principal)
    waiting = newest is not None and newest.report is None and not newest.is_lost
    if request.method == "POST":
        if not waiting:
            asked = known[:MOST_SUBSCRIPTIONS]
            request_preflight(by=person(), service_principal=principal, subscriptions=asked)
        return redirect("preflight", tenant.slug, principal.pk)
    context |= {"newest": newest, "waiting": waiting}
    if newest is not None and newest.report is not None:
        context["report"] = newest.report
        context |= _found(newest.report, unit_names(tenant))
    return render(request, "settings/preflight.html", context)


def _subscriptions(tenant: Tenant, principal: ServicePrincipal) -> list[str]:
    """The GUIDs that assessments read through it; without any the pre-flight asks for those that it sees.

    What another principal of the directory reads needs no grant for this one.
    """
    rows = selectors.subscriptions(tenant, to_assess=True).filter(
        Q(service_principal=principal) | Q(service_principal=None), directory=principal.directory
    )
    return list(rows.values_list("subscription_id", flat=True))


def _found(report: PreflightReport, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "judged": _by_section(report.judged),
        "not_judged": [_row(row, names, len(report.subscriptions)) for row in report.not_judged],
        "closing": closing.of_grants(report.grants, report.client_id, names),
    }


def _by_section(rows: Sequence[ControlReadiness]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Section title -> (title, address) of each control."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        line = (row.control.title, reverse("control", args=[row.control.slug]))
        found.setdefault(SECTIONS[row.control.section], []).append(line)
    return list(found.items())


def _row(row: ControlReadiness, names: Mapping[str, str], subscriptions: int) -> dict[str, Any]:
    """A control that cannot be judged everywhere, its reasons put together by right."""
    by_right: dict[tuple[str, str], list[Missing]] = {}
    for missing in row.missing:
        by_right.setdefault((missing.permission, missing.reason.label), []).append(missing)
    return {
        "title": row.control.title,
        "section": SECTIONS[row.control.section],
        "url": reverse("control", args=[row.control.slug]),
        "missing": [
            {
                "right": right.replace("|", " or "),
                "why": why,
                "what": ", ".join(dict.fromkeys(m.title for m in found)),
                "where": _where([m.subscription for m in found], names, subscriptions),
            }
            for (right, why), found in by_right.items()
        ],
    }


def _where(guids: Sequence[str], names: Mapping[str, str], subscriptions: int) -> str:
    different = list(dict.fromkeys(guids))
    if different == [""]:
        return "directory"
    if different == [closing.UNKNOWN_SUBSCRIPTION]:
        return "it sees no subscription"
    if subscriptions > 1 and len(different) == subscriptions:
        return f"all {subscriptions} subscriptions"
    return ", ".join(names.get(f"/subscriptions/{guid}", guid or "directory") for guid in different)
