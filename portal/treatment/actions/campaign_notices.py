"""Notify people of the start of a campaign, and remind them before and after its due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.naming import control_problem
from portal.treatment.selectors.campaigns import count_open, owners_of_open
from portal.treatment.states import ShownState
from portal.treatment.task_names import ANNOUNCE_CAMPAIGN
from tenants.dispatch import enqueue
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

# The owner is reminded of open findings this long before the due date.
REMIND_BEFORE: Final = timedelta(days=7)
# After this time, the task ends and a further task notifies the remaining customers. If a task took 20 seconds, the
# broker would deliver the task's message to a second worker.
SECONDS_PER_TASK: Final = 10.0


def announce_campaign(*, organization_id: UUID, campaign_id: UUID, seconds: float = SECONDS_PER_TASK) -> int:
    """Notify the owner of a campaign and the owners of its findings that the campaign has started.

    Return the number of customers whose notifications are done. Archived customers count too, although nobody is
    notified for them.

    The customers are notified one after the other, each once and in a transaction of its own. After `seconds`, the
    function enqueues a task for the remaining customers. Call this function while no scope (`tenants.scope`) is open.
    """
    end, done = monotonic() + seconds, 0
    with organization_scope(organization_id):
        campaign = Campaign.objects.select_related("started_by").filter(pk=campaign_id).first()
        if campaign is None:
            return 0
        due = CampaignCustomer.objects.filter(campaign=campaign, notices_due=True).order_by("pk")
        waiting = list(due.values_list("tenant_id", flat=True))
    for tenant_id in waiting:
        if monotonic() >= end:
            enqueue(ANNOUNCE_CAMPAIGN, organization_id, campaign_id)
            break
        done += _announce(campaign, tenant_id)
    return done


def _announce(campaign: Campaign, tenant_id: UUID) -> bool:
    """Notify the people of one customer.

    Return False if another worker is notifying or has notified these people, or if the customer was deleted. For an
    archived customer, notify nobody and return True.
    """
    try:
        with tenant_scope(tenant_id):
            rows = CampaignCustomer.objects.filter(campaign=campaign, tenant=tenant_id, notices_due=True)
            row = (
                rows.select_related("owner", "tenant")
                .select_for_update(of=("self",), skip_locked=True)
                .first()
            )
            if row is None:
                return False
            row.notices_due = False
            row.save(update_fields=["notices_due"])
            if not row.tenant.is_archived:
                _publish_start(campaign, row)
    except NotFound:
        return False
    return True


def _publish_start(campaign: Campaign, row: CampaignCustomer) -> None:
    owners = owners_of_open(row.control, [row.tenant_id], timezone.now())
    publish(
        tenant=row.tenant,
        event=Event(
            kind="campaign_started",
            key=f"campaign:{campaign.pk}",
            title=f"To be fixed by {row.due_on.isoformat()}: {control_problem(row.control)}",
            lines=(_open_text(row.open_at_start, row.tenant), *((campaign.note,) if campaign.note else ())),
            path=_path(row.tenant, row.control),
            data=_data(campaign.pk, row.control, row.due_on, row.open_at_start),
        ),
        subscribers={row.owner, *owners.get(row.tenant_id, ())},
        by=campaign.started_by,
    )


@transaction.atomic
def remind(*, tenant: Tenant, now: datetime) -> int:
    """Remind the owner of each campaign that still has open findings. Return the number of notices.

    Each owner is reminded once before and once after the due date.
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
    return f"{tenant.name} has {number} open finding{'s' if number != 1 else ''} of this campaign."


def _path(tenant: Tenant, control: str) -> str:
    return links.findings(tenant.slug, control=control, state=ShownState.OPEN)


def _data(campaign_id: UUID, control: str, due_on: date, number: int) -> Mapping[str, Any]:
    return {"campaign": str(campaign_id), "control": control, "due_on": due_on.isoformat(), "open": number}
