"""Read who changed which resources, if Azure refuses to return the activity log. The source is the table
`resourcechanges` of Azure Resource Graph.

The table has the changes of the last 14 days. A change usually appears in it within five minutes. Changes of child
resources are missing. Each row names the time, the operation and usually the actor:
https://learn.microsoft.com/azure/governance/resource-graph/changes/get-resource-changes . Azure leaves out the rows of
resources that the service principal may not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from assessments.collect.activity.event_values import GUID, folded, mapping_of, text_of, time_of
from assessments.collect.errors import BadAnswer
from assessments.collect.session import Session
from assessments.display.names import clean
from assessments.estate.ids import fold, type_of
from assessments.estate.logs.activity import MAX_ID, MAX_TEXT, ActivityEvent, ActorKind

MAX_CHANGES: Final = 10_000
_QUERY: Final = """resourcechanges
| where type =~ 'microsoft.resources/changes'
| where todatetime(properties.changeAttributes.timestamp) >= datetime({since:%Y-%m-%dT%H:%M:%SZ})
| project id, target = tostring(properties.targetResourceId), kind = tostring(properties.changeType),
attributes = properties.changeAttributes
| order by id asc"""


def read_changes(
    session: Session, subscription: str, since: datetime, until: datetime
) -> list[ActivityEvent]:
    """Return the changes of a subscription's resources between two times, but at most `MAX_CHANGES` changes.

    Raise one of `failures.EXPECTED` if the request fails.
    """
    found: list[ActivityEvent] = []
    for page in session.query_pages(_QUERY.format(since=since), [fold(subscription)]):
        events = (change_of(row, fold(subscription)) for row in page)
        found += [event for event in events if event is not None and since <= event.at <= until]
        if len(found) >= MAX_CHANGES:
            break
    return found[:MAX_CHANGES]


def change_of(row: Mapping[str, Any], subscription: str) -> ActivityEvent | None:
    """Return a row of the query as an operation, or None if the row is about another subscription. `subscription` is a
    GUID in lower case. Raise BadAnswer if the row has no id or no valid time.
    """
    attributes = mapping_of(row.get("attributes"))
    target = text_of(row.get("target"), MAX_ID).encode()[:MAX_ID].decode(errors="ignore").rstrip("/")
    if not fold(f"{target}/").startswith(f"/subscriptions/{subscription}/"):
        return None
    identifier = text_of(row.get("id"), MAX_ID).rpartition("/")[2]
    if not identifier:
        raise BadAnswer("A row of the table of resource changes has no `id`")
    kind, actor = _actor(attributes)
    return ActivityEvent(
        event_id=folded(identifier),
        at=time_of(attributes.get("timestamp"), "A row of the table of resource changes"),
        resource_id=target,
        operation=text_of(attributes.get("operation")) or _operation(target, text_of(row.get("kind"))),
        status="Succeeded",
        correlation_id=folded(text_of(attributes.get("correlationId"))),
        actor_kind=kind,
        actor=clean(actor, MAX_TEXT),
        actor_name="",
        object_id=actor if kind is ActorKind.APPLICATION and GUID.fullmatch(actor) else "",
        address="",
    )


def _operation(target: str, kind: str) -> str:
    """Return the ARM action of a change whose row names no operation."""
    return f"{type_of(target)}/{'delete' if fold(kind) == 'delete' else 'write'}"[:MAX_TEXT]


def _actor(attributes: Mapping[str, Any]) -> tuple[ActorKind, str]:
    """Return the kind of actor, and `changedBy`: user name, application id or other text, empty if unspecified."""
    changed_by = text_of(attributes.get("changedBy"))
    if "@" in changed_by:
        return ActorKind.PERSON, changed_by
    if GUID.fullmatch(fold(changed_by)):
        return ActorKind.APPLICATION, fold(changed_by)
    if fold(text_of(attributes.get("changedByType"))) == "system" or fold(changed_by) == "system":
        return ActorKind.AZURE, changed_by
    return ActorKind.UNKNOWN, "" if fold(changed_by) == "unspecified" else changed_by
