"""What a pre-flight found: which controls a service principal lets be judged, and what is missing. Pure.

Kept apart from the asking, which takes Azure's packages, so that pages can show a report that a worker made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.grants import Grant, commands_of, grant_of, is_graph


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that could not be read. `subscription` is a GUID, `` for Graph."""

    collection: str
    title: str
    permission: str
    subscription: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class ControlReadiness:
    """Whether a control can be judged everywhere; `missing` says what keeps it from that, and where."""

    control: Control
    missing: tuple[Missing, ...]

    @property
    def is_judged(self) -> bool:
        """Whether nothing that it reads was refused."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """What a service principal can be used for. With an `error` it could not sign in and nothing was asked.

    `unchecked` are subscriptions whose effective permissions could not be read: what hangs on other answers
    counts as readable there where its parents are.
    """

    client_id: str
    subscriptions: tuple[str, ...]
    controls: tuple[ControlReadiness, ...] = ()
    requests: int = 0
    error_code: str = ""
    error: str = ""
    unchecked: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[ControlReadiness, ...]:
        """The controls that can be judged everywhere."""
        return tuple(row for row in self.controls if row.is_judged)

    @property
    def not_judged(self) -> tuple[ControlReadiness, ...]:
        """The controls that cannot."""
        return tuple(row for row in self.controls if not row.is_judged)

    @property
    def grants(self) -> list[Grant]:
        """Each right that was refused, ARM's first, with the controls that wait for it and the command."""
        waiting: dict[str, dict[str, None]] = {}
        places: dict[str, set[str]] = {}
        for row in self.controls:
            for missing in row.missing:
                if missing.reason is Reason.FORBIDDEN:
                    waiting.setdefault(missing.permission, {})[row.control.slug] = None
                    places.setdefault(missing.permission, set()).add(missing.subscription)
        order = sorted(waiting, key=lambda permission: (is_graph(permission), permission))
        return [grant_of(p, waiting[p], self.client_id, sorted(places[p] - {""})) for p in order]

    @property
    def commands(self) -> list[str]:
        """What to run for all grants, each line once."""
        return commands_of(self.grants, self.client_id)


def as_plain(report: PreflightReport) -> dict[str, Any]:
    """The report as JSON, each missing thing once."""
    known = list(dict.fromkeys(missing for row in report.controls for missing in row.missing))
    number = {missing: index for index, missing in enumerate(known)}
    return {
        "client_id": report.client_id,
        "subscriptions": list(report.subscriptions),
        "requests": report.requests,
        "error_code": report.error_code,
        "error": report.error,
        "unchecked": list(report.unchecked),
        "missing": [list(astuple(missing)) for missing in known],
        "controls": {row.control.slug: [number[m] for m in row.missing] for row in report.controls},
    }


def from_plain(plain: Mapping[str, Any]) -> PreflightReport:
    """The report again; controls that the catalogue does not hold any more are left out."""
    known = [
        Missing(name, title, permission, subscription, Reason(reason), message)
        for name, title, permission, subscription, reason, message in plain["missing"]
    ]
    rows = tuple(
        ControlReadiness(control, tuple(known[index] for index in plain["controls"][slug]))
        for slug, control in catalogue().items()
        if slug in plain["controls"]
    )
    return PreflightReport(
        plain["client_id"],
        tuple(plain["subscriptions"]),
        rows,
        plain["requests"],
        plain["error_code"],
        plain["error"],
        tuple(plain["unchecked"]),
    )
