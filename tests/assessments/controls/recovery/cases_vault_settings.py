"""Soft delete and immutability of Recovery Services vaults and Backup vaults."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

VAULT = f"{RG}/providers/Microsoft.RecoveryServices/vaults/rsv1"
BACKUP = f"{RG}/providers/Microsoft.DataProtection/BackupVaults/bv1"


def _listed(body: dict[str, Any]) -> dict[str, Any]:
    return {SUB: [{key: body[key] for key in ("id", "name", "type")}]}


def recovery(settings: Any = None, itself: Any = None) -> dict[str, Any]:
    """A vault. `settings`: its security settings in the list of vaults. `itself`: its properties in the answer to a
    request for this vault only.
    """
    stated = {} if settings is None else {"securitySettings": settings}
    body = doc(VAULT, stated, type="Microsoft.RecoveryServices/vaults")
    docs: dict[str, Any] = {"resources": _listed(body), "recovery_vaults": [body]}
    if itself is not None:
        docs["recovery_vault_settings"] = {VAULT: [doc(VAULT, itself)]}
    return docs


def backup(settings: Any = None) -> dict[str, Any]:
    stated = {} if settings is None else {"securitySettings": settings}
    body = doc(BACKUP, stated, type="Microsoft.DataProtection/BackupVaults")
    return {"resources": _listed(body), "backup_vaults": [body]}


def soft(state: Any, days: Any = 14) -> dict[str, Any]:
    return {"softDeleteSettings": {"softDeleteState": state, "softDeleteRetentionPeriodInDays": days}}


def soft_backup(state: Any, days: Any = 14) -> dict[str, Any]:
    return {"softDeleteSettings": {"state": state, "retentionDurationInDays": days}}


def immutable(state: Any, **more: Any) -> dict[str, Any]:
    return {"immutabilitySettings": {"state": state}, **more}


NONE: tuple[Any, ...] = ("no vault", {}, {SUB: "not_applicable"})
NO_LISTS: tuple[tuple[Any, ...], ...] = (
    (
        "vaults forbidden",
        {"resources": recovery()["resources"]},
        {SUB: "unknown"},
        {"gaps": [gap("recovery_vaults")]},
    ),
    (
        "Backup vaults forbidden",
        {"resources": backup()["resources"]},
        {SUB: "unknown"},
        {"gaps": [gap("backup_vaults")]},
    ),
    ("settings forbidden", recovery(), {VAULT: "unknown"}, {"gaps": [gap("recovery_vault_settings", VAULT)]}),
)
LOCKED = {"params": {"locked_only": True}}

CASES = [
    *rows(
        "recovery-soft-delete",
        ("on", recovery(soft("Enabled")), {VAULT: "pass"}),
        ("always on", recovery(soft("AlwaysON", 30)), {VAULT: "pass"}),
        ("off", recovery(soft("Disabled")), {VAULT: "fail"}),
        ("too few days", recovery(soft("Enabled", 7)), {VAULT: "fail"}),
        ("few days accepted", recovery(soft("Enabled", 7)), {VAULT: "pass"}, {"params": {"min_days": 7}}),
        ("number of days not stated", recovery(soft("Enabled", None)), {VAULT: "pass"}),
        ("invalid", recovery(soft("Invalid")), {VAULT: "unknown"}),
        ("days are text", recovery(soft("Enabled", "14")), {VAULT: "unknown"}),
        ("no setting", recovery({}), {VAULT: "unknown"}),
        ("only the vault states it", recovery(None, {"securitySettings": soft("Enabled")}), {VAULT: "pass"}),
        (
            "only the vault states that it is off",
            recovery(None, {"securitySettings": soft("Disabled")}),
            {VAULT: "fail"},
        ),
        ("nothing states it", recovery(None, {}), {VAULT: "unknown"}),
        ("Backup vault, on", backup(soft_backup("On")), {BACKUP: "pass"}),
        ("Backup vault, as in the example", backup(soft_backup("Enabled")), {BACKUP: "pass"}),
        ("Backup vault, off", backup(soft_backup("Off")), {BACKUP: "fail"}),
        ("Backup vault, too few days", backup(soft_backup("AlwaysOn", 7)), {BACKUP: "fail"}),
        ("Backup vault, no setting", backup(), {BACKUP: "unknown"}),
        *NO_LISTS,
        NONE,
    ),
    *rows(
        "recovery-immutability",
        ("locked", recovery(immutable("Locked")), {VAULT: "pass"}, {"no_remark": "locked"}),
        ("unlocked", recovery(immutable("Unlocked")), {VAULT: "pass"}, {"remark": "not locked"}),
        (
            "unlocked, and one person suffices",
            recovery(immutable("Unlocked", multiUserAuthorization="Disabled")),
            {VAULT: "pass"},
            {"remark": "alone"},
        ),
        (
            "locked, and one person suffices",
            recovery(immutable("Locked", multiUserAuthorization="Disabled")),
            {VAULT: "pass"},
            {"no_remark": "alone"},
        ),
        ("unlocked, not accepted", recovery(immutable("Unlocked")), {VAULT: "fail"}, LOCKED),
        ("locked, as demanded", recovery(immutable("Locked")), {VAULT: "pass"}, LOCKED),
        ("off", recovery(immutable("Disabled")), {VAULT: "fail"}, {"no_remark": "alone"}),
        (
            "off, one person decides",
            recovery(immutable("Disabled", multiUserAuthorization="Disabled")),
            {VAULT: "fail"},
            {"remark": "alone"},
        ),
        ("not stated in the list, vault forbidden", recovery({}), {VAULT: "unknown"}),
        (
            "only a part in the list",
            recovery(soft("Enabled"), {"securitySettings": immutable("Locked")}),
            {VAULT: "pass"},
        ),
        ("a new state", recovery(immutable("Frozen")), {VAULT: "unknown"}),
        (
            "only the vault states it",
            recovery(None, {"securitySettings": immutable("Locked")}),
            {VAULT: "pass"},
        ),
        ("nothing states it", recovery(None, {}), {VAULT: "fail"}),
        ("Backup vault, locked", backup(immutable("Locked")), {BACKUP: "pass"}),
        ("Backup vault, off", backup(immutable("Disabled")), {BACKUP: "fail"}),
        ("Backup vault, not stated", backup(), {BACKUP: "fail"}),
        *NO_LISTS,
        NONE,
    ),
]
ABSENCE_PASSES = [
    (
        "recovery-soft-delete",
        r"properties\.securitySettings\.softDeleteSettings\.(softDeleteRetentionPeriodInDays|retentionDurationInDays)",
        "deleted backups are kept for 14 days by default",
    )
]
OFFICIAL_VERDICTS = """
recovery-immutability fail: ExampleVault1 avrai7517Vault1 swaggerExample
recovery-soft-delete pass: ExampleVault1 avrai7517Vault1 swaggerExample
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Recovery Services vaults › {recovery_vault} › Properties › Immutable vault › Settings",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/backup-azure-immutable-vault-how-to-manage.md",
            "049274e51097c34c1d2393e08a577752bbc6c384",
            "Go to the Recovery Services vault for which you want to enable immutability",
            "go to Properties > Immutable vault, and then select Settings",
        ),
        not_in_text={"Recovery Services vaults": "The list of vaults, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Backup vaults › {backup_vault} › Properties › Immutable vault › Settings",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/backup-azure-immutable-vault-how-to-manage.md",
            "049274e51097c34c1d2393e08a577752bbc6c384",
            "Go to the Backup vault for which you want to enable immutability",
            "go to Properties > Immutable vault, and then select Settings",
        ),
        not_in_text={"Backup vaults": "The list of vaults, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Recovery Services vaults › {recovery_vault} › Properties › Soft Delete › Update",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/backup-azure-enhanced-soft-delete-configure-manage.md",
            "0f24a76f81076f0e539461ca39e752cf18f25985",
            "Go to Recovery Services vault > Properties",
            "Under Soft Delete, select Update to modify the soft delete setting",
            "for Recovery Services vaults and Backup vaults",
        ),
    ),
    ComparedPath(
        "Azure portal › Backup vaults › {backup_vault} › Properties › Soft Delete › Update",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/backup-azure-enhanced-soft-delete-configure-manage.md",
            "0f24a76f81076f0e539461ca39e752cf18f25985",
            "Go to Backup vault > Properties",
            "Under Soft Delete, select Update to modify the soft delete setting",
            "for Recovery Services vaults and Backup vaults",
        ),
    ),
]
