"""Turn the entries of Entra's audit log into `ActivityEvent`, one for each object that an entry names.

Shape of an entry: https://learn.microsoft.com/graph/api/resources/directoryaudit, with
https://learn.microsoft.com/graph/api/resources/auditactivityinitiator and
https://learn.microsoft.com/graph/api/resources/targetresource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from assessments.collect.activity.event_values import GUID, address_of, folded, mapping_of, text_of, time_of
from assessments.collect.activity.modified_properties import NOTHING, Modified, modified_properties
from assessments.collect.errors import BadAnswer
from assessments.display.names import clean
from assessments.estate.ids import fold
from assessments.estate.logs.activity import MAX_TEXT, ActivityEvent, ActorKind

MAX_TARGETS: Final = 50
"""The maximum number of objects of one entry of the audit log that get an event of their own. If the entry names more
objects, one event for the directory stands for all the others.
"""
# {type of an object in the audit log: path segment of the stored id}. The id of a user contains `users/`, followed by
# the GUID.
_SEGMENTS: Final = {
    "user": "users",
    "group": "groups",
    "serviceprincipal": "servicePrincipals",
    "application": "applications",
    "app": "applications",
    "role": "directoryRoles",
    "policy": "policies",
    "device": "devices",
}
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class _Target:
    """An object that an entry names. For people, `name` is empty: their names are stored in `ObjectName`."""

    identifier: str
    name: str = ""
    modified: Modified = NOTHING


def directory_object(directory: str, kind: str, guid: str) -> str:
    """Return the id under which operations on an object of a directory are stored. If `guid` is no GUID, return the id
    of the directory itself.

    `kind` is a type of the audit log, such as `User`, or a collection of Graph, such as `users`.
    """
    place = f"/directories/{fold(directory)}"
    if not GUID.fullmatch(fold(guid)) or fold(guid) == _NOBODY:
        return place
    segment = _SEGMENTS.get(fold(kind)) or (kind if kind in _SEGMENTS.values() else "objects")
    return f"{place}/providers/Microsoft.Graph/{segment}/{fold(guid)}"


def directory_events(document: Mapping[str, Any], directory: str) -> list[ActivityEvent]:
    """Return an event for each object of the entry, or an empty list if the entry changed nothing. Raise BadAnswer if
    the entry has no id or no valid time.
    """
    activity = text_of(document.get("activityDisplayName"))
    if fold(text_of(document.get("result"))) != "success" or not activity or _only_reads(activity):
        return []
    entry_id = text_of(document.get("id"))
    if not entry_id:
        raise BadAnswer("An entry of the audit log has no `id`")
    kind, actor, name, object_id, address = _actor(document)
    at = time_of(document.get("activityDateTime"), "An entry of the audit log")
    return [
        ActivityEvent(
            event_id=folded(entry_id if number == 0 else f"{entry_id[: MAX_TEXT - 8]}#{number}"),
            at=at,
            resource_id=target.identifier,
            operation=clean(activity, MAX_TEXT),
            status="Succeeded",
            correlation_id=folded(text_of(document.get("correlationId"))),
            actor_kind=kind,
            actor=clean(actor, MAX_TEXT),
            actor_name=clean(name, MAX_TEXT),
            object_id=object_id,
            address=address,
            target_name=target.name,
            properties=target.modified.rows,
            property_count=target.modified.total,
        )
        for number, target in enumerate(_targets(document, directory))
    ]


def _only_reads(activity: str) -> bool:
    """Return whether the activity only reads, such as `GroupLifecyclePolicies_Get`."""
    return fold(activity).endswith(("_get", "_list", "_getall"))


def _targets(document: Mapping[str, Any], directory: str) -> list[_Target]:
    """Return the objects that the entry names, or the directory if the entry names no object. If the entry names an
    object several times, return the object once, with the changed properties of the first mention that has any.
    """
    entries = document.get("targetResources")
    found: dict[str, _Target] = {}
    for entry in entries if isinstance(entries, list) else ():
        target = _target(mapping_of(entry), directory)
        known = found.get(target.identifier)
        if known is None:
            found[target.identifier] = target
        elif target.modified.total and not known.modified.total:
            found[target.identifier] = replace(target, name=known.name or target.name)
        if len(found) > MAX_TARGETS:
            break
    everything = _Target(directory_object(directory, "", ""))
    named = list(found.values()) or [everything]
    return named if len(named) <= MAX_TARGETS else [*named[:MAX_TARGETS], everything]


def _target(entry: Mapping[str, Any], directory: str) -> _Target:
    kind = text_of(entry.get("type"))
    is_person = fold(kind) == "user"
    return _Target(
        directory_object(directory, kind, text_of(entry.get("id"))),
        "" if is_person else clean(text_of(entry.get("displayName")), MAX_TEXT),
        modified_properties(entry.get("modifiedProperties"), is_person=is_person),
    )


def _actor(document: Mapping[str, Any]) -> tuple[ActorKind, str, str, str, str]:
    """Return (kind, user name or id, name, object id, IP address) of the initiator of the activity.

    An initiator with a name but no id is a Microsoft service or an unknown sender, so its kind is UNKNOWN.
    """
    initiator = mapping_of(document.get("initiatedBy"))
    user, app = mapping_of(initiator.get("user")), mapping_of(initiator.get("app"))
    address = address_of(user.get("ipAddress"))
    guid, user_name = _guid(user.get("id")), text_of(user.get("userPrincipalName"))
    if user_name or guid:
        return ActorKind.PERSON, user_name or guid, text_of(user.get("displayName")), guid, address
    principal, application = _guid(app.get("servicePrincipalId")), _guid(app.get("appId"))
    if principal or application:
        name = text_of(app.get("displayName")) or text_of(app.get("servicePrincipalName"))
        return ActorKind.APPLICATION, principal or application, name, principal, address
    return (
        ActorKind.UNKNOWN,
        text_of(app.get("displayName")) or text_of(user.get("displayName")),
        "",
        "",
        address,
    )


def _guid(value: Any) -> str:
    text = fold(text_of(value))
    return text if GUID.fullmatch(text) and text != _NOBODY else ""
