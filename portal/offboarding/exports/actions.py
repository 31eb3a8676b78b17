"""Request, run, cancel and delete exports of customers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Final
from uuid import UUID

import structlog
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from portal.offboarding.exports.archive import Archive, planned_steps
from portal.offboarding.models import CustomerExport
from portal.offboarding.storage import export_name, export_storage
from portal.offboarding.task_names import RUN_EXPORT
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

WORKER: Final = System("export worker")
KEPT_FOR: Final = timedelta(days=7)
"""The time for which a finished export can be downloaded."""
LOST_AFTER: Final = timedelta(minutes=5)
"""If a worker reports no progress for this time, it counts as dead, and another worker starts the export again."""
LEFT_BEHIND_AFTER: Final = timedelta(days=1)
"""A file that belongs to no finished export is deleted when it is older than this."""
_BLOCK: Final = 1024 * 1024


class _Stopped(Exception):
    """The export was cancelled, or another worker has taken over the export."""


@transaction.atomic
def request_export(*, tenant: Tenant, by: Actor) -> CustomerExport:
    """Queue an export. Raise Conflict while another export of the customer is waiting or running."""
    try:
        with transaction.atomic():
            export = CustomerExport.objects.create(
                tenant=tenant,
                requested_by=by if isinstance(by, Person) else None,
                steps_planned=planned_steps(),
            )
    except IntegrityError:
        raise Conflict(
            f"Another export of {tenant.name} is already being written. Wait until it ends, or cancel it.",
            code="export_running",
        ) from None
    _record(export, by, "export.requested")
    enqueue(RUN_EXPORT, tenant.pk, export.pk)
    return export


@transaction.atomic
def cancel_export(*, export: CustomerExport, by: Actor) -> None:
    """Cancel the export; its worker stops after the current page of rows. Raise Conflict if the export has ended."""
    row = CustomerExport.objects.select_for_update().get(pk=export.pk)
    if not row.is_active:
        raise Conflict(
            "This export has already ended, so it cannot be cancelled. Reload the page.", code="export_ended"
        )
    row.state, row.ended_at = CustomerExport.State.CANCELLED, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    _record(row, by, "export.cancelled")


@transaction.atomic
def open_download(*, export: CustomerExport, by: Actor) -> File[bytes] | None:
    """Return the open archive for a person who downloads it, and record the download in the journal.

    If the file is missing, or differs from the file that was written, record that the download was refused and
    return None.
    """
    found = ""
    try:
        content: File[bytes] = export.file.open("rb")
    except FileNotFoundError:
        pass
    else:
        # Check the same open file that is sent afterwards, so that nobody can replace the file in between.
        found, size = _digest(content)
        if (found, size) == (export.sha256, export.size):
            content.seek(0)
            _record(export, by, "export.downloaded", sha256=export.sha256)
            return content
        content.close()
    _record(export, by, "export.file_refused", sha256=export.sha256, found=found or "no file")
    log.error("export_file_refused", export=str(export.pk), sha256=export.sha256, found=found)
    return None


def run_export(*, tenant_id: UUID, export_id: UUID) -> None:
    """Write the archive of an export, unless another worker is writing it. Call without an open scope."""
    export = _claimed(tenant_id, export_id)
    if export is None:
        return
    target = Path(export_storage().path(export_name(export, "")))
    part = target.with_suffix(f".{export.attempt}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        archive = Archive(tenant_id, _progress_of(export))
        archive.write(part)
        part.chmod(0o600)
        _finish(export, part, target, archive)
    except _Stopped:
        log.info("export_stopped", export=str(export.pk))
    except Exception as error:
        # An unexpected error means a defect or a full disk. Show it to the requester, and raise it again for the log.
        _fail(
            export,
            f"The export could not be written ({type(error).__name__}). Ask the operator to look at the log.",
        )
        raise
    finally:
        part.unlink(missing_ok=True)


def _claimed(tenant_id: UUID, export_id: UUID) -> CustomerExport | None:
    now = timezone.now()
    with tenant_scope(tenant_id):
        rows = CustomerExport.objects.filter(pk=export_id).select_for_update(skip_locked=True)
        row = rows.filter(lost_or_waiting()).first()
        if row is None:
            return None
        row.state, row.attempt, row.worked_at = CustomerExport.State.RUNNING, row.attempt + 1, now
        row.save(update_fields=["state", "attempt", "worked_at"])
        return row


def lost_or_waiting() -> Q:
    """Return the condition of exports that a worker may start: waiting exports, and exports whose worker was lost."""
    state = CustomerExport.State
    return Q(state=state.WAITING) | Q(state=state.RUNNING, worked_at__lt=timezone.now() - LOST_AFTER)


def _progress_of(export: CustomerExport) -> Callable[[str, int, int], None]:
    def report(step: str, done: int, rows: int) -> None:
        with tenant_scope(export.tenant_id):
            mine = CustomerExport.objects.filter(
                pk=export.pk, attempt=export.attempt, state=CustomerExport.State.RUNNING
            )
            if not mine.update(step=step[:100], steps_done=done, rows=rows, worked_at=timezone.now()):
                raise _Stopped

    return report


def _finish(export: CustomerExport, part: Path, target: Path, archive: Archive) -> None:
    with part.open("rb") as file:
        sha256, size = _digest(file)
    now = timezone.now()
    with tenant_scope(export.tenant_id):
        row = (
            CustomerExport.objects.select_for_update()
            .filter(pk=export.pk, attempt=export.attempt, state=CustomerExport.State.RUNNING)
            .first()
        )
        if row is None:
            raise _Stopped
        part.replace(target)
        row.state, row.ended_at, row.expires_at = CustomerExport.State.READY, now, now + KEPT_FOR
        row.file.name, row.sha256, row.size = export_name(row, ""), sha256, size
        row.rows, row.steps_done, row.step = archive.rows, row.steps_planned, ""
        row.error = " ".join(archive.problems)
        row.save()
        _record(row, WORKER, "export.built", sha256=sha256, size=size, rows=archive.rows)


def _digest(file: IO[bytes] | File[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _fail(export: CustomerExport, message: str) -> None:
    with tenant_scope(export.tenant_id):
        mine = CustomerExport.objects.filter(
            pk=export.pk, attempt=export.attempt, state=CustomerExport.State.RUNNING
        )
        if mine.update(state=CustomerExport.State.FAILED, error=message, ended_at=timezone.now()):
            _record(export, WORKER, "export.failed", error=message)


def record_command_export(*, tenant_id: UUID, by: Actor, path: Path, rows: int) -> str:
    """Record in the journal that a command has written an archive. Return the SHA-256 of the archive."""
    with path.open("rb") as file:
        sha256, size = _digest(file)
    with tenant_scope(tenant_id):
        journal.record(
            tenant=Tenant.objects.get(pk=tenant_id),
            actor=by,
            action="export.built",
            target="export by command",
            details={"sha256": sha256, "size": size, "rows": rows},
        )
    return sha256


@transaction.atomic
def delete_old_exports(*, tenant_id: UUID) -> int:
    """Delete the files of expired exports. Return how many."""
    old = CustomerExport.objects.select_for_update(skip_locked=True).filter(
        tenant=tenant_id, state=CustomerExport.State.READY, expires_at__lte=timezone.now()
    )
    rows = list(old)
    for row in rows:
        name, storage = row.file.name, row.file.storage
        row.state = CustomerExport.State.EXPIRED
        row.file.name = ""
        row.save(update_fields=["state", "file"])
        _record(row, WORKER, "export.expired")
        transaction.on_commit(partial(storage.delete, name or ""))
    _delete_left_behind(tenant_id)
    return len(rows)


def _delete_left_behind(tenant_id: UUID) -> None:
    """Delete the tenant's files that killed workers left behind. These are files that belong to no finished export and
    are older than a day.
    """
    storage, folder = export_storage(), str(tenant_id)
    if not storage.exists(folder):
        return
    paths = {f"{folder}/{name}" for name in storage.listdir(folder)[1]}
    known = set(CustomerExport.objects.filter(tenant=tenant_id).values_list("file", flat=True))
    before = timezone.now() - LEFT_BEHIND_AFTER
    for path in sorted(paths - known):
        try:
            is_old = storage.get_modified_time(path) < before
        except FileNotFoundError:
            continue  # After the folder was listed, the worker that wrote the file renamed or deleted it.
        if is_old:
            storage.delete(path)
            log.info("export_file_left_behind", file=path)


def resend_lost(*, tenant: Tenant) -> None:
    """Enqueue exports again if their message or worker was lost."""
    now = timezone.now()
    waiting = Q(state=CustomerExport.State.RUNNING) | Q(created_at__lt=now - timedelta(minutes=1))
    for pk in CustomerExport.objects.filter(lost_or_waiting(), waiting, tenant=tenant).values_list(
        "pk", flat=True
    ):
        enqueue(RUN_EXPORT, tenant.pk, pk)


def _record(export: CustomerExport, by: Actor, action: str, **details: str | int) -> None:
    journal.record(
        tenant=Tenant.objects.get(pk=export.tenant_id),
        actor=by,
        action=action,
        target=f"export:{export.pk}",
        details=details,
    )
