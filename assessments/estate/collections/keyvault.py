"""Key vaults and managed HSMs."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import listed, since

# Azure retires all api-versions before 2026-02-01 on 27 February 2027:
# https://learn.microsoft.com/azure/key-vault/general/access-control-default
KEY_VAULTS = listed(
    "key_vaults",
    "Microsoft.KeyVault/vaults@2026-02-01",
    "Key vaults",
    inventory=Inventory.CONFIGURATION,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/keyvault.json"),
)
MANAGED_HSMS = listed(
    "managed_hsms",
    "Microsoft.KeyVault/managedHSMs@2026-02-01",
    "Managed HSMs",
    inventory=Inventory.CONFIGURATION,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/managedHsm.json"),
)
