"""Managed disks and snapshots: keys, networks and sign-in for exports."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.vm.documents import DATA_DISK, VM, machine

SNAPSHOT = f"{RG}/providers/Microsoft.Compute/snapshots/snap"
PLATFORM, CUSTOMER = "EncryptionAtRestWithPlatformKey", "EncryptionAtRestWithCustomerKey"
BOTH = "EncryptionAtRestWithPlatformAndCustomerKeys"
ADE = {"encryptionSettingsCollection": {"enabled": True}}
OWN_CONFIDENTIAL = {"securityProfile": {"securityType": "ConfidentialVM_DiskEncryptedWithCustomerKey"}}


def disk(kind: str | None = None, state: Any = "Attached", **properties: Any) -> dict[str, Any]:
    encryption = {} if kind is None else {"encryption": {"type": kind}}
    stated = {} if state is None else {"diskState": state}
    return {"disks": [doc(DATA_DISK, {**encryption, **stated, **properties})]}


def of_machine(kind: str, **top: Any) -> dict[str, Any]:
    """A disk that has no `diskState` and that no machine names. `top`: further fields, such as `managedBy`."""
    (body,) = disk(kind, state=None)["disks"]
    return {"disks": [{**body, **top}], "virtual_machines": []}


def used(kind: str) -> dict[str, Any]:
    """A disk, and a machine whose storage profile names the disk."""
    data = [{"name": "data", "managedDisk": {"id": DATA_DISK.upper()}}]
    system = {"name": "os", "managedDisk": {"id": f"{DATA_DISK}2"}}
    held = machine(storageProfile={"osDisk": system, "dataDisks": data})
    return {**disk(kind, state=None), "virtual_machines": [held]}


def snapshot(**properties: Any) -> dict[str, Any]:
    body = doc(SNAPSHOT, properties, type="Microsoft.Compute/snapshots")
    return {
        "resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]},
        "snapshots": [body],
    }


def none_of(kinds: str) -> tuple[Any, ...]:
    return (f"no {kinds}", {}, {SUB: "not_applicable"})


FORBIDDEN: tuple[Any, ...] = ("disks forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("disks")]})


def left_out(docs: dict[str, Any], subject: str) -> tuple[Any, ...]:
    return (
        f"in a managed group, left out, {subject.rpartition('/')[2]}",
        {**docs, "managed_resource_groups": {SUB: [{"id": RG, "managedBy": VM}]}},
        {subject: "not_applicable"},
        {"params": {"managed_groups": "na"}},
    )


NO_SNAPSHOTS: tuple[Any, ...] = (
    "snapshots forbidden",
    {"resources": snapshot()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("snapshots")]},
)
BROKEN = {**disk(PLATFORM, state=None), "virtual_machines": [doc(VM, {"storageProfile": "none"})]}


def keys(slug: str, state: str) -> list[Any]:
    """The cases that the controls of attached and of unattached disks share."""
    return rows(
        slug,
        ("own keys", disk(CUSTOMER, state), {DATA_DISK: "pass"}, {"no_remark": "inside"}),
        ("two keys, other case", disk(BOTH.upper(), state), {DATA_DISK: "pass"}),
        ("Microsoft's keys", disk(PLATFORM, state), {DATA_DISK: "fail"}, {"no_remark": "inside"}),
        ("no encryption stated", disk(None, state), {DATA_DISK: "fail"}),
        ("confidential", disk(PLATFORM, state, **OWN_CONFIDENTIAL), {DATA_DISK: "pass"}),
        (
            "confidential with Microsoft's keys",
            disk(PLATFORM, state, securityProfile={"securityType": "TrustedLaunch"}),
            {DATA_DISK: "fail"},
        ),
        (
            "unknown security type",
            disk(PLATFORM, state, securityProfile={"securityType": "Moon"}),
            {DATA_DISK: "unknown"},
        ),
        ("unknown keys", disk("EncryptionAtRestWithMoonlight", state), {DATA_DISK: "unknown"}),
        ("encryption is text", disk(None, state, encryption="on"), {DATA_DISK: "unknown"}),
        ("Azure Disk Encryption", disk(PLATFORM, state, **ADE), {DATA_DISK: "fail"}, {"remark": "inside"}),
        (
            "Azure Disk Encryption accepted",
            disk(PLATFORM, state, **ADE),
            {DATA_DISK: "pass"},
            {"params": {"accept_ade": True}},
        ),
        (
            "nothing to accept",
            disk(PLATFORM, state, encryptionSettingsCollection={"enabled": False}),
            {DATA_DISK: "fail"},
            {"params": {"accept_ade": True}},
        ),
        ("unknown state", disk(PLATFORM, "Melted"), {DATA_DISK: "unknown"}),
        ("machines unreadable", BROKEN, {DATA_DISK: "unknown"}),
        (
            "in a managed group, left out",
            {**disk(PLATFORM, state), "managed_resource_groups": {SUB: [{"id": RG, "managedBy": VM}]}},
            {DATA_DISK: "not_applicable"},
            {"params": {"managed_groups": "na"}},
        ),
        (
            "machines forbidden",
            disk(PLATFORM, state=None),
            {DATA_DISK: "unknown"},
            {"gaps": [gap("virtual_machines")]},
        ),
        FORBIDDEN,
        none_of("disk"),
    )


CASES = [
    *keys("vm-disk-cmk", "Attached"),
    *rows(
        "vm-disk-cmk",
        ("disk of a stopped machine", disk(PLATFORM, "Reserved"), {DATA_DISK: "fail"}),
        ("machine stated", of_machine(PLATFORM, managedBy=VM), {DATA_DISK: "fail"}),
        ("machines of a shared disk", of_machine(PLATFORM, managedByExtended=[VM]), {DATA_DISK: "fail"}),
        ("exported while attached", used(PLATFORM), {DATA_DISK: "fail"}),
        ("unattached", disk(PLATFORM, "Unattached"), {SUB: "not_applicable"}),
        ("no machine names the disk", of_machine(PLATFORM), {SUB: "not_applicable"}),
    ),
    *keys("vm-disk-unattached-cmk", "Unattached"),
    *rows(
        "vm-disk-unattached-cmk",
        ("being uploaded", disk(PLATFORM, "ActiveUpload"), {DATA_DISK: "fail"}),
        ("no machine names the disk", of_machine(PLATFORM), {DATA_DISK: "fail"}),
        ("being exported, and no machine names the disk", disk(PLATFORM, "ActiveSAS"), {DATA_DISK: "fail"}),
        ("a machine names the disk", used(PLATFORM), {SUB: "not_applicable"}),
        ("disk of a stopped machine", disk(PLATFORM, "Reserved"), {SUB: "not_applicable"}),
    ),
    *rows(
        "vm-disk-network",
        ("denied", disk(networkAccessPolicy="DenyAll"), {DATA_DISK: "pass"}, {"no_remark": "link"}),
        ("private", disk(networkAccessPolicy="allowprivate"), {DATA_DISK: "pass"}),
        (
            "public off",
            disk(networkAccessPolicy="AllowAll", publicNetworkAccess="Disabled"),
            {DATA_DISK: "pass"},
        ),
        (
            "all",
            disk(networkAccessPolicy="AllowAll", publicNetworkAccess="Enabled"),
            {DATA_DISK: "fail"},
            {"no_remark": "link"},
        ),
        ("nothing stated", disk(), {DATA_DISK: "fail"}),
        ("open link", disk(state="ActiveSAS"), {DATA_DISK: "fail"}, {"remark": "valid now"}),
        (
            "open link although denied",
            disk(state="ActiveSASFrozen", networkAccessPolicy="DenyAll"),
            {DATA_DISK: "pass"},
            {"remark": "valid now"},
        ),
        ("unknown policy", disk(networkAccessPolicy="Perhaps"), {DATA_DISK: "unknown"}),
        (
            "unknown access",
            disk(networkAccessPolicy="AllowAll", publicNetworkAccess="Perhaps"),
            {DATA_DISK: "unknown"},
        ),
        ("snapshot denied", snapshot(networkAccessPolicy="DenyAll"), {SNAPSHOT: "pass"}),
        ("snapshot of all", snapshot(networkAccessPolicy="AllowAll"), {SNAPSHOT: "fail"}),
        left_out(disk(), DATA_DISK),
        left_out(snapshot(), SNAPSHOT),
        FORBIDDEN,
        NO_SNAPSHOTS,
        none_of("disk or snapshot"),
    ),
    *rows(
        "vm-disk-entra-auth",
        ("on", disk(dataAccessAuthMode="AzureActiveDirectory"), {DATA_DISK: "pass"}),
        ("off", disk(dataAccessAuthMode="None"), {DATA_DISK: "fail"}),
        ("nothing stated", disk(), {DATA_DISK: "fail"}),
        ("unknown mode", disk(dataAccessAuthMode="Guess"), {DATA_DISK: "unknown"}),
        ("mode is a number", disk(dataAccessAuthMode=1), {DATA_DISK: "unknown"}),
        ("nobody exports", disk(networkAccessPolicy="DenyAll"), {DATA_DISK: "not_applicable"}),
        ("snapshot on", snapshot(dataAccessAuthMode="AzureActiveDirectory"), {SNAPSHOT: "pass"}),
        ("snapshot off", snapshot(), {SNAPSHOT: "fail"}),
        left_out(disk(), DATA_DISK),
        left_out(snapshot(), SNAPSHOT),
        FORBIDDEN,
        NO_SNAPSHOTS,
        none_of("disk or snapshot"),
    ),
]
OFFICIAL_VERDICTS = """
vm-disk-cmk fail: myManagedDisk1 myManagedDisk2
vm-disk-entra-auth fail: myManagedDisk1 myManagedDisk2 myManagedDisk3 mySnapshot1 mySnapshot2
vm-disk-network fail: myManagedDisk1 myManagedDisk2 myManagedDisk3 mySnapshot1 mySnapshot2
vm-disk-unattached-cmk fail: myManagedDisk3
"""
DISKS_PAGE = DocsFile(
    "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/disks-find-unattached-portal.md",
    "150dc78a0aed1262f1ccc62030146d0e00d03758",
    "Search for and select Disks",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Disks › {disk} › Encryption › Key management › Customer-managed key",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/disks-enable-customer-managed-keys-portal.md",
            "3b7ebf1a714bfbbc44b3f6023ac4cf052afe4d42",
            (
                "Select Encryption and under Key management select your key vault and key in the drop-down "
                "list, under Customer-managed key"
            ),
        ),
        DISKS_PAGE,
    ),
    ComparedPath(
        "Azure portal › Disks › {disk} › Settings › Disk Export",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/disks-secure-upload-download.md",
            "00c5ca57f774f4da8b58cb81742f2fc156be0069",
            "you can enable it on the Disk Export page under Settings for existing disks",
        ),
        DISKS_PAGE,
    ),
    ComparedPath(
        "Azure portal › Snapshots › {snapshot} › Settings › Snapshot Export",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/disks-secure-upload-download.md",
            "00c5ca57f774f4da8b58cb81742f2fc156be0069",
            "to ensure that all disks and snapshots must use Microsoft Entra ID for uploads or downloads",
            "you can enable it on the Disk Export page under Settings for existing disks",
        ),
        not_in_text={
            "Snapshot Export": (
                "The page of snapshots that corresponds to Disk Export; the documentation names only the "
                "page of disks."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Disks › {disk} › Settings › Networking",
        DocsFile(
            (
                "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/"
                "disks-enable-private-links-for-import-export-portal.md"
            ),
            "1d3a4ac728f2e4ba676c898de35383a4da0a9095",
            "Navigate to the disk you'd like to configure",
            "Under Settings, select Networking",
        ),
        DISKS_PAGE,
    ),
    ComparedPath(
        "Azure portal › Snapshots › {snapshot} › Settings › Networking",
        DocsFile(
            (
                "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/"
                "disks-enable-private-links-for-import-export-portal.md"
            ),
            "1d3a4ac728f2e4ba676c898de35383a4da0a9095",
            "associate a disk or a snapshot with a disk access instance",
            "Under Settings, select Networking",
        ),
        not_in_text={"Snapshots": "The list of snapshots, which a reader finds by its name."},
    ),
]
