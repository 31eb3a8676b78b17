"""Turn the events of Azure's activity log into `ActivityEvent`.

Shape of an event: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema (category
Administrative), and `EventData` of Microsoft.Insights, api-version 2015-04-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.collect.activity.event_values import GUID, address_of, folded, mapping_of, text_of, time_of
from assessments.collect.errors import BadAnswer
from assessments.display.names import clean
from assessments.estate.ids import fold
from assessments.estate.logs.activity import MAX_ID, MAX_TEXT, ActivityEvent, ActorKind

# Operations that end with these words change something. All other operations only read.
_CHANGING: Final = ("/write", "/delete", "/action")
# The statuses of operations that changed something. A failed operation changed nothing, and an operation that has only
# started has not changed anything yet.
_EFFECTIVE: Final = frozenset({"succeeded", "accepted"})
# Azure Policy adds these operations to the log when it evaluates a resource, after a write or in a scan. The operations
# change nothing, although the log can name a person as the caller:
# https://learn.microsoft.com/azure/governance/policy/concepts/effect-audit-if-not-exists
_EVALUATIONS: Final = frozenset(
    {
        "microsoft.authorization/policies/audit/action",
        "microsoft.authorization/policies/auditifnotexists/action",
    }
)
_OBJECT_ID: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_USER_NAME: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


def event_of(document: Mapping[str, Any], subscription: str) -> ActivityEvent | None:
    """Return the event. Return None if its operation changed nothing in the subscription. `subscription` is a GUID
    in lower case. Raise BadAnswer if the event has no id or no valid time.
    """
    operation, status = _value(document.get("operationName")), _value(document.get("status"))
    if not fold(operation).endswith(_CHANGING) or fold(operation) in _EVALUATIONS:
        return None
    if fold(status) not in _EFFECTIVE:
        return None
    resource_id = _resource_id(document)
    if not fold(f"{resource_id}/").startswith(f"/subscriptions/{subscription}/"):
        return None
    event_id = text_of(document.get("eventDataId"))
    if not event_id:
        raise BadAnswer("An event of the activity log has no `eventDataId`")
    kind, actor = _actor(document)
    claims = mapping_of(document.get("claims"))
    object_id = fold(text_of(claims.get(_OBJECT_ID)))
    return ActivityEvent(
        event_id=folded(event_id),
        at=time_of(document.get("eventTimestamp"), "An event of the activity log"),
        resource_id=resource_id,
        operation=operation,
        status=status.capitalize(),
        correlation_id=folded(text_of(document.get("correlationId"))),
        actor_kind=kind,
        actor=clean(actor, MAX_TEXT),
        actor_name=clean(text_of(claims.get("name")), MAX_TEXT)
        if kind in (ActorKind.PERSON, ActorKind.APPLICATION)
        else "",
        object_id=object_id if GUID.fullmatch(object_id) else "",
        address=address_of(mapping_of(document.get("httpRequest")).get("clientIpAddress")),
    )


def _resource_id(document: Mapping[str, Any]) -> str:
    """Return the id of the resource that the operation was about.

    If the event does not name the resource, take its id from the event's own id, which begins with the resource's id.
    """
    found = text_of(document.get("resourceId"), MAX_ID) or text_of(document.get("resourceUri"), MAX_ID)
    if not found:
        event = text_of(document.get("id"), MAX_ID)
        found = event[: event.lower().find("/events/")] if "/events/" in event.lower() else ""
    # Some ids from Azure Monitor lack the leading slash, as in Microsoft's examples. Others have two slashes in a row.
    found = "/" + "/".join(part for part in found.split("/") if part)
    # An id of more than MAX_ID bytes does not fit into the index. No resource has such a long id, because names have at
    # most 260 characters.
    return found.encode()[:MAX_ID].decode(errors="ignore").rstrip("/")


def _actor(document: Mapping[str, Any]) -> tuple[ActorKind, str]:
    """Return the kind of the caller, and its user name or id.

    `caller` is the user name of a person, the object id of an application or managed identity, or the name of a service
    of Azure, such as `Microsoft.Advisor`. If `caller` alone does not show the kind, the claims of the caller's token
    decide.
    """
    caller = text_of(document.get("caller"))
    claims = mapping_of(document.get("claims"))
    user_name = text_of(claims.get(_USER_NAME))
    if text_of(claims.get("idtyp")).lower() == "app":
        return ActorKind.APPLICATION, caller or text_of(claims.get("appid"))
    if "@" in caller or user_name:
        return ActorKind.PERSON, caller if "@" in caller else user_name
    if GUID.fullmatch(fold(caller)):
        return ActorKind.APPLICATION, fold(caller)
    if fold(caller).startswith("microsoft.") or fold(caller) in ("system", "azure"):
        return ActorKind.AZURE, caller
    return ActorKind.UNKNOWN, caller


def _value(value: Any) -> str:
    """Return the text of a value, which is either a text or `{"value": text, "localizedValue": …}`."""
    return text_of(value.get("value") if isinstance(value, Mapping) else value)
