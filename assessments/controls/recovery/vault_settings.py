"""Controls of the soft delete and immutability of Recovery Services vaults and Backup vaults.

Properties: recoveryservices/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/vaults.json
and dataprotection/resource-manager/Microsoft.DataProtection/stable/2024-04-01/dataprotection.json (SecuritySettings).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.backup import BACKUP_VAULTS, RECOVERY_VAULT_SETTINGS, RECOVERY_VAULTS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, PortalPath, Step, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable, segment

_TYPE: Final = "Microsoft.RecoveryServices/vaults"
_RECOVERY: Final = ("microsoft.recoveryservices/vaults",)
_BACKUP: Final = ("microsoft.dataprotection/backupvaults",)
_NONE: Final = "No Recovery Services vaults or Backup vaults"
_LEARN: Final = "https://learn.microsoft.com/azure/backup"
_SOFT_DELETE: Final = f"{_LEARN}/backup-azure-enhanced-soft-delete-configure-manage"
_IMMUTABLE: Final = f"{_LEARN}/backup-azure-immutable-vault-how-to-manage"
RECOVERY_VAULT: Final = Variable(
    "recovery_vault", "Name of the Recovery Services vault", "rsv-shop", "the vault", segment("vaults")
)
BACKUP_VAULT: Final = Variable(
    "backup_vault", "Name of the Backup vault", "bv-shop", "the vault", segment("backupVaults")
)
LOCKED_ONLY: Final = Parameter(
    "locked_only", False, "Accept only immutability that is locked", label="Require locked immutability"
)
MIN_DAYS: Final = Parameter(
    "min_days",
    14,
    "Minimum number of days for which deleted backups can be restored",
    label="Minimum retention (days)",
    minimum=0,
)
_DAYS: Final = Variable(
    "backup_days",
    "Days for which deleted backups can be restored: at least as many as the control expects, and not fewer than the"
    " vault has now. For several vaults, enter the highest of these numbers",
    "14",
)
_PATCH: Final = "az rest --method patch --url {id} --url-parameters api-version=2024-04-01 --body {body}"


def _security(vault: View, ctx: Context, part: str) -> View:
    """Return the security settings of a vault, or an empty object if Azure states no such settings. Raise
    CollectionUnavailable or Unreadable if needed data could not be read.

    The list of Recovery Services vaults may lack the object `part` of the settings. Then the settings come from the
    document that was read for this single vault.
    """
    properties = vault.object("properties")
    listed = properties.object("securitySettings", default={})
    if vault.collection == BACKUP_VAULTS.name or listed.has(part):
        return listed
    found = ctx.single(RECOVERY_VAULT_SETTINGS, vault.id)
    if found is None:
        raise properties.unreadable("securitySettings", "absent")
    return found.object("properties").object("securitySettings", default={})


def _lacks_multi_user_authorization(security: View, ctx: Context) -> bool:
    """Return whether `multiUserAuthorization` is off. If it is off, one person alone can switch the protections off.
    Backup vaults do not have this property.
    """
    states = ("invalid", "enabled", "disabled")
    return security.choice("multiUserAuthorization", states, default="") in ("invalid", "disabled")


_NO_MULTI_USER_AUTHORIZATION: Final = Remark(
    "One person alone can switch off the protections of the vault", _lacks_multi_user_authorization
)


def _soft_delete(vault: View, ctx: Context) -> Verdict:
    settings = _security(vault, ctx, "softDeleteSettings").object("softDeleteSettings", default={})
    if vault.collection == BACKUP_VAULTS.name:
        # In Microsoft's example of a list of Backup vaults, `state` is Enabled, although the specification does not
        # name this value.
        state, days = "state", "retentionDurationInDays"
        is_on = settings.choice(state, {"on", "alwayson", "enabled", "off"}) != "off"
    else:
        state, days = "softDeleteState", "softDeleteRetentionPeriodInDays"
        is_on = settings.choice(state, {"enabled", "alwayson", "disabled"}) != "disabled"
    observed = {"softDelete": settings.raw(state), "softDeleteRetentionInDays": settings.raw(days)}
    if not is_on:
        return failed("Soft delete is off", **observed)
    if settings.has(days) and settings.number(days) < ctx.params[MIN_DAYS.name]:
        return failed("Deleted backups can be restored for too few days", **observed)
    return passed("Deleted backups can be restored", **observed)


def _immutability(vault: View, ctx: Context) -> Verdict:
    security = _security(vault, ctx, "immutabilitySettings")
    settings = security.object("immutabilitySettings", default={})
    state = settings.choice("state", {"disabled", "unlocked", "locked"}, default="Disabled")
    observed = {"immutability": settings.raw("state")}
    remarks = []
    if vault.collection == RECOVERY_VAULTS.name and _lacks_multi_user_authorization(security, ctx):
        remarks.append(_NO_MULTI_USER_AUTHORIZATION.text)
    if state == "disabled":
        return failed("Backups can be deleted before they expire", remarks=remarks, **observed)
    if state == "unlocked" and ctx.params[LOCKED_ONLY.name]:
        return failed("Immutability is on, but not locked", remarks=remarks, **observed)
    if state == "unlocked":
        return passed(
            "Backups cannot be deleted before they expire",
            remarks=["Immutability is not locked, so somebody can switch it off", *remarks],
            **observed,
        )
    return passed("Backups cannot be deleted before they expire, and nobody can change that", **observed)


def _is_always_on(facts: Facts) -> bool:
    """Return whether nobody can switch off soft delete. Azure refuses to change this state."""
    return facts.text("softDelete").casefold() == "alwayson"


def _can_be_off(facts: Facts) -> bool:
    return not _is_always_on(facts)


def _keep_deleted_backups(
    when: Callable[[Facts], bool], recovery_state: str, backup_state: str, intro: str
) -> tuple[Step, ...]:
    """The commands that set the state of soft delete and the number of days, for each kind of vault."""
    settings = {"state": backup_state, "retentionDurationInDays": "{backup_days:number}"}
    return (
        command(
            "az backup vault backup-properties set --resource-group {group} --name {recovery_vault}"
            f" --soft-delete-feature-state {recovery_state} --soft-delete-duration {{backup_days}}"
            " --subscription {subscription}",
            intro,
            kinds=_RECOVERY,
            when=when,
        ),
        command(
            _PATCH,
            intro,
            kinds=_BACKUP,
            bodies={"body": {"properties": {"securitySettings": {"softDeleteSettings": settings}}}},
            when=when,
        ),
    )


CONTROLS = declare_settings(
    __name__,
    RECOVERY_VAULTS,
    SettingControl(
        "recovery-soft-delete",
        title="Deleted backups can be restored",
        problem="Vault whose deleted backups are lost at once",
        expected="Soft delete is on, for at least {min_days:days}",
        judged="`securitySettings.softDeleteSettings` of each Recovery Services vault and Backup vault: soft delete"
        " must be on, for at least `min_days` days. If the list of vaults lacks the settings of a Recovery Services"
        " vault, the vault itself is read.",
        why="Attackers delete backups before they encrypt the data, so that nobody can restore it.",
        severity=Severity.HIGH,
        judge=_soft_delete,
        also=(BACKUP_VAULTS,),
        needs=(RECOVERY_VAULT_SETTINGS,),
        subject_type=_TYPE,
        empty_reason=_NONE,
        parameters=(MIN_DAYS,),
        references=References(mcsb="BR-2*", mcsb2="BR-2", nist="CP-9*"),
        fix=Fix(
            *_keep_deleted_backups(
                _can_be_off,
                "Enable",
                "On",
                "If the state of soft delete is not AlwaysOn, switch soft delete on, and set the days.",
            ),
            *_keep_deleted_backups(
                _is_always_on,
                "AlwaysOn",
                "AlwaysOn",
                "If the state of soft delete is AlwaysOn, keep this state, and set only the days.",
            ),
            portal="Azure portal › Recovery Services vaults › {recovery_vault} › Properties › Soft Delete › Update",
            portal_source=_SOFT_DELETE,
            portals={
                _BACKUP[0]: PortalPath(
                    "Azure portal › Backup vaults › {backup_vault} › Properties › Soft Delete › Update",
                    _SOFT_DELETE,
                )
            },
            cost="Azure bills deleted backups that are kept for more than 14 days.",
            variables=[RECOVERY_VAULT, BACKUP_VAULT, _DAYS],
        ),
    ),
    SettingControl(
        "recovery-immutability",
        title="Backups cannot be deleted before they expire",
        problem="Vault whose backups can be deleted before they expire",
        expected="Immutability is on",
        judged="`securitySettings.immutabilitySettings.state` of each Recovery Services vault and Backup vault:"
        " `Locked` and `Unlocked` pass, the latter with a remark; with `locked_only`, `Unlocked` fails. Without the"
        " property, immutability is off, which is the default. If the list of vaults lacks the settings of a Recovery"
        " Services vault, the vault itself is read.",
        why="Without immutability, anyone with a stolen account of a vault administrator can delete backups or shorten"
        " their retention.",
        severity=Severity.MEDIUM,
        judge=_immutability,
        also=(BACKUP_VAULTS,),
        needs=(RECOVERY_VAULT_SETTINGS,),
        subject_type=_TYPE,
        empty_reason=_NONE,
        parameters=(LOCKED_ONLY,),
        references=References(mcsb="BR-2*", mcsb2="BR-2", nist="CP-9*"),
        fix=Fix(
            command(
                "az backup vault update --resource-group {group} --name {recovery_vault}"
                " --immutability-state Unlocked --subscription {subscription}",
                kinds=_RECOVERY,
            ),
            command(
                _PATCH,
                kinds=_BACKUP,
                bodies={
                    "body": {
                        "properties": {"securitySettings": {"immutabilitySettings": {"state": "Unlocked"}}}
                    }
                },
            ),
            portal="Azure portal › Recovery Services vaults › {recovery_vault} › Properties › Immutable vault ›"
            " Settings",
            portal_source=_IMMUTABLE,
            portals={
                _BACKUP[0]: PortalPath(
                    "Azure portal › Backup vaults › {backup_vault} › Properties › Immutable vault › Settings",
                    _IMMUTABLE,
                )
            },
            effects="Nobody can delete backups, or shorten their retention, before they expire. As soon as immutability"
            " is locked, nobody can switch it off.",
            variables=[RECOVERY_VAULT, BACKUP_VAULT],
        ),
    ),
)
