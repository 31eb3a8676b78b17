"""Generate storage accounts with their containers and shares.

Format: Microsoft.Storage 2023-05-01, as ARM returns it. Expected verdicts: all storage-* controls.
"""

from __future__ import annotations

from sandbox.generate.families.storage_services import (
    expect_no_file_service,
    file_service_settings,
    write_blob_service,
    write_lock,
)
from sandbox.generate.families.storage_settings import write_settings
from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource, format_arm_time
from sandbox.generate.storage_account import Account
from sandbox.generate.subscription import Subscription

_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_KINDS = ("StorageV2",) * 14 + ("BlobStorage", "BlockBlobStorage", "FileStorage", "FileStorage", "Storage")
_WITHOUT_FILES = ("BlobStorage", "BlockBlobStorage")
UNWRITABLE = ("firewall", "DNS zone", "premium", "perimeter")
"""The reasons why Azure Monitor cannot write to a storage account for logs. The last reason does not exist in clouds
without network security perimeters.
"""
# {purpose of the account: the blob container for its logs}. The purpose `act` is the activity log. Source:
# https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
_LOG_CONTAINERS = {"act": "insights-activity-logs"}
_CONTAINERS = ("invoices", "exports", "backup", "images", "reports", "uploads", "assets")


def write_account(sub: Subscription, *, purpose: str = "", unwritable: str = "") -> Account:
    """Write a storage account and its expected verdicts. An account with a `purpose` stores logs.

    `unwritable` is an item of `UNWRITABLE` (why logs cannot be written), or an empty string.
    """
    rng = sub.rng
    group, region, tags = sub.group("logs" if purpose else None)
    name = f"st{purpose}{rng.letters(14 - len(purpose))}{sub.next_number('account'):05d}"
    kind = "StorageV2" if purpose else rng.pick(_KINDS)
    resource = sub.id_of(group, _ACCOUNTS, name)
    created = rng.time_ago(120, 1500)

    nfs_share = kind == "FileStorage" and rng.chance(0.3)
    nfs_blobs = kind == "StorageV2" and not purpose and rng.chance(0.04)
    # A premium general-purpose account has only page blobs, so its file service answers FeatureNotSupportedForAccount.
    only_pages = kind == "StorageV2" and not purpose and not nfs_blobs and rng.chance(0.08)
    only_pages = only_pages or unwritable == "premium"
    https = not rng.faulty()
    sub.expect_failure_if("storage-sas-https-only", resource, not https)

    blob_off, file_off = rng.faulty() and rng.chance(0.2), rng.faulty() and rng.chance(0.2)
    without_blobs, without_files = kind == "FileStorage", kind in _WITHOUT_FILES or only_pages
    services: Json = {}
    for service, off, absent in (("blob", blob_off, without_blobs), ("file", file_off, without_files)):
        control = f"storage-{service}-encryption"
        if absent:
            sub.expect(control, resource, "not_applicable")
        else:
            services[service] = {
                "keyType": "Account",
                "enabled": not off,
                "lastEnabledTime": format_arm_time(created),
            }
            sub.expect_failure_if(control, resource, off)

    properties: Json = {
        "provisioningState": "Succeeded",
        "creationTime": format_arm_time(created),
        "primaryLocation": region,
        "statusOfPrimary": "available",
        "primaryEndpoints": {s: f"https://{name}.{s}.core.windows.net/" for s in ("blob", "file", "queue")},
        "supportsHttpsTrafficOnly": https,
        "minimumTlsVersion": rng.pick(("TLS1_2", "TLS1_2", "TLS1_0")),
        "encryption": {"keySource": "Microsoft.Storage", "services": services},
    }
    if nfs_blobs:
        properties |= {"isHnsEnabled": True, "isNfsV3Enabled": True}
    _keys(sub, resource, properties)
    shares = 0 if without_files or purpose else rng.pick((0, 0, 1, 2))
    shares = max(shares, 1) if nfs_share else shares
    reachable = _network(sub, resource, properties, closed=nfs_share)
    if purpose == "act" and properties["publicNetworkAccess"] == "SecuredByPerimeter":
        # No generated account is associated with a perimeter, so Azure could not write logs to an account with
        # SecuredByPerimeter. Use Disabled instead.
        properties["publicNetworkAccess"] = "Disabled"
    if unwritable == "perimeter":
        reachable = False
        properties["publicNetworkAccess"] = "SecuredByPerimeter"
    elif unwritable == "firewall":
        # The firewall was closed after the diagnostic setting was created, so Azure can no longer write the logs.
        reachable = False
        properties["networkAcls"] |= {
            "defaultAction": "Deny",
            "bypass": rng.pick(("None", "Logging, Metrics")),
        }
    elif unwritable == "DNS zone":
        endpoints = {s: f"https://{name}.z12.{s}.storage.azure.net/" for s in ("blob", "file", "queue")}
        properties |= {"dnsEndpointType": "AzureDnsZone", "primaryEndpoints": endpoints}
    if not shares:
        # The account has no shares. If it is also closed to the Internet, both pass and not_applicable are correct, so
        # no verdict is expected.
        sub.expect("storage-public-file", resource, "not_applicable" if reachable else None)
    else:
        # No generated account is associated with a network security perimeter, so SecuredByPerimeter closes the
        # account. In a cloud that has no perimeters, the verdict on an account with SecuredByPerimeter is manual.
        secured = properties["publicNetworkAccess"] == "SecuredByPerimeter"
        attested = secured and sub.without_perimeters
        sub.expect("storage-public-file", resource, "manual" if attested else "fail" if reachable else "pass")
    containers = _anonymous(sub, resource, properties, kind, purpose)

    premium = kind in ("FileStorage", "BlockBlobStorage") or only_pages
    sku = (
        {"name": "Premium_LRS", "tier": "Premium"}
        if premium
        else {
            "name": rng.pick(("Standard_LRS", "Standard_ZRS", "Standard_GRS")),
            "tier": "Standard",
        }
    )
    write_settings(sub, resource, kind, properties, sku)
    sub.write(group, _ACCOUNTS, name, properties, kind=kind, location=region, sku=sku, tags=tags)
    _children(sub, group, name, containers, shares, nfs_share)
    unencrypted = _write_file_service(sub, resource, nfs_share, shares) if not without_files else False
    if without_files:
        expect_no_file_service(sub, resource)
    write_blob_service(sub, resource, kind, properties, only_pages=only_pages)
    write_lock(sub, resource)
    sub.expect_failure_if("storage-secure-transfer", resource, unencrypted or not https)
    encrypted = not (blob_off or (file_off and not without_files))
    is_open = properties.get("allowBlobPublicAccess") is not False and any(
        level != "None" for _, level in containers
    )
    customer_key = properties["encryption"]["keySource"] == "Microsoft.Keyvault"
    return Account(
        resource,
        name,
        encrypted,
        https,
        unwritable=bool(unwritable),
        customer_key=customer_key,
        is_open=is_open,
    )


def _keys(sub: Subscription, resource: str, properties: Json) -> None:
    rng = sub.rng
    shared_key = rng.chance(0.85) and rng.branch(f"shared key/{resource}").often_faulty()
    properties["allowSharedKeyAccess"] = shared_key
    old = rng.faulty()
    ages = [rng.arm_timestamp(2, 85), rng.arm_timestamp(100, 115) if old else rng.arm_timestamp(2, 85)]
    rng.shuffle(ages)
    properties["keyCreationTime"] = {"key1": ages[0], "key2": ages[1]}
    # Azure did not record the creation time of old keys. For such a key, the control uses the age of the account.
    if old and rng.chance(0.3):
        properties["keyCreationTime"] = {"key1": None, "key2": None}
    if rng.chance(0.5):
        properties["keyPolicy"] = {"keyExpirationPeriodInDays": 90}
    # If the account does not allow shared keys, both pass and not_applicable are correct, so no verdict is expected.
    sub.expect("storage-key-rotation", resource, ("fail" if old else "pass") if shared_key else None)

    period = rng.pick((None, "0.01:00:00", "0.08:00:00", "0.08:00:00", "1.00:00:00", "7.00:00:00"))
    short = period is not None and period.startswith("0.")
    logs = rng.faulty() if short else rng.chance(0.5)
    action = "Log" if logs else "Block"
    if period is not None:
        properties["sasPolicy"] = {"sasExpirationPeriod": period, "expirationAction": action}
    if not shared_key or (short and action == "Block"):
        sub.expect("storage-sas-expiry", resource, "pass")
    elif short:
        # With the action Log, Azure only logs the use of a shared access signature that is valid for too long, and does
        # not refuse the signature.
        sub.expect("storage-sas-expiry", resource, "fail")
    else:
        sub.expect("storage-sas-expiry", resource, "manual")


def _network(sub: Subscription, resource: str, properties: Json, *, closed: bool) -> bool:
    rng = sub.rng
    reachable = rng.faulty() and not closed
    disabled = not reachable and rng.chance(0.3)
    if disabled:
        properties["publicNetworkAccess"] = rng.pick(("Disabled", "SecuredByPerimeter"))
    else:
        is_on = reachable or rng.branch(f"public access/{resource}").often_faulty()
        properties["publicNetworkAccess"] = "Enabled" if is_on else "Disabled"
    properties["networkAcls"] = {
        "bypass": "AzureServices",
        "virtualNetworkRules": [],
        "ipRules": [] if reachable else [{"value": "203.0.113.0/28", "action": "Allow"}],
        "defaultAction": "Allow" if reachable else "Deny",
    }
    return reachable


def _anonymous(
    sub: Subscription, resource: str, properties: Json, kind: str, purpose: str
) -> list[tuple[str, str]]:
    """Set the account's flag for anonymous access. Return the containers as (name, publicAccess)."""
    rng = sub.rng
    if kind == "FileStorage":
        for control in ("storage-public-blob", "storage-anonymous-access-disallowed"):
            sub.expect(control, resource, "not_applicable")
        properties["allowBlobPublicAccess"] = False
        return []
    open_container, allowed = rng.faulty(), rng.faulty()
    # If the account does not permit public access, Azure keeps the access levels of its containers, but ignores them.
    if allowed and rng.chance(0.7):
        properties["allowBlobPublicAccess"] = True
    elif not allowed:
        properties["allowBlobPublicAccess"] = False
    sub.expect_failure_if("storage-anonymous-access-disallowed", resource, allowed)
    sub.expect_failure_if("storage-public-blob", resource, allowed and open_container)
    names = (
        [_LOG_CONTAINERS.get(purpose, "insights-logs")]
        if purpose
        else rng.sample(_CONTAINERS, rng.randrange(1, 4))
    )
    level = rng.pick(("Container", "Blob")) if open_container else "None"
    return [(name, level if index == 0 else "None") for index, name in enumerate(names)]


def _children(
    sub: Subscription, group: str, name: str, containers: list[tuple[str, str]], shares: int, nfs: bool
) -> None:
    for container, level in containers:
        properties: Json = {
            "deleted": False,
            "remainingRetentionDays": 0,
            "defaultEncryptionScope": "$account-encryption-key",
            "denyEncryptionScopeOverride": False,
            "publicAccess": level,
            "leaseStatus": "Unlocked",
            "leaseState": "Available",
            "lastModifiedTime": sub.rng.arm_timestamp(1, 100),
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
        }
        sub.write(group, f"{_ACCOUNTS}/blobServices/containers", f"{name}/default/{container}", properties)
    for index in range(shares):
        properties = {
            "accessTier": "Premium" if nfs else "TransactionOptimized",
            "lastModifiedTime": sub.rng.arm_timestamp(1, 100),
            "shareQuota": 1024,
            "enabledProtocols": "NFS" if nfs else "SMB",
            **({"rootSquash": "RootSquash"} if nfs else {}),
            "leaseStatus": "unlocked",
            "leaseState": "available",
        }
        sub.write(group, f"{_ACCOUNTS}/fileServices/shares", f"{name}/default/share{index + 1}", properties)


def _write_file_service(sub: Subscription, resource: str, nfs: bool, shares: int) -> bool:
    """Write the settings of the account's file service.

    Return whether the account has shares that can be used without encryption in transit.
    """
    group, name = resource.split("/")[4], resource.rsplit("/", maxsplit=1)[-1]
    rng = sub.rng.branch(name)
    properties: Json = {"cors": {"corsRules": []}, "protocolSettings": {"smb": {}}}
    off = False
    if shares:
        off = rng.faulty()
        # For accounts that were created with the API or the CLI, the setting of each protocol is missing (None). Then
        # the account's setting for secure transfer applies.
        required: Json = {"required": False} if off else rng.pick(({"required": None}, {"required": True}))
        used, unused = ("nfs", "smb") if nfs else ("smb", "nfs")
        protocols: Json = {used: {"encryptionInTransit": required}}
        if rng.chance(0.2):  # No share uses this protocol, so its setting only adds a remark.
            protocols[unused] = {"encryptionInTransit": {"required": False}}
        properties["protocolSettings"] |= protocols
    file_service_settings(sub, resource, properties, only_nfs=nfs)
    sub.write(group, f"{_ACCOUNTS}/fileServices", f"{name}/default", properties)
    return off


def write_lifecycle(sub: Subscription, target: Account, rng: RandomSource) -> None:
    """Write a lifecycle policy of an account that stores logs. A faulty policy deletes logs too early."""
    group, name = target.id.split("/")[4], target.name
    rules: list[Json] = []
    if rng.faulty():
        prefixes = rng.pick(([], ["insights-"], ["insights-activity-logs"], ["insights-logs-"]))
        days = rng.pick((30, 60, 90))
        target.deletes_flow_logs = prefixes in ([], ["insights-"], ["insights-logs-"])
        target.deletes_activity_log = prefixes in ([], ["insights-"], ["insights-activity-logs"])
        rules.append(_rule("clean", True, prefixes, days))
    elif rng.chance(0.6):
        rules.append(_rule("clean", True, [], rng.pick((180, 365, 730))))
        rules.append(_rule("temporary", True, ["scratch/"], 7))
        rules.append(_rule("trial", False, [], 14))
        if rng.branch(f"tags/{name}").chance(0.5):
            # This rule deletes only blobs with an index tag. Logs have no index tags.
            tagged = _rule("tagged", True, [], 7)
            condition = {"name": "temporary", "op": "==", "value": "yes"}
            tagged["definition"]["filters"]["blobIndexMatch"] = [condition]
            rules.append(tagged)
    if rules:
        properties = {"lastModifiedTime": rng.arm_timestamp(5, 100), "policy": {"rules": rules}}
        sub.write(group, f"{_ACCOUNTS}/managementPolicies", f"{name}/default", properties)


def _rule(name: str, enabled: bool, prefixes: list[str], days: int) -> Json:
    filters: Json = {"blobTypes": ["blockBlob", "appendBlob"]}
    if prefixes:
        filters["prefixMatch"] = prefixes
    actions = {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": days}}}
    return {
        "name": name,
        "enabled": enabled,
        "type": "Lifecycle",
        "definition": {"filters": filters, "actions": actions},
    }


def expect_archive_verdicts(sub: Subscription, target: Account) -> None:
    """Write the expected verdicts on the account that stores the activity log."""
    sub.expect_failure_if("logging-storage-private", target.id, target.is_open)
    sub.expect_failure_if("logging-storage-cmk", target.id, not target.customer_key)


def expect_log_account_verdicts(sub: Subscription, target: Account, certain: bool) -> None:
    """Write the expected verdicts on an account that stores logs.

    If `certain` is false, the verdicts cannot be predicted, so no verdict is expected.
    """
    sub.expect(
        "logging-storage-encryption", target.id, ("pass" if target.encrypted else "fail") if certain else None
    )
    sub.expect(
        "logging-storage-secure-transfer",
        target.id,
        ("pass" if target.https_only else "fail") if certain else None,
    )
