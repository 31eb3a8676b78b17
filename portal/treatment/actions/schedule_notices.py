"""Publish events about missed scheduled assessments and about paused schedules.

The administrators of the customer get notices of missed assessments. A schedule is paused while Entra refuses the
credentials of all service principals. Nobody gets a notice of the pause, because people get notices of the refused
credentials (`portal.notify.actions.credential_notices`). Channels get all of these events.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assessments.timing.schedules import Planned, missed_are_replaced, planned
from portal import links
from portal.notify.publish import Event, publish
from tenants.models import Tenant
from tenants.roles import Capability, roles_with
from tenants.selectors import people_with_role

_ADMINISTERING_ROLES: Final = roles_with(Capability.ADMINISTER)
PAUSED: Final = "schedule_paused"
# Missed assessments that are older than this are not announced. Otherwise, new administrators and new channels would
# get events about assessments that were missed long ago.
_RECENT: Final = timedelta(days=7)


def notify_of_schedule(*, tenant: Tenant, now: datetime) -> int:
    """Publish an event if scheduled assessments were missed, and another event if the schedule is paused. Each event is
    published only once. Return the number of new notices and channel posts.
    """
    found = planned(tenant, now)
    events = list(_events(found, now))
    if not events:
        return 0
    subscribers = list(people_with_role(tenant, _ADMINISTERING_ROLES))
    return sum(
        publish(tenant=tenant, event=event, subscribers=() if event.kind == PAUSED else subscribers)
        for event in events
    )


def _events(found: Planned, now: datetime) -> Iterator[Event]:
    row, tenant = found.row, found.tenant
    if row is None:
        return
    if row.missed_at is not None and row.missed_at > now - _RECENT:
        count = row.missed_count
        assessments = "1 scheduled assessment was" if count == 1 else f"{count} scheduled assessments were"
        if missed_are_replaced(row):
            replaced = (
                "One assessment has replaced it." if count == 1 else "One assessment has replaced them."
            )
        else:
            replaced = "No scheduled assessment has started since."
        yield Event(
            kind="schedule_missed",
            key=f"missed:{row.missed_at.isoformat()}",
            title=f"{assessments} missed, because no worker was running",
            lines=(f"{replaced} Check that the worker service runs.",),
            path=links.schedule(tenant.slug),
            data={"count": count},
            standing=True,
        )
    if row.paused_since is not None and found.is_paused:
        yield Event(
            kind=PAUSED,
            key=f"paused:{row.paused_since.isoformat()}",
            title="Scheduled assessments are paused, because Entra refuses the service principals",
            lines=(
                "Replace the credential. Scheduled assessments continue when Entra accepts the new credential.",
            ),
            path=links.schedule(tenant.slug),
            data={"codes": sorted({principal.last_error_code for principal in found.refused})},
            standing=True,
        )
