"""The journal's entries as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.queries.journal.actions import KINDS, kind_of, words_of
from portal.queries.journal.actors import Who, names_of, who
from portal.web.journal.details import Line, lines
from portal.web.journal.targets import Target, resolve
from tenants.models import JournalEntry, Tenant
from tenants.roles import Role

# More lines are on the entry's own page.
MOST_LINES: Final = 5
# What has no name of its own: the details say whom it is about.
_OF_PEOPLE: Final = ("membership", "invitation")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in words. `exact` is its moment as it is hashed, with the tenant's own clock where that differs."""

    sequence: int
    url: str
    at: datetime
    exact: str
    who: Who
    what: str
    action: str
    icon: str
    target: Target
    lines: Sequence[Line]
    more: int
    hash: str

    @property
    def short_hash(self) -> str:
        return self.hash[:12]


def rows(
    tenant: Tenant, entries: Sequence[JournalEntry], names: Mapping[str, str] | None = None
) -> list[Row]:
    """`names` of the people among the actors, where they are known already."""
    if names is None:
        names = names_of(entry.actor for entry in entries)
    targets = resolve(tenant, {entry.target for entry in entries})
    zone = ZoneInfo(tenant.timezone)
    return [_row(tenant, entry, names, targets[entry.target], zone) for entry in entries]


def _row(
    tenant: Tenant, entry: JournalEntry, names: Mapping[str, str], target: Target, zone: ZoneInfo
) -> Row:
    person = _person(entry.details) if target.key.startswith(_OF_PEOPLE) else ""
    if name := person or ("" if target.named else _name(entry.details)):
        target = target._replace(label=name)
    said = lines(entry.details, without=_said_already(entry.details, target, person))
    return Row(
        entry.sequence,
        reverse("journal-entry", args=[tenant.slug, entry.sequence]),
        entry.at,
        exact(entry.at, zone),
        who(entry.actor, names),
        words_of(entry.action),
        entry.action,
        KINDS[kind_of(entry.action)].icon,
        target,
        said[:MOST_LINES],
        max(0, len(said) - MOST_LINES),
        entry.hash,
    )


def _name(details: Any) -> str:
    """Of an object that is named in the details alone: a channel that is gone, or has no page for this person."""
    found = details.get("name") or details.get("channel") if isinstance(details, Mapping) else None
    return found if isinstance(found, str) else ""


def _said_already(details: Any, target: Target, person: str) -> set[str]:
    """Keys of the details that the target's words say as well."""
    if person:
        return {"email", "person", "role"}
    if not target.key:
        return {"count"}
    named = isinstance(details, Mapping) and details.get("name") == target.label
    return {"name"} if named else set()


def exact(at: datetime, zone: ZoneInfo) -> str:
    """To the microsecond in UTC, and by the tenant's clock where it is another."""
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    if zone.utcoffset(at.astimezone(zone).replace(tzinfo=None)) == UTC.utcoffset(None):
        return utc
    return f"{utc} ({at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key})"


def _person(details: Any) -> str:
    """`auditor@example.com as auditor` of an entry about access."""
    if not isinstance(details, Mapping):
        return ""
    email = details.get("person") or details.get("email")
    role = details.get("role")
    words = Role(role).label.lower() if role in Role.values else str(role or "")
    return f"{email} as {words}" if email and words else str(email or "")
