"""The result of a pre-flight says which controls can be judged, and which permissions are missing. Pure functions.

The module `assessments.permissions.preflight` makes the requests and therefore loads Azure's packages. This module
does not load them, so pages can import it to show reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.estate.identity.principal_roles import DIRECTORY_ROLE
from assessments.permissions.grants import (
    Grant,
    commands_of,
    grant_at,
    graph_commands,
    is_graph,
    place_of,
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A collection that could not be read in one subscription, management group or directory.

    `subscription` is the GUID of the subscription, ``management group NAME``, or an empty string for a directory. If no
    subscription is known, it is SUBSCRIPTION_PLACEHOLDER.
    """

    collection: str
    title: str
    permission: str
    subscription: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class ControlReadiness:
    """Whether a control can be judged everywhere. `missing` lists the collections that prevent this, with the
    subscription, management group or directory in which they could not be read."""

    control: Control
    missing: tuple[Missing, ...]

    @property
    def is_judged(self) -> bool:
        """Whether all collections that the control needs could be read."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class NamesReadiness:
    """Whether the service principal may read the names of one kind of objects. Findings show these names, but no
    control needs them. `what` is the kind of objects, such as users. `reason` says why the names cannot be read, or is
    None.
    """

    what: str
    permission: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """The result of a pre-flight, which says what data a service principal can read. If the service principal could not
    sign in, `error` says why.

    `unchecked` are subscriptions whose effective permissions could not be read because of an error, such as an outage.
    A refusal is not such an error: it means that a role is missing. In the subscriptions of `unchecked`, a child
    collection counts as readable if its parent collection could be read.

    `excessive` lists rights that permit more than reading. For a subscription, the entry is (GUID of the subscription,
    an action with which the service principal can change the subscription). For an application permission or directory
    role, the entry is ("", text from `more_than_reading`). Surety never changes anything, so it does not need such
    rights. They are a risk if somebody steals the credential.
    """

    client_id: str
    subscriptions: tuple[str, ...]
    controls: tuple[ControlReadiness, ...] = ()
    requests: int = 0
    error_code: str = ""
    error: str = ""
    unchecked: tuple[str, ...] = ()
    cloud: str = ""
    names: tuple[NamesReadiness, ...] = ()
    excessive: tuple[tuple[str, str], ...] = ()
    audit_log: NamesReadiness | None = None
    """Whether the service principal may read the audit log, which says who changed objects of the directory. No control
    needs this."""

    @property
    def unnamed(self) -> tuple[NamesReadiness, ...]:
        """The kinds of objects whose names cannot be read. Findings show the ids of such objects instead."""
        return tuple(row for row in self.names if row.reason is not None)

    @property
    def name_commands(self) -> list[str]:
        """The commands that grant the missing permissions for names. Permissions that `commands` already grants are
        left out.
        """
        granted = {grant.permission for grant in self.grants}
        lacking = [row.permission for row in self.unnamed if row.reason is Reason.FORBIDDEN]
        return graph_commands(self.client_id, [p for p in lacking if p not in granted], self.cloud)

    @property
    def judged(self) -> tuple[ControlReadiness, ...]:
        """The controls that can be judged in every subscription and in the directory."""
        return tuple(row for row in self.controls if row.is_judged)

    @property
    def not_judged(self) -> tuple[ControlReadiness, ...]:
        """The controls for which data is missing in at least one subscription, or in the directory."""
        return tuple(row for row in self.controls if not row.is_judged)

    @property
    def grants(self) -> list[Grant]:
        """A grant for each missing permission that controls need: first for Azure Resource Manager, then for Microsoft
        Graph.
        """
        waiting: dict[tuple[str, str], dict[str, None]] = {}
        places: dict[tuple[str, str], set[str]] = {}
        for row in self.controls:
            for missing in row.missing:
                if missing.reason is Reason.FORBIDDEN:
                    key = (missing.permission, place_of(missing.collection))
                    waiting.setdefault(key, {})[row.control.slug] = None
                    places.setdefault(key, set()).add(missing.subscription)
        order = sorted(waiting, key=lambda key: (is_graph(key[0]), key))
        return [
            grant_at(
                permission,
                place,
                waiting[permission, place],
                self.client_id,
                sorted(places[permission, place] - {""}),
                self.cloud,
            )
            for permission, place in order
        ]

    @property
    def commands(self) -> list[str]:
        """The commands for all grants. A command that several grants need is listed once."""
        return commands_of(self.grants, self.client_id, self.cloud)


def describe_right(place: str, right: str) -> str:
    """Return one entry of `PreflightReport.excessive` in words, without the subscription."""
    if not place:
        return right if right.startswith(DIRECTORY_ROLE) else f"application permission {right}"
    return "Owner or Contributor" if right == "*" else right


def as_plain(report: PreflightReport) -> dict[str, Any]:
    """Return the report as values for JSON. Each missing collection is listed once, and controls refer to it by its
    position in the list.
    """
    known = list(dict.fromkeys(missing for row in report.controls for missing in row.missing))
    number = {missing: index for index, missing in enumerate(known)}
    return {
        "client_id": report.client_id,
        "subscriptions": list(report.subscriptions),
        "requests": report.requests,
        "error_code": report.error_code,
        "error": report.error,
        "unchecked": list(report.unchecked),
        "cloud": report.cloud,
        "names": [list(astuple(row)) for row in report.names],
        "excessive": [list(row) for row in report.excessive],
        "audit_log": list(astuple(report.audit_log)) if report.audit_log else None,
        "missing": [list(astuple(missing)) for missing in known],
        "controls": {row.control.slug: [number[m] for m in row.missing] for row in report.controls},
    }


def from_plain(plain: Mapping[str, Any]) -> PreflightReport:
    """Return the report from the values that `as_plain` returned. Controls that are no longer in the catalogue are left
    out.
    """
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
        # Reports that earlier versions of Surety stored lack some of these keys.
        plain.get("cloud", ""),
        tuple(map(_names_of, plain.get("names", ()))),
        tuple((guid, action) for guid, action in plain.get("excessive", ())),
        _names_of(plain["audit_log"]) if plain.get("audit_log") else None,
    )


def _names_of(row: Sequence[str]) -> NamesReadiness:
    what, permission, reason = row
    return NamesReadiness(what, permission, Reason(reason) if reason else None)
