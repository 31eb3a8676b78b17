"""The journal's entries as rows of its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from portal.queries.journal.actions import KINDS, kind_of, label_of
from portal.queries.journal.actors import JournalActor, names_of, parse_actor
from portal.web.journal.details import Line, lines
from portal.web.journal.place import JournalPlace
from portal.web.journal.targets import Target
from tenants.journal import Entry
from tenants.roles import Role

# A list shows at most this many lines of an entry. The page of the entry shows all lines.
MAX_LINES: Final = 5
# Memberships and invitations have no name. In their place, pages show the member or invited person from the entry's
# details.
_OF_PEOPLE: Final = ("membership", "invitation")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of the journal.

    `exact` is the time as it is hashed (UTC). If the local time of the tenant differs from UTC, the local time follows.
    """

    sequence: int
    url: str
    at: datetime
    exact: str
    actor: JournalActor
    label: str
    action: str
    icon: str
    target: Target
    lines: Sequence[Line]
    more: int
    hash: str

    @property
    def short_hash(self) -> str:
        return self.hash[:12]


def rows(place: JournalPlace, entries: Sequence[Entry], names: Mapping[str, str] | None = None) -> list[Row]:
    """Return the rows of entries. `names` maps ids of people to their names. If it is None, this function reads the
    names.
    """
    if names is None:
        names = names_of(entry.actor for entry in entries)
    targets = place.resolve({entry.target for entry in entries})
    return [_row(place, entry, names, targets[entry.target]) for entry in entries]


def _row(place: JournalPlace, entry: Entry, names: Mapping[str, str], target: Target) -> Row:
    person = _person(entry.details) if target.key.startswith(_OF_PEOPLE) else ""
    if name := person or ("" if target.named else _name(entry.details)):
        target = target._replace(label=name)
    found = lines(entry.details, without=_shown_elsewhere(entry.details, target, person))
    return Row(
        entry.sequence,
        place.entry_url(entry.sequence),
        entry.at,
        exact(entry.at, place.zone),
        parse_actor(entry.actor, names),
        label_of(entry.action),
        entry.action,
        KINDS[kind_of(entry.action)].icon,
        target,
        found[:MAX_LINES],
        max(0, len(found) - MAX_LINES),
        entry.hash,
    )


def _name(details: Any) -> str:
    """Return a name that only the details contain, such as the name of a deleted channel."""
    found = details.get("name") or details.get("channel") if isinstance(details, Mapping) else None
    return found if isinstance(found, str) else ""


def _shown_elsewhere(details: Any, target: Target, person: str) -> set[str]:
    """Return the keys of details that need no line, because the row's target already shows their values."""
    if person:
        return {"email", "person", "role"}
    if not target.key:
        return {"count"}
    named = isinstance(details, Mapping) and details.get("name") == target.label
    return {"name"} if named else set()


def exact(at: datetime, zone: ZoneInfo) -> str:
    """Return the time to the microsecond in UTC. If the local time in `zone` differs from UTC, add the local time."""
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    if zone.utcoffset(at.astimezone(zone).replace(tzinfo=None)) == UTC.utcoffset(None):
        return utc
    return f"{utc} ({at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key})"


def _person(details: Any) -> str:
    """Return the person and the role of an entry about access, such as `auditor@example.com as auditor`."""
    if not isinstance(details, Mapping):
        return ""
    email = details.get("person") or details.get("email")
    role = details.get("role")
    words = Role(role).label.lower() if role in Role.values else str(role or "")
    return f"{email} as {words}" if email and words else str(email or "")
