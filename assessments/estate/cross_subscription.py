"""What may be kept in another subscription of the directory and counts here: which questions to ask there. Pure.

Resource Graph would answer over all subscriptions at once, but only to a POST, and collecting never sends one. So
other subscriptions are asked only where this one's own rules leave something open, and only where they are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assessments.estate.alerts import all_operations_alerted, is_about
from assessments.estate.estate import Estate
from assessments.estate.ids import fold, parent_of
from assessments.estate.view import View

MAX_OTHER_SUBSCRIPTIONS = 100
"""More other subscriptions than this are not asked: each worker would ask every one of them."""


def visible_subscriptions(estate: Estate) -> Iterable[str]:
    """The list of subscriptions, where the unit's own alert rules do not tell of everything."""
    if not all_operations_alerted(estate.documents("activity_log_alerts"), estate.scope_id):
        yield "/subscriptions"


def other_subscriptions(estate: Estate) -> list[str]:
    """`/subscriptions/<guid>` of the same directory's other subscriptions, sorted."""
    seen = {fold(view.id): view for view in estate.documents("visible_subscriptions") if view.id}
    own = seen.pop(fold(estate.scope_id), None)
    directory = own.raw("tenantId") if own else None
    return sorted(key for key, view in seen.items() if directory is None or view.raw("tenantId") == directory)


def queryable_subscriptions(estate: Estate) -> Iterable[str]:
    """The same where there are not too many of them, else none."""
    found = other_subscriptions(estate)
    return found if len(found) <= MAX_OTHER_SUBSCRIPTIONS else []


def concerns_unit(estate: Estate, rule: Mapping[str, Any]) -> bool:
    """Whether an alert rule of another subscription is about this one."""
    return is_about(rule, estate.scope_id)


def networks_without_flow_log(estate: Estate) -> Iterable[str]:
    """The unit's subscription, where the network of a security group has no enabled flow log of its own."""
    watched = {
        fold(str(view.raw("properties.targetResourceId")))
        for view in estate.documents("flow_logs")
        if view.raw("properties.enabled") is True
    }
    for group in estate.documents("network_security_groups"):
        for subnet in _ids(group, "properties.subnets"):
            if not {fold(subnet), fold(parent_of(subnet)), fold(group.id)} & watched:
                return [estate.scope_id]
    return []


def foreign_flow_logs(estate: Estate) -> Iterable[str]:
    """Flow logs that groups and networks refer to and the unit's own watchers do not hold."""
    own = {fold(view.id) for view in estate.documents("flow_logs")}
    found: dict[str, str] = {}
    for name in ("network_security_groups", "virtual_networks"):
        for view in estate.documents(name):
            for identifier in _ids(view, "properties.flowLogs"):
                if fold(identifier) not in own:
                    found.setdefault(fold(identifier), identifier)
    return [found[key] for key in sorted(found)]


def _ids(view: View, path: str) -> Iterator[str]:
    held = view.raw(path)
    for item in held if isinstance(held, list) else []:
        identifier = item.get("id") if isinstance(item, Mapping) else None
        if isinstance(identifier, str) and identifier.startswith("/"):
            yield identifier.rstrip("/")
