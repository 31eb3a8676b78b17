"""Recovery Services vaults and Backup vaults."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import SINGLE, child, listed, since

_VAULTS = "recoveryservices/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/vaults.json"

RECOVERY_VAULTS = listed(
    "recovery_vaults",
    "Microsoft.RecoveryServices/vaults@2024-10-01",
    "Recovery Services vaults",
    inventory=Inventory.CONFIGURATION,
    **since("2024-10-01", _VAULTS),
)
# Microsoft's examples of the list have no security settings; those of the vault itself have them.
RECOVERY_VAULT_SETTINGS = child(
    "recovery_vaults",
    "recovery_vault_settings",
    "Microsoft.RecoveryServices/vaults@2024-10-01",
    "Security settings of Recovery Services vaults",
    path="{scope}",
    targets=t.vaults_without_settings,
    **SINGLE,
    **since("2024-10-01", _VAULTS),
)
BACKUP_VAULTS = listed(
    "backup_vaults",
    "Microsoft.DataProtection/backupVaults@2024-04-01",
    "Backup vaults",
    inventory=Inventory.CONFIGURATION,
    **since(
        "2024-04-01",
        "dataprotection/resource-manager/Microsoft.DataProtection/stable/2024-04-01/dataprotection.json",
    ),
)
