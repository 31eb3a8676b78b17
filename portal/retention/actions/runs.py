"""Preview a retention policy, and delete old data.

Functions of the database (`portal/retention/migrations`) decide which data is deleted. This module calls these
functions batch by batch. The transaction of each batch also stores the progress of the run, so another worker can
continue after a crash. The journal gets one entry for each kind of deleted data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from django.apps import apps
from django.conf import settings
from django.core.files.storage import Storage
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from assessments.actions.scans.imports import old_imports
from assessments.actions.units.activity import old_activity
from portal.notify.actions.prune import old_notices, prune
from portal.notify.models import Notice
from portal.retention.actions.versions import PREPARED, prepare_versions
from portal.retention.kinds import CUSTOMER_KINDS, KINDS
from portal.retention.models import RetentionRun
from portal.retention.selectors import days_in_effect, hold_of
from portal.retention.task_names import RUN
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

WORKER: Final = System("retention")
LOST_AFTER: Final = timedelta(minutes=10)
"""If a worker reports no progress for this time, it counts as dead, and another worker continues. The time is long,
because one batch can take minutes.
"""
RUNS_KEPT_FOR: Final = timedelta(days=90)
NOTICES: Final = "notices"
RUN_KINDS: Final = (*(kind.key for kind in CUSTOMER_KINDS), NOTICES)
# A report file to which no row refers is kept until it is this old, because an open transaction may still store the
# reference.
_ORPHAN_AGE: Final = timedelta(days=1)
_REFUSALS: Final[Mapping[str, str]] = {
    "retention_on_hold": "The customer is on legal hold, so the run stopped. Nothing more was deleted.",
    "retention_busy": "The run stopped, because an export or a report of the customer is being written. The next run"
    " continues.",
    "retention_floor": "The run stopped, because the retention periods were changed in the meantime. The next run uses"
    " the new periods.",
}


class _Stopped(Exception):
    """The run was cancelled, or another worker has taken the run over."""


@transaction.atomic
def request_run(
    *,
    tenant: Tenant,
    by: Actor,
    dry_run: bool,
    kinds: Sequence[str] = RUN_KINDS,
    days: Mapping[str, int | None] | None = None,
    send: bool = True,
) -> RetentionRun:
    """Store a run, and let a worker carry it out. If `send` is False, the caller carries the run out.

    If `dry_run` is True, the run is a preview, and an earlier preview that has not ended is cancelled. `days` is
    {kind: days}: periods that the preview uses instead of the policy.

    If `dry_run` is False, the run deletes data. In this case, raise Conflict if the customer is on hold, or if another
    run is deleting data.
    """
    if unknown := [key for key in kinds if key not in RUN_KINDS]:
        raise invalid(
            "kind", f"There is no kind of data “{unknown[0][:40]}”. Use one of: {', '.join(RUN_KINDS)}."
        )
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if not dry_run and hold_of(tenant) is not None:
        raise Conflict(f"{tenant.name} is on legal hold, so nothing is deleted.", code="on_hold")
    active = RetentionRun.objects.filter(tenant=tenant, dry_run=dry_run, state__in=RetentionRun.ACTIVE)
    if dry_run:
        active.update(state=RetentionRun.State.CANCELLED, ended_at=timezone.now())
    elif active.exists():
        raise Conflict(
            "Another run is already deleting old data. Wait until that run ends, or cancel it.",
            code="running",
        )
    RetentionRun.objects.filter(tenant=tenant, ended_at__lt=timezone.now() - RUNS_KEPT_FOR).delete()
    present = effective_days(tenant)
    run = RetentionRun.objects.create(
        tenant=tenant,
        dry_run=dry_run,
        requested_by=by if isinstance(by, Person) else None,
        kinds=list(kinds),
        days={key: (days or {}).get(key, present[key]) if dry_run else present[key] for key in kinds},
    )
    if send:
        enqueue(RUN, tenant.pk, run.pk)
    return run


def effective_days(tenant: Tenant) -> dict[str, int | None]:
    """Return {kind: number of days after which data is deleted, None if it is never deleted}.

    Notices are deleted after SURETY_NOTICE_DAYS if the organization has set no period for them.
    """
    found = days_in_effect(tenant.pk, RUN_KINDS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM retention_organizationretentionrule WHERE organization_id = %s AND kind = %s)",
            [tenant.organization_id, NOTICES],
        )
        if not cursor.fetchone()[0]:
            found[NOTICES] = settings.SURETY_NOTICE_DAYS
    return found


@transaction.atomic
def cancel_run(*, run: RetentionRun, by: Actor) -> None:
    """Cancel the run. Its worker stops after the current batch. Raise Conflict if the run has already ended."""
    row = RetentionRun.objects.select_for_update().get(pk=run.pk)
    if not row.is_active:
        raise Conflict("This run has already ended, so it cannot be cancelled.", code="run_ended")
    _end(row, RetentionRun.State.CANCELLED, by=by)


def carry_out(*, tenant_id: UUID, run_id: UUID) -> None:
    """Carry out a run, unless another worker is carrying it out. Call this function while no scope (`tenants.scope`) is
    open.
    """
    run = _claimed(tenant_id, run_id)
    if run is None:
        return
    try:
        for key in run.kinds:
            step = _count if run.dry_run else _delete_batch
            while not step(run, key):
                pass
        with tenant_scope(tenant_id):
            _end(_mine(run), RetentionRun.State.DONE)
    except _Stopped:
        log.info("retention_stopped", run=str(run.pk))
    except IntegrityError as error:
        message = _REFUSALS.get(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")
        if message is None:
            _fail(run, error)
            raise
        with tenant_scope(tenant_id):
            _end(_mine(run), RetentionRun.State.CANCELLED, message)
    except Exception as error:
        # An unexpected error is a defect: end the run with a message, and raise the error again for the log.
        _fail(run, error)
        raise


def _claimed(tenant_id: UUID, run_id: UUID) -> RetentionRun | None:
    with tenant_scope(tenant_id):
        rows = RetentionRun.objects.filter(pk=run_id).select_for_update(skip_locked=True)
        row = rows.filter(lost_or_waiting()).first()
        if row is None:
            return None
        row.state, row.attempt, row.worked_at = RetentionRun.State.RUNNING, row.attempt + 1, timezone.now()
        row.save(update_fields=["state", "attempt", "worked_at"])
        return row


def lost_or_waiting() -> Q:
    """Return the query condition for runs that a worker may take: runs that wait, and runs whose worker was lost."""
    state = RetentionRun.State
    return Q(state=state.WAITING) | Q(state=state.RUNNING, worked_at__lt=timezone.now() - LOST_AFTER)


def resend_lost(*, tenant: Tenant) -> None:
    """Send the task of a run again if the run's Celery message or worker was lost."""
    waiting = Q(state=RetentionRun.State.RUNNING) | Q(created_at__lt=timezone.now() - timedelta(minutes=1))
    rows = RetentionRun.objects.filter(lost_or_waiting(), waiting, tenant=tenant)
    for pk in rows.values_list("pk", flat=True):
        enqueue(RUN, tenant.pk, pk)


def _mine(run: RetentionRun) -> RetentionRun:
    """Lock and return the row of the run. Raise _Stopped if the run was cancelled or another worker has taken it
    over.
    """
    rows = RetentionRun.objects.select_for_update()
    row = rows.filter(pk=run.pk, attempt=run.attempt, state=RetentionRun.State.RUNNING).first()
    if row is None:
        raise _Stopped
    return row


def _count(run: RetentionRun, key: str) -> bool:
    """Count the data of one kind that a run would delete. Return True: unlike `_delete_batch`, this function finishes a
    kind in one call.
    """
    with tenant_scope(run.tenant_id):
        row = _mine(run)
        if not row.results.get(key, {}).get("done"):
            days = row.days.get(key)
            result = _empty(None if days is None else _before(days))
            if days is not None:
                _add_kept(row, key, result, count_due=True)
            result["done"] = True
            _store(row, key, result)
    return True


def _delete_batch(run: RetentionRun, key: str) -> bool:
    """Delete one batch of a kind. Return whether the kind is finished."""
    if key == NOTICES:
        return _prune_notices(run)
    if key == "reports":
        _delete_orphan_reports(run.tenant_id)
    with tenant_scope(run.tenant_id):
        row = _mine(run)
        result = row.results.get(key)
        if result is None:
            days = days_in_effect(run.tenant_id, [key])[key]
            result = _empty(None if days is None else _before(days))
        if result["done"] or result["before"] is None:
            result["done"] = True
            _store(row, key, result)
            return True
        if key == "versions" and not result.get("prepared"):
            # Kept versions that are stored as differences from old versions must be stored as whole documents before
            # the old versions are deleted. Each transaction stores only a limited number, so that assessments wait only
            # a short time.
            result["prepared"] = prepare_versions(run.tenant_id, result["before"]) < PREPARED
            _store(row, key, result)
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM retention_delete(%s, %s, %s, %s)",
                [run.tenant_id, key, result["before"], KINDS[key].batch],
            )
            rows, size, oldest, files = cursor.fetchone()
        for name in files:
            transaction.on_commit(partial(_report_storage().delete, name))
        _add(result, rows, size, oldest)
        if key == "versions" and rows < KINDS[key].batch:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT * FROM retention_delete_activity(%s, %s, %s)",
                    [run.tenant_id, result["before"], KINDS[key].batch],
                )
                rows, oldest = cursor.fetchone()
            _add(result, rows, 0, oldest)
        if key == "evidence" and rows < KINDS[key].batch:
            # In this transaction, `retention_delete` has already checked that there is no legal hold, and that data
            # older than `before` may be deleted.
            _delete_old_imports(row.tenant_id, result)
        result["done"] = rows < KINDS[key].batch
        if result["done"]:
            _add_kept(row, key, result)
            _record(row, key, result)
        _store(row, key, result)
        return bool(result["done"])


def _delete_old_imports(tenant_id: UUID, result: dict[str, Any]) -> None:
    """Delete imported scans that are too old. An import counts as one row, however many entries it has."""
    old = old_imports(tenant_id, result["before"])
    found = old.aggregate(number=Count("pk"), oldest=Min("scanned_at"))
    old.delete()
    _add(result, found["number"], 0, found["oldest"])


def _prune_notices(run: RetentionRun) -> bool:
    """Delete old notices and posts. `prune` runs while no scope is open, so that each batch has its own transaction."""
    with tenant_scope(run.tenant_id):
        row = _mine(run)
        tenant = Tenant.objects.get(pk=run.tenant_id)
        if row.results.get(NOTICES, {}).get("done"):
            return True
        if hold_of(tenant) is not None:
            _end(row, RetentionRun.State.CANCELLED, _REFUSALS["retention_on_hold"])
            raise _Stopped
        days = effective_days(tenant)[NOTICES]
    deleted = prune(tenant_id=run.tenant_id, notice_days=days, keep_notices=days is None)
    with tenant_scope(run.tenant_id):
        row = _mine(run)
        result = _empty(None if days is None else _before(days))
        _add(result, deleted.notices, 0, None)
        result["done"] = True
        _record(row, NOTICES, result)
        _store(row, NOTICES, result)
    return True


def _before(days: int) -> str:
    """Return the time `days` ago by the clock of the database, in ISO 8601. Data from before this time is old."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - make_interval(hours => 24 * %s)", [days])
        return str(cursor.fetchone()[0].isoformat())


def _empty(before: str | None) -> dict[str, Any]:
    return {"before": before, "rows": 0, "bytes": 0, "oldest": None, "kept": {}, "done": False}


def _add(result: dict[str, Any], rows: int, size: int, oldest: datetime | None) -> None:
    result["rows"] += rows
    result["bytes"] += int(size)
    if oldest is not None and (result["oldest"] is None or oldest.isoformat() < result["oldest"]):
        result["oldest"] = oldest.isoformat()


def _add_kept(row: RetentionRun, key: str, result: dict[str, Any], *, count_due: bool = False) -> None:
    """Count, by reason, the old rows that are kept. If `count_due` is True, also count the rows that would be
    deleted.
    """
    if key == NOTICES:
        found = Notice.objects.filter(old_notices(timezone.now(), row.days[key]), tenant=row.tenant_id)
        if count_due:
            _add(result, found.count(), 0, found.aggregate(oldest=Min("created_at"))["oldest"])
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_cited, count(*), sum(row_bytes), min(row_at) FROM retention_rows(%s, %s, %s) GROUP BY 1",
            [row.tenant_id, key, result["before"]],
        )
        for reason, rows, size, oldest in cursor.fetchall():
            if reason:
                result["kept"][reason] = rows
            elif count_due:
                _add(result, rows, size, oldest)
    if key == "evidence" and count_due:
        imports = old_imports(row.tenant_id, result["before"])
        _add(result, imports.count(), 0, imports.aggregate(oldest=Min("scanned_at"))["oldest"])
    if key == "versions" and count_due:
        events = old_activity(row.tenant_id, result["before"])
        _add(result, events.count(), 0, events.aggregate(oldest=Min("at"))["oldest"])


def _store(row: RetentionRun, key: str, result: dict[str, Any]) -> None:
    row.results[key] = result
    row.worked_at = timezone.now()
    row.save(update_fields=["results", "worked_at"])


def _record(row: RetentionRun, key: str, result: dict[str, Any], by: Actor = WORKER) -> None:
    """Record in the journal which data of one kind a run has deleted."""
    if row.dry_run or not result["rows"]:
        return
    journal.record(
        tenant=Tenant.objects.get(pk=row.tenant_id),
        actor=by,
        action="retention.deleted",
        target=f"{KINDS[key].label} before {result['before'][:10]}",
        details={
            "run": str(row.pk),
            "kind": key,
            "before": result["before"],
            "rows": result["rows"],
            "bytes": result["bytes"],
            "oldest": result["oldest"],
            "kept": result["kept"],
            "complete": result["done"],
        },
    )


def _end(row: RetentionRun, state: RetentionRun.State, error: str = "", by: Actor = WORKER) -> None:
    """End the run. For kinds that are not finished, record in the journal what was deleted so far."""
    for key, result in row.results.items():
        if not result["done"]:
            _record(row, key, result, by)
    row.state, row.error, row.ended_at = state, error, timezone.now()
    row.save(update_fields=["state", "error", "ended_at"])


def _fail(run: RetentionRun, error: Exception) -> None:
    with tenant_scope(run.tenant_id):
        rows = RetentionRun.objects.select_for_update()
        row = rows.filter(pk=run.pk, attempt=run.attempt, state=RetentionRun.State.RUNNING).first()
        if row is not None:
            message = (
                f"The run failed ({type(error).__name__}). Ask the operator to look at the worker’s log."
            )
            _end(row, RetentionRun.State.FAILED, message)


def _delete_orphan_reports(tenant_id: UUID) -> None:
    """Delete the tenant's report files to which no row refers. A killed worker can leave such files behind.

    If the tenant is on legal hold, no file is deleted. An action that places a hold waits for this transaction.
    """
    storage, folder = _report_storage(), str(tenant_id)
    if not storage.exists(folder):
        return
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        if hold_of(Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)) is not None:
            return
        paths = {f"{folder}/{name}" for name in storage.listdir(folder)[1]}
        cursor.execute("SELECT file FROM reports_report WHERE tenant_id = %s", [tenant_id])
        known = {name for (name,) in cursor.fetchall()}
        before = timezone.now() - _ORPHAN_AGE
        for path in sorted(paths - known):
            if storage.get_modified_time(path) < before:
                storage.delete(path)


def _report_storage() -> Storage:
    # Find the model by its name, because `portal.retention` may not import `portal.reports`.
    storage: Storage = apps.get_model("reports", "Report")._meta.get_field("file").storage
    return storage
