"""Microsoft's examples of lists of snapshots, scale sets and policies of just-in-time access.

`bodies` describes how the examples were changed. Sources in https://github.com/Azure/azure-rest-api-specs, below
`specification`:
compute/resource-manager/Microsoft.Compute/DiskRP/stable/2025-01-02/examples/snapshotExamples:
Snapshot_ListBySubscription;
compute/resource-manager/Microsoft.Compute/Compute/stable/2025-04-01/examples/virtualMachineScaleSetExamples:
VirtualMachineScaleSet_ListAll_MaximumSet_Gen;
security/resource-manager/Microsoft.Security/stable/2020-01-01/examples/JitNetworkAccessPolicies:
GetJitNetworkAccessPoliciesSubscription_example
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc
from tests.assessments.official.bodies import ENCRYPTED, Bodies

_SNAPSHOTS = "Microsoft.Compute/snapshots"
_MACHINE = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"


def _snapshot(name: str, creation: dict[str, str]) -> dict[str, Any]:
    return doc(
        f"{RG}/providers/{_SNAPSHOTS}/{name}",
        {
            "osType": "Windows",
            "creationData": creation,
            "diskSizeGB": 200,
            "encryptionSettingsCollection": ENCRYPTED,
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            "timeCreated": "2016-12-28T04:47:30.6630569+00:00",
            "provisioningState": "Succeeded",
        },
        type=_SNAPSHOTS,
        location="westus",
        tags={"department": "Development", "project": "Snapshots"},
    )


def _port(number: int) -> dict[str, Any]:
    return {
        "number": number,
        "protocol": "*",
        "allowedSourceAddressPrefix": "*",
        "maxRequestAccessDuration": "PT3H",
    }


_SETS = "Microsoft.Compute/virtualMachineScaleSets"
_POOL = [{"id": f"{RG}/providers/Microsoft.Network/loadBalancers/lb1/backendAddressPools/be-lb"}]


def _scale_set() -> dict[str, Any]:
    """Return the scale set of the example, which sets all properties, even those that exclude each other."""
    return doc(
        f"{RG}/providers/{_SETS}/myVirtualMachineScaleSet",
        {
            "overprovision": True,
            "virtualMachineProfile": {
                "storageProfile": {
                    "imageReference": {
                        "sku": "2016-Datacenter",
                        "publisher": "MicrosoftWindowsServer",
                        "version": "latest",
                        "offer": "WindowsServer",
                    },
                    "osDisk": {
                        "caching": "ReadWrite",
                        "managedDisk": {"storageAccountType": "Standard_LRS"},
                        "createOption": "FromImage",
                        "diskSizeGB": 30,
                        "osType": "Windows",
                        "image": {
                            "uri": "https://{storageAccountName}.blob.core.windows.net/{containerName}/{vhdName}.vhd"
                        },
                        "vhdContainers": ["aaaaaaaaaaaaaaaaaaaaaaaaa"],
                    },
                    "dataDisks": [
                        {
                            "lun": 24,
                            "createOption": "FromImage",
                            "managedDisk": {"storageAccountType": "Standard_LRS"},
                        }
                    ],
                },
                "osProfile": {
                    "computerNamePrefix": "myVirtualMachineScaleSet",
                    "adminUsername": "{your-username}",
                    "windowsConfiguration": {"provisionVMAgent": True, "enableAutomaticUpdates": True},
                    "linuxConfiguration": {
                        "disablePasswordAuthentication": True,
                        "provisionVMAgent": True,
                    },
                },
                "networkProfile": {
                    "networkInterfaceConfigurations": [
                        {
                            "name": "myVirtualMachineScaleSet",
                            "properties": {
                                "primary": True,
                                "enableIPForwarding": True,
                                "ipConfigurations": [
                                    {
                                        "name": "myVirtualMachineScaleSet",
                                        "properties": {
                                            "primary": True,
                                            "privateIPAddressVersion": "IPv4",
                                            "applicationGatewayBackendAddressPools": _POOL,
                                            "loadBalancerBackendAddressPools": _POOL,
                                        },
                                    }
                                ],
                            },
                        }
                    ]
                },
                "securityProfile": {
                    "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
                    "encryptionAtHost": True,
                    "securityType": "TrustedLaunch",
                },
                "licenseType": "aaaaaaaaaa",
                "priority": "Regular",
            },
            "upgradePolicy": {"mode": "Manual"},
            "provisioningState": "succeeded",
            "singlePlacementGroup": True,
            "orchestrationMode": "Uniform",
        },
        sku={"tier": "Standard", "capacity": 3, "name": "Standard_D1_v2"},
        location="westus",
        type=_SETS,
        tags={"key8425": "aaa"},
    )


SUBSCRIPTION: Bodies = {
    "vm_scale_sets": [_scale_set()],
    "snapshots": [
        _snapshot(
            "mySnapshot1",
            {"createOption": "Copy", "sourceResourceId": f"{RG}/providers/{_SNAPSHOTS}/mySnapshot"},
        ),
        _snapshot(
            "mySnapshot2",
            {
                "createOption": "Import",
                "storageAccountId": f"{RG}/providers/Microsoft.Storage/storageAccounts/myStorageAccount",
                "sourceUri": "https://mystorageaccount.blob.core.windows.net/osimages/osimage.vhd",
            },
        ),
    ],
    "jit_policies": {
        SUB: [
            doc(
                f"{RG}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default",
                {
                    "virtualMachines": [{"id": _MACHINE, "ports": [_port(22), _port(3389)]}],
                    "requests": [
                        {
                            "virtualMachines": [
                                {
                                    "id": _MACHINE,
                                    "ports": [
                                        {
                                            "number": 3389,
                                            "allowedSourceAddressPrefix": "192.127.0.2",
                                            "endTimeUtc": "2018-05-17T09:06:45.5691611Z",
                                            "status": "Initiated",
                                            "statusReason": "UserRequested",
                                        }
                                    ],
                                }
                            ],
                            "startTimeUtc": "2018-05-17T08:06:45.5691611Z",
                            "requestor": "barbara@contoso.com",
                            "justification": "testing a new version of the product",
                        }
                    ],
                    "provisioningState": "Succeeded",
                },
                kind="Basic",
                type="Microsoft.Security/locations/jitNetworkAccessPolicies",
                location="westeurope",
            )
        ]
    },
}
