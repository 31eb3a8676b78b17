"""Serve the list of campaigns, the page of one campaign, and the forms that start, change and end a campaign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessments.controls.registry import known_controls
from portal.queries.all_findings.customers import customers_of
from portal.queries.all_findings.filters import AllFindingsFilter
from portal.queries.campaigns import CampaignProgress, progress_of
from portal.treatment.actions.campaigns import change_campaign, end_campaign, start_campaign
from portal.treatment.errors import WrongState
from portal.treatment.models import Campaign
from portal.treatment.naming import control_problem
from portal.treatment.selectors.campaigns import count_notices, count_open, leaders
from portal.treatment.states import ShownState
from portal.web.campaigns.forms import CampaignForm, StartForm
from portal.web.components.form_parts import refused
from portal.web.shared.findings_url import findings_url
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import InvalidInput
from tenants.models import Organization, Tenant
from tenants.roles import Capability

_DEFAULT_DURATION: Final = timedelta(days=30)
# The maximum number of ended campaigns in the list.
_MAX_ENDED: Final = 50


def campaigns(request: HttpRequest, slug: str) -> HttpResponse:
    """List the running campaigns, ordered by due date, and the campaigns that ended most recently."""
    organization = access.organization(slug, needs=Capability.ASSIGN)
    rows = Campaign.objects.filter(organization=organization).select_related("started_by", "ended_by")
    ended = list(rows.filter(ended_at__isnull=False).order_by("-ended_at")[:_MAX_ENDED])
    running = list(rows.filter(ended_at__isnull=True))
    found = progress_of([*running, *ended], timezone.now())
    context = {
        "organization": organization,
        "running": [
            _row(one) for one in sorted(found, key=lambda one: one.due_on) if one.campaign.ended_at is None
        ],
        "ended": [_row(one) for one in found if one.campaign.ended_at is not None],
    }
    return render(request, "campaigns/list.html", context)


def _row(found: CampaignProgress) -> dict[str, Any]:
    campaign = found.campaign
    return {
        "campaign": campaign,
        "title": control_problem(campaign.control),
        "severity": known_controls()[campaign.control].severity
        if campaign.control in known_controls()
        else "",
        "url": reverse("campaign", args=[campaign.organization.slug, campaign.pk]),
        "progress": found,
        "is_late": campaign.ended_at is None and found.open > 0 and found.due_on < timezone.now().date(),
    }


def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a campaign for the control in the URL: `?control=<slug>`.

    The other parameters filter the findings of all customers. Customers with matching open findings are preselected.
    """
    organization = access.organization(slug, needs=Capability.ASSIGN)
    control = request.GET.get("control", "")
    if control not in known_controls():
        raise Http404(f"There is no control {control!r}. Start a campaign on the page of all findings.")
    now = timezone.now()
    tenants = {
        str(one.pk): one for one in access.tenants(needs=Capability.ASSIGN).filter(organization=organization)
    }
    numbers = count_open(control, [one.pk for one in tenants.values()], now)
    choices = [
        (key, f"{one.name} ({numbers[one.pk]} open)") for key, one in tenants.items() if numbers[one.pk]
    ]
    form = StartForm(
        request.POST or None,
        people=leaders(organization),
        customers=choices,
        initial={
            "owner": person().pk,
            "due_on": now.date() + _DEFAULT_DURATION,
            "customers": _preselected(request, control, list(tenants.values()), now),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            campaign = start_campaign(
                organization=organization,
                by=person(),
                control=control,
                tenants=[tenants[key] for key in form.cleaned_data["customers"]],
                owner=form.cleaned_data["owner"],
                due_on=form.due(),
                note=form.cleaned_data["note"],
            )
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(request, "The campaign has started.")
            return redirect("campaign", slug=slug, pk=campaign.pk)
    context = {
        "organization": organization,
        "form": form,
        "title": control_problem(control),
        "is_empty": not choices,
        "back_url": f"{reverse('all-findings')}?state=open&open={control}#control-{control}",
    }
    return render(request, "campaigns/start.html", context)


def _preselected(request: HttpRequest, control: str, tenants: list[Tenant], now: datetime) -> list[str]:
    """Return the ids of the customers with open findings that match the filters in the URL."""
    if request.method == "POST":
        return []
    chosen = AllFindingsFilter.parse(parameters_of(request.GET))
    found = customers_of(control, tenants, chosen, now)
    return [str(line.tenant.pk) for line in found if line.counts[ShownState.OPEN]]


@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show a campaign. While the campaign is running, the page has a form that changes its owner and due date."""
    organization = access.organization(slug, needs=Capability.ASSIGN)
    row = _get(organization, pk)
    if "X-Surety-Refresh" in request.headers:
        return render(request, "campaigns/_notices.html", _notices(*count_notices(row)))
    found = next(iter(progress_of([row], timezone.now())), None)
    if found is None:
        raise Http404("All customers of this campaign were deleted. Choose another campaign.")
    form = CampaignForm(
        request.POST or None,
        people=leaders(organization),
        initial={"owner": found.owner.pk, "due_on": found.due_on},
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_campaign(
                campaign=row,
                by=person(),
                owner=form.cleaned_data["owner"],
                due_on=form.cleaned_data["due_on"],
            )
        except (InvalidInput, WrongState) as error:
            refused(form, error)
        else:
            messages.success(request, "The campaign was changed.")
            return redirect("campaign", slug=slug, pk=pk)
    context = {
        "organization": organization,
        **_row(found),
        "form": form,
        "customers": [
            (one, findings_url(one.tenant, control=row.control, state="open")) for one in found.customers
        ],
        **_notices(found.participants, found.to_notify),
    }
    return render(request, "campaigns/detail.html", context)


def _notices(customers: int, to_notify: int) -> dict[str, int]:
    return {"participants": customers, "to_notify": to_notify, "notified": customers - to_notify}


@require_POST
def end(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    row = _get(access.organization(slug, needs=Capability.ASSIGN), pk)
    try:
        end_campaign(campaign=row, by=person())
    except WrongState as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "The campaign has ended. Its findings are unchanged.")
    return redirect("campaign", slug=slug, pk=pk)


def _get(organization: Organization, pk: str) -> Campaign:
    rows = Campaign.objects.filter(organization=organization)
    rows = rows.select_related("organization", "started_by", "ended_by")
    return access.get(Campaign, pk, needs=Capability.ASSIGN, queryset=rows)
