"""Turns the events of Azure's activity log into `ActivityEvent`.

Shape of an event: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema (category
Administrative), and `EventData` of Microsoft.Insights, api-version 2015-04-01.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final

from assessments.collect.errors import BadAnswer
from assessments.display.names import clean
from assessments.estate.activity import MAX_ID, MAX_TEXT, ActivityEvent, ActorKind
from assessments.estate.ids import fold

# Operations that end with these words change something; all others only read.
_CHANGING: Final = ("/write", "/delete", "/action")
# An operation that failed changed nothing, and one that has only started has not changed anything yet.
_EFFECTIVE: Final = frozenset({"succeeded", "accepted"})
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMED: Final = (ActorKind.PERSON, ActorKind.APPLICATION)
_OBJECT_ID: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_USER_NAME: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")


def event_of(document: Mapping[str, Any], subscription: str) -> ActivityEvent | None:
    """Return the event; None for one that changed nothing in the subscription, given as a GUID in lower case.

    Raise BadAnswer if the event has no id or no valid time.
    """
    operation, status = _value(document.get("operationName")), _value(document.get("status"))
    if not fold(operation).endswith(_CHANGING) or fold(status) not in _EFFECTIVE:
        return None
    resource_id = _resource_id(document)
    if not fold(f"{resource_id}/").startswith(f"/subscriptions/{subscription}/"):
        return None
    event_id = _text(document.get("eventDataId"))
    if not event_id:
        raise BadAnswer("An event of the activity log has no `eventDataId`")
    kind, actor = _actor(document)
    claims = _mapping(document.get("claims"))
    object_id = fold(_text(claims.get(_OBJECT_ID)))
    return ActivityEvent(
        event_id=_folded(event_id),
        at=_time(document.get("eventTimestamp")),
        resource_id=resource_id,
        operation=operation,
        status=status.capitalize(),
        correlation_id=_folded(_text(document.get("correlationId"))),
        actor_kind=kind,
        actor=clean(actor, MAX_TEXT),
        actor_name=clean(_text(claims.get("name")), MAX_TEXT)
        if kind in (ActorKind.PERSON, ActorKind.APPLICATION)
        else "",
        object_id=object_id if _GUID.fullmatch(object_id) else "",
        address=_address(_mapping(document.get("httpRequest")).get("clientIpAddress")),
    )


def _resource_id(document: Mapping[str, Any]) -> str:
    """Return the resource that the operation was about.

    Events of some providers have no `resourceId`. Then the id of the event, which begins with that of the resource,
    names it.
    """
    found = _text(document.get("resourceId"), MAX_ID) or _text(document.get("resourceUri"), MAX_ID)
    if not found:
        event = _text(document.get("id"), MAX_ID)
        found = event[: event.lower().find("/events/")] if "/events/" in event.lower() else ""
    # A longer id does not fit into the index. No resource has one: names have at most 260 characters.
    return found.encode()[:MAX_ID].decode(errors="ignore").rstrip("/")


def _actor(document: Mapping[str, Any]) -> tuple[ActorKind, str]:
    """Return the kind of the caller, and its user name or id.

    `caller` is the user name of a person, or the object id of an application or managed identity. Azure's own services
    have a name such as `Microsoft.Advisor`. The token's claims decide where the caller's form does not.
    """
    caller = _text(document.get("caller"))
    claims = _mapping(document.get("claims"))
    user_name = _text(claims.get(_USER_NAME))
    if _text(claims.get("idtyp")).lower() == "app":
        return ActorKind.APPLICATION, caller or _text(claims.get("appid"))
    if "@" in caller or user_name:
        return ActorKind.PERSON, caller if "@" in caller else user_name
    if _GUID.fullmatch(fold(caller)):
        return ActorKind.APPLICATION, fold(caller)
    if fold(caller).startswith("microsoft.") or fold(caller) in ("system", "azure"):
        return ActorKind.AZURE, caller
    return ActorKind.UNKNOWN, caller


def _address(value: Any) -> str:
    text = _text(value)
    try:
        return str(ip_address(text)) if text else ""
    except ValueError:
        return ""


def _time(value: Any) -> datetime:
    # Azure writes seven digits after the point, Python reads at most six.
    text = _FRACTION.sub(r"\1", _text(value))
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadAnswer("An event of the activity log has no valid `eventTimestamp`") from None


def _value(value: Any) -> str:
    """Return the text of `{"value": text, "localizedValue": …}`, or the text itself."""
    return _text(value.get("value") if isinstance(value, Mapping) else value)


def _text(value: Any, longest: int = MAX_TEXT) -> str:
    return value.strip()[:longest] if isinstance(value, str) else ""


def _folded(text: str) -> str:
    # Folding can make a text longer: “ß” becomes “ss”.
    return fold(text)[:MAX_TEXT]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
