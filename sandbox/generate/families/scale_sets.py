"""Virtual machine scale sets, and the expected verdicts of assessments/controls/vmss.

Uniform scale sets also get verdicts of vm-managed-disks, vm-disk-encryption, vm-trusted-launch and vm-linux-ssh-key.
Format: Microsoft.Compute 2025-04-01 (example VirtualMachineScaleSet_ListAll_MaximumSet_Gen).
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("vmss-load-balancer", "vmss-not-empty")
KIND = "Microsoft.Compute/virtualMachineScaleSets"


def write(sub: Subscription) -> None:
    """Write up to two scale sets into subscriptions with machines."""
    if not sub.machines:
        return
    for number in range(sub.rng.pick((0, 1, 1, 2))):
        _write_scale_set(sub, f"vmss-{sub.rng.letters(5)}-{number}")


def _write_scale_set(sub: Subscription, name: str) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    resource = sub.id_of(group, KIND, name)
    alone, empty = rng.faulty(), rng.faulty()
    flexible, windows = rng.chance(0.3), rng.chance(0.4)
    pool = sub.id_of(group, "Microsoft.Network/loadBalancers/backendAddressPools", f"lb-{name}/instances")
    profile: Json = {
        "storageProfile": _disk(sub, resource, windows, flexible),
        "osProfile": _system(sub, resource, windows, flexible),
        "securityProfile": _security(sub, resource, flexible),
        "networkProfile": {
            "networkInterfaceConfigurations": [
                {
                    "name": "nic",
                    "properties": {
                        "primary": True,
                        "ipConfigurations": [
                            {
                                "name": "ip",
                                "properties": {
                                    "primary": True,
                                    "loadBalancerBackendAddressPools": [] if alone else [{"id": pool}],
                                },
                            }
                        ],
                    },
                }
            ]
        },
    }
    sub.expect_failure_if("vmss-load-balancer", resource, alone)
    sub.expect_failure_if("vmss-not-empty", resource, empty)
    properties: Json = {
        "provisioningState": "Succeeded",
        "orchestrationMode": "Flexible" if flexible else "Uniform",
        "virtualMachineProfile": profile,
    }
    sku = {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": 0 if empty else rng.randrange(1, 9)}
    sub.write(group, KIND, name, properties, location=region, tags=tags, sku=sku)


def _disk(sub: Subscription, resource: str, windows: bool, flexible: bool) -> Json:
    disk: Json = {
        "osType": "Windows" if windows else "Linux",
        "createOption": "FromImage",
        "caching": "ReadWrite",
        "managedDisk": {"storageAccountType": "Premium_LRS"},
    }
    if flexible:
        return {"osDisk": disk}
    unmanaged = sub.rng.faulty()
    if unmanaged:
        del disk["managedDisk"]
        disk["vhdContainers"] = ["https://stvhds.blob.core.windows.net/vhds"]
    sub.expect_failure_if("vm-managed-disks", resource, unmanaged)
    unencrypted = _is_unencrypted(sub, resource)
    sub.expect_failure_if("vm-disk-encryption", resource, unmanaged or unencrypted)
    return {"osDisk": disk}


def _is_unencrypted(sub: Subscription, resource: str) -> bool:
    """Return whether a uniform scale set has no encryption at host, which is a random fault."""
    return sub.rng.branch(f"at host/{resource}").faulty()


def _system(sub: Subscription, resource: str, windows: bool, flexible: bool) -> Json:
    profile: Json = {"computerNamePrefix": "node", "adminUsername": "azureadmin", "secrets": []}
    if windows:
        profile["windowsConfiguration"] = {"provisionVMAgent": True, "enableAutomaticUpdates": True}
        if not flexible:
            sub.expect("vm-linux-ssh-key", resource, "not_applicable")
        return profile
    passwords = not flexible and sub.rng.faulty()
    profile["linuxConfiguration"] = {
        "disablePasswordAuthentication": not passwords,
        "provisionVMAgent": True,
    }
    if not flexible:
        sub.expect_failure_if("vm-linux-ssh-key", resource, passwords)
    return profile


def _security(sub: Subscription, resource: str, flexible: bool) -> Json:
    without = not flexible and sub.rng.faulty()
    if not flexible:
        sub.expect_failure_if("vm-trusted-launch", resource, without)
    return {
        "encryptionAtHost": flexible or not _is_unencrypted(sub, resource),
        "securityType": "Standard" if without else "TrustedLaunch",
        "uefiSettings": {"secureBootEnabled": not without, "vTpmEnabled": not without},
    }
