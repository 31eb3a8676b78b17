"""Disks of machines and their encryption. Expected verdicts: vm-disk-encryption."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

_DISKS = "Microsoft.Compute/disks"
_LINUX = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
_WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}


def _encryption(rng: RandomSource, data_disks: int) -> tuple[str, bool]:
    """Choose the encryption of a machine's disks. Returns the kind of encryption and whether vm-disk-encryption
    fails."""
    if rng.faulty():
        return rng.pick(("platform key", "unmanaged", *(["partly ADE"] if data_disks else []))), True
    return rng.pick(("at host", "at host", "at host", "ADE", "confidential")), False


def write_disks(
    sub: Subscription,
    group: str,
    name: str,
    vm: str,
    windows: bool,
    properties: Json,
    tags: Json,
    region: str,
    extensions: list[tuple[str, str, str]],
) -> None:
    rng = sub.rng
    count = rng.pick((0, 0, 1, 1, 2))
    form, fails = _encryption(rng, count)
    # Confidential encryption covers the system disk only: data disks need keys of their own, or the machine fails.
    data_form = form
    if form == "confidential" and count:
        fails = rng.branch(f"data disks/{vm}").faulty()
        data_form = "platform key" if fails else "customer key"
    sub.expect_failure_if("vm-disk-encryption", vm, fails)
    security: Json = {"encryptionAtHost": form == "at host"}
    if form == "confidential":
        security |= {
            "securityType": "ConfidentialVM",
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
        }
    elif rng.chance(0.5):
        security |= {
            "securityType": "TrustedLaunch",
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
        }
    properties["securityProfile"] = security
    system: Json = {
        "osType": "Windows" if windows else "Linux",
        "name": f"{name}_OsDisk_1",
        "createOption": "FromImage",
        "caching": "ReadWrite",
        "diskSizeGB": 128,
        "deleteOption": "Delete",
    }
    if form == "unmanaged":
        system["vhd"] = {"uri": f"https://{name.replace('-', '')}.blob.core.windows.net/vhds/{name}-os.vhd"}
    else:
        system["managedDisk"] = {
            "storageAccountType": "Premium_LRS",
            "id": _disk(
                sub, group, f"{name}_OsDisk_1", vm, region, tags, form in ("ADE", "partly ADE"), form
            ),
        }
        if form == "confidential":
            system["managedDisk"]["securityProfile"] = {"securityEncryptionType": "DiskWithVMGuestState"}
    data = []
    for lun in range(0 if form == "unmanaged" else count):
        label = f"{name}_DataDisk_{lun}"
        disk = _disk(sub, group, label, vm, region, tags, form == "ADE", data_form)
        data.append(
            {
                "lun": lun,
                "name": label,
                "createOption": "Attach",
                "caching": "None",
                "diskSizeGB": 256,
                "toBeDetached": False,
                "managedDisk": {"storageAccountType": "Premium_LRS", "id": disk},
            }
        )
    if form in ("ADE", "partly ADE"):
        kind = "AzureDiskEncryption" if windows else "AzureDiskEncryptionForLinux"
        extensions.append(("Microsoft.Azure.Security", kind, "Succeeded"))
    image = dict(_WINDOWS if windows else _LINUX)
    properties["storageProfile"] = {"imageReference": image, "osDisk": system, "dataDisks": data}


def _disk(
    sub: Subscription, group: str, name: str, owner: str | None, region: str, tags: Json, ade: bool, form: str
) -> str:
    rng = sub.rng
    properties: Json = {
        "provisioningState": "Succeeded",
        "timeCreated": rng.arm_timestamp(120, 900),
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 128,
        "diskState": "Unattached" if owner is None else "Attached",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        "uniqueId": rng.guid(),
    }
    if form == "customer key":
        keys = sub.id_of(group, "Microsoft.Compute/diskEncryptionSets", "des-main")
        properties["encryption"] = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": keys}
    if ade:
        properties["encryptionSettingsCollection"] = {"enabled": True, "encryptionSettingsVersion": "1.1"}
    if form == "confidential":
        properties["securityProfile"] = {"securityType": "ConfidentialVM_DiskEncryptedWithPlatformKey"}
    rest: Json = {} if owner is None else {"managedBy": owner}
    return sub.write(
        group,
        _DISKS,
        name,
        properties,
        location=region,
        tags=tags,
        sku={"name": "Premium_LRS", "tier": "Premium"},
        **rest,
    )


def write_spare_disk(sub: Subscription) -> None:
    """Write an unattached disk."""
    group, region, tags = sub.group()
    _disk(sub, group, f"disk-old-{sub.next_number('spare disk'):04d}", None, region, tags, False, "")
