"""Find the names of actors and directory objects, because changes have only the ids of some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.display.names import Kind, Name, Names, Status
from assessments.display.text import Named
from assessments.estate.ids import fold
from assessments.presentation.actor_names import guid_of_actor, guid_of_object
from assessments.presentation.finding_names import Mentions, names_for
from portal.changes.models import ResourceChange
from tenants.models import Tenant


def actor_names(tenant: Tenant, changes: Iterable[ResourceChange]) -> Names:
    """Return the stored names of the actors and objects that these changes name only by id. Sends at most one query."""
    guids = set()
    for change in changes:
        guids |= {guid for one in change.candidates if (guid := _guid(one))}
        guids |= {guid for guid in [_object(change)] if guid}
    return names_for(tenant, [Mentions("", {"principal": sorted(guids)})], places={})


def actor_label(candidate: Mapping[str, Any], names: Names) -> str:
    """Return who acted, as one text: a person by name and user name, an application by name and id, or Azure itself. If
    Azure does not say who acted, the text says so.
    """
    if not candidate["actor"]:
        return "Azure does not say who"
    if candidate["kind"] == "azure":
        return f"Azure itself ({candidate['actor']})"
    if guid := _guid(candidate):
        return Named(guid, names.get(guid) or Name(guid, Kind.APPLICATION, Status.WANTED)).plain
    return f"{candidate['name']} ({candidate['actor']})" if candidate["name"] else str(candidate["actor"])


def object_label(change: ResourceChange, names: Names) -> str:
    """Return the name of the changed resource. If Azure gives only an id, as for directory objects, the name comes from
    `names`.
    """
    guid = _object(change)
    return (
        Named(guid, names.get(guid) or Name(guid, Kind.OTHER, Status.WANTED)).plain if guid else change.name
    )


def _object(change: ResourceChange) -> str:
    """Return the GUID of the changed directory object if the change does not contain its name, otherwise an
    empty text.
    """
    guid = guid_of_object(change.azure_id)
    return guid if guid and fold(change.name) == guid else ""


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
