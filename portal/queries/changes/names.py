"""The names of the actors of changes. Azure gives applications and managed identities only by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.display.names import Kind, Name, Names, Status
from assessments.display.text import Named
from assessments.estate.ids import fold
from assessments.names_of_actors import guid_of_actor
from assessments.names_of_findings import Mentions, names_for
from portal.changes.models import ResourceChange
from tenants.models import Tenant


def actor_names(tenant: Tenant, changes: Iterable[ResourceChange]) -> Names:
    """Return the stored names of the actors that these changes give only by id, with at most one query."""
    guids = {guid for change in changes for one in change.candidates if (guid := _guid(one))}
    return names_for(tenant, [Mentions("", {"principal": sorted(guids)})], places={})


def actor_label(candidate: Mapping[str, Any], names: Names) -> str:
    """Return who acted, as one text: a name with its address, or an application with its id."""
    if not candidate["actor"]:
        return "Azure does not say who"
    if candidate["kind"] == "azure":
        return f"Azure itself ({candidate['actor']})"
    if guid := _guid(candidate):
        return Named(guid, names.get(guid) or Name(guid, Kind.APPLICATION, Status.WANTED)).plain
    return f"{candidate['name']} ({candidate['actor']})" if candidate["name"] else str(candidate["actor"])


def labels_of_actors(changes: Iterable[ResourceChange], names: Names) -> dict[str, str]:
    """Return {actor as in `ResourceChange.actors`: label} of the actors of these changes."""
    return {
        fold(one["actor"]): actor_label(one, names)
        for change in changes
        for one in change.candidates
        if one["actor"]
    }


def _guid(candidate: Mapping[str, Any]) -> str:
    return guid_of_actor(candidate["kind"], candidate["actor"], candidate["name"], candidate["object"])
