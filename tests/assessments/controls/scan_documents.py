"""Imported scans of machines, as `assessments.actions.scans.documents` adds them to an estate."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import doc


def found(
    severity: str = "critical", since: Any = "2026-01-01T00:00:00+00:00", key: str = "9001"
) -> dict[str, Any]:
    return {"id": key, "title": f"Old library {key}", "severity": severity, "knownSince": since}


def scan(
    machine: str,
    *vulnerabilities: dict[str, Any],
    at: Any = "2026-11-01T00:00:00+00:00",
    by: str = "nessus",
    **more: Any,
) -> dict[str, Any]:
    held = {
        "scannedAt": at,
        "file": "a.nessus",
        "sha256": "f" * 64,
        "vulnerabilities": list(vulnerabilities),
        **more,
    }
    return doc(
        f"{machine.casefold()}/imported/vulnerabilityScans/{by}", held, type="imported/vulnerabilityScans"
    )
