"""The pre-flight of a service principal: what it lets be judged, and what grants the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.actions.preflight import run_preflight
from assessments.controls.registry import SECTIONS
from portal.web import closing
from portal.web.visible import person, unit_names
from tenants import access, selectors
from tenants.actions.service_principals import record_credential_check
from tenants.credentials import CredentialResult
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

if TYPE_CHECKING:
    from assessments.preflight import ControlReadiness, Missing, PreflightReport

# Some thirty requests each: with more, the page would not answer within a minute.
MOST_SUBSCRIPTIONS: Final = 20


def preflight(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """GET says what will be asked; POST signs in, asks, and shows what was found. Nothing of it is stored."""
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
    if request.method == "POST":
        report = run_preflight(
            by=person(), service_principal=principal, subscriptions=known[:MOST_SUBSCRIPTIONS]
        )
        result = CredentialResult(error_code=report.error_code, error=report.error)
        record_credential_check(by=person(), service_principal=principal, result=result)
        context["report"] = report
        context |= _found(report, unit_names(tenant))
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
        by_right.setdefault((missing.permission, missing.reason.words), []).append(missing)
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
