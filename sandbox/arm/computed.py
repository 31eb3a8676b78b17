"""Compute ARM replies that are not read from an estate: regions, providers, effective permissions, instance views."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.messages import Reply, Request, as_json, dump
from sandbox.paths import group_of, split_path, subscription_of
from sandbox.stores.arm import Store

# Azure's regions: https://learn.microsoft.com/azure/reliability/regions-list
REGIONS = {
    "westeurope": "West Europe",
    "northeurope": "North Europe",
    "germanywestcentral": "Germany West Central",
    "francecentral": "France Central",
    "switzerlandnorth": "Switzerland North",
    "swedencentral": "Sweden Central",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "norwayeast": "Norway East",
    "italynorth": "Italy North",
    "polandcentral": "Poland Central",
    "spaincentral": "Spain Central",
    "eastus": "East US",
    "eastus2": "East US 2",
    "centralus": "Central US",
    "northcentralus": "North Central US",
    "southcentralus": "South Central US",
    "westcentralus": "West Central US",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
    "canadacentral": "Canada Central",
    "canadaeast": "Canada East",
    "brazilsouth": "Brazil South",
    "southeastasia": "Southeast Asia",
    "eastasia": "East Asia",
    "japaneast": "Japan East",
    "japanwest": "Japan West",
    "koreacentral": "Korea Central",
    "centralindia": "Central India",
    "southindia": "South India",
    "australiaeast": "Australia East",
    "australiasoutheast": "Australia Southeast",
    "uaenorth": "UAE North",
    "southafricanorth": "South Africa North",
    "qatarcentral": "Qatar Central",
    "israelcentral": "Israel Central",
}
_VM = "microsoft.compute/virtualmachines"
# Every client has the permissions of the built-in role Reader on its subscriptions.
_READER = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
_ALWAYS_REGISTERED = ("Microsoft.Authorization", "Microsoft.Resources")


def computed_reply(request: Request, store: Store) -> Reply | None:
    """Return a computed reply to the request. Return None if replies for this path are not computed."""
    key, subscription = request.key, subscription_of(request.key)
    if subscription is None:
        return None
    rest = key.removeprefix(f"/subscriptions/{subscription}/")
    if rest == "providers/microsoft.authorization/permissions":
        return as_json(200, {"value": [_READER]})
    if rest == "locations":
        return as_json(200, {"value": [_region(subscription, name) for name in REGIONS]})
    if rest == "providers":
        return as_json(
            200, {"value": [_provider(store, subscription, n) for n in _namespaces(store, subscription)]}
        )
    if rest.startswith("providers/") and rest.count("/") == 1:
        return as_json(200, _provider(store, subscription, request.path.rpartition("/")[2]))
    return _instance_view(key, store) if key.endswith("/instanceview") else None


def _region(subscription: str, name: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription}/locations/{name}",
        "name": name,
        "type": "Region",
        "displayName": REGIONS[name],
        "regionalDisplayName": REGIONS[name],
        "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
    }


def _namespaces(store: Store, subscription: str) -> list[str]:
    names = {name.lower(): name for name in _ALWAYS_REGISTERED}
    prefix = f"/subscriptions/{subscription}/"
    for key, raw in store.documents.items():
        if key.startswith(prefix) and (namespace := split_path(key).namespace) and namespace not in names:
            identifier = json.loads(raw)["id"]
            names[namespace] = identifier[key.rindex("/providers/") + len("/providers/") :].split("/")[0]
    return [names[name] for name in sorted(names)]


def _provider(store: Store, subscription: str, namespace: str) -> dict[str, Any]:
    path = f"/subscriptions/{subscription}/providers/{namespace}"
    if raw := store.documents.get(path.lower()):
        document: dict[str, Any] = json.loads(raw)
        return document
    return {
        "id": path,
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered",
        "resourceTypes": [],
    }


def _instance_view(key: str, store: Store) -> Reply | None:
    owner = key.rpartition("/")[0]
    raw = store.documents.get(owner)
    if raw is None or split_path(owner).type != _VM or group_of(owner) is None:
        return None
    view = (json.loads(raw).get("properties") or {}).get("instanceView")
    return None if view is None else as_json(200, view)


def virtual_machine(raw: bytes, query: Mapping[str, str]) -> bytes:
    """Return a machine's document as GET returns it, with the instance view only if `$expand=instanceView` is set."""
    if "instanceview" in query.get("$expand", "").lower() or b'"instanceView"' not in raw:
        return raw
    return _without_view(raw)


def virtual_machines(documents: list[bytes], query: Mapping[str, str]) -> list[bytes]:
    """Return the virtual machines of a list.

    With `statusOnly=true`, return only the run-time status of each machine. If this parameter is missing, return the
    whole documents, with the instance view only if `$expand=instanceView` is set.
    """
    if query.get("statusOnly", "").lower() == "true":
        return [_status(raw) for raw in documents]
    return [virtual_machine(raw, query) for raw in documents]


def _without_view(raw: bytes) -> bytes:
    value = json.loads(raw)
    if isinstance(properties := value.get("properties"), dict):
        properties.pop("instanceView", None)
    return dump(value)


def _status(raw: bytes) -> bytes:
    value = json.loads(raw)
    properties = value.get("properties")
    status_properties = ("vmId", "provisioningState", "instanceView", "timeCreated")
    value = {name: value[name] for name in ("id", "name", "type", "location", "tags") if name in value}
    held = properties if isinstance(properties, dict) else {}
    value["properties"] = {n: held[n] for n in status_properties if n in held}
    # According to Azure's documentation, a list with `statusOnly=true` has only the statuses of the instance view, not
    # `vmAgent` or `patchStatus`.
    view = held.get("instanceView")
    if isinstance(view, dict):
        value["properties"]["instanceView"] = {"statuses": view["statuses"]} if "statuses" in view else {}
    return dump(value)
