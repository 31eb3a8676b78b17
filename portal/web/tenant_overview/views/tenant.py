"""Serve the overview page of a customer."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from assessments.controls.profiles import number_off
from assessments.presentation.extent import extent_label
from assessments.presentation.not_judged import recorded_overrides
from portal.queries.portfolio.by_tenant import latest_assessments
from portal.queries.tenant_overview.fix_next import fix_next
from portal.queries.tenant_overview.section_changes import section_changes
from portal.treatment.selectors.scores import Standing, count_unassigned, standing
from portal.web.shared import permission_cards
from portal.web.shared.credentials import expiry, warnings
from portal.web.shared.findings_url import findings_url
from portal.web.shared.headline import headline, refused_sign_in, with_links
from portal.web.shared.visible import may, unit_names, visible_findings
from portal.web.tenant_overview import page as tenant_page
from portal.web.tenant_overview.coming import coming_up
from portal.web.tenant_overview.trend import CHOICES, chosen_days, trend
from tenants import access, selectors
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability


def tenant(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the overview. `?days=` is the number of days in the trend chart."""
    found = access.tenant(slug, needs=Capability.VIEW)
    ids, now = [found.pk], timezone.now()
    newest = latest_assessments(ids, ended=False).get(found.pk)
    last = latest_assessments(ids, ended=True).get(found.pk)
    stands = standing(found, now)
    principals = list(selectors.service_principals(found))
    see_all = may(Capability.VIEW_ALL, found)
    names = unit_names(found) if last else {}
    shown_trend = trend(found, chosen_days(request.GET.get("days", "")), now)
    waiting = tenant_page.exceptions(found, now)
    groups = fix_next(found, visible_findings(found), now, complete=see_all) if stands.open() else []
    rows = tenant_page.fix_groups(found, groups, now)
    unassigned = count_unassigned(found, now)
    past = section_changes(found, now) if stands.is_known else None
    sections = tenant_page.sections(found, stands, past)
    applicable = [row for row in sections if row["applies"]]
    answers = tenant_page.attestations(found, now)
    context = {
        "tenant": found,
        "may_assess": may(Capability.ASSESS, found),
        "see_all": see_all,
        "running": newest if newest and newest.is_active else None,
        "last": last or (newest if stands.states else None),
        "last_at": last.ended_at if last else None,
        "extent": extent_label(last) if last else "",
        "not_judged": number_off(recorded_overrides(last)) if last else 0,
        "has_results": bool(stands.states),
        "score": stands.raw["score"],
        "adjusted": stands.adjusted["score"],
        "differences": tenant_page.differences(found, stands),
        "states": list(stands.states.items()),
        "headline": _refused(found, stands, principals)
        or with_links(headline(stands, groups), {row["group"].control: row["url"] for row in rows}),
        "is_known": stands.is_known,
        "figures": tenant_page.figures(found, stands, unassigned, waiting["pending"], waiting["returned"]),
        "critical": stands.open("critical"),
        "difference": shown_trend.difference(stands.adjusted["score"]),
        "fix_groups": rows,
        "open_count": stands.open(),
        "open_url": findings_url(found, state="open"),
        "sections": applicable,
        "folded_sections": tenant_page.folded_sections(applicable),
        "section_counts": list(stands.raw["counts"].items()),
        "has_changes": past is not None,
        "without_resources": [row["title"] for row in sections if not row["applies"]],
        "changed": tenant_page.changed(found, last, names) if last else None,
        "exceptions": waiting,
        "attestations": answers,
        "coming": coming_up(found, now, principals, waiting, answers),
        "trend": shown_trend,
        "trend_choices": CHOICES,
        "ledger": tenant_page.ledger(stands.raw, last),
        "reasons": tenant_page.reasons(found),
        "closing": permission_cards.of_assessment(last, names) if last and see_all else None,
        "principals": [(str(p), _connection(p)) for p in principals],
        "is_connected": bool(principals) or selectors.subscriptions(found).filter(is_delegated=True).exists(),
        "warnings": warnings(principals),
        "former_owners": tenant_page.former_owners(found, now) if see_all else None,
        "may_assign": may(Capability.ASSIGN, found),
        "may_administer": may(Capability.ADMINISTER, found),
    }
    return render(request, "tenant_overview/overview.html", context)


def _refused(tenant: Tenant, stands: Standing, principals: list[ServicePrincipal]) -> SafeString | None:
    """If nothing is known about the customer because the sign-in was refused, return a headline that says so.

    Otherwise, return None.
    """
    refused = next((principal for principal in principals if principal.last_error_code), None)
    if refused is None or stands.is_known or not stands.states:
        return None
    may_replace = may(Capability.ADMINISTER, tenant)
    url = reverse("service-principal", args=[tenant.slug, refused.pk]) if may_replace else ""
    return refused_sign_in(refused, url)


def _connection(principal: ServicePrincipal) -> str:
    """Return a text that says when the credential of the service principal ends. If the last sign-in was refused, the
    text also says that.
    """
    ends = _credential(principal.expires_at)
    return f"sign-in refused, {ends}" if principal.last_error_code else ends


def _credential(expires_at: datetime | None) -> str:
    ends = expiry(expires_at)
    if ends is None:
        return "credential expiry unknown"
    return f"credential {ends.text if ends.text == 'expired' else f'ends in {ends.text}'}"
