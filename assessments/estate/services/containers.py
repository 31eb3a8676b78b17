"""Remove properties that may contain secrets from container apps and container groups. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.estate.estate import Estate


def _only(body: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the document with only the named members of its `properties`."""
    properties = body.get("properties")
    if not isinstance(properties, Mapping):
        return body
    return {**body, "properties": {name: properties[name] for name in names if name in properties}}


def ingress_of_app(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a container app without its containers, secrets and extensions, all of which may contain secret values."""
    kept = _only(
        body, "configuration", "environmentId", "managedEnvironmentId", "provisioningState", "runningStatus"
    )
    properties = kept.get("properties")
    settings = properties.get("configuration") if isinstance(properties, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(settings, Mapping):
        return kept
    ingress = {"ingress": settings["ingress"]} if "ingress" in settings else {}
    return {**kept, "properties": {**properties, "configuration": ingress}}


def address_of_group(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a container group without its containers, volumes and credentials, all of which may contain secret
    values.
    """
    return _only(body, "ipAddress", "osType", "provisioningState", "sku", "subnetIds")


def network_of_environment(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an environment of container apps without its keys, connection strings and certificates."""
    return _only(
        body, "privateEndpointConnections", "provisioningState", "publicNetworkAccess", "vnetConfiguration"
    )


def targets_of_route(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an HTTP route of an environment without its domains and certificates."""
    return _only(body, "provisioningState", "rules")


def public_environments(estate: Estate) -> Iterable[str]:
    """Yield the ids of the environments of container apps that public networks may be able to reach."""
    for environment in estate.documents("container_environments"):
        is_off = str(environment.raw("properties.publicNetworkAccess")).casefold() == "disabled"
        is_internal = environment.raw("properties.vnetConfiguration.internal") is True
        if environment.id and not is_off and not is_internal:
            yield environment.id
