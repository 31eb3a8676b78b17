"""Generate locks of storage accounts, and settings of their blob and file services. The expected verdicts are those of
assessments/controls/storage/deleted_data.py, smb_settings.py and locks.py.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "storage-blob-soft-delete",
    "storage-container-soft-delete",
    "storage-versioning",
    "storage-file-soft-delete",
    "storage-smb-version",
    "storage-smb-encryption",
    "storage-delete-lock",
    "storage-readonly-lock",
    "storage-service-logging",
)
_BLOBS = CONTROLS[:3]
_FILES = CONTROLS[3:6]


def write_blob_service(
    sub: Subscription, resource: str, kind: str, account: Json, *, only_pages: bool
) -> None:
    """Write the account's blob service and the expected verdicts. `account` are the properties of the storage
    account.
    """
    if kind == "FileStorage":
        for control in _BLOBS:
            sub.expect(control, resource, "not_applicable")
        return
    rng = sub.rng.branch(f"blob service/{resource}")
    properties: Json = {"cors": {"corsRules": []}}
    for control, policy in (
        ("storage-blob-soft-delete", "deleteRetentionPolicy"),
        ("storage-container-soft-delete", "containerDeleteRetentionPolicy"),
    ):
        _keep(sub, rng, control, resource, properties, policy)
    without_versions = bool(account.get("isHnsEnabled")) or only_pages
    off = without_versions or rng.often_faulty()
    if not off:
        properties["isVersioningEnabled"] = True
    elif rng.chance(0.5):
        properties["isVersioningEnabled"] = False
    if without_versions:
        sub.expect("storage-versioning", resource, "not_applicable")
    else:
        sub.expect_failure_if("storage-versioning", resource, off)
    _write(sub, resource, "blobServices", properties)


def expect_no_file_service(sub: Subscription, resource: str) -> None:
    """Write the expected verdicts on an account that cannot have file shares."""
    for control in _FILES:
        sub.expect(control, resource, "not_applicable")


def file_service_settings(sub: Subscription, resource: str, properties: Json, *, only_nfs: bool) -> None:
    """Add settings to the properties of the account's file service, and write the expected verdicts.

    `only_nfs` says whether all shares of the account use NFS.
    """
    rng = sub.rng.branch(f"file service/{resource}")
    _keep(sub, rng, "storage-file-soft-delete", resource, properties, "shareDeleteRetentionPolicy")
    smb = properties["protocolSettings"].setdefault("smb", {})
    for control, key, strong, weak in (
        ("storage-smb-version", "versions", "SMB3.1.1", ("", "SMB3.0;SMB3.1.1", "SMB2.1;SMB3.0;SMB3.1.1")),
        (
            "storage-smb-encryption",
            "channelEncryption",
            "AES-256-GCM",
            ("", "AES-128-GCM;AES-256-GCM", "AES-128-CCM;AES-128-GCM;AES-256-GCM"),
        ),
    ):
        is_weak = rng.often_faulty()
        if value := rng.pick(weak) if is_weak else f"{strong}{rng.pick(('', ';'))}":
            smb[key] = value
        if is_weak and only_nfs:
            sub.expect(control, resource, "not_applicable")
        else:
            sub.expect_failure_if(control, resource, is_weak)


def write_lock(sub: Subscription, resource: str) -> None:
    """Write a lock of the account or its resource group, and the expected verdicts. As a random fault, write no
    lock.
    """
    rng = sub.rng.branch(f"lock/{resource}")
    missing = rng.often_faulty()
    sub.expect_failure_if("storage-delete-lock", resource, missing)
    sub.expect("storage-readonly-lock", sub.id, None if sub.counts.get("storage locks") else "manual")
    sub.next_number("storage locks")
    if missing:
        return
    scope = rng.pick((resource, "/".join(resource.split("/")[:5])))
    sub.out.document(
        {
            "id": f"{scope}/providers/Microsoft.Authorization/locks/keep",
            "name": "keep",
            "type": "Microsoft.Authorization/locks",
            "properties": {"level": rng.pick(("CanNotDelete", "CanNotDelete", "ReadOnly"))},
        }
    )


def _keep(
    sub: Subscription, rng: RandomSource, control: str, resource: str, properties: Json, policy: str
) -> None:
    """Set the policy that keeps deleted data, and write the expected verdict.

    As a random fault, the policy is off, or keeps data for too short a time.
    """
    not_kept = rng.often_faulty()
    if not_kept:
        properties[policy] = rng.pick(({"enabled": False}, {"enabled": True, "days": rng.pick((1, 3, 6))}))
    else:
        properties[policy] = {"enabled": True, "days": rng.pick((7, 7, 14, 30, 90))}
    sub.expect_failure_if(control, resource, not_kept)


def _write(sub: Subscription, resource: str, service: str, properties: Json) -> None:
    group, name = resource.split("/")[4], resource.rsplit("/", maxsplit=1)[-1]
    sub.write(group, f"Microsoft.Storage/storageAccounts/{service}", f"{name}/default", properties)
