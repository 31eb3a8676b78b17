"""Set the schedule of a tenant or the default schedule of an organization, and start the assessments that are due.

A schedule is one of three texts: “off”, “default” (the organization's default schedule), or a timetable such as
“Mon-Fri 02:00 within 120” (`assessments.timing.timetable`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments.actions.start import start
from assessments.actions.task_names import RESUME_SCHEDULE
from assessments.errors import AlreadyRunning, NothingToAssess
from assessments.models import Assessment, Schedule
from assessments.timing.schedules import (
    DEFAULT,
    OFF,
    are_all_refused,
    default_rule,
    refused_principals,
    zone_of,
)
from assessments.timing.timetable import Timetable, parse
from tenants import journal
from tenants.actions.organizations import lock_settings
from tenants.actions.service_principals import lock_principals, record_credential_check
from tenants.actors import Actor, System
from tenants.azure import credentials
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.models import Organization, ServicePrincipal, Tenant
from tenants.scope import tenant_scope
from tenants.values.stale_values import check_unchanged

SCHEDULER: Final = System("scheduler")
# A task looks for due starts once a minute. A start that the task finds only after this delay counts as missed.
LATE_AFTER: Final = timedelta(minutes=10)
# Missed starts are counted up to this number, which a tenant with 24 starts a day reaches in 41 days.
MAX_MISSED: Final = 1000


@transaction.atomic
def set_schedule(*, tenant: Tenant, by: Actor, wanted: str, expected: str | None = None) -> Schedule:
    """Set a tenant's schedule: “off”, “default” or a timetable. Raise InvalidInput for any other text.

    `expected` is the text that the person saw. Raise Conflict (changed_meanwhile) if the schedule has changed since.
    """
    text = normalized(wanted)
    row, created = Schedule.objects.select_for_update().get_or_create(tenant=tenant)
    before = DEFAULT if created else wanted_of(row)
    if expected is not None:
        check_unchanged({"schedule": expected}, {"schedule": before}, {"schedule": text})
    row.enabled = text != OFF
    row.rule = "" if text in (OFF, DEFAULT) else text
    _compute(row, tenant, timezone.now())
    row.save()
    if text != before:
        journal.record(
            tenant=tenant,
            actor=by,
            action="schedule.changed",
            target=f"schedule:{row.pk}",
            details={"from": before, "to": text},
        )
    return row


@transaction.atomic
def set_default_schedule(*, organization: Organization, by: Actor, wanted: str) -> Organization:
    """Set the default schedule of an organization: “off” or a timetable.

    Customers that follow the default get the new default within a minute.
    """
    text = normalized(wanted, words=(OFF,))
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before, row.default_schedule = row.default_schedule, "" if text == OFF else text
    if row.default_schedule != before:
        row.save(update_fields=["default_schedule"])
        journal.record(
            organization=row,
            actor=by,
            action="organization.default_schedule_changed",
            target=row,
            details={"from": before or OFF, "to": text},
        )
    return row


def lock_schedules(tenants: Iterable[Tenant]) -> None:
    """Lock the schedules of these tenants until the transaction ends.

    A transaction that changes schedules and also other settings calls this function first: writing a journal entry
    locks the journal, and rows must be locked before the journal (`tenants.locks`).
    """
    list(Schedule.objects.filter(tenant__in=tenants).order_by("pk").select_for_update().values_list("pk"))


def wanted_of(row: Schedule) -> str:
    """Return the schedule as text: “off”, “default” or a timetable."""
    return (row.rule or DEFAULT) if row.enabled else OFF


@transaction.atomic
def start_due(*, tenant: Tenant) -> Assessment | None:
    """Start the tenant's scheduled assessment if it is due, and set the time of the next start.

    If several starts were missed because no worker ran, only one assessment starts in their place. If Entra refused the
    latest sign-in of every service principal, no assessment starts: it could only make findings unknown. Instead, a
    task signs in again and, if a sign-in succeeds, starts the assessment (`resume`).
    """
    now = timezone.now()
    if not _may_be_due(tenant, now):
        return None
    # Lock the tenant first (`tenants.locks`), so that nobody archives the tenant before the assessment has started.
    (locked,) = lock_settings([tenant])
    locked.organization = tenant.organization
    tenant = locked
    row = _locked(tenant)
    if row is None:
        return None
    if row.computed_for != _computed_for(row, tenant):
        _compute(row, tenant, now)
        row.save()
        return None
    if row.next_at is None or row.next_at > now:
        return None
    due_at = row.next_at
    late = _note_missed(row, tenant, now)
    _compute(row, tenant, now)
    started = _start(row, tenant, late=late, now=now)
    row.last_due_at = due_at
    row.save()
    if late:
        _record_missed(row, tenant)
    if late or row.last_outcome == Schedule.Outcome.PAUSED:
        for task in settings.SURETY_AFTER_SCHEDULE:
            enqueue(task, tenant.pk)
    return started


def resume(*, tenant_id: UUID) -> Assessment | None:
    """If the schedule is paused because Entra refused all service principals, sign in with these service principals
    again. If a sign-in succeeds, start the assessment.
    Call this outside of any scope (`tenants.scope`), because it sends requests to Entra.
    """
    if connection.in_atomic_block:
        raise RuntimeError(
            "`resume` signs in to Entra, so it must not run in a transaction. Call it without an open scope."
        )
    with tenant_scope(tenant_id):
        if not Schedule.objects.filter(tenant=tenant_id, paused_since__isnull=False, enabled=True).exists():
            return None
        principals = list(refused_principals(tenant_id).select_related("directory", "directory__tenant"))
    results = [(principal, credentials.check(principal)) for principal in principals]
    with tenant_scope(tenant_id):
        # Recording a result can write a journal entry, so lock all rows before the first entry.
        (tenant,) = lock_settings(Tenant.objects.filter(pk=tenant_id))
        paused = Schedule.objects.filter(tenant=tenant_id, paused_since__isnull=False, enabled=True)
        row = paused.select_for_update().first()
        lock_principals(principal.pk for principal in principals)
        stored = set(ServicePrincipal.objects.filter(tenant=tenant).values_list("pk", flat=True))
        for principal, result in results:
            if (
                principal.pk not in stored
            ):  # The principal was removed or the tenant was archived during the sign-in.
                continue
            record_credential_check(by=SCHEDULER, service_principal=principal, result=result)
        # During the sign-in, somebody may have turned the schedule off (`row` is None) or archived the customer.
        if row is None or tenant.is_archived or are_all_refused(tenant_id):
            return None
        started = _start(row, tenant, late=False, now=timezone.now())
        row.save()
        return started


def _may_be_due(tenant: Tenant, now: datetime) -> bool:
    """Return whether an assessment may be due, or the time of the next start must be computed anew. This function takes
    no lock, so the caller checks again after locking.
    """
    row = Schedule.objects.filter(tenant=tenant).first()
    return (
        row is None
        or row.computed_for != _computed_for(row, tenant)
        or bool(row.next_at and row.next_at <= now)
    )


def _start(row: Schedule, tenant: Tenant, *, late: bool, now: datetime) -> Assessment | None:
    """Start the assessment, unless Entra refuses all sign-ins. Set `last_outcome` and `paused_since` of the row, which
    the caller saves.
    """
    outcome = Schedule.Outcome
    if are_all_refused(tenant.pk):
        row.paused_since = row.paused_since or now
        row.last_outcome = outcome.PAUSED
        enqueue(RESUME_SCHEDULE, tenant.pk)
        return None
    row.paused_since = None
    try:
        started = start(tenant=tenant, by=SCHEDULER, trigger=Assessment.Trigger.SCHEDULE)
    except AlreadyRunning:
        row.last_outcome = outcome.RUNNING
    except NothingToAssess:
        row.last_outcome = outcome.NO_PRINCIPAL
    else:
        row.last_outcome = outcome.CAUGHT_UP if late else outcome.STARTED
        return started
    return None


def _locked(tenant: Tenant) -> Schedule | None:
    """Lock and return the tenant's schedule row. If there is no row and the organization has a default schedule, create
    the row.

    Return None if the tenant has no schedule, or if another worker has locked the row.
    """
    row = Schedule.objects.select_for_update(skip_locked=True).filter(tenant=tenant).first()
    if row is not None or not default_rule(tenant) or Schedule.objects.filter(tenant=tenant).exists():
        return row
    try:
        with transaction.atomic():
            return Schedule.objects.create(tenant=tenant)
    except IntegrityError:  # Another worker has just created the row.
        return None


def _note_missed(row: Schedule, tenant: Tenant, now: datetime) -> bool:
    """Store in the schedule's row how many starts were missed because no worker ran, and when they were due. Return
    whether any start was missed.
    """
    assert row.next_at is not None
    if now - row.next_at <= LATE_AFTER:
        return False
    table = _timetable(row, tenant)
    row.missed_count, row.missed_from, row.missed_until = 1, row.next_at, row.next_at
    if table is not None:
        for at in table.starts_between(row.next_at, now - LATE_AFTER, zone_of(tenant), tenant.pk):
            if row.missed_count >= MAX_MISSED:
                break
            row.missed_count, row.missed_until = row.missed_count + 1, at
    row.missed_at = now
    return True


def _record_missed(row: Schedule, tenant: Tenant) -> None:
    """Record the missed starts in the journal. Call this after starting the assessment, because a journal entry locks
    the journal, and a transaction must take this lock last.
    """
    journal.record(
        tenant=tenant,
        actor=SCHEDULER,
        action="schedule.missed",
        target=f"schedule:{row.pk}",
        details={"count": row.missed_count, "from": row.missed_from, "until": row.missed_until},
    )


def _compute(row: Schedule, tenant: Tenant, now: datetime) -> None:
    table = None if tenant.is_archived else _timetable(row, tenant)
    row.next_at = table.next_start(now, zone_of(tenant), tenant.pk) if table else None
    row.computed_for = _computed_for(row, tenant)


def _computed_for(row: Schedule, tenant: Tenant) -> str:
    if not row.enabled or tenant.is_archived:
        return OFF
    return f"{row.rule or default_rule(tenant)} {zone_of(tenant).key}"


def _timetable(row: Schedule, tenant: Tenant) -> Timetable | None:
    rule = (row.rule or default_rule(tenant)) if row.enabled else ""
    return parse(rule) if rule else None


def normalized(wanted: str, words: Sequence[str] = (OFF, DEFAULT)) -> str:
    """Return the canonical text of a schedule. `wanted` must be a timetable or one of `words`. Raise InvalidInput for
    any other text.
    """
    text = " ".join(wanted.split()).casefold()
    if text in words:
        return text
    try:
        return str(parse(wanted))
    except ValueError as error:
        choices = " or ".join(f"“{word}”" for word in words)
        raise invalid("schedule", f"{error} You can also enter {choices}.") from None
