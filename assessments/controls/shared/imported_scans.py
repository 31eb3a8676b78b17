"""Find the imported scans of a machine, for the controls that judge scans."""

from __future__ import annotations

from datetime import timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.estate.collections.imported import IMPORTED_SCANS
from assessments.estate.ids import fold
from assessments.estate.view import View

SCAN_AGE = Parameter(
    "max_scan_age_days",
    90,
    "Maximum age of the last scan of a machine, in days",
    label="Maximum age of the last scan (days)",
    minimum=1,
)

_BELOW_MACHINE = "/imported/vulnerabilityscans/"


def has_imports(ctx: Context) -> bool:
    """Return whether a scan was imported for the customer."""
    return ctx.estate.was_asked(IMPORTED_SCANS.name)


def recent_scans(ctx: Context, machine: str) -> list[View]:
    """Return the imported scans of the machine that are at most `max_scan_age_days` old. The collection contains only
    the last scan of the machine by each scanner, so the result has at most one scan for each scanner.

    The scans become evidence only if the caller binds them to a trace (`Context.bind`).
    """
    index = ctx.memo("imported scans", lambda: _by_machine(ctx))
    limit = timedelta(days=float(ctx.params[SCAN_AGE.name]))
    return [
        scan for scan in index.get(fold(machine), []) if ctx.now - scan.time("properties.scannedAt") <= limit
    ]


def last_scan(ctx: Context, machine: str) -> View | None:
    """Return the newest imported scan of the machine, whatever its age, or None."""
    index = ctx.memo("imported scans", lambda: _by_machine(ctx))
    scans = index.get(fold(machine), [])
    return max(scans, key=lambda scan: scan.time("properties.scannedAt"), default=None)


def _by_machine(ctx: Context) -> dict[str, list[View]]:
    index: dict[str, list[View]] = {}
    ctx.require_complete(IMPORTED_SCANS)
    for document in ctx.estate.documents(IMPORTED_SCANS.name):
        machine, _, _ = fold(document.id).partition(_BELOW_MACHINE)
        index.setdefault(machine, []).append(document)
    return index
