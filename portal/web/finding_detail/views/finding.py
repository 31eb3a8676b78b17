"""Page of one finding: verdict, treatment and timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from assessments import selectors
from assessments.actions.check_finding import latest_check
from assessments.display.sentences import sentence
from assessments.models import Finding, FindingChange, Resource
from assessments.presentation.finding_names import Mentions, mentions_of, mentions_of_change, names_for
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.neighbours import Neighbours, neighbours
from portal.queries.findings.tag_labels import tag_labels
from portal.treatment.selectors.orphaned_owners import owned_by_former_owner
from portal.treatment.selectors.owners import eligible_owners
from portal.treatment.selectors.timeline import Cursor, timeline
from portal.treatment.states import shown_state
from portal.web.finding_detail import page as finding_page
from portal.web.finding_detail.activity import entry
from portal.web.finding_detail.evidence import ShownEvidence, shown_evidence
from portal.web.finding_detail.known import known
from portal.web.finding_detail.panel import Panel, panel
from portal.web.finding_detail.tickets import ticket_rows
from portal.web.findings.address import known_parameters
from portal.web.shared.forms.treatments import AcknowledgeForm, CommentForm, OwnerForm
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import may, person, unit_names, visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

OPEN_FINDINGS: Final = "state=open"
"""The query of the list of open findings. The page of a finding uses this list if its URL names no other list."""


@dataclass(frozen=True, slots=True)
class Around:
    """The position of a finding in the list from which it was opened, and the URLs of the previous and the next
    finding.

    If there is no previous or next finding, its URL is empty.
    """

    place: Neighbours
    previous_url: str
    next_url: str


def finding(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    return page(request, tenant, get(tenant, pk, needs=Capability.VIEW))


def in_panel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Return the finding for the panel beside the list. If the URL is opened directly, redirect to the
    finding's page.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    found = get(tenant, pk, needs=Capability.VIEW)
    if not request.headers.get("HX-Request"):
        return redirect(resolve_url("finding", slug, found.pk) + _list_query(request))
    treatment = panel_of(tenant, found)
    places = unit_names(tenant)
    unit = selectors.last_unit_of(found)
    context = {
        "tenant": tenant,
        "finding": found,
        "panel": treatment,
        "page_url": resolve_url("finding", slug, found.pk) + _list_query(request),
        "unit": selectors.last_check_of(found, unit),
        "known": known(tenant, found, unit, places),
        **_check(tenant, found, places),
        "acknowledge_form": AcknowledgeForm(auto_id="acknowledge-%s", initial=_plan(treatment)),
        "owner_form": owner_form(tenant, found) if treatment.may_assign else None,
        **finding_page.context(tenant, found, places, names_for(tenant, [mentions_of(found)], places)),
    }
    return render(request, "finding_detail/panel.html", context)


def _list_query(request: HttpRequest) -> str:
    """Return the parameters of the URL that describe the list of findings, as a query string with "?"."""
    text = known_parameters(request.GET).urlencode()
    return f"?{text}" if text else ""


def get(tenant: Tenant, pk: str, *, needs: Capability) -> Finding:
    """Return a visible finding with its treatment.

    The attribute `shown` is the finding's `ShownState`. `owner_left` is true if the owner of the finding has lost
    access to the customer.
    """
    rows: QuerySet[Finding] = visible_findings(tenant).select_related(
        "tenant",
        "treatment__owner",
        "treatment__owner_rule",
        "treatment__acknowledged_by",
        "treatment__attestation__attested_by",
    )
    annotated = rows.annotate(
        shown=shown_state(timezone.now()),
        owner_left=ExpressionWrapper(owned_by_former_owner(tenant), output_field=BooleanField()),
    )
    return access.get(Finding, pk, needs=needs, queryset=cast("QuerySet[Finding]", annotated))


def _resource(tenant: Tenant, found: Finding) -> Resource | None:
    """Return the finding's resource in the inventory. Return None for people who may not see the inventory."""
    if not may(Capability.VIEW_ALL, tenant):
        return None
    return Resource.objects.filter(tenant=tenant, key=found.subject_key).first()


def panel_of(tenant: Tenant, found: Finding) -> Panel:
    """Return the treatment panel of a finding that `get` has returned."""
    shown: str = found.shown  # type: ignore[attr-defined]  # annotated by `get`
    left: bool = found.owner_left  # type: ignore[attr-defined]  # annotated by `get`
    return panel(tenant, found, shown, person(), timezone.now(), owner_left=left)


def page(
    request: HttpRequest, tenant: Tenant, found: Finding, invalid: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """Render the page. `invalid` maps the name of a rejected form to the form with its errors."""
    invalid = invalid or {}
    treatment = panel_of(tenant, found)
    may_read_evidence = may(Capability.EVIDENCE, tenant)
    stored = shown_evidence(found) if may_read_evidence else ShownEvidence([], 0)
    items = stored.documents
    before = Cursor.parse(request.GET.get("before", ""))
    events = timeline(found, before=before)
    places = unit_names(tenant)
    unit = selectors.last_unit_of(found)
    changes = [item for item in events.items if isinstance(item, FindingChange)]
    mentions = [mention for change in changes for mention in mentions_of_change(change)]
    mentions += [Mentions("", None, (item.document_id,)) for item in items]
    names = names_for(tenant, [mentions_of(found), *mentions], places)
    around = _around(request, tenant, found)
    # If `around` is None, the person did not come from a list, and the finding is not in the list of open findings. So
    # the breadcrumb links to all findings.
    of_list = _list_of(request) if around else QueryDict()
    context: dict[str, Any] = {
        "tenant": tenant,
        "finding": found,
        "panel": treatment,
        "crumbs_url": resolve_url("findings", tenant.slug) + (f"?{of_list.urlencode()}" if of_list else ""),
        "crumbs_label": _filter_words(of_list, tenant, places),
        "around": around,
        "resource": _resource(tenant, found),
        "unit": selectors.last_check_of(found, unit),
        "known": known(tenant, found, unit, places),
        "tickets": ticket_rows(found, see_all=may(Capability.VIEW_ALL, tenant)),
        **_check(tenant, found, places),
        "may_read_evidence": may_read_evidence,
        "evidence": [finding_page.evidence(item, names) for item in items],
        "more_evidence": stored.more,
        "entries": [
            entry(item, person(), treatment.may_treat, names, ZoneInfo(tenant.timezone))
            for item in events.items
        ],
        "older": events.older,
        "newer": before is not None,
        "comment_form": invalid.get("comment") or CommentForm(),
        "acknowledge_form": AcknowledgeForm(auto_id="acknowledge-%s", initial=_plan(treatment)),
        "owner_form": invalid.get("owner") or (owner_form(tenant, found) if treatment.may_assign else None),
        "invalid_form": next(iter(invalid), ""),
        **finding_page.context(tenant, found, places, names),
    }
    return render(request, "finding_detail/detail.html", context, status=400 if invalid else 200)


def _check(tenant: Tenant, found: Finding, places: dict[str, str]) -> dict[str, Any]:
    """Return the last check that somebody requested for this finding alone.

    For an ended check, also return the reason of the check's verdict in words, and whether this verdict contradicts the
    finding's present verdict. An unknown verdict of the check contradicts nothing.
    """
    check = latest_check(found)
    if check is None or check.ended_at is None:
        return {"check": check}
    names = names_for(tenant, [Mentions("", None, (check.reason,))], places)
    return {
        "check": check,
        "check_reason": sentence(check.reason, names).capitalized(),
        "check_differs": check.outcome not in (found.outcome, Finding.Outcome.UNKNOWN),
    }


def _list_of(request: HttpRequest) -> QueryDict:
    """Return the parameters of the list from which the finding was opened.

    If the finding was opened from no list, return the parameters of the list of open findings.
    """
    return known_parameters(request.GET) or QueryDict(OPEN_FINDINGS)


def _filter_words(of_list: QueryDict, tenant: Tenant, places: dict[str, str]) -> str:
    """Return the name of the list, such as "Findings: Open, Critical"."""
    chosen = FindingFilter.parse(parameters_of(of_list), tenant, timezone.now())
    tags = tag_labels([tenant], chosen.values.get("tag", ()), may_see_names=may(Capability.VIEW_ALL, tenant))
    conditions = chosen.describe({**places, **tags})
    shown = [condition for condition in conditions if condition.name != "owner"]
    words = [value for condition in shown for value in condition.values]
    return f"Findings: {', '.join(words)}" if words else "Findings"


def _around(request: HttpRequest, tenant: Tenant, found: Finding) -> Around | None:
    """Return the finding's position in the list from which it was opened, with the previous and the next finding.

    Return None if the finding was opened from no list and is not in the list of open findings.
    """
    of_list, visible = _list_of(request), visible_findings(tenant)
    query = f"?{of_list.urlencode()}"
    chosen = FindingFilter.parse(parameters_of(of_list), tenant, timezone.now()).look_up_search(visible)
    place = neighbours(visible, chosen, of_list.get("sort", ""), found.pk)
    if place is None or not (place.listed or _list_query(request)):
        return None
    return Around(
        place,
        resolve_url("finding", tenant.slug, place.previous) + query if place.previous else "",
        resolve_url("finding", tenant.slug, place.next) + query if place.next else "",
    )


def _plan(treatment: Panel) -> dict[str, Any]:
    stored = treatment.treatment
    if stored is None or not treatment.acknowledged:
        return {}
    return {"plan": stored.plan, "planned_for": stored.planned_for}


def owner_form(tenant: Tenant, found: Finding, data: Any = None) -> OwnerForm:
    """Return the owner picker with the current owner selected."""
    treatment = getattr(found, "treatment", None)
    initial = {"owner": str(treatment.owner_id) if treatment and treatment.owner_id else ""}
    return OwnerForm(data, people=eligible_owners(tenant), initial=initial)
