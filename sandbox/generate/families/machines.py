"""Generate snapshots, and list the controls of machines, disks and snapshots.

The package `sandbox.generate.machines` writes machines with their disks.
"""

from __future__ import annotations

from sandbox.generate.machines.disks import exports
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "vm-approved-extensions",
    "vm-approved-images",
    "vm-disk-cmk",
    "vm-disk-entra-auth",
    "vm-disk-network",
    "vm-disk-unattached-cmk",
    "vm-jit",
    "vm-linux-ssh-key",
    "vm-managed-disks",
    "vm-sku",
    "vm-trusted-launch",
)
_SNAPSHOTS = "Microsoft.Compute/snapshots"


def write(sub: Subscription) -> None:
    rng = sub.rng
    for number in range(rng.pick((0, 1, 1, 2))):
        group, region, tags = sub.group()
        name = f"snap-{rng.letters(6)}-{number}"
        resource = sub.id_of(group, _SNAPSHOTS, name)
        properties = {
            "provisioningState": "Succeeded",
            "timeCreated": rng.arm_timestamp(1, 200),
            "creationData": {"createOption": "Copy"},
            "diskSizeGB": 128,
            "diskState": "Unattached",
            "incremental": True,
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            **exports(sub, resource, rng),
        }
        sub.write(
            group,
            _SNAPSHOTS,
            name,
            properties,
            location=region,
            tags=tags,
            sku={"name": "Standard_LRS", "tier": "Standard"},
        )
