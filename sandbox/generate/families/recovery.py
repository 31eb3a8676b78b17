"""Recovery Services vaults and Backup vaults, and the expected verdicts of assessments/controls/recovery."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("recovery-soft-delete", "recovery-immutability")
_RECOVERY, _BACKUP = "Microsoft.RecoveryServices/vaults", "Microsoft.DataProtection/BackupVaults"


def write(sub: Subscription) -> None:
    """Write a vault of each kind into some subscriptions."""
    if sub.rng.chance(0.6):
        _write_vault(sub, _RECOVERY, f"rsv-{sub.rng.letters(6)}")
    if sub.rng.chance(0.3):
        _write_vault(sub, _BACKUP, f"bv-{sub.rng.letters(6)}")


def _write_vault(sub: Subscription, kind: str, name: str) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    resource = sub.id_of(group, kind, name)
    lost, deletable = rng.faulty(), rng.faulty()
    settings: Json = {
        "immutabilitySettings": {"state": "Disabled" if deletable else rng.pick(("Unlocked", "Locked"))}
    }
    if kind == _RECOVERY:
        settings["softDeleteSettings"] = {
            "softDeleteState": "Disabled" if lost else rng.pick(("Enabled", "AlwaysON")),
            "softDeleteRetentionPeriodInDays": 0 if lost else 14,
        }
        settings["multiUserAuthorization"] = "Disabled"
    else:
        settings["softDeleteSettings"] = {
            "state": "Off" if lost else rng.pick(("On", "AlwaysOn")),
            "retentionDurationInDays": 14,
        }
    sub.expect_failure_if("recovery-soft-delete", resource, lost)
    sub.expect_failure_if("recovery-immutability", resource, deletable)
    properties: Json = {"provisioningState": "Succeeded", "securitySettings": settings}
    sub.write(group, kind, name, properties, location=region, tags=tags)
