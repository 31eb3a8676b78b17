"""Generate IoT hubs with security solutions, exports of alerts, and network security perimeters. Expected verdicts:
defender-iot, defender-alerts-exported, network-nsp.

Format: Microsoft.Security iotSecuritySolutions 2019-08-01, automations 2023-12-01-preview.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("defender-iot", "network-nsp")
_HUBS, _SOLUTIONS = "Microsoft.Devices/IotHubs", "Microsoft.Security/iotSecuritySolutions"
# Types of resources that the generator writes and that can be in a network security perimeter.
_CAPABLE = {
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.DocumentDB/databaseAccounts",
    "Microsoft.EventHub/namespaces",
    "Microsoft.KeyVault/vaults",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Search/searchServices",
    "Microsoft.ServiceBus/namespaces",
    "Microsoft.Sql/servers",
    "Microsoft.Storage/storageAccounts",
}


def write(sub: Subscription) -> None:
    """Write an IoT hub into some subscriptions, and an export of alerts (automation) into most subscriptions."""
    _export(sub)
    rng = sub.rng
    if not rng.chance(0.4):
        return
    group, region, tags = sub.group()
    hub = f"iot-{tags['application']}-{rng.letters(4)}"
    identifier = sub.write(
        group, _HUBS, hub, {"provisioningState": "Succeeded"}, location=region, tags=tags, sku={"name": "S1"}
    )
    bad = rng.often_faulty()
    sub.expect_failure_if("defender-iot", identifier, bad)
    form = rng.pick(("missing", "disabled", "another hub")) if bad else "good"
    if form == "missing":
        return
    properties: Json = {
        "workspace": None,
        "displayName": "Devices",
        "status": "Disabled" if form == "disabled" else "Enabled",
        "export": [],
        "disabledDataSources": ["TwinData"] if rng.chance(0.3) else [],
        "iotHubs": [f"{identifier}-old" if form == "another hub" else identifier],
        "unmaskedIpLoggingStatus": "Enabled",
    }
    sub.write(group, _SOLUTIONS, hub, properties, location=region, tags=tags)


def _export(sub: Subscription) -> None:
    rng = sub.rng.branch("export")
    bad = rng.often_faulty()
    sub.expect("defender-alerts-exported", sub.id, "manual")
    form = rng.pick(("missing", "disabled", "high only", "assessments")) if bad else "good"
    if form == "missing":
        return
    source: Json = {"eventSource": "Assessments" if form == "assessments" else "Alerts", "ruleSets": []}
    levels = ("High",) if form == "high only" else ("Low", "Medium", "High") if rng.chance(0.5) else ()
    for level in levels:
        rule = {
            "propertyJPath": "Severity",
            "propertyType": "String",
            "expectedValue": level,
            "operator": "Equals",
        }
        source["ruleSets"].append({"rules": [rule]})
    workspace = (
        f"{sub.id}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log-central"
    )
    properties: Json = {
        "isEnabled": form != "disabled",
        "scopes": [{"description": "scope", "scopePath": sub.id}],
        "sources": [source],
        "actions": [{"actionType": "Workspace", "workspaceResourceId": workspace}],
    }
    group = "rg-monitoring"
    sub.write(
        group, "Microsoft.Security/automations", "ExportToWorkspace", properties, location=sub.regions[0]
    )


def write_last(sub: Subscription) -> None:
    """Write a network security perimeter into some subscriptions. Call this after all resources have been written."""
    if not _CAPABLE & sub.types_seen:
        return
    sub.expect("network-nsp", sub.id, "manual")
    with sub.branch("perimeter"):
        if sub.without_perimeters or not sub.rng.chance(0.3):
            return
        group, region, tags = sub.group("network")
        kind = "Microsoft.Network/networkSecurityPerimeters"
        perimeter = sub.write(
            group, kind, "nsp-data", {"provisioningState": "Succeeded"}, location=region, tags=tags
        )
        properties: Json = {
            "provisioningState": "Succeeded",
            "privateLinkResource": {
                "id": f"{sub.id}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/kv-elsewhere"
            },
            "profile": {"id": f"{perimeter}/profiles/default"},
            "accessMode": sub.rng.pick(("Learning", "Enforced", "Audit")),
            "hasProvisioningIssues": "no",
        }
        sub.write(group, f"{kind}/resourceAssociations", "nsp-data/kv-elsewhere", properties)
