"""Add the imported scans of a subscription's machines to its estate (the data that controls judge), as documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Window

from assessments.estate.collections.imported import IMPORTED_SCANS
from assessments.estate.estate import Estate, UnitKind
from assessments.models import ScanEntry, ScanImport

_COLUMNS = (
    "machine",
    "scan_import__scanner",
    "scan_import_id",
    "scan_import__file_name",
    "scan_import__sha256",
    "scanned_at",
    "is_authenticated",
    "vulnerabilities",
)


def add_imported_scans(estate: Estate, tenant_id: UUID) -> None:
    """Add the imported scans of the subscription's machines to the estate. Call this in a transaction with the tenant's
    scope (`tenants.scope`).

    If the customer has imported nothing, the estate gets no collection of scans. Controls then ask people to attest the
    scans.
    """
    if estate.kind is not UnitKind.SUBSCRIPTION or not ScanImport.objects.filter(tenant=tenant_id).exists():
        return
    # Sort the entries about a machine by import, and the imports by the time of their newest entry. `_documents` needs
    # all entries of an import one after the other. If entries were sorted only by their own times, entries of two
    # imports could be mixed.
    newest = Window(Max("scanned_at"), partition_by=[F("machine"), F("scan_import")])
    rows = (
        ScanEntry.objects.filter(tenant=tenant_id, machine__startswith=f"{estate.scope_id.casefold()}/")
        .annotate(newest=newest)
        .order_by("machine", "scan_import__scanner", "newest", "scan_import_id", "scanned_at", "pk")
    )
    found = rows.values(*_COLUMNS).iterator(chunk_size=200)
    estate.add_documents(IMPORTED_SCANS.name, estate.scope_id, list(_documents(found)))


@dataclass(slots=True)
class _Scan:
    """One scan of one machine, made from all entries about the machine in one imported file. `vulnerabilities` also
    says since when each vulnerability is known.
    """

    row: dict[str, Any]
    scanned_at: datetime
    is_authenticated: bool | None
    vulnerabilities: dict[str, dict[str, Any]] = field(default_factory=dict)


def _documents(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for (machine, scanner), entries in groupby(
        rows, lambda row: (row["machine"], row["scan_import__scanner"])
    ):
        last: _Scan | None = None
        for _, of_import in groupby(entries, lambda row: row["scan_import_id"]):
            last = _scan(list(of_import), last)
        if last is not None:
            yield _document(machine, scanner, last)


def _scan(entries: list[dict[str, Any]], before: _Scan | None) -> _Scan:
    """Return the machine's scan from the entries of one import. `knownSince` of a vulnerability is the earliest time
    that these entries or the previous scan (`before`) state for it.
    """
    newest = entries[-1]
    scan = _Scan(newest, newest["scanned_at"], _combined(entries))
    known = before.vulnerabilities if before is not None else {}
    for entry in entries:
        for one in entry["vulnerabilities"]:
            times = [entry["scanned_at"].isoformat()]
            times += [one["known_since"]] if "known_since" in one else []
            times += [known[one["id"]]["knownSince"]] if one["id"] in known else []
            times += (
                [scan.vulnerabilities[one["id"]]["knownSince"]] if one["id"] in scan.vulnerabilities else []
            )
            scan.vulnerabilities[one["id"]] = {
                "id": one["id"],
                "title": one["title"],
                "severity": one["severity"],
                "knownSince": min(times, key=datetime.fromisoformat),
            }
    return scan


def _combined(entries: list[dict[str, Any]]) -> bool | None:
    stated = [entry["is_authenticated"] for entry in entries]
    return None if None in stated else all(stated)


def _document(machine: str, scanner: str, scan: _Scan) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "scannedAt": scan.scanned_at.isoformat(),
        "file": scan.row["scan_import__file_name"],
        "sha256": scan.row["scan_import__sha256"],
        "vulnerabilities": list(scan.vulnerabilities.values()),
    }
    if scan.is_authenticated is not None:
        properties["authenticated"] = scan.is_authenticated
    return {
        "id": f"{machine}/imported/vulnerabilityScans/{scanner}",
        "name": scanner,
        "type": "imported/vulnerabilityScans",
        "properties": properties,
    }
