"""List operations of those resource providers whose actions occur in generated roles.

Azure lists more operations than this module. The operations in this module are enough to compare the permissions of
generated roles.

Format: Microsoft.Authorization/providerOperations 2022-04-01 with `$expand=resourceTypes`.
"""

from __future__ import annotations

from sandbox.generate.output import Json, Output

_TYPE = "Microsoft.Authorization/providerOperations"
# {namespace of a provider: {resource type: actions}}. A leading ! marks data actions.
_OFFERED: dict[str, dict[str, tuple[str, ...]]] = {
    "Microsoft.Authorization": {
        "roleAssignments": ("read", "write", "delete"),
        "roleDefinitions": ("read", "write", "delete"),
        "policyAssignments": ("read", "write", "delete"),
        "locks": ("read", "write", "delete"),
        "elevateAccess": ("action",),
    },
    "Microsoft.Compute": {
        "virtualMachines": (
            "read",
            "write",
            "delete",
            "start/action",
            "restart/action",
            "deallocate/action",
            "redeploy/action",
            "runCommand/action",
            "extensions/read",
            "extensions/write",
            "instanceView/read",
            "!login/action",
        ),
        "disks": ("read", "write", "delete", "beginGetAccess/action"),
        "galleries": ("read", "write", "share/action"),
    },
    "Microsoft.ContainerRegistry": {
        "registries": ("read", "write", "delete", "push/write", "pull/read", "importImage/action"),
    },
    "Microsoft.Network": {
        "networkInterfaces": ("read", "write", "delete", "join/action", "effectiveRouteTable/action"),
        "networkSecurityGroups": ("read", "write", "securityRules/read", "securityRules/write"),
        "virtualNetworks": ("read", "write", "subnets/read", "subnets/join/action"),
    },
    "Microsoft.Resources": {
        "subscriptions": (
            "read",
            "write",
            "resourceGroups/read",
            "resourceGroups/write",
            "operationresults/read",
        ),
        "deployments": ("read", "write", "validate/action"),
    },
    "Microsoft.Storage": {
        "storageAccounts": (
            "read",
            "write",
            "delete",
            "listKeys/action",
            "blobServices/containers/read",
            "blobServices/generateUserDelegationKey/action",
            "!blobServices/containers/blobs/read",
            "!blobServices/containers/blobs/write",
        ),
    },
}


def control_plane_operations(namespace: str, under: str) -> list[str]:
    """Return a provider's control-plane operations that start with `under`, such as `virtualMachines/`."""
    return [
        name
        for kind in _OFFERED[namespace]
        for name, data in _named(namespace, kind)
        if not data
        if name.startswith(f"{namespace}/{under}")
    ]


def write_providers(out: Output) -> None:
    """Write a document with the operations of each provider."""
    for namespace, kinds in _OFFERED.items():
        types = [
            {
                "name": kind,
                "displayName": kind,
                "operations": [_operation(*row) for row in _named(namespace, kind)],
            }
            for kind in kinds
        ]
        document: Json = {
            "id": f"/providers/{_TYPE}/{namespace}",
            "name": namespace,
            "type": _TYPE,
            "displayName": namespace,
            "resourceTypes": types,
            "operations": [_operation(f"{namespace}/register/action", data=False)],
        }
        out.document(document)


def _named(namespace: str, kind: str) -> list[tuple[str, bool]]:
    return [
        (f"{namespace}/{kind}/{verb.removeprefix('!')}", verb.startswith("!"))
        for verb in _OFFERED[namespace][kind]
    ]


def _operation(name: str, data: bool) -> Json:
    return {"name": name, "displayName": name, "description": "", "origin": None, "isDataAction": data}
