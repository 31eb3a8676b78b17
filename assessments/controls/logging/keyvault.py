"""The control logging-keyvault: Key vaults write audit logs."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.keyvault._variables import HSM, HSMS, VAULT
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.keyvault import KEY_VAULT_LOG_SETTINGS, KEY_VAULTS, MANAGED_HSMS
from assessments.estate.logs.log_sinks import destinations, enabled_categories, unknown_group
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, PortalPath, command
from assessments.fixes.variables import WORKSPACE_ID

# The only category of logs about access to a key vault or managed HSM, and the category groups that contain this
# category: https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference
_ACCEPTED: Final = frozenset({"auditevent", "audit", "alllogs"})
_LEARN: Final = "https://learn.microsoft.com/azure/key-vault"


def _audit_log(vault: View, ctx: Context) -> Verdict:
    exporting: dict[str, list[str]] = {}
    problem: Unreadable | None = None
    for setting in ctx.documents_at(KEY_VAULT_LOG_SETTINGS, vault.id):
        try:
            kinds = [destination.kind for destination in destinations(setting)]
            taken = enabled_categories(setting) if kinds else set()
            if taken & _ACCEPTED:
                exporting[setting.name] = kinds
            elif kinds:
                problem = problem or unknown_group(setting)
        except Unreadable as error:
            problem = problem or error
    if exporting:
        return passed("The audit log is exported", settings=dict(sorted(exporting.items())))
    if problem is not None:
        raise problem
    return failed("No diagnostic setting exports the audit log", settings={})


CONTROLS = declare_settings(
    __name__,
    KEY_VAULTS,
    SettingControl(
        "logging-keyvault",
        title="Key vaults write audit logs",
        problem="Key vault without an audit log",
        expected="A diagnostic setting with a destination exports AuditEvent",
        judged="The diagnostic settings of each key vault and managed HSM. Passes if a setting with a destination"
        " (storage account, workspace, event hub or partner) exports the category AuditEvent, or the group `audit` or"
        " `allLogs`, which contain it. Whether the destination still exists, and how long it keeps the log, is not"
        " checked.",
        why="The audit log says who used which key or secret. Without it, nobody can find out what an attacker read.",
        severity=Severity.HIGH,
        judge=_audit_log,
        also=(MANAGED_HSMS,),
        needs=(KEY_VAULT_LOG_SETTINGS,),
        subject_type="Microsoft.KeyVault/vaults",
        empty_reason="No key vaults or managed HSMs",
        references=References(
            c2="5.1.5",
            c3="6.1.4",
            c4="7.1.1.4",
            c5="6.1.1.4",
            c6="6.1.1.4",
            mcsb="DP-8 LT-3",
            nist="AU-6(4) AU-6(5) AU-12 AU-12(1)",
        ),
        fix=Fix(
            command(
                "az monitor diagnostic-settings create --name surety-audit --resource {id} --workspace {workspace_id}"
                " --logs {logs}",
                bodies={"logs": [{"categoryGroup": "audit", "enabled": True}]},
            ),
            portal="Azure portal › Key vaults › {vault} › Diagnostic settings › Add diagnostic setting › audit",
            portal_source=f"{_LEARN}/general/howto-logging",
            portals={
                HSMS[0]: PortalPath(
                    "Azure portal › Managed HSM Pools › {hsm} › Diagnostic settings › Add diagnostic setting",
                    f"{_LEARN}/managed-hsm/logging",
                )
            },
            cost="Azure bills the log by the amount of data.",
            effects="Only new entries are exported.",
            variables=[VAULT, HSM, WORKSPACE_ID],
        ),
    ),
)
