"""ARM documents that differ from their line in the estate file: subscriptions, and resources in short form."""

import json
from functools import lru_cache
from typing import Any

from sandbox.messages import dump
from sandbox.paths import split_path, subscription_of
from sandbox.stores.arm import Store

# If a client belongs to another directory than the subscription, lists of these types are empty for the client:
# https://learn.microsoft.com/azure/lighthouse/how-to/view-manage-service-providers#view-delegations
_ROLES = frozenset(
    {
        "microsoft.authorization/roleassignments",
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleassignmentscheduleinstances",
    }
)
_SHORT = ["id", "name", "type", "kind", "managedBy", "location", "sku", "plan", "tags", "identity", "zones"]


@lru_cache(maxsize=50_000)
def shortened(raw: bytes, expand: str) -> bytes:
    """Return a resource in the form in which the list `/resources` of a subscription shows it.

    The query parameter `$expand` adds provisioningState, createdTime and changedTime.
    """
    value = json.loads(raw)
    short = {name: value[name] for name in _SHORT if name in value}
    # An extension is named `extension` in its own document, but `machine/extension` in this list.
    if len(names := _names(value["id"])) > 1:
        short["name"] = "/".join(names)
    short.setdefault("name", value["id"].rpartition("/")[2])
    short.setdefault("type", _spelled_type(value["id"]))
    wanted = {name.strip().lower() for name in expand.split(",")}
    properties = value.get("properties")
    if "provisioningstate" in wanted and isinstance(properties, dict) and "provisioningState" in properties:
        short["provisioningState"] = properties["provisioningState"]
    for name in ("createdTime", "changedTime"):
        if name.lower() in wanted and name in value:
            short[name] = value[name]
    return dump(short)


def only_property(raw: bytes, name: str) -> bytes:
    """Return ARM's answer for a document that is not a resource: an object with only the property `name` of the
    document. The document's id and type exist only in the estate file, not in Azure.
    """
    return dump({name: json.loads(raw).get(name)})


def _parts(identifier: str) -> list[str]:
    return identifier[identifier.lower().rindex("/providers/") + len("/providers/") :].split("/")


def _names(identifier: str) -> list[str]:
    return _parts(identifier)[2::2]


def _spelled_type(identifier: str) -> str:
    parts = _parts(identifier)
    return "/".join([parts[0], *parts[1::2]])


def subscription_document(store: Store, subscription: str) -> bytes:
    """Return the subscription's document, with all properties that ARM always returns."""
    raw = store.subscriptions[subscription]
    document: dict[str, Any] = json.loads(raw) if raw else {}
    defaults = {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": subscription,
        "tenantId": store.owners[subscription],
        "state": "Enabled",
    }
    if raw and defaults.keys() <= document.keys():
        return raw
    return dump({**defaults, **document})


def hides_roles(key: str, directory: str, store: Store) -> bool:
    """Return whether Azure hides the list of role assignments (active or eligible) at this path from a client of
    `directory`.

    Azure hides the list if the subscription belongs to another directory.
    """
    subscription, parts = subscription_of(key), split_path(key)
    if subscription is None or len(parts.names) != 1 or parts.type not in _ROLES:
        return False
    home = json.loads(subscription_document(store, subscription)).get("tenantId")
    return str(home).lower() != directory.lower()
