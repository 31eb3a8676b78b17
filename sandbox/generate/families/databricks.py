"""Azure Databricks workspaces, with the expected verdicts of assessments/controls/databricks and logging-databricks.

Format: Microsoft.Databricks/workspaces 2026-01-01.
"""

from __future__ import annotations

from sandbox.generate.endpoints import connections
from sandbox.generate.network.virtual_networks import ddos_protection, subnet_document
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_ATTESTED = (
    "databricks-worker-encryption",
    "databricks-scim",
    "databricks-tokens",
    "databricks-groups-review",
)
CONTROLS = (
    *_ATTESTED,
    "databricks-unity-catalog",
    "databricks-vnet",
    "databricks-npip",
    "databricks-nsg",
    "databricks-cmk",
    "databricks-pna",
    "databricks-pe",
    "logging-databricks",
)
_NETWORKS = "Microsoft.Network/virtualNetworks"
_TYPE = "Microsoft.Databricks/workspaces"
_KEY = {"keyVaultUri": "https://kv-data.vault.azure.net", "keyName": "databricks", "keyVersion": "0" * 32}
_CATEGORIES = ("accounts", "clusters", "jobs", "notebook", "secrets", "sqlPermissions", "workspace")


def write(sub: Subscription) -> None:
    """Write an Azure Databricks workspace into some subscriptions."""
    if not sub.rng.chance(0.5):
        return
    group, region, tags = sub.group("analytics")
    write_workspace(sub, group, region, tags, f"dbw-{sub.rng.letters(6)}")


def write_workspace(sub: Subscription, group: str, region: str, tags: Json, name: str) -> str:
    """Write a workspace with its network and diagnostic setting, and the expected verdicts. Return the id of the
    workspace.
    """
    rng = sub.rng
    workspace = sub.id_of(group, _TYPE, name)
    is_serverless = rng.chance(0.2)
    properties: Json = {
        "provisioningState": "Succeeded",
        "computeMode": "Serverless" if is_serverless else "Hybrid",
        "createdDateTime": rng.arm_timestamp(30, 900),
        "workspaceUrl": f"adb-{rng.randrange(10**15, 10**16)}.19.azuredatabricks.net",
    }
    if is_serverless:
        for control in ("databricks-vnet", "databricks-npip", "databricks-nsg"):
            sub.expect(control, workspace, "not_applicable")
    else:
        managed = f"{sub.id}/resourceGroups/databricks-rg-{name}"
        properties["managedResourceGroupId"] = managed
        properties["parameters"] = _parameters(sub, workspace, group, name)
    _access(sub, workspace, properties)
    _encryption(sub, workspace, properties, is_serverless=is_serverless)
    _log_setting(sub, workspace)
    _governance(sub, workspace, properties)
    return sub.write(group, _TYPE, name, properties, location=region, tags=tags, sku={"name": "premium"})


def _parameters(sub: Subscription, workspace: str, group: str, name: str) -> Json:
    rng = sub.rng
    with_address = rng.faulty()
    sub.expect_failure_if("databricks-npip", workspace, with_address)
    parameters: Json = {"enableNoPublicIp": {"type": "Bool", "value": not with_address}}
    without_network = rng.faulty()
    sub.expect_failure_if("databricks-vnet", workspace, without_network)
    if without_network:
        sub.expect("databricks-nsg", workspace, "not_applicable")
        return parameters
    vnet, subnets = _network(sub, workspace, group, name)
    values = (vnet, *subnets)
    keys = ("customVirtualNetworkId", "customPublicSubnetName", "customPrivateSubnetName")
    return parameters | {
        key: {"type": "String", "value": value} for key, value in zip(keys, values, strict=True)
    }


def _network(sub: Subscription, workspace: str, group: str, name: str) -> tuple[str, tuple[str, str]]:
    """Return the id of the network in which a workspace is, and the names of the two subnets of the workspace.

    Write the network, unless the network is in another subscription.
    """
    subnets = (f"snet-{name}-public", f"snet-{name}-private")
    regions = sorted(sub.watched_regions)
    if not regions or sub.rng.chance(0.2):
        hub = f"/subscriptions/{sub.rng.guid()}/resourceGroups/rg-hub/providers/{_NETWORKS}/vnet-data"
        sub.expect("databricks-nsg", workspace, "unknown")
        return hub, subnets
    bare = sub.rng.often_faulty()
    sub.expect_failure_if("databricks-nsg", workspace, bare)
    vnet = sub.id_of(group, _NETWORKS, f"vnet-{name}")
    guard = f"{sub.id}/resourceGroups/rg-network/providers/Microsoft.Network/networkSecurityGroups/nsg-{name}"
    parts = []
    for index, label in enumerate(subnets):
        subnet = f"{vnet}/subnets/{label}"
        without = bare and index == 1
        part = subnet_document(subnet, label, f"10.198.{index}.0/24", None if without else guard)
        part["properties"]["delegations"] = [
            {"name": "databricks", "properties": {"serviceName": _TYPE, "actions": []}}
        ]
        sub.expect_failure_if("network-subnet-nsg", subnet, without)
        parts.append(part)
    network: Json = {
        "provisioningState": "Succeeded",
        "addressSpace": {"addressPrefixes": ["10.198.0.0/16"]},
        "subnets": parts,
        "virtualNetworkPeerings": [],
        **ddos_protection(sub, vnet, regions[0]),
    }
    sub.write(group, _NETWORKS, f"vnet-{name}", network, location=regions[0])
    return vnet, subnets


def _access(sub: Subscription, workspace: str, properties: Json) -> None:
    rng = sub.rng.branch(f"access/{workspace}")
    is_open, without_endpoint = rng.faulty(), rng.often_faulty()
    if not is_open or rng.chance(0.5):
        properties["publicNetworkAccess"] = "Enabled" if is_open else "Disabled"
        properties["requiredNsgRules"] = "AllRules" if is_open else "NoAzureDatabricksRules"
    sub.expect_failure_if("databricks-pna", workspace, is_open)
    # A private endpoint that is only for signing in does not satisfy the control.
    group = "browser_authentication" if without_endpoint else "databricks_ui_api"
    properties["privateEndpointConnections"] = [
        {**connection, "properties": {**connection["properties"], "groupIds": [group]}}
        for connection in connections(rng, workspace, _TYPE, is_missing=False)
    ]
    sub.expect_failure_if("databricks-pe", workspace, without_endpoint)


def _encryption(sub: Subscription, workspace: str, properties: Json, *, is_serverless: bool) -> None:
    without_key = sub.rng.often_faulty()
    sub.expect_failure_if("databricks-cmk", workspace, without_key)
    entities: Json = {}
    key = {"keySource": "Microsoft.Keyvault", "keyVaultProperties": _KEY}
    if not without_key:
        entities["managedServices"] = key
    if not is_serverless and (not without_key or sub.rng.chance(0.3)):
        entities["managedDisk"] = {**key, "rotationToLatestKeyVersionEnabled": True}
    if entities:
        properties["encryption"] = {"entities": entities}


def _governance(sub: Subscription, workspace: str, properties: Json) -> None:
    rng = sub.rng.branch(f"governance/{workspace}")
    without_catalog = rng.faulty()
    properties["isUcEnabled"] = not without_catalog
    sub.expect_failure_if("databricks-unity-catalog", workspace, without_catalog)
    if rng.chance(0.3):
        properties["enhancedSecurityCompliance"] = {
            "automaticClusterUpdate": {"value": "Enabled"},
            "complianceSecurityProfile": {"complianceStandards": ["NONE"], "value": "Enabled"},
            "enhancedSecurityMonitoring": {"value": "Enabled"},
        }
    for control in _ATTESTED:
        sub.expect(control, workspace, "manual")


def _log_setting(sub: Subscription, workspace: str) -> None:
    """Write a diagnostic setting with all log categories. As a random fault, leave out some categories, or write no
    setting.
    """
    missing = sub.rng.often_faulty()
    sub.expect_failure_if("logging-databricks", workspace, missing)
    if missing and sub.rng.chance(0.5):
        return
    if missing:
        logs = [{"category": name, "enabled": True} for name in _CATEGORIES[:4]]
    elif sub.rng.chance(0.5):
        logs = [{"categoryGroup": "allLogs", "enabled": True}]
    else:
        logs = [{"category": name, "enabled": True} for name in _CATEGORIES]
    sub.out.document(
        {
            "id": f"{workspace}/providers/Microsoft.Insights/diagnosticSettings/audit",
            "name": "audit",
            "type": "Microsoft.Insights/diagnosticSettings",
            "properties": {
                "storageAccountId": None,
                "eventHubAuthorizationRuleId": None,
                "workspaceId": sub.id_of(
                    "rg-logs", "Microsoft.OperationalInsights/workspaces", "log-security"
                ),
                "logs": logs,
            },
        }
    )
