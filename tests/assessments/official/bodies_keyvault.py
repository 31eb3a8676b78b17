"""Microsoft's examples of key vaults and managed HSMs. See `bodies` for what was changed.

specification/keyvault/resource-manager/Microsoft.KeyVault/KeyVault/examples/2026-02-01: listVaultBySubscription.json,
createVaultWithNetworkAcls.json, ManagedHsm_ListBySubscription.json
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, TENANT, doc
from tests.assessments.official.bodies import Bodies

VAULTS = f"{RG}/providers/Microsoft.KeyVault/vaults"
HSMS = f"{RG}/providers/Microsoft.KeyVault/managedHSMs"


def _vault(name: str, tier: str, **properties: Any) -> dict[str, Any]:
    return doc(
        f"{VAULTS}/{name}",
        {
            "enabledForDeployment": True,
            "enabledForDiskEncryption": True,
            "enabledForTemplateDeployment": True,
            "hsmPoolResourceId": "00000000-0000-0000-0000-000000000000",
            "sku": {"name": tier, "family": "A"},
            "tenantId": TENANT,
            "vaultUri": f"https://{name}.vault.azure.net/",
            **properties,
        },
        location="westus",
        tags={},
        type="Microsoft.KeyVault/vaults",
    )


SUBSCRIPTION: Bodies = {
    "key_vaults": [
        _vault(
            "sample-vault",
            "premium",
            accessPolicies=[
                {
                    "objectId": "00000000-0000-0000-0000-000000000000",
                    "permissions": {"certificates": ["get"], "keys": ["encrypt"], "secrets": ["get"]},
                    "tenantId": TENANT,
                }
            ],
            enableSoftDelete=True,
            provisioningState="Succeeded",
        ),
        _vault(
            "sample-vault2",
            "standard",
            networkAcls={
                "bypass": "AzureServices",
                "defaultAction": "Deny",
                # The example has quotation marks in the second value.
                "ipRules": [{"value": "124.56.78.91/32"}, {"value": "'10.91.4.0/24'"}],
                "virtualNetworkRules": [
                    {
                        "id": "/subscriptions/subid/resourcegroups/rg1/providers/microsoft.network"
                        "/virtualnetworks/test-vnet/subnets/subnet1"
                    }
                ],
            },
        ),
    ],
    "managed_hsms": [
        doc(
            f"{HSMS}/hsm1",
            {
                "enablePurgeProtection": False,
                "enableSoftDelete": True,
                "hsmUri": "https://westus.hsm1.managedhsm.azure.net",
                "initialAdminObjectIds": ["00000000-0000-0000-0000-000000000000"],
                "provisioningState": "Succeeded",
                "softDeleteRetentionInDays": 90,
                "statusMessage": "ManagedHsm is functional.",
                "tenantId": TENANT,
            },
            location="westus",
            sku={"name": "Standard_B1", "family": "B"},
            tags={"Dept": "hsm", "Environment": "dogfood"},
            type="Microsoft.KeyVault/managedHSMs",
        )
    ],
}
