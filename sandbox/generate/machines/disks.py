"""Disks of machines: encryption, export, and trusted launch.

Expected verdicts: vm-disk-*, vm-managed-disks, vm-trusted-launch.
"""

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
# Security profiles of machines: with trusted launch, without trusted launch, and with trusted launch but without secure
# boot. Machines with one of the last two profiles fail the control vm-trusted-launch.
_TRUSTED: Json = {
    "securityType": "TrustedLaunch",
    "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
}
_STANDARD: Json = {"securityType": "Standard"}
_WITHOUT_SECURE_BOOT: Json = {
    "securityType": "TrustedLaunch",
    "uefiSettings": {"secureBootEnabled": False, "vTpmEnabled": True},
}


def _encryption(rng: RandomSource, data_disks: int) -> tuple[str, bool]:
    """Return a random kind of encryption for a machine's disks, and whether the control vm-disk-encryption fails with
    this kind.
    """
    if rng.faulty():
        return rng.pick(("platform key", "unmanaged", *(["partly ADE"] if data_disks else []))), True
    return rng.pick(("at host", "at host", "at host", "ADE", "confidential")), False


def _launch(sub: Subscription, vm: str, form: str) -> tuple[Json, str]:
    """Return the security profile and the Hyper-V generation of a machine.

    `form` is the kind of encryption of the machine's disks.
    """
    security: Json = {"encryptionAtHost": form == "at host"}
    launch = sub.rng.branch(f"launch/{vm}")
    fails = False
    generation = "V2"
    if form == "confidential":
        security |= {**_TRUSTED, "securityType": "ConfidentialVM"}
    elif sub.rng.chance(0.5) or not (fails := launch.faulty()):
        security |= _TRUSTED
    else:
        generation = launch.pick(("V1", "V2"))
        security |= _STANDARD if generation == "V1" else launch.pick((_STANDARD, _WITHOUT_SECURE_BOOT))
    sub.expect_failure_if("vm-trusted-launch", vm, fails)
    return security, generation


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
    # A disk with Azure Disk Encryption cannot have a customer-managed key, and fails vm-disk-cmk. So choose Azure Disk
    # Encryption only as a random fault.
    if form == "ADE" and not rng.branch(f"inside/{vm}").faulty():
        form = "at host"
    # Confidential encryption covers only the system disk. So the machine fails vm-disk-encryption unless each data disk
    # has a customer-managed key.
    data_form = form
    if form == "confidential" and count:
        fails = rng.branch(f"data disks/{vm}").faulty()
        data_form = "platform key" if fails else "customer key"
    sub.expect_failure_if("vm-disk-encryption", vm, fails)
    security, generation = _launch(sub, vm, form)
    properties["securityProfile"] = security
    sub.expect_failure_if("vm-managed-disks", vm, form == "unmanaged")
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
                sub,
                group,
                f"{name}_OsDisk_1",
                vm,
                region,
                tags,
                form in ("ADE", "partly ADE"),
                form,
                generation=generation,
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
    sub: Subscription,
    group: str,
    name: str,
    owner: str | None,
    region: str,
    tags: Json,
    ade: bool,
    form: str,
    *,
    generation: str = "",
) -> str:
    """Write a disk and return its id. `owner` is the id of the machine that uses the disk, or None if the disk is
    unattached.

    If the disk is a system disk, `generation` is the Hyper-V generation of the machine.
    """
    rng = sub.rng
    properties: Json = {
        "provisioningState": "Succeeded",
        "timeCreated": rng.arm_timestamp(120, 900),
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 128,
        "diskState": "Unattached" if owner is None else "Attached",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "uniqueId": rng.guid(),
    }
    if generation:
        properties["hyperVGeneration"] = generation
    resource = sub.id_of(group, _DISKS, name)
    # Use a separate random source (branch), so that its choices do not change other parts of the estate.
    branch = rng.branch(f"disk/{resource}")
    own_keys = form == "customer key" or (form in ("at host", "confidential", "") and not branch.faulty())
    sub.expect_failure_if("vm-disk-cmk" if owner else "vm-disk-unattached-cmk", resource, not own_keys)
    if own_keys and form != "confidential":
        keys = sub.id_of(group, "Microsoft.Compute/diskEncryptionSets", "des-main")
        properties["encryption"] = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": keys}
    properties |= exports(sub, resource, branch)
    if ade:
        properties["encryptionSettingsCollection"] = {"enabled": True, "encryptionSettingsVersion": "1.1"}
    if form == "confidential":
        whose = "Customer" if own_keys else "Platform"
        properties["securityProfile"] = {"securityType": f"ConfidentialVM_DiskEncryptedWith{whose}Key"}
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


def exports(sub: Subscription, resource: str, rng: RandomSource) -> Json:
    """Return the properties that determine who can export a disk or snapshot, and write the expected verdicts."""
    from_everywhere, without_sign_in = rng.faulty(), rng.faulty()
    policy = "AllowAll" if from_everywhere else rng.pick(("DenyAll", "DenyAll", "AllowPrivate"))
    sub.expect_failure_if("vm-disk-network", resource, from_everywhere)
    if policy == "DenyAll":
        sub.expect("vm-disk-entra-auth", resource, "not_applicable")
    else:
        sub.expect_failure_if("vm-disk-entra-auth", resource, without_sign_in)
    return {
        "networkAccessPolicy": policy,
        "publicNetworkAccess": "Enabled" if from_everywhere else "Disabled",
        "dataAccessAuthMode": "None" if without_sign_in else "AzureActiveDirectory",
    }


def write_spare_disk(sub: Subscription) -> None:
    """Write an unattached disk."""
    group, region, tags = sub.group()
    _disk(sub, group, f"disk-old-{sub.next_number('spare disk'):04d}", None, region, tags, False, "")
