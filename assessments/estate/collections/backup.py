"""Recovery Services vaults and Backup vaults."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import SINGLE, arm, child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.logs.cross_subscription import may_be_read
from assessments.estate.machines import backups as machine_backups

_BACKUP_COMMIT = "14804786d3d5c00f1675ea25a554960285a970a5"
_COMMIT = "132b90d1f06386034a6c2b34e903dbd3b03f9806"

_VAULTS = "recoveryservices/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/vaults.json"
_ITEMS = "recoveryservicesbackup/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/bms.json"

RECOVERY_VAULTS = listed(
    "recovery_vaults",
    "Microsoft.RecoveryServices/vaults@2024-10-01",
    "Recovery Services vaults",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2024-10-01", _VAULTS),
    definition=Definition("Vault", commit=_COMMIT),
)
# The list of vaults may omit the security settings, as in Microsoft's examples. Vaults whose settings are missing in
# the list are also requested one by one.
RECOVERY_VAULT_SETTINGS = child(
    "recovery_vaults",
    "recovery_vault_settings",
    "Microsoft.RecoveryServices/vaults@2024-10-01",
    "Security settings of Recovery Services vaults",
    path="{scope}",
    targets=t.vaults_without_settings,
    **SINGLE,
    error_codes=GENERAL,
    **since("2024-10-01", _VAULTS),
    definition=Definition("Vault", commit=_COMMIT),
)
# The request has no filter, so Azure lists the items of every kind: machines, databases, file shares, servers outside
# Azure.
BACKUP_ITEMS = child(
    "recovery_vaults",
    "backup_items",
    "Microsoft.RecoveryServices/vaults/backupProtectedItems@2024-10-01",
    "Items that Recovery Services vaults back up",
    error_codes=GENERAL,
    **since("2024-10-01", _ITEMS),
    definition=Definition("ProtectedItemResource", commit=_BACKUP_COMMIT),
)
BACKUP_POLICIES = child(
    "recovery_vaults",
    "backup_policies",
    "Microsoft.RecoveryServices/vaults/backupPolicies@2024-10-01",
    "Backup policies of Recovery Services vaults",
    error_codes=GENERAL,
    **since("2024-10-01", _ITEMS),
    definition=Definition("ProtectionPolicyResource", commit=_BACKUP_COMMIT),
)
# The answer is one document, which has a list of numbers in `value`. The document has no id, so the path becomes its
# id.
REPLICATION_USAGES = child(
    "recovery_vaults",
    "replication_usages",
    "Microsoft.RecoveryServices/vaults/replicationUsages@2024-10-01",
    "Number of replicated machines in each vault that backs nothing up",
    after=("recovery_vaults", "backup_items"),
    targets=t.vaults_without_items,
    id_from_path=True,
    **SINGLE,
    error_codes=GENERAL,
    **since(
        "2024-10-01",
        "recoveryservices/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/replicationusages.json",
    ),
    definition=Definition("ReplicationUsageList", commit=_COMMIT),
)
# The next four collections are read only if the subscription has a machine that no vault of the subscription backs up.
BACKUP_SUBSCRIPTIONS = arm(
    "backup_subscriptions",
    "Microsoft.Resources/subscriptions@2022-12-01",
    "Subscriptions whose vaults may back up machines of this subscription",
    path="{scope}",
    after=("virtual_machines", "backup_items"),
    targets=machine_backups.visible_subscriptions,
    keep=may_be_read,
    shared=True,
    error_codes=GENERAL,
    **since(
        "2018-06-01", "resources/resource-manager/Microsoft.Resources/stable/2018-06-01/subscriptions.json"
    ),
    definition=Definition("azure.mgmt.resource.subscriptions.models:Subscription"),
)
OTHER_RECOVERY_VAULTS = arm(
    "recovery_vaults_elsewhere",
    "Microsoft.RecoveryServices/vaults@2024-10-01",
    "Recovery Services vaults in other subscriptions",
    after=("backup_subscriptions",),
    targets=machine_backups.queryable_subscriptions,
    # These codes mean that the offer of the subscription allows no vaults.
    absent_codes=("DisallowedOperation", "DisallowedProvider"),
    prepare=machine_backups.place_only,
    shared=True,
    error_codes=GENERAL,
    **since("2024-10-01", _VAULTS),
    definition=Definition("Vault", commit=_COMMIT),
)
OTHER_BACKUP_ITEMS = arm(
    "backup_items_elsewhere",
    "Microsoft.RecoveryServices/vaults/backupProtectedItems@2024-10-01",
    "Machines with backups in vaults of other subscriptions",
    path="{scope}/backupProtectedItems",
    query={"$filter": "backupManagementType eq 'AzureIaasVM'"},
    after=("virtual_machines", "backup_items", "recovery_vaults_elsewhere"),
    targets=machine_backups.vaults_in_regions,
    keep=machine_backups.concerns_unit,
    shared=True,
    error_codes=GENERAL,
    **since("2024-10-01", _ITEMS),
    definition=Definition("ProtectedItemResource", commit=_BACKUP_COMMIT),
)
OTHER_BACKUP_POLICIES = arm(
    "backup_policies_elsewhere",
    "Microsoft.RecoveryServices/vaults/backupPolicies@2024-10-01",
    "Backup policies of machines in vaults of other subscriptions",
    path="{scope}",
    after=("backup_items_elsewhere",),
    targets=machine_backups.foreign_policies,
    **SINGLE,
    error_codes=GENERAL,
    **since("2024-10-01", _ITEMS),
    definition=Definition("ProtectionPolicyResource", commit=_BACKUP_COMMIT),
)
BACKUP_VAULTS = listed(
    "backup_vaults",
    "Microsoft.DataProtection/backupVaults@2024-04-01",
    "Backup vaults",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2024-04-01",
        "dataprotection/resource-manager/Microsoft.DataProtection/stable/2024-04-01/dataprotection.json",
    ),
    definition=Definition("BackupVaultResource", commit="7aa2e5d91c4fe8771e4ef4ca83b72b184176acaa"),
)
