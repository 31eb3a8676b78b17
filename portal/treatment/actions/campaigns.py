"""Start, change and end campaigns, and remind their owners."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from assessments.controls.registry import catalogue
from portal import links
from portal.notify.publish import Event, publish, tenants_with_channels
from portal.treatment.actions._text import clean_text, display_name
from portal.treatment.errors import WrongState
from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.naming import control_problem
from portal.treatment.selectors.campaigns import can_lead, count_open, owners_of_open
from portal.treatment.states import ShownState
from tenants import journal
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant
from tenants.scope import tenant_scope

MAX_NOTE: Final = 2000
MAX_CUSTOMERS: Final = 2000
# The owner is reminded of open findings this long before the due date.
REMIND_BEFORE: Final = timedelta(days=7)


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
    """Start a campaign for the open findings of a control in these customers, and notify the owners.

    Raises InvalidInput for an unknown control, a customer of another organization, a date in the past, an owner who
    has no role for the whole organization, or if none of the customers has an open finding.
    """
    if control not in catalogue():
        raise invalid("control", "Choose a control of the catalogue.", code="unknown_control")
    if any(tenant.organization_id != organization.pk for tenant in tenants):
        raise invalid("customers", "Choose customers of this organization only.", code="other_organization")
    if len(tenants) > MAX_CUSTOMERS:
        raise invalid("customers", f"Choose at most {MAX_CUSTOMERS} customers.", code="too_many")
    _check(organization, owner, due_on)
    now = timezone.now()
    numbers = count_open(control, [tenant.pk for tenant in tenants], now)
    chosen = [tenant for tenant in tenants if numbers.get(tenant.pk)]
    if not chosen:
        raise invalid("customers", "Choose at least one customer with open findings.", code="nothing_open")
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
        )
        for tenant in chosen
    )
    _record(campaign, by, "campaign.started", owner, due_on, customers=[str(tenant.pk) for tenant in chosen])
    ids = [tenant.pk for tenant in chosen]
    owners, posted = owners_of_open(control, ids, now), tenants_with_channels("campaign_started", ids)
    for tenant in chosen:
        people = {owner, *owners.get(tenant.pk, ())} - {by}
        if people or tenant.pk in posted:
            # In a scope of thousands of customers, each query takes long.
            with tenant_scope(tenant.pk):
                _notify_started(campaign, tenant, people, due_on, numbers[tenant.pk], by)
    return campaign


@transaction.atomic
def change_campaign(*, campaign: Campaign, by: Person, owner: Person, due_on: date) -> None:
    """Change the owner and the date of a running campaign. Raises WrongState if the campaign has ended."""
    campaign = _running(campaign)
    _check(campaign.organization, owner, due_on)
    CampaignCustomer.objects.filter(campaign=campaign).update(owner=owner, due_on=due_on)
    _record(campaign, by, "campaign.changed", owner, due_on)


@transaction.atomic
def hand_over_campaign(*, campaign: Campaign, by: Person, to: Person) -> None:
    """Change the owner of a running campaign, also after its date. Raises WrongState if it has ended."""
    campaign = _running(campaign)
    _check_owner(campaign.organization, to)
    rows = CampaignCustomer.objects.filter(campaign=campaign)
    rows.update(owner=to)
    _record(campaign, by, "campaign.changed", to, rows.values_list("due_on", flat=True)[0])


@transaction.atomic
def end_campaign(*, campaign: Campaign, by: Person) -> None:
    """End a campaign, even if findings are still open.

    The findings do not change. Raises WrongState if the campaign has already ended.
    """
    campaign = _running(campaign)
    campaign.ended_by, campaign.ended_at = by, timezone.now()
    campaign.save(update_fields=["ended_by", "ended_at"])
    CampaignCustomer.objects.filter(campaign=campaign).update(is_running=False)
    journal.record(
        organization=campaign.organization, actor=by, action="campaign.ended", target=_target(campaign)
    )


@transaction.atomic
def remind(*, tenant: Tenant, now: datetime) -> int:
    """Remind the owners of campaigns with open findings whose due date is near or has passed. Return the
    number of notices.

    Each owner is reminded once before the due date and once after it.
    """
    today = now.astimezone(ZoneInfo(tenant.timezone)).date()
    rows = CampaignCustomer.objects.filter(
        tenant=tenant, is_running=True, due_on__lte=today + REMIND_BEFORE
    ).select_related("owner")
    new = 0
    for row in rows:
        late = row.due_on < today
        if row.reminded_for == row.due_on and row.reminded_late >= late:
            continue
        number = count_open(row.control, [tenant.pk], now).get(tenant.pk, 0)
        if number:
            new += _notify_due(row, tenant, number, late=late)
            row.reminded_for, row.reminded_late = row.due_on, late
            row.save(update_fields=["reminded_for", "reminded_late"])
    return new


def _check(organization: Organization, owner: Person, due_on: date) -> None:
    if due_on < timezone.now().date():
        raise invalid("due_on", "Choose a day that is not in the past.", code="past")
    _check_owner(organization, owner)


def _check_owner(organization: Organization, owner: Person) -> None:
    if not can_lead(organization, owner):
        raise invalid(
            "owner",
            f"{display_name(owner)} cannot assign findings in all customers of this organization. Choose a"
            " person whose role allows it.",
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


def _notify_started(
    campaign: Campaign,
    tenant: Tenant,
    subscribers: Collection[Person],
    due_on: date,
    number: int,
    by: Person,
) -> None:
    """Notify the campaign's owner and the owners of the customer's open findings."""
    publish(
        tenant=tenant,
        event=Event(
            kind="campaign_started",
            key=f"campaign:{campaign.pk}",
            title=f"To be fixed by {due_on.isoformat()}: {control_problem(campaign.control)}",
            lines=(_open_text(number, tenant), *((campaign.note,) if campaign.note else ())),
            path=_path(tenant, campaign.control),
            data=_data(campaign.pk, campaign.control, due_on, number),
        ),
        subscribers=subscribers,
        by=by,
    )


def _notify_due(row: CampaignCustomer, tenant: Tenant, number: int, *, late: bool) -> int:
    when = "was due" if late else "is due"
    owners = owners_of_open(row.control, [tenant.pk], timezone.now())
    return publish(
        tenant=tenant,
        event=Event(
            kind="campaign_due",
            key=f"campaign:{row.pk}:{row.due_on.isoformat()}:{'late' if late else 'soon'}",
            title=f"A campaign {when} on {row.due_on.isoformat()}: {control_problem(row.control)}",
            lines=(_open_text(number, tenant),),
            path=_path(tenant, row.control),
            data=_data(row.campaign_id, row.control, row.due_on, number),
        ),
        subscribers=[row.owner, *owners.get(tenant.pk, ())],
    )


def _open_text(number: int, tenant: Tenant) -> str:
    return f"{number} open finding{'s' if number != 1 else ''} of {tenant.name}."


def _path(tenant: Tenant, control: str) -> str:
    return links.findings(tenant.slug, control=control, state=ShownState.OPEN)


def _data(campaign_id: UUID, control: str, due_on: date, number: int) -> Mapping[str, Any]:
    return {"campaign": str(campaign_id), "control": control, "due_on": due_on.isoformat(), "open": number}
