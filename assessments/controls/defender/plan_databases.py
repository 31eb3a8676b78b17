"""defender-plan-databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, judgements, unknown_from
from assessments.controls.defender_plans import complete_resources, is_paid, plan, plan_id, resources_of
from assessments.controls.sql._detection import INSTANCE_NEEDS, detection, instance_detection
from assessments.controls.sql._detection import NEEDS as SERVER_NEEDS
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold, type_of
from assessments.estate.view import Unreadable


@dataclass(frozen=True, slots=True)
class _Plan:
    """A plan of Defender, what it protects, and the resource types that make it apply."""

    name: str
    protects: str
    types: tuple[str, ...]


_PLANS = (
    _Plan("SqlServers", "Azure SQL", ("Microsoft.Sql/servers", "Microsoft.Sql/managedInstances")),
    _Plan(
        "SqlServerVirtualMachines",
        "SQL Server on machines",
        ("Microsoft.SqlVirtualMachine/sqlVirtualMachines", "Microsoft.AzureArcData/sqlServerInstances"),
    ),
    _Plan(
        "OpenSourceRelationalDatabases",
        "open-source databases",
        (
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "Microsoft.DBforPostgreSQL/servers",
            "Microsoft.DBforMySQL/flexibleServers",
            "Microsoft.DBforMySQL/servers",
            "Microsoft.DBforMariaDB/servers",
        ),
    ),
    _Plan("CosmosDbs", "Cosmos DB", ("Microsoft.DocumentDB/databaseAccounts",)),
)


@judgements(
    needs=(RESOURCES, *SERVER_NEEDS, *INSTANCE_NEEDS),
    problem="Databases not protected by Defender for Cloud",
    severity=Severity.HIGH,
    expected="pricingTier is Standard for each kind of database that the subscription holds",
    subject_type="Microsoft.Security/pricings",
    empty_reason="no plan",
    references=References(
        c2="2.1.3 2.1.4 2.1.5 2.1.6 2.1.9", c3="3.1.7.1 3.1.7.2 3.1.7.3 3.1.7.4",
        c4="9.1.7.1 9.1.7.2 9.1.7.3 9.1.7.4", c5="8.1.7.1 8.1.7.2 8.1.7.3 8.1.7.4",
        mcsb="DP-2 IR-3 IR-5 LT-1 LT-2", nist="SI-4 IR-4 RA-5",
    ),
)  # fmt: skip
def plan_databases(ctx: Context) -> Iterator[Judgement]:
    """Defender plans on for databases.

    Judged: the plans `SqlServers`, `SqlServerVirtualMachines`, `OpenSourceRelationalDatabases` and
    `CosmosDbs`, each where the subscription holds such databases: Standard passes, Free fails, a plan
    that Azure does not list is unknown. Azure SQL without the plan passes with a remark where every
    server and managed instance has its own threat detection on.
    Why: without the plan nobody is told of injected queries, stolen accounts or odd access.
    Fix: az security pricing create -n SqlServers --tier standard
    """
    for entry in _PLANS:
        trace = ctx.fresh_trace()
        try:
            verdict = _judge(entry, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        yield Judgement(plan_id(ctx, entry.name), verdict, tuple(read[0] for read in trace.reads.values()))


def _judge(entry: _Plan, ctx: Context) -> Verdict:
    resources = resources_of(ctx, entry.types)
    if not resources:
        return not_applicable(f"nothing that the plan for {entry.protects} protects")
    pricing = plan(ctx, entry.name)
    if pricing is None:
        return unknown(f"Azure listed no plan for {entry.protects}", Reason.MISSING_FIELD)
    if is_paid(pricing):
        return passed(
            f"the plan for {entry.protects} is on", pricingTier="Standard", resources=len(resources)
        )
    observed: dict[str, Any] = {"pricingTier": "Free", "resources": len(resources)}
    if entry.name == "SqlServers" and _each_server_covered(resources, ctx):
        remarks = ["servers are covered one by one: a new one would not be"]
        return passed("every SQL server has threat detection of its own", remarks=remarks, **observed)
    return failed(f"the plan for {entry.protects} is off (Free)", **observed)


def _each_server_covered(resources: list[str], ctx: Context) -> bool:
    """Whether each SQL server's and instance's own setting is on; one that is clearly off decides before a gap."""
    unread: CollectionUnavailable | Unreadable | None = None
    for identifier in resources:
        server = ctx.find(RESOURCES, identifier)
        is_instance = fold(type_of(identifier)) == "microsoft.sql/managedinstances"
        read = instance_detection if is_instance else detection
        try:
            if server is None or read(server, ctx).state != "enabled":
                return False
        except (CollectionUnavailable, Unreadable) as error:
            unread = unread or error
    if unread is not None:
        raise unread
    complete_resources(ctx)
    return True
