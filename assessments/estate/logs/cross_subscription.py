"""Determine which data to read from other subscriptions. Alert rules and flow logs of other subscriptions can cover the
unit's subscription. Pure functions.

Resource Graph silently omits resources that the service principal may not read, so alert rules are listed in each
subscription instead. The alert rules of other subscriptions are listed only if the unit's own alert rules do not
suffice, and only if there are few other subscriptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.ids import fold
from assessments.estate.logs.alerts import all_operations_alerted, is_about
from assessments.estate.view import View

MAX_OTHER_SUBSCRIPTIONS = 100
"""The maximum number of other subscriptions that are read. If there are more, none of them is read: each unit would
have to read all of them, which would take many requests.
"""


def visible_subscriptions(estate: Estate) -> Iterable[str]:
    """If the unit's own alert rules do not cover every operation, yield `/subscriptions`, where Azure lists all
    subscriptions.
    """
    if not all_operations_alerted(estate.documents("activity_log_alerts"), estate.scope_id):
        yield "/subscriptions"


def other_subscriptions(estate: Estate, listed: str = "visible_subscriptions") -> list[str]:
    """Return the other subscriptions of the directory as `/subscriptions/<guid>`, sorted, from the
    collection `listed`.
    """
    seen = {fold(view.id): view for view in estate.documents(listed) if view.id}
    own = seen.pop(fold(estate.scope_id), None)
    directory = own.raw("tenantId") if own else None
    return sorted(key for key, view in seen.items() if directory is None or view.raw("tenantId") == directory)


def queryable_subscriptions(estate: Estate) -> Iterable[str]:
    """Return the other subscriptions whose alert rules are read. If there are more than MAX_OTHER_SUBSCRIPTIONS,
    return an empty list.
    """
    return queryable(estate, "visible_subscriptions")


def queryable(estate: Estate, listed: str) -> Iterable[str]:
    """Return the other subscriptions in the collection `listed`. If there are more than MAX_OTHER_SUBSCRIPTIONS,
    return an empty list.
    """
    found = other_subscriptions(estate, listed)
    return found if len(found) <= MAX_OTHER_SUBSCRIPTIONS else []


def may_be_read(estate: Estate, subscription: Mapping[str, Any]) -> bool:
    """Return whether a subscription belongs to the unit's directory and was not excluded by an administrator. The
    directory must be checked, because Azure Lighthouse also shows subscriptions of other directories.
    """
    guid, home = subscription.get("subscriptionId"), subscription.get("tenantId")
    if isinstance(guid, str) and guid.casefold() in estate.excluded:
        return False
    return not isinstance(home, str) or not estate.directory_id or fold(home) == fold(estate.directory_id)


def concerns_unit(estate: Estate, rule: Mapping[str, Any]) -> bool:
    """Return whether an alert rule in another subscription has the unit's subscription as a scope."""
    return is_about(rule, estate.scope_id)


def foreign_flow_logs(estate: Estate) -> Iterable[str]:
    """Return the sorted ids of the flow logs to which the unit's network security groups and virtual networks refer.
    Flow logs of the unit itself are left out.
    """
    own = {fold(view.id) for view in estate.documents("flow_logs")}
    found: dict[str, str] = {}
    for name in ("network_security_groups", "virtual_networks"):
        for view in estate.documents(name):
            for identifier in _ids(view, "properties.flowLogs"):
                if fold(identifier) not in own:
                    found.setdefault(fold(identifier), identifier)
    return [found[key] for key in sorted(found)]


def _ids(view: View, path: str) -> Iterator[str]:
    references = view.raw(path)
    for item in references if isinstance(references, list) else []:
        identifier = item.get("id") if isinstance(item, Mapping) else None
        if isinstance(identifier, str) and identifier.startswith("/"):
            yield identifier.rstrip("/")
