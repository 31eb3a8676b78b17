"""Watch a subscription between assessments: read its activity log, and judge again what somebody changed.

One reading of the log, every few minutes, is a turn. A turn that finds no changes sends one or two requests, outside of
any transaction. docs/adr/0020-watch.md explains how the results of turns relate to the results of assessments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone

from assessments.actions.credentials.delegated_reads import delegated_credential
from assessments.actions.credentials.sign_in import forget_session, session_for
from assessments.actions.start import start
from assessments.actions.units.activity import is_worth_storing, store_reading
from assessments.actions.units.concurrency import organization_slot
from assessments.actions.watch.directory import read_directory
from assessments.actions.watch.turns import (
    RESOURCES_UNREAD,
    Turn,
    deadline,
    end_turn,
    take_turn,
    watchable_unit,
)
from assessments.controls.registry import catalogue_hash
from assessments.errors import AlreadyRunning, NothingToAssess
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold
from assessments.estate.logs.activity import ActivityEvent
from assessments.estate.touched import Touched, changes_something, is_sweeping
from assessments.models import ActivityEvent as StoredEvent
from assessments.models import Assessment, Watch
from tenants.azure.credentials import Credential
from tenants.azure.delegated_access import NotDelegated
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)
MAX_EVENTS: Final = 1000
"""The maximum number of new changes that a turn judges. If there are more, the subscription is read completely."""
MAX_LISTED: Final = 10_000
"""The approximate maximum number of events that a turn reads. Most of these events may change nothing: a scan of Azure
Policy adds an event for each resource. If there are more events, the subscription is read completely.
"""
MAX_TOUCHED: Final = 100
"""The maximum number of resources that the new changes concern. If there are more, the subscription is read completely.
"""
FULL_EVERY: Final = timedelta(hours=1)
"""The minimum time between two complete readings of a subscription, if changes cause these readings."""
REPEATED_FOR: Final = timedelta(hours=1)
"""If Azure does not return changed resources, for example because it throttles the requests, later turns try again to
read them, for this time after the last complete turn. At least one turn tries again, even if this time has passed.
If the last attempt fails too, the verdicts on these resources become unknown (`_may_repeat`).
"""
CLOCK_SKEW: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Log:
    """The result of reading the log. `new` has the events whose changes the turn must judge. `is_worth_storing` says
    whether to store the reading.
    """

    new: Sequence[ActivityEvent]
    is_worth_storing: bool


def run_watch(*, tenant_id: UUID, watch_id: UUID) -> None:
    """Take one turn of the watch of a subscription or directory. Raise Busy at the organization's limit of tasks that
    read Azure (`SURETY_UNITS_PER_ORGANIZATION`).

    If a worker stops during a turn, nothing is stored, and the next turn reads the same events.
    """
    with organization_slot(tenant_id):
        turn = take_turn(tenant_id=tenant_id, watch_id=watch_id)
        if turn is not None:
            _run(turn)


def _run(turn: Turn) -> None:
    # Imported here, because Azure's packages are slow to load.
    from assessments.collect.delegated_errors import SIGN_IN_CODE, SIGN_IN_TEXT
    from assessments.collect.errors import Cancelled
    from assessments.collect.sign_in.refusals import SignInError

    if turn.watch.wants_full:
        _start_full(turn)
        return
    credential = turn.credential
    if credential is None:
        credential = delegated_credential(turn.tenant_id, turn.subscription)
    if isinstance(credential, SuretyError):
        _note(turn, 0, code=credential.code, message=credential.message)
        return
    try:
        (read_directory if turn.is_directory else _read)(turn, credential)
    except SignInError as error:
        forget_session(credential)
        if credential.delegated is not None:
            _note(turn, 1, code=SIGN_IN_CODE, message=SIGN_IN_TEXT)
        else:
            _note(turn, 1, code=error.code, message=error.message)
    except NotDelegated as error:
        _note(turn, 0, code=error.code, message=error.message)
    except Cancelled:
        _note(
            turn,
            0,
            code="interrupted",
            message="Reading the log took too long, or the worker stopped. The watch reads the log again.",
        )


def _read(turn: Turn, credential: Credential) -> None:
    from assessments.collect.activity.activity_log import read_activity, start_of_reading
    from assessments.collect.http.policies import Tally, counted

    cancelled = deadline()
    session, tally, now = session_for(credential), Tally(), timezone.now()
    with counted(tally):
        session.sign_in()
        since = start_of_reading(now, turn.last_until)
        reading = read_activity(session, turn.subscription, since, now, cancelled=cancelled, limit=MAX_LISTED)
    if reading.gap is not None and not reading.is_cut:
        gap = reading.gap
        _note(
            turn,
            tally.requests,
            code=(gap.code or str(gap.reason))[:80],
            message=gap.message,
            permission=gap.permission if gap.status == 403 else "",
        )
        return
    found = _compare(turn, reading.events, now)
    new = [event for event in found.new if changes_something(event)]
    requests = tally.requests
    if reading.is_cut or _is_too_much(turn, new):
        _start_full(turn, requests)
        return
    from assessments.actions.watch.judge import TooMuch, judge, stored_estate
    from assessments.actions.watch.write import write_watch

    judged = None
    if new:
        try:
            with tenant_scope(turn.tenant_id):
                stored = stored_estate(turn.base, turn.excluded, now)
            listed = {fold(view.id) for view in stored.documents(RESOURCES.name)}
            touched = Touched.by(new, listed)
            judged = judge(turn.base, stored, touched, session, cancelled=cancelled)
        except TooMuch:
            _start_full(turn, requests)
            return
    if judged is None:
        with tenant_scope(turn.tenant_id):
            if found.is_worth_storing:
                store_reading(turn.tenant_id, turn.watch.unit, reading)
            end_turn(
                turn,
                requests,
                read_at=now,
                judged_from=turn.full_since,
                code="",
                message="",
                permission="",
            )
        return
    requests += judged.requests
    if judged.is_partly_delegated:
        _note(
            turn,
            requests,
            code="partly_delegated",
            message=(
                "Roles are delegated only for resource groups, not for the whole subscription, so the watch judged"
                " nothing. Ask the customer to delegate the role Reader on the subscription with Azure Lighthouse."
            ),
        )
        return
    if judged.unanswered is not None and _may_repeat(turn, now):
        message = (
            f"Changed resources could not be read: {judged.unanswered.reason.label}. The watch tries again."
        )
        _note(turn, requests, code=RESOURCES_UNREAD, message=message)
        return
    if write_watch(turn, reading, judged, requests=requests, delegated=credential.delegated, since=now):
        log.info("watch", unit=turn.watch.unit, events=len(new), answers=len(judged.fresh), requests=requests)
    else:
        _note(turn, requests)


def _may_repeat(turn: Turn, now: datetime) -> bool:
    """Return whether the next turn may try again to read changed resources that this turn could not read.

    Return False if the previous turn has failed for this reason too (RESOURCES_UNREAD), and no turn was complete in the
    last REPEATED_FOR.
    """
    read_at = turn.watch.read_at
    return turn.watch.code != RESOURCES_UNREAD or (read_at is not None and now - read_at < REPEATED_FOR)


def _is_too_much(turn: Turn, new: Sequence[ActivityEvent]) -> bool:
    """Return whether the subscription must be read completely. This is necessary if too many resources were changed,
    if the extent of a change is unknown, or if the stored verdicts come from another version of the catalogue.
    """
    if not new:
        return False
    touched = {fold(event.resource_id) for event in new}
    if len(new) > MAX_EVENTS or len(touched) > MAX_TOUCHED or any(map(is_sweeping, new)):
        return True
    return turn.base.assessment.catalogue_hash != catalogue_hash()


def _compare(turn: Turn, events: Sequence[ActivityEvent], now: datetime) -> _Log:
    """Find the events whose changes this turn must judge, among those since the last complete reading.

    - If no turn has succeeded since that reading: all events since the reading began, because it may have read a
      resource before an operation changed the resource.
    - Otherwise: the events that are not stored.
    """
    with tenant_scope(turn.tenant_id):
        rows = StoredEvent.objects.filter(
            unit=turn.watch.unit, event_id__in=[event.event_id for event in events]
        )
        stored = set(rows.values_list("event_id", flat=True))
        has_new_events = any(event.event_id not in stored for event in events)
        is_stored = is_worth_storing(turn.tenant_id, turn.watch.unit, now, has_new_events=has_new_events)
    unjudged_from = None if turn.watch.judged_from == turn.full_since else turn.full_since - CLOCK_SKEW
    new = [
        event
        for event in events
        if (event.event_id not in stored and event.at >= turn.full_since - CLOCK_SKEW)
        or (
            unjudged_from is not None
            and event.at >= unjudged_from
            # A sweeping event (`is_sweeping`) causes a complete reading. Leave out a stored sweeping event from before
            # `full_since`: the complete reading that it caused has already begun.
            and (event.at >= turn.full_since or not is_sweeping(event))
        )
    ]
    return _Log(new, is_stored)


def _start_full(turn: Turn, requests: int = 0) -> None:
    """End the turn, and start an assessment that reads the subscription completely. If the watch has started such an
    assessment less than FULL_EVERY ago, a later turn starts the new one. Until then, no turn reads the log.
    """
    from assessments.actions.watch.write import WATCHER

    now = timezone.now()
    with tenant_scope(turn.tenant_id):
        tenant = Tenant.objects.get(pk=turn.tenant_id)
        last = turn.watch.full_at
        is_early = last is not None and last > now - FULL_EVERY
        if not end_turn(turn, requests, wants_full=True, code="", message="", permission="") or is_early:
            return
        if watchable_unit(tenant, turn.watch) is None:
            return
        try:
            start(tenant=tenant, by=WATCHER, trigger=Assessment.Trigger.WATCH_FULL, only=[turn.base.scope_id])
        except (AlreadyRunning, NothingToAssess) as error:
            log.info("watch waits", unit=turn.watch.unit, reason=error.code)
            return
        Watch.objects.filter(pk=turn.watch.pk).update(wants_full=False, full_at=now)


def _note(turn: Turn, requests: int, *, code: str = "", message: str = "", permission: str = "") -> None:
    """End a turn that stores no results. `code`, `message` and `permission` say what is wrong. If they are empty,
    nothing is wrong: `write_watch` wrote nothing, for example because an assessment has begun meanwhile.
    """
    with tenant_scope(turn.tenant_id):
        end_turn(turn, requests, code=code, message=message, permission=permission)
