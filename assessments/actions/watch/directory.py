"""Take a turn of the watch of a directory: read the events that were added to the audit log since the last stored
reading.

Watch rules apply to the stored events. The audit log does not say which answers of Microsoft Graph have changed, so a
turn judges no controls of the directory; only assessments do (ADR 20).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from assessments.actions.credentials.sign_in import session_for
from assessments.actions.units.activity import is_worth_storing, store_reading
from assessments.actions.watch.turns import Turn, deadline, end_turn
from assessments.models import ActivityEvent
from tenants.azure.credentials import Credential
from tenants.scope import tenant_scope

REPEATED_AFTER: Final = timedelta(hours=1)
"""For this time after a failed reading, no turn reads the log again. An assessment may read the log earlier."""
TOO_MANY: Final = "too_many_entries"


def read_directory(turn: Turn, credential: Credential) -> None:
    """Read the audit log, store its new events, and end the turn. Raise SignInError if the sign-in fails, and Cancelled
    if the turn must stop.
    """
    from assessments.collect.activity.directory_audits import (
        MAX_WATCHED,
        read_directory_audits,
        start_of_reading,
    )
    from assessments.collect.http.policies import Tally, counted

    session, tally, now = session_for(credential), Tally(), timezone.now()
    with counted(tally):
        since = start_of_reading(now, turn.last_until)
        reading = read_directory_audits(
            session, turn.base.azure_id, since, now, cancelled=deadline(), limit=MAX_WATCHED
        )
    gap = reading.gap
    if gap is not None:
        code, message = (gap.code or str(gap.reason))[:80], gap.message
        if reading.is_cut:
            code = TOO_MANY
            message = (
                f"The audit log has more than {MAX_WATCHED:,} new entries, so the watch stored none of them. The next"
                " assessment reads up to 50,000 entries."
            )
        with tenant_scope(turn.tenant_id):
            end_turn(
                turn,
                tally.requests,
                next_at=now + REPEATED_AFTER,
                code=code,
                message=message,
                permission=gap.permission if gap.status == 403 else "",
            )
        return
    with tenant_scope(turn.tenant_id):
        read = {event.event_id for event in reading.events}
        rows = ActivityEvent.objects.filter(unit=turn.watch.unit, event_id__in=read)
        has_new_events = bool(read.difference(rows.values_list("event_id", flat=True)))
        if is_worth_storing(turn.tenant_id, turn.watch.unit, now, has_new_events=has_new_events):
            store_reading(turn.tenant_id, turn.watch.unit, reading)
        end_turn(turn, tally.requests, read_at=now, code="", message="", permission="")
