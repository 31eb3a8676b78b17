"""Generate a subscription that can be read only in part, so that a correct engine answers `unknown` and never passes.

There are three causes. A setting has a value that no version of the API documents. A document is missing. Azure refuses
a request because of limits or an error.
"""

from __future__ import annotations

from sandbox.generate.output import Json, Output

_GROUP = "rg-laboratory"
_REGION = "westeurope"
# With this header, Azure asks clients to wait for longer than an assessment waits for one answer.
_LATER = {"Retry-After": "3600"}


def write_unreadable(out: Output, scope: str) -> None:
    """Write the documents of a subscription (`/subscriptions/<guid>`) and the expected verdicts."""
    out.document({"id": f"{scope}/resourceGroups/{_GROUP}", "name": _GROUP, "location": _REGION})
    _alerts(out, scope)
    _file_shares(out, scope)
    _activity_log(out, scope)
    _machine(out, scope)
    _limits(out, scope)


def _write(out: Output, scope: str, path: str, properties: Json, /, **more: object) -> str:
    """Write a resource in the resource group. `path` is `provider/type/name/…`. Return the resource's id."""
    provider, *parts = path.split("/")
    identifier = f"{scope}/resourceGroups/{_GROUP}/providers/{path}"
    kind = "/".join([provider, *parts[::2]])
    out.document({"id": identifier, "name": parts[-1], "type": kind, "properties": properties, **more})
    return identifier


def _alerts(out: Output, scope: str) -> None:
    """Write two alert rules. Each has an alert processing rule with a value that the API does not document.

    https://learn.microsoft.com/rest/api/monitor/alert-processing-rules (2021-08-08)
    """
    group = f"{scope}/resourceGroups/{_GROUP}/providers/microsoft.insights/actionGroups/ag-laboratory"
    for slug, operation, condition, action in (
        ("nsg-write", "networkSecurityGroups/write", "StartsWith", "RemoveAllActionGroups"),
        ("nsg-delete", "networkSecurityGroups/delete", "Equals", "PauseActionGroups"),
    ):
        leaves = [
            {"field": "category", "equals": "Administrative"},
            {"field": "operationName", "equals": f"Microsoft.Network/{operation}"},
        ]
        rule = {
            "enabled": True,
            "scopes": [scope],
            "condition": {"allOf": leaves},
            "actions": {"actionGroups": [{"actionGroupId": group}]},
        }
        name = f"alert-{slug}"
        _write(out, scope, f"Microsoft.Insights/activityLogAlerts/{name}", rule, location="Global")
        processing = {
            "enabled": True,
            "scopes": [scope],
            "conditions": [{"field": "AlertRuleName", "operator": condition, "values": [name]}],
            "actions": [{"actionType": action}],
        }
        _write(
            out, scope, f"Microsoft.AlertsManagement/actionRules/quiet-{slug}", processing, location="Global"
        )
        out.verdict(f"monitoring-alert-{slug}", scope, "unknown")


def _account(out: Output, scope: str, name: str) -> str:
    properties = {
        "creationTime": "2024-01-01T00:00:00Z",
        "supportsHttpsTrafficOnly": True,
        "allowBlobPublicAccess": False,
        "encryption": {
            "keySource": "Microsoft.Storage",
            "services": {"blob": {"enabled": True}, "file": {"enabled": True}},
        },
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": []},
        "publicNetworkAccess": "Enabled",
    }
    path = f"Microsoft.Storage/storageAccounts/{name}"
    return _write(
        out, scope, path, properties, location=_REGION, kind="StorageV2", sku={"name": "Standard_LRS"}
    )


def _file_shares(out: Output, scope: str) -> None:
    """Write storage accounts whose setting for encryption in transit cannot be read.

    The first account has a setting that is not a Boolean. The second account has a share with an undocumented protocol.
    The file service of the third account answers with an error.
    """
    settings: tuple[tuple[str, object, str], ...] = (
        ("stunclear", "sometimes", "SMB"),
        ("stprotocol", False, "REST"),
        ("stbroken", True, "SMB"),
    )
    for name, required, protocol in settings:
        account = _account(out, scope, name)
        path = f"Microsoft.Storage/storageAccounts/{name}/fileServices/default"
        _write(out, scope, f"{path}/shares/data", {"enabledProtocols": protocol, "shareQuota": 100})
        if name == "stbroken":
            out.answer(f"{account}/fileServices/default", error="InternalServerError")
        else:
            protocols = {"smb": {"encryptionInTransit": {"required": required}}}
            _write(out, scope, path, {"protocolSettings": protocols})
        out.verdict("storage-secure-transfer", account, "unknown")


def _activity_log(out: Output, scope: str) -> None:
    """Write an export of the activity log to a storage account with a lifecycle rule.

    The rule has a filter by index tags in a form that Azure does not document.
    """
    account = _account(out, scope, "stactivitylog")
    rule = {
        "name": "clean",
        "enabled": True,
        "type": "Lifecycle",
        "definition": {
            "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}}},
            "filters": {"blobTypes": ["appendBlob"], "blobIndexMatch": "temporary"},
        },
    }
    path = "Microsoft.Storage/storageAccounts/stactivitylog/managementPolicies/default"
    _write(out, scope, path, {"policy": {"rules": [rule]}})
    logs = [{"category": name, "enabled": True} for name in ("Administrative", "Alert", "Policy", "Security")]
    setting = f"{scope}/providers/Microsoft.Insights/diagnosticSettings/archive"
    properties: Json = {"storageAccountId": account, "logs": logs}
    out.document({"id": setting, "name": "archive", "properties": properties})
    out.verdict("logging-activity-export", scope, "pass")
    out.verdict("logging-retention-activity", scope, "unknown")


def _machine(out: Output, scope: str) -> None:
    """Write a confidential machine with a data disk that is missing from the list of disks."""
    disks = "Microsoft.Compute/disks"
    system = _write(
        out,
        scope,
        f"{disks}/vm-enclave-os",
        {"diskState": "Attached", "encryption": {"type": "EncryptionAtRestWithPlatformKey"}},
        location=_REGION,
    )
    missing = f"{scope}/resourceGroups/{_GROUP}/providers/{disks}/vm-enclave-data"
    properties = {
        "storageProfile": {
            "osDisk": {
                "name": "vm-enclave-os",
                "managedDisk": {
                    "id": system,
                    "securityProfile": {"securityEncryptionType": "DiskWithVMGuestState"},
                },
            },
            "dataDisks": [{"lun": 0, "name": "vm-enclave-data", "managedDisk": {"id": missing}}],
        },
        "securityProfile": {"securityType": "ConfidentialVM"},
        "instanceView": {"statuses": [{"code": "PowerState/deallocated"}]},
    }
    machine = _write(out, scope, "Microsoft.Compute/virtualMachines/vm-enclave", properties, location=_REGION)
    out.verdict("vm-disk-encryption", machine, "unknown")


def _limits(out: Output, scope: str) -> None:
    """Write scripted answers that refuse some lists because of request limits. The answers ask the client to wait for
    longer than an assessment waits.
    """
    out.answer(
        f"{scope}/providers/Microsoft.Sql/servers", error="429 SubscriptionRequestsThrottled", headers=_LATER
    )
    for control in ("sql-firewall-internet", "sql-server-auditing", "logging-sql-db-auditing"):
        out.verdict(control, scope, "unknown")
    out.answer(
        f"{scope}/providers/Microsoft.Network/networkSecurityGroups",
        error="429 TooManyRequests",
        headers=_LATER,
    )
    for control in ("network-ssh-from-internet", "network-rdp-from-internet"):
        out.verdict(control, scope, "unknown")
