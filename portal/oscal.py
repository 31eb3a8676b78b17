"""Parts of OSCAL assessment results that reports and exports of findings share: NIST's model in JSON, version 1.1.2.

Source: https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-definitions/.

All functions return parts of the document as plain values. An id is a UUID of version 5 that is derived from the id of
what it names, so the same thing has the same id in every document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

OSCAL_VERSION: Final = "1.1.2"
NAMESPACE: Final = "https://surety.invalid/ns/oscal"
"""The namespace of Surety's properties."""
# {outcome: reason of a status}. All other outcomes have the reason `other`, so that nobody takes them for a pass.
_REASONS: Final[Mapping[str, str]] = {"pass": "pass", "fail": "fail"}


def envelope(base: UUID, *, title: str, at: datetime, version: str, catalogue: str) -> dict[str, Any]:
    """Return the document without its results. `at`: when it was written. `catalogue` describes the judging controls,
    which stand for the assessment plan that OSCAL requires."""
    plan = derived_id(base, "plan")
    return {
        "uuid": derived_id(base, "document"),
        "metadata": {
            "title": title,
            "last-modified": moment(at),
            "version": version,
            "oscal-version": OSCAL_VERSION,
        },
        "import-ap": {"href": f"#{plan}"},
        "back-matter": {
            "resources": [{"uuid": plan, "title": "Catalogue of controls", "description": catalogue}]
        },
    }


def reviewed_controls(controls: Iterable[str]) -> dict[str, Any]:
    """Return which controls have a verdict. `controls`: their slugs, in order."""
    selection: dict[str, Any] = {"include-controls": [{"control-id": slug} for slug in controls]}
    if not selection["include-controls"]:
        # OSCAL requires a selection, and no empty list.
        text = "All controls were in scope. This document has no verdict of any of them."
        selection = {"description": text, "include-all": {}}
    return {"control-selections": [selection]}


def observation(
    uuid: str,
    *,
    title: str,
    description: str,
    outcome: str,
    props: Iterable[tuple[str, str]],
    collected: datetime,
    evidence: Iterable[str],
) -> dict[str, Any]:
    """Return one verdict on one subject. `props`: names and values after the outcome. `evidence`: SHA-256 hashes."""
    found: dict[str, Any] = {
        "uuid": uuid,
        "title": line(title[:500]),
        "description": description,
        "props": [prop("outcome", outcome), *(prop(name, value) for name, value in props)],
        "methods": [method(outcome)],
        "collected": moment(collected),
    }
    if relevant := [{"description": f"Evidence SHA-256 {sha}"} for sha in evidence]:
        found["relevant-evidence"] = relevant
    return found


def method(outcome: str) -> str:
    """Return how a verdict with this outcome is reached: people examine what Surety cannot test."""
    return "EXAMINE" if outcome == "manual" else "TEST"


def target(control: str, outcome: str) -> dict[str, Any]:
    """Return what a finding is about, with its status: only a pass is satisfied."""
    status: dict[str, Any] = {
        "state": "satisfied" if outcome == "pass" else "not-satisfied",
        "reason": _REASONS.get(outcome, "other"),
    }
    if outcome not in _REASONS:
        status["remarks"] = f"The verdict is {outcome}, which is not a pass."
    return {"type": "objective-id", "target-id": control, "status": status}


def derived_id(base: UUID, name: str) -> str:
    """Return the id of what has this name within `base`."""
    return str(uuid5(base, name))


def prop(name: str, value: str) -> dict[str, str]:
    """Return a property of Surety's namespace."""
    return {"name": name, "ns": NAMESPACE, "value": line(value)}


def line(text: str) -> str:
    """Return a text as titles and values of OSCAL must be: one line without blanks at both ends, and not empty."""
    return " ".join(text.splitlines()).strip() or "none"


def moment(at: datetime) -> str:
    """Return the time as ``2026-11-25T12:00:00Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
