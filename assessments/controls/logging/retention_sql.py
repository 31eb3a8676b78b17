"""The control logging-retention-sql: SQL audit records are kept for more than 90 days."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judgements, unknown_from
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.retention import (
    MIN_DAYS,
    SINK_COLLECTIONS,
    LogRetention,
    judge_retention,
    retention_at,
    select_settings,
    storage_deletion,
    tag_remarks,
)
from assessments.controls.shared.sql_audit_sinks import (
    AUDIT_COLLECTIONS,
    database_audit,
    databases,
    diagnostics_scope,
    server_audit,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, not_applicable
from assessments.estate.collections.sql import (
    SQL_AUDIT_SETTINGS,
    SQL_DATABASE_AUDITING,
    SQL_DATABASES,
    SQL_SERVER_AUDITING,
    SQL_SERVERS,
)
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.ids import parent_of
from assessments.estate.logs.log_sinks import account_name, destinations, log_folder
from assessments.estate.sql.audit import Audit, receives_audit
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import LOG_DAYS, Variable

# https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs#resource-specific
_TABLES = {"dedicated", "azurediagnostics"}
_CONTAINER = "insights-logs-sqlsecurityauditevents"
# If the audit policy names a storage account, Azure SQL writes the records to this container of the account, as append
# blobs. No diagnostic setting is needed.
# https://learn.microsoft.com/azure/azure-sql/database/audit-log-format
_OWN_CONTAINER = "sqldbauditlogs"


def _endpoint(facts: Facts) -> str:
    """Return the address of the storage account that the audit policy itself names, or an empty string."""
    addresses = (str(sink.get("id")) for sink in facts.rows("sinks") if sink.get("kind") == "storage")
    # Diagnostic settings name storage accounts too, but by the resource id instead of an address.
    return next((address for address in addresses if "://" in address), "")


# Without `--bsts Enabled` and the address, the Azure CLI ignores the number of days. With these options, the Azure CLI
# also sets the first or second key of the storage account as the credential. If auditing used a managed identity
# before, it uses the key from then on (azure-cli 2.91.0, `_audit_policy_update_apply_blob_storage_details`).
_KEEP = (
    " --bsts Enabled --storage-endpoint {storage_endpoint} --retention-days {log_days}"
    " --subscription {subscription}"
)
_OR_PORTAL = (
    " 0 means no limit. The command uses an access key of the account. If Azure SQL signs in with a managed identity,"
    " or the account is in another subscription, use the Azure portal instead."
)

FIX = Fix(
    command(
        f"az sql server audit-policy update --resource-group {{group}} --name {{server}}{_KEEP}",
        f"If the server’s own setting, Retention (Days), deletes the audit log too early, raise it.{_OR_PORTAL}",
        kinds=("microsoft.sql/servers",),
        when=lambda facts: bool(_endpoint(facts)),
    ),
    command(
        f"az sql db audit-policy update --resource-group {{group}} --server {{server}} --name {{database}}{_KEEP}",
        f"If the database’s own setting, Retention (Days), deletes the audit log too early, raise it.{_OR_PORTAL}",
        kinds=("microsoft.sql/servers/databases",),
        when=lambda facts: bool(_endpoint(facts)),
    ),
    advice(
        "If the log goes to a Log Analytics workspace, keep the table AzureDiagnostics longer:"
        " Azure portal › Log Analytics workspaces › the workspace › Tables › AzureDiagnostics › Manage table."
    ),
    advice(
        "If a lifecycle rule of the storage account deletes the log, change the rule:"
        " Azure portal › Storage accounts › the account of the log › Lifecycle management."
    ),
    portal="Azure portal › SQL servers › {server} › Security › Auditing › Storage › Advanced properties ›"
    " Retention (Days)",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/auditing-setup",
    cost="The storage account is billed for each stored gigabyte, and the workspace for its retention.",
    effects="The new retention applies to records that are written from now on.",
    variables=[
        LOG_DAYS,
        Variable(
            "storage_endpoint",
            "Address of the storage account that receives the log",
            "https://stlogs.blob.core.windows.net",
            known=_endpoint,
        ),
    ],
)


@judgements(
    needs=(SQL_SERVERS, SQL_DATABASES, *AUDIT_COLLECTIONS, *SINK_COLLECTIONS),
    fix=FIX,
    severity=Severity.MEDIUM,
    subject_type="Microsoft.Sql/servers",
    empty_reason="No SQL server",
    references=References(
        c2="4.1.6",
        c3="5.1.6",
        mcsb="LT-6",
        nist="AU-11",
        partly=(
            Partly(
                "c2 c3",
                "The control’s parameters can permit a retention shorter than required",
                unless=(Setting("min_days", minimum=91),),
            ),
            Partly(
                "c2 c3",
                "The control also passes if a storage account deletes the records too soon, but a workspace keeps"
                " them long enough",
            ),
        ),
    ),
    parameters=(MIN_DAYS,),
)
def retention_sql(ctx: Context) -> Iterator[Judgement]:
    """SQL audit records are kept for more than 90 days.

    Problem: SQL audit log retention too short
    Expected: At least one destination keeps the audit records for {min_days:days} or without limit
    Judged: Each SQL server. If auditing of the server is off or has no destination, also each of its databases with
    auditing of its own. The destination that keeps the records longest decides; it must keep them for at least
    `min_days` days.

    A storage target counts with its `retentionDays`, where 0 means no limit, or with the lifecycle rules for the
    container `sqldbauditlogs` if they delete earlier. A lifecycle rule that is limited to blobs with index tags does
    not count, because Azure adds no such tags to logs. If the period of such a rule is too short, the verdict gets a
    remark. If the storage account of the target is not in the subscription, its lifecycle rules are not read, and a
    remark says so.

    For records that a diagnostic setting sends to a workspace, the total retention of their table counts; for those
    that it sends to a storage account, the account's lifecycle rules count.

    If the records only go to an event hub or a partner, their retention needs an attestation. Not applicable if
    auditing is off or has no destination, which logging-sql-db-auditing reports.
    Why: Intrusions are often found only after months.
    """
    servers, gaps = ctx.partial(SQL_SERVERS)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    for server in servers:
        trace = ctx.fresh_trace()
        try:
            audit = server_audit(ctx, server)
            verdict = _judge(
                ctx, audit, ctx.single(SQL_SERVER_AUDITING, server.id), diagnostics_scope(server)
            )
            check_databases = not audit.live
        except (CollectionUnavailable, Unreadable) as error:
            verdict, check_databases = unknown_from(error), False
        yield Judgement(server.id, verdict, tuple(entry[0] for entry in trace.reads.values()))
        if check_databases:
            yield from _databases(ctx, server)


def _databases(ctx: Context, server: View) -> Iterator[Judgement]:
    """Judge the databases that have auditing of their own. This function is called only if auditing of the server is
    off or has no destination.
    """
    try:
        found = databases(ctx, server)
    except CollectionUnavailable as error:
        yield Judgement(ctx.scope_id, unknown_from(error))
        return
    for database in found:
        trace = ctx.fresh_trace()
        try:
            audit = database_audit(ctx, database)
            if not audit.live:
                continue
            verdict = _judge(ctx, audit, ctx.single(SQL_DATABASE_AUDITING, database.id), database.id)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        yield Judgement(database.id, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _judge(ctx: Context, audit: Audit, policy: View | None, settings_of: str) -> Verdict:
    if not audit.on or policy is None:
        return not_applicable("Auditing is off, so no record is written")
    if not audit.live:
        return not_applicable("Auditing has no destination, so no record is written")
    min_days = float(ctx.params["min_days"])
    retentions: list[LogRetention] = []
    remarks: list[str] = []
    first_error: CollectionUnavailable | Unreadable | None = None
    if audit.storage:
        try:
            retention, rules_unread = _storage_retention(ctx, audit.storage, policy, min_days)
            retentions.append(retention)
            remarks += rules_unread
        except (CollectionUnavailable, Unreadable) as error:
            first_error = error
    if audit.to_monitor and not any(sink.reaches(min_days) for sink in retentions):
        try:
            for setting in _settings(ctx, audit, settings_of):
                into = setting.choice("properties.logAnalyticsDestinationType", _TABLES, default="")
                table = "SQLSecurityAuditEvents" if into == "dedicated" else "AzureDiagnostics"
                more_retentions, more_remarks, problem = retention_at(
                    ctx,
                    destinations(setting),
                    table=table,
                    # The folder of the server contains the records of all of its databases.
                    folder=log_folder(_CONTAINER, parent_of(settings_of)),
                    min_days=min_days,
                )
                retentions, remarks, first_error = (
                    retentions + more_retentions,
                    remarks + more_remarks,
                    first_error or problem,
                )
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    return judge_retention(retentions, remarks, first_error, min_days, "The audit log")


def _storage_retention(
    ctx: Context, endpoint: str, policy: View, min_days: float
) -> tuple[LogRetention, list[str]]:
    """Return how long the storage target of a policy keeps the records, and remarks about its lifecycle rules.

    Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    own = LogRetention("storage", endpoint, policy.number("properties.retentionDays") or None)
    if not own.reaches(min_days):
        # Lifecycle rules can only shorten the retention, which is too short already. So do not read the rules.
        return own, []
    accounts, gaps = ctx.partial(STORAGE_ACCOUNTS)
    name = account_name(endpoint)
    account = next((account for account in accounts if account.name.casefold() == name), None)
    if account is None:
        if gaps:
            raise CollectionUnavailable(gaps[0])
        return own, [
            f"Could not check lifecycle rules: the storage account {name} is not in this subscription"
        ]
    found = storage_deletion(ctx, account.id, _OWN_CONTAINER, "appendBlob")
    remarks = tag_remarks(found, min_days)
    if found.days is None or (own.days is not None and own.days <= found.days):
        return own, remarks
    return LogRetention("storage", endpoint, found.days), remarks


def _settings(ctx: Context, audit: Audit, settings_of: str) -> list[View]:
    """Return the diagnostic settings that send the audit records to a destination.

    `audit.settings` has the ids of these settings, except if the audit policy has a storage target: then it is empty.
    In this case, select the settings with `receives_audit`.
    """
    documents = ctx.documents_at(SQL_AUDIT_SETTINGS, settings_of)
    if not audit.storage:
        return select_settings(documents, audit.settings)
    return [document for document in documents if receives_audit(document)]
