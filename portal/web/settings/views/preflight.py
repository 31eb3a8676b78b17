"""Serve the pre-flight of a service principal. It shows the controls that can be assessed, and the permissions that are
missing for the other controls.

A worker sends the requests to Azure. The page checks every two seconds whether the worker has finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from assessments.actions.credentials.preflight import (
    MAX_SUBSCRIPTIONS,
    latest_preflight,
    read_subscriptions,
    request_preflight_again,
)
from assessments.controls.registry import SECTIONS
from assessments.estate.identity.principal_roles import DIRECTORY_ROLE
from assessments.permissions.grants import MANAGEMENT_GROUP, SUBSCRIPTION_PLACEHOLDER, cloud_commands
from assessments.permissions.readiness import describe_right
from portal.queries.subscriptions import listed_subscriptions, state_remark, why_not_assessed
from portal.web.shared import permission_cards
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.azure.foreign import grant_commands
from tenants.models import ServicePrincipal, Situation, Subscription, Tenant
from tenants.roles import Capability

if TYPE_CHECKING:
    from assessments.permissions.readiness import ControlReadiness, Missing, PreflightReport


def preflight(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show the newest pre-flight of the last 24 hours. POST requests a new pre-flight."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    principal = access.of_tenant(
        tenant, ServicePrincipal, pk, needs=Capability.ADMINISTER, related=("directory__tenant",)
    )
    if request.method == "POST":
        request_preflight_again(by=person(), service_principal=principal)
        return redirect("preflight", tenant.slug, principal.pk)
    return render(request, "settings/preflight.html", preflight_context(tenant, principal))


def preflight_context(tenant: Tenant, principal: ServicePrincipal) -> dict[str, Any]:
    """Return the template variables of a pre-flight. `principal.directory` must be loaded."""
    known = read_subscriptions(principal)
    newest = latest_preflight(principal)
    context: dict[str, Any] = {
        "tenant": tenant,
        "principal": principal,
        "known": len(known),
        "asked": known[:MAX_SUBSCRIPTIONS],
        "left_out": max(0, len(known) - MAX_SUBSCRIPTIONS),
        "waiting_subscriptions": [
            (row, grant_commands(principal.directory, principal.client_id, row.subscription_id))
            for row in listed_subscriptions(tenant).filter(
                ~Subscription.excluded(), state=Subscription.WAITING, directory=principal.directory
            )
        ],
        "unassessed": [
            (row, why_not_assessed(row) or state_remark(row))
            for row in listed_subscriptions(tenant).filter(directory=principal.directory)
            if row.situation is not Situation.WAITING and (why_not_assessed(row) or state_remark(row))
        ],
    }
    context |= {"newest": newest, "waiting": newest is not None and newest.is_waiting}
    if newest is not None and newest.report is not None:
        context["report"] = newest.report
        context |= _found(newest.report, principal, unit_names(tenant))
    return context


def _found(report: PreflightReport, principal: ServicePrincipal, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "judged": _by_section(report.judged),
        "not_judged": [_row(row, names, len(report.subscriptions)) for row in report.not_judged],
        "excessive": [
            (names.get(f"/subscriptions/{guid}", guid) if guid else "Directory", describe_right(guid, right))
            for guid, right in report.excessive
        ],
        "has_excessive_applications": any(
            not guid and not right.startswith(DIRECTORY_ROLE) for guid, right in report.excessive
        ),
        "has_excessive_directory_roles": any(
            not guid and right.startswith(DIRECTORY_ROLE) for guid, right in report.excessive
        ),
        "closing": permission_cards.of_grants(report.grants, principal, names),
        "name_commands": _name_commands(report, principal),
    }


def _name_commands(report: PreflightReport, principal: ServicePrincipal) -> str:
    """Return the script that grants the missing permissions to read names.

    Without these permissions, findings show ids instead of names.
    """
    directory = principal.directory
    lines = report.name_commands
    sign_in = cloud_commands(directory.cloud, directory.directory_id) if lines else []
    return "\n".join([*sign_in, *lines])


def _by_section(rows: Sequence[ControlReadiness]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Group controls by section: (section title, [(control title, URL)])."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        line = (row.control.title, reverse("control", args=[row.control.slug]))
        found.setdefault(SECTIONS[row.control.section], []).append(line)
    return list(found.items())


def _row(row: ControlReadiness, names: Mapping[str, str], subscriptions: int) -> dict[str, Any]:
    """Return the row of a control that cannot be assessed completely.

    The row has one entry for each pair of a missing permission and the reason why this permission is missing.
    """
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
    distinct = list(dict.fromkeys(guids))
    if distinct == [""]:
        return "directory"
    if distinct == [SUBSCRIPTION_PLACEHOLDER]:
        return "no visible subscription"
    at_groups = any(guid.startswith(MANAGEMENT_GROUP) for guid in distinct)
    if subscriptions > 1 and len(distinct) == subscriptions and not at_groups:
        return f"all {subscriptions} subscriptions"
    return ", ".join(names.get(f"/subscriptions/{guid}", guid or "directory") for guid in distinct)
