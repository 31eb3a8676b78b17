"""Microsoft's examples of vaults. See `bodies` for what was changed.

specification/recoveryservices/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/examples:
ListBySubscriptionIds (one of three vaults), GETVault; specification/dataprotection/resource-manager
/Microsoft.DataProtection/stable/2024-04-01/examples/VaultCRUD: GetBackupVaultsInSubscription (one of two vaults)
"""

from __future__ import annotations

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_KIND = "Microsoft.RecoveryServices/vaults"
_VAULT = f"{RG}/providers/{_KIND}/swaggerExample"
_BACKUP_VAULTS = "Microsoft.DataProtection/BackupVaults"

SUBSCRIPTION: Bodies = {
    "recovery_vaults": [
        doc(
            _VAULT,
            {"provisioningState": "Succeeded"},
            location="westus",
            tags={"TestUpdatedKey": "TestUpdatedValue"},
            type=_KIND,
            sku={"name": "Standard"},
        )
    ],
    "recovery_vault_settings": [
        doc(
            _VAULT,
            {
                "publicNetworkAccess": "Enabled",
                "provisioningState": "Succeeded",
                "privateEndpointStateForBackup": "Enabled",
                "privateEndpointStateForSiteRecovery": "None",
                "securitySettings": {
                    "immutabilitySettings": {"state": "Disabled"},
                    "softDeleteSettings": {
                        "softDeleteRetentionPeriodInDays": 14,
                        "softDeleteState": "Enabled",
                        "enhancedSecurityState": "Enabled",
                    },
                    "multiUserAuthorization": "Disabled",
                },
                "redundancySettings": {
                    "standardTierStorageRedundancy": "GeoRedundant",
                    "crossRegionRestore": "Enabled",
                },
                "secureScore": "None",
                "bcdrSecurityLevel": "Poor",
            },
            location="westus",
            tags={"TestUpdatedKey": "TestUpdatedValue"},
            type=_KIND,
            sku={"name": "Standard"},
        )
    ],
    "backup_vaults": [
        doc(
            f"{RG}/providers/{_BACKUP_VAULTS}/ExampleVault1",
            {
                "provisioningState": "Succeeded",
                "storageSettings": [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}],
                "featureSettings": {"crossRegionRestoreSettings": {"state": "Enabled"}},
                "securitySettings": {
                    "softDeleteSettings": {"state": "Enabled", "retentionDurationInDays": 14}
                },
                "secureScore": "Adequate",
                "bcdrSecurityLevel": "Good",
            },
            location="WestUS",
            tags={"key1": "val1"},
            identity={"type": "None"},
            type=_BACKUP_VAULTS,
        )
    ],
}
