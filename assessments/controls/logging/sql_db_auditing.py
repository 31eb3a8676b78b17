"""The control logging-sql-db-auditing: Auditing is on for every SQL database."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import each_subject, judge, judgements, unknown_from
from assessments.controls.references import Partly, References
from assessments.controls.shared.sql_audit_sinks import (
    AUDIT_COLLECTIONS,
    database_audit,
    databases,
    server_audit,
)
from assessments.controls.sql.server_auditing import FIX as SERVER_AUDITING
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, manual, passed
from assessments.estate.collections.sql import (
    MANAGED_INSTANCE_AUDIT_SETTINGS,
    MANAGED_INSTANCES,
    SQL_DATABASES,
    SQL_SERVERS,
)
from assessments.estate.sql.audit import Audit, settings_with_audit
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import LOG_ACCOUNT, LOG_DAYS, WORKSPACE_ID

FIX = Fix(
    *SERVER_AUDITING.steps,
    command(
        "az monitor diagnostic-settings create --name surety-sql-audit --resource {id} --workspace {workspace_id}"
        " --logs {logs}",
        "A managed instance sends its audit events to a Log Analytics workspace with a diagnostic setting.",
        kinds=("microsoft.sql/managedinstances",),
        bodies={"logs": [{"category": "SQLSecurityAuditEvents", "enabled": True}]},
    ),
    advice(
        "Then create the audit inside the instance, with T-SQL:"
        " CREATE SERVER AUDIT surety TO EXTERNAL_MONITOR; ALTER SERVER AUDIT surety WITH (STATE = ON);"
        " and a server audit specification for the events.",
        kinds=("microsoft.sql/managedinstances",),
    ),
    portal="Azure portal › SQL servers › the server of the database › Security › Auditing › Enable Azure SQL"
    " Auditing",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/auditing-setup",
    cost=SERVER_AUDITING.cost,
    effects="Auditing of the server covers all its databases, including new ones.",
    variables=[LOG_ACCOUNT, LOG_DAYS, WORKSPACE_ID],
)


@judgements(
    needs=(
        SQL_SERVERS,
        SQL_DATABASES,
        *AUDIT_COLLECTIONS,
        MANAGED_INSTANCES,
        MANAGED_INSTANCE_AUDIT_SETTINGS,
    ),
    fix=FIX,
    severity=Severity.HIGH,
    labels={"by": "Audited by"},
    subject_type="Microsoft.Sql/servers/databases, Microsoft.Sql/managedInstances",
    empty_reason="No SQL database or managed instance",
    references=References(
        c2="4.1.1",
        c3="5.1.1",
        mcsb="LT-3",
        nist="AU-12 AU-12(1) AU-6(4) AU-6(5)",
        partly=(
            Partly(
                "c2 c3",
                (
                    "The requirement asks for auditing of the server; the control also accepts auditing of each"
                    " database"
                ),
            ),
        ),
    ),
)
def sql_db_auditing(ctx: Context) -> Iterator[Judgement]:
    """Auditing is on for every SQL database.

    Problem: SQL database without auditing
    Expected: The server's or the database's own auditing is Enabled with a destination
    Judged: Each database except `master`. Passes if the auditing policy of its server or its own policy
    is Enabled and the records arrive somewhere: in a storage account, or in Azure Monitor with a
    diagnostic setting that takes SQLSecurityAuditEvents. Missing event groups and a predicate add a
    remark.

    Each managed instance passes if one of its diagnostic settings takes SQLSecurityAuditEvents. Otherwise
    it needs an attestation, because an audit to a storage account is set up in T-SQL and visible only
    there.
    Why: Without audit records, nobody can say who read or changed which data.
    """
    yield from _databases(ctx)
    yield from each_subject(_judge_instance, MANAGED_INSTANCES, ctx)


def _databases(ctx: Context) -> Iterator[Judgement]:
    servers, gaps = ctx.partial(SQL_SERVERS)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    for server in servers:
        try:
            found = databases(ctx, server)
        except CollectionUnavailable as error:
            yield Judgement(ctx.scope_id, unknown_from(error))
            continue
        for database in found:
            yield judge(ctx, database.id, partial(_judge, server, database, ctx))


def _judge(server: View, database: View, ctx: Context) -> Verdict:
    first_error: CollectionUnavailable | Unreadable | None = None
    audits: dict[str, Audit] = {}
    for level, read, subject in (("server", server_audit, server), ("database", database_audit, database)):
        try:
            audit = read(ctx, subject)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
            continue
        if audit.live:
            where = audit.storage or "Azure Monitor"
            text = f"Auditing of the {level} writes to {where}"
            return passed(text, remarks=audit.remarks, by=level, diagnosticSettings=list(audit.settings))
        audits[level] = audit
    if first_error is not None:
        raise first_error
    states = {level: "Enabled" if audit.on else "Disabled" for level, audit in sorted(audits.items())}
    if any(audit.on for audit in audits.values()):
        return failed("Auditing is enabled without a destination", state=states)
    return failed("Auditing is off on the server and on the database", state=states)


def _judge_instance(instance: View, ctx: Context) -> Verdict:
    settings = settings_with_audit(ctx.documents_at(MANAGED_INSTANCE_AUDIT_SETTINGS, instance.id))
    if settings:
        remarks = ["Only T-SQL shows which events the audit of the instance records"]
        text = "A diagnostic setting of the instance receives its audit events"
        return passed(text, remarks=remarks, diagnosticSettings=list(settings))
    return manual(
        "Attest that the instance is audited. Surety cannot check this: no diagnostic setting receives audit events,"
        " and an audit to a storage account is visible only in T-SQL",
        diagnosticSettings=[],
    )
