"""Generate private endpoint connections, in the format that is common to many types of resources."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource


def connections(rng: RandomSource, resource: str, kind: str, *, is_missing: bool) -> list[Json]:
    """Return a list with an approved private endpoint connection of a resource. `kind` is the resource's type.

    If `is_missing` is True, return an empty list, or a connection that is not approved.
    """
    if is_missing and rng.chance(0.5):
        return []
    status = rng.pick(("Pending", "Rejected", "Disconnected")) if is_missing else "Approved"
    group = resource.partition("/providers/")[0]
    return [
        {
            "id": f"{resource}/privateEndpointConnections/pe-1",
            "name": "pe-1",
            "type": f"{kind}/privateEndpointConnections",
            "properties": {
                "provisioningState": "Succeeded",
                "privateEndpoint": {"id": f"{group}/providers/Microsoft.Network/privateEndpoints/pe-1"},
                "privateLinkServiceConnectionState": {"status": status, "actionsRequired": "None"},
            },
        }
    ]
