"""The control sql-server-auditing: Server-level auditing is on, with useful event groups."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import SQL_AUDIT_SETTINGS, SQL_SERVER_AUDITING, SQL_SERVERS
from assessments.estate.sql.audit import read_audit
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import LOG_ACCOUNT, LOG_DAYS

FIX = Fix(
    command(
        "az sql server audit-policy update --resource-group {group} --name {server} --state Enabled --bsts Enabled"
        " --storage-account {log_account} --retention-days {log_days} --subscription {subscription}",
        # https://learn.microsoft.com/azure/azure-sql/database/audit-write-storage-account-behind-vnet-firewall
        "The command uses an access key of the account. If the account refuses keys or public networks, use the Azure"
        " portal instead.",
        kinds=("microsoft.sql/servers", "microsoft.sql/servers/databases"),
    ),
    portal="Azure portal › SQL servers › {server} › Security › Auditing › Enable Azure SQL Auditing › Storage",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/auditing-setup",
    cost="The records in the storage account are billed for each stored gigabyte.",
    effects="Auditing of the server covers all its databases, including new ones.",
    variables=[LOG_ACCOUNT, LOG_DAYS],
)


@per_subject(
    SQL_SERVERS,
    needs=[SQL_SERVER_AUDITING, SQL_AUDIT_SETTINGS],
    fix=FIX,
    severity=Severity.HIGH,
    labels={"isAzureMonitorTargetEnabled": "Audit to Azure Monitor"},
    references=References(c2="4.1.1", c3="5.1.1", mcsb="LT-3", nist="AU-12 AU-12(1)"),
)
def server_auditing(server: View, ctx: Context) -> Verdict:
    """Server-level auditing is on, with useful event groups.

    Problem: SQL server without auditing
    Expected: Auditing is Enabled with a destination
    Judged: The auditing policy of each logical SQL server. Passes if it is Enabled with a storage account,
    or with Azure Monitor and a diagnostic setting on the master database that takes
    SQLSecurityAuditEvents. Missing event groups (BATCH_COMPLETED_GROUP, SUCCESSFUL_ and
    FAILED_DATABASE_AUTHENTICATION_GROUP) add a remark.
    Why: Without auditing at server level, a new database is not audited, and nobody can find out who read it.
    """
    policy = ctx.single(SQL_SERVER_AUDITING, server.id)
    if policy is None:
        raise server.unreadable("extendedAuditingSettings/default", "absent")
    audit = read_audit(policy, lambda: ctx.documents_at(SQL_AUDIT_SETTINGS, f"{server.id}/databases/master"))
    if not audit.on:
        return failed("Auditing of the server is off", state=policy.raw("properties.state"))
    remarks = list(audit.remarks)
    if policy.raw("properties.isStorageSecondaryKeyInUse") is True:
        remarks.append("Auditing uses the secondary key of the storage account")
    observed = {
        "state": policy.raw("properties.state"),
        "storageEndpoint": audit.storage,
        "isAzureMonitorTargetEnabled": audit.to_monitor,
        "diagnosticSettings": list(audit.settings),
    }
    if not audit.live:
        return failed("Auditing is enabled without a destination", remarks=remarks, **observed)
    where = audit.storage or "Azure Monitor"
    return passed(f"Auditing of the server writes to {where}", remarks=remarks, **observed)
