"""Start, change and end campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from assessments.controls.registry import known_controls
from portal.treatment.actions._text import clean_text, display_name
from portal.treatment.errors import WrongState
from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.selectors.campaigns import can_lead, count_open, count_unknown_by_control
from portal.treatment.task_names import ANNOUNCE_CAMPAIGN
from tenants import journal
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant

MAX_NOTE: Final = 2000
MAX_CUSTOMERS: Final = 2000


@transaction.atomic
def start_campaign(
    *,
    organization: Organization,
    by: Person,
    control: str,
    tenants: Sequence[Tenant],
    owner: Person,
    due_on: date,
    note: str = "",
) -> Campaign:
    """Start a campaign for the open findings of a control in these customers.

    A worker notifies the owners afterwards (`campaign_notices.announce_campaign`), which takes up to a minute.

    Raises InvalidInput for an unknown control, another organization's customer, a past date, or an owner without a role
    in the whole organization. Also raises InvalidInput if the control has no open finding in these customers.
    """
    if control not in known_controls():
        raise invalid("control", "Choose a control from the catalogue.", code="unknown_control")
    if any(tenant.organization_id != organization.pk for tenant in tenants):
        raise invalid("customers", "Choose only customers of this organization.", code="other_organization")
    if len(tenants) > MAX_CUSTOMERS:
        raise invalid("customers", f"Choose at most {MAX_CUSTOMERS} customers.", code="too_many")
    _check_day(due_on)
    _check_owner(organization, owner)
    now = timezone.now()
    numbers = count_open(control, [tenant.pk for tenant in tenants], now)
    chosen = [tenant for tenant in tenants if numbers.get(tenant.pk)]
    if not chosen:
        raise invalid(
            "customers",
            "Choose at least one customer that has open findings of this control.",
            code="nothing_open",
        )
    campaign = Campaign.objects.create(
        organization=organization,
        control=control,
        note=clean_text("note", note, MAX_NOTE),
        started_by=by,
        started_at=now,
    )
    CampaignCustomer.objects.bulk_create(
        CampaignCustomer(
            tenant=tenant,
            organization=organization,
            campaign=campaign,
            control=control,
            owner=owner,
            due_on=due_on,
            open_at_start=numbers[tenant.pk],
            notices_due=True,
        )
        for tenant in chosen
    )
    _record(campaign, by, "campaign.started", owner, due_on, customers=[str(tenant.pk) for tenant in chosen])
    enqueue(ANNOUNCE_CAMPAIGN, organization.pk, campaign.pk)
    return campaign


@transaction.atomic
def change_campaign(*, campaign: Campaign, by: Person, owner: Person, due_on: date) -> None:
    """Change the owner and the due date of a running campaign. Raises WrongState if the campaign has ended.

    A new due date must not be in the past. An unchanged due date may be in the past, so that people can change the
    owner of a late campaign.
    """
    campaign = _running(campaign)
    rows = CampaignCustomer.objects.filter(campaign=campaign)
    if rows.exclude(due_on=due_on).exists():
        _check_day(due_on)
    _check_owner(campaign.organization, owner)
    _set_owner(campaign, owner)
    rows.update(due_on=due_on)
    _record(campaign, by, "campaign.changed", owner, due_on)


@transaction.atomic
def hand_over_campaign(*, campaign: Campaign, by: Person, to: Person) -> None:
    """Change the owner of a running campaign, even after its due date. Raises WrongState if the campaign has ended."""
    campaign = _running(campaign)
    _check_owner(campaign.organization, to)
    rows = CampaignCustomer.objects.filter(campaign=campaign)
    _set_owner(campaign, to)
    _record(campaign, by, "campaign.changed", to, rows.values_list("due_on", flat=True)[0])


@transaction.atomic
def end_campaign(*, campaign: Campaign, by: Person) -> None:
    """End a campaign, even if findings are still open. Raises WrongState if the campaign has already ended.

    The findings do not change. The present numbers of open and unknown findings are stored for each customer. Owners
    who have not yet been notified of the start get no notice of the start.
    """
    campaign = _running(campaign)
    campaign.ended_by, campaign.ended_at = by, timezone.now()
    campaign.save(update_fields=["ended_by", "ended_at"])
    rows = list(CampaignCustomer.objects.filter(campaign=campaign).select_related("tenant"))
    read = [row.tenant_id for row in rows if not row.tenant.is_archived]
    open_now = count_open(campaign.control, read, campaign.ended_at)
    unknown = count_unknown_by_control([campaign.control], read)[campaign.control]
    for row in rows:
        row.is_running = row.notices_due = False
        if not row.tenant.is_archived:
            row.open_at_end, row.unknown_at_end = open_now[row.tenant_id], unknown[row.tenant_id]
    CampaignCustomer.objects.bulk_update(
        rows, ["is_running", "notices_due", "open_at_end", "unknown_at_end"], batch_size=500
    )
    journal.record(
        organization=campaign.organization, actor=by, action="campaign.ended", target=_target(campaign)
    )


def _set_owner(campaign: Campaign, owner: Person) -> None:
    """Change the owner. A new owner is reminded, even if the former owner was already reminded."""
    rows = CampaignCustomer.objects.filter(campaign=campaign).exclude(owner=owner)
    rows.update(owner=owner, reminded_for=None, reminded_late=False)


def _check_day(due_on: date) -> None:
    if due_on < timezone.now().date():
        raise invalid("due_on", "Choose a day that is not in the past.", code="past")


def _check_owner(organization: Organization, owner: Person) -> None:
    if not can_lead(organization, owner):
        raise invalid(
            "owner",
            f"{display_name(owner)} cannot own a campaign: the owner needs the right to assign findings in every"
            " customer of this organization. Choose another person.",
            code="cannot_lead",
        )


def _running(campaign: Campaign) -> Campaign:
    found = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if found.ended_at is not None:
        raise WrongState("This campaign has ended. Reload the page.", code="ended")
    return found


def _target(campaign: Campaign) -> str:
    return f"campaign:{campaign.pk} {campaign.control}"


def _record(campaign: Campaign, by: Person, action: str, owner: Person, due_on: date, **details: Any) -> None:
    journal.record(
        organization=campaign.organization,
        actor=by,
        action=action,
        target=_target(campaign),
        details={"owner": str(owner.pk), "due_on": due_on.isoformat(), **details},
    )
