"""Import files of vulnerability scanners, undo imports, and match their entries with the inventory again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.actions.scans.machines import machine_index
from assessments.models import ScanEntry, ScanImport
from assessments.scan_files.facts import ScannedHost, Vulnerability
from assessments.scan_files.matching import Index
from assessments.scan_files.read import read_scan
from tenants import journal
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.locks import Lock, lock, try_lock
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope
from tenants.values.visible_text import is_blank

MAX_IMPORTS: Final = 2_000
"""Maximum number of imports of one customer."""
SLOTS: Final = 2
"""Maximum number of uploads that are read at the same time. Reading the largest file takes much memory and time."""
MAX_REASON: Final = 1_000
_BATCH: Final = 500
_HOSTS_AT_ONCE: Final = 50
"""Machines are stored in batches of this size, because each machine can have thousands of vulnerabilities."""


@transaction.atomic
def import_scan(
    *,
    tenant: Tenant,
    by: Actor,
    origin: str,
    file_name: str,
    content: bytes,
    scanned_at: datetime | None = None,
) -> ScanImport:
    """Read a file, match its machines with the inventory, and store the results.

    `origin` is a value of `ScanImport.Origin`; `scanned_at` is the time of the scan, for a file that does not state it.
    Raise InvalidInput for an unusable file. Raise Conflict if the file was already imported, if another import of the
    customer is running, or if `SLOTS` other uploads are being read.
    """
    now = timezone.now()
    sha256 = hashlib.sha256(content).hexdigest()
    _lock_imports(tenant, origin)
    known = ScanImport.objects.filter(tenant=tenant, sha256=sha256).first()
    if known is not None:
        raise Conflict(
            f"This file was imported on {known.imported_at:%Y-%m-%d} as “{known.file_name}”. Delete that import to"
            " import the file again.",
            code="already_imported",
        )
    if ScanImport.objects.filter(tenant=tenant).count() >= MAX_IMPORTS:
        raise Conflict(
            f"The customer has {MAX_IMPORTS:,} imports. Delete old ones first.", code="too_many_imports"
        )
    file = read_scan(content, now=now, scanned_at=scanned_at)
    times = [host.scanned_at for host in file.hosts if host.scanned_at is not None]
    row = ScanImport.objects.create(
        tenant=tenant,
        file_name=_file_name(file_name),
        sha256=sha256,
        size=len(content),
        scanner=str(file.scanner),
        origin=origin,
        scanned_from=min(times),
        scanned_at=max(times),
        imported_at=now,
        imported_by=by if isinstance(by, Person) else None,
        counts={str(severity): number for severity, number in file.counts.items()},
        notes=list(file.notes),
    )
    index = machine_index(tenant)
    unmatched = 0
    for hosts in batched(file.hosts, _HOSTS_AT_ONCE):
        entries = [_entry(row, host, index) for host in hosts]
        unmatched += sum(not entry.machine for entry in entries)
        ScanEntry.objects.bulk_create(entries)
    journal.record(
        tenant=tenant,
        actor=by,
        action="scan.imported",
        target=f"scan_import:{row.pk}",
        details={
            **_described(row),
            "origin": origin,
            "machines": len(file.hosts),
            "unmatched": unmatched,
            "vulnerabilities": row.counts,
        },
    )
    return row


@transaction.atomic
def delete_import(*, scan_import: ScanImport, by: Actor, reason: str) -> None:
    """Delete an import with its entries. The next assessment no longer uses the import. The evidence of earlier
    assessments stays.

    Raise InvalidInput if the reason is missing.
    """
    text = " ".join(reason.replace("\x00", "\ufffd").split())
    if is_blank(text) or len(text) > MAX_REASON:
        raise invalid("reason", f"Enter a reason of at most {MAX_REASON:,} characters.")
    row = ScanImport.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=scan_import.pk)
    journal.record(
        tenant=row.tenant,
        actor=by,
        action="scan.deleted",
        target=f"scan_import:{row.pk}",
        details={**_described(row), "reason": text},
    )
    row.delete()


def match_again(*, tenant_id: UUID | str) -> int:
    """Match all entries of the customer's scans with the present inventory. Return how many entries changed."""
    changed = 0
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        lock(Lock.SCAN_IMPORTS, tenant.pk)
        if not ScanImport.objects.filter(tenant=tenant).exists():
            return 0
        index = machine_index(tenant)
        rows = ScanEntry.objects.filter(tenant=tenant).only(
            "addresses", "names", "resource_id", "vm_id", "machine", "reason"
        )
        waiting: list[ScanEntry] = []
        for row in rows.order_by("pk").iterator(chunk_size=_BATCH):
            found = index.match(_identity(row))
            if (found.resource_id, found.reason) == (row.machine, row.reason):
                continue
            row.machine, row.reason = found.resource_id, found.reason
            waiting.append(row)
            changed += 1
        for start in range(0, len(waiting), _BATCH):
            ScanEntry.objects.bulk_update(waiting[start : start + _BATCH], ["machine", "reason"])
    return changed


def old_imports(tenant_id: UUID, before: str) -> QuerySet[ScanImport]:
    """Return the imports whose last scan is older than `before`, a time in ISO format. Call this in a transaction with
    the tenant's scope (`tenants.scope`).
    """
    return ScanImport.objects.filter(tenant_id=tenant_id, scanned_at__lt=before)


def _lock_imports(tenant: Tenant, origin: str) -> None:
    """Take the customer's import lock until the transaction ends, so that no file is imported twice at the same time.

    A worker waits for the lock. An upload does not wait, because it occupies a thread of the web server: raise Conflict
    (import_busy) if the lock is taken, or if `SLOTS` other uploads are being read.
    """
    if origin == ScanImport.Origin.FOLDER:
        lock(Lock.SCAN_IMPORTS, tenant.pk)
        return
    if not any(try_lock(Lock.SCAN_SLOT, str(number)) for number in range(SLOTS)):
        raise _busy("Other scans are being imported at the moment.")
    if not try_lock(Lock.SCAN_IMPORTS, str(tenant.pk)):
        raise _busy("Another scan of this customer is being imported or matched at the moment.")


def _busy(reason: str) -> Conflict:
    return Conflict(f"{reason} Try again in a minute.", code="import_busy")


def _entry(row: ScanImport, host: ScannedHost, index: Index) -> ScanEntry:
    found = index.match(host)
    return ScanEntry(
        tenant_id=row.tenant_id,
        scan_import=row,
        label=host.label[:300],
        addresses=list(host.addresses),
        names=list(host.names),
        resource_id=host.resource_id[:1000],
        vm_id=host.vm_id[:60],
        scanned_at=host.scanned_at or row.scanned_at,
        is_authenticated=host.is_authenticated,
        machine=found.resource_id,
        reason=found.reason,
        vulnerabilities=[_plain(one) for one in host.vulnerabilities],
        counts={str(severity): number for severity, number in host.counts.items()},
    )


def _plain(one: Vulnerability) -> dict[str, Any]:
    plain = {"id": one.key, "title": one.title, "severity": str(one.severity)}
    return plain | ({"known_since": one.known_since.isoformat()} if one.known_since else {})


def _identity(row: ScanEntry) -> ScannedHost:
    return ScannedHost(
        addresses=tuple(row.addresses),
        names=tuple(row.names),
        resource_id=row.resource_id,
        vm_id=row.vm_id,
        scanned_at=None,
        is_authenticated=None,
        vulnerabilities=(),
        counts={},
    )


def _described(row: ScanImport) -> dict[str, Any]:
    return {
        "file": row.file_name,
        "sha256": row.sha256,
        "scanner": row.scanner,
        "scanned_at": row.scanned_at.isoformat(),
    }


def _file_name(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200].strip() or "scan"
