"""The control defender-plan-databases: Defender plans for databases are on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judge, judgements
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.defender_plans import (
    complete_resources,
    is_paid,
    plan,
    plan_id,
    resources_of,
    without_plan,
)
from assessments.controls.sql._detection import (
    INSTANCE_NEEDS,
    SERVER_NEEDS,
    instance_detection,
    server_detection,
)
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.cosmos import COSMOS_ACCOUNTS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold, type_of
from assessments.estate.retired import Feature
from assessments.estate.services.cosmos_accounts import is_nosql
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Cli, Fix, command


@dataclass(frozen=True, slots=True)
class _Plan:
    """A Defender plan, a name for the protected databases, and the resource types that make the plan applicable."""

    name: str
    protects: str
    types: tuple[str, ...]


_COSMOS = "CosmosDbs"
ACCEPT_SERVERS = Parameter(
    "accept_server_settings",
    False,
    "Accept threat detection on each SQL server and managed instance instead of the plan for Azure SQL",
    label="Accept threat detection of servers",
)
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
        # The plan does not protect the retired single servers:
        # https://learn.microsoft.com/azure/defender-for-cloud/defender-for-databases-introduction
        ("Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.DBforMySQL/flexibleServers"),
    ),
    _Plan(
        _COSMOS,
        "Cosmos DB",
        ("Microsoft.DocumentDB/databaseAccounts",),
    ),
)


def _turn_on(entry: _Plan) -> Cli:
    """Return the command that switches one plan on."""
    return command(
        f"az security pricing create --name {entry.name} --tier standard --subscription {{subscription}}",
        f"{entry.protects[:1].upper()}{entry.protects[1:]}:",
        when=lambda facts: facts.segment("pricings").casefold() == entry.name.casefold(),
    )


FIX = Fix(
    *(_turn_on(entry) for entry in _PLANS),
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender"
    " plans › Databases › On",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/tutorial-enable-databases-plan",
    cost="Each plan is billed by what it protects: SQL servers, vCores of SQL Server on machines,"
    " open-source servers, and the throughput of Cosmos DB.",
    # https://learn.microsoft.com/azure/defender-for-cloud/troubleshoot-sql-machines-guide
    effects="A plan covers all databases of its kind in the subscription, including new ones. The plan for SQL Server"
    " on machines also installs an extension on these machines, and creates a managed identity for machines that have"
    " none. The extension accesses SQL Server with the account of its service, which usually is a member of sysadmin."
    " SQL Server may have to be restarted.",
)


@judgements(
    needs=(RESOURCES, COSMOS_ACCOUNTS, *SERVER_NEEDS, *INSTANCE_NEEDS),
    fix=FIX,
    severity=Severity.HIGH,
    feature=Feature.DEFENDER,
    subject_type="Microsoft.Security/pricings",
    empty_reason="No Defender plan",
    references=References(
        c2="2.1.3 2.1.4 2.1.5 2.1.6 2.1.9",
        c3="3.1.7.1 3.1.7.2 3.1.7.3 3.1.7.4",
        c4="9.1.7.1 9.1.7.2 9.1.7.3 9.1.7.4",
        c5="8.1.7.1 8.1.7.2 8.1.7.3 8.1.7.4",
        c6="8.1.7.1 8.1.7.2 8.1.7.3 8.1.7.4",
        mcsb="DP-2 IR-3 IR-5 LT-1 LT-2",
        nist="SI-4 IR-4 RA-5",
        partly=(
            Partly(
                "c2:2.1.3 c2:2.1.4 c3:3.1.7.3 c4:9.1.7.3 c5:8.1.7.3 c6:8.1.7.3",
                (
                    "The requirement asks for the Defender plan; the control also accepts threat detection"
                    " on each SQL server, unless its parameters refuse this"
                ),
                unless=(Setting("accept_server_settings", equal=False),),
            ),
        ),
    ),
    parameters=(ACCEPT_SERVERS,),
)
def plan_databases(ctx: Context) -> Iterator[Judgement]:
    """Defender plans for databases are on.

    Problem: Databases not protected by Defender for Cloud
    Expected: The plan is on for each kind of database in the subscription
    Judged: The plans `SqlServers`, `SqlServerVirtualMachines`, `OpenSourceRelationalDatabases` and `CosmosDbs`,
    each only if the subscription contains databases that the plan protects. Standard passes, Free fails, and a plan
    that Azure does not list is unknown. If Azure lists no plan at all, Defender is not registered and the plans are
    off. With `accept_server_settings`, Azure SQL also passes if the plan `SqlServers` is off, but every server and
    managed instance has its own threat detection enabled. A remark says that a new server would not be covered.

    The plan `CosmosDbs` protects only accounts with the API for NoSQL. Accounts with other APIs do not count.
    Why: Without the plan, SQL injection, stolen accounts and unusual access go unreported.
    """
    for entry in _PLANS:
        yield judge(ctx, plan_id(ctx, entry.name), partial(_judge_plan, entry, ctx))


def _judge_plan(entry: _Plan, ctx: Context) -> Verdict:
    resources = resources_of(ctx, entry.types)
    if entry.name == _COSMOS:
        resources = _nosql_accounts(ctx, resources)
    if not resources:
        return not_applicable(f"The subscription has no resource that the plan for {entry.protects} protects")
    pricing = plan(ctx, entry.name)
    if pricing is None:
        off = without_plan(ctx, entry.protects, resources=len(resources))
        if off.outcome is Outcome.UNKNOWN:
            return off
    elif is_paid(pricing):
        return passed(
            f"The plan for {entry.protects} is on", pricingTier="Standard", resources=len(resources)
        )
    else:
        reason = f"The plan for {entry.protects} is off (Free)"
        off = failed(reason, pricingTier="Free", resources=len(resources))
    if (
        entry.name == "SqlServers"
        and ctx.params[ACCEPT_SERVERS.name]
        and _all_servers_covered(resources, ctx)
    ):
        remarks = ["Servers are covered individually; a new server would not be covered"]
        return passed(
            "Every SQL server and managed instance has its own threat detection enabled",
            remarks=remarks,
            **off.observed,
        )
    return off


def _nosql_accounts(ctx: Context, accounts: list[str]) -> list[str]:
    """Return those of `accounts` that the plan for Cosmos DB protects. The plan protects only accounts with the API for
    NoSQL: https://learn.microsoft.com/azure/defender-for-cloud/concept-defender-for-cosmos

    `accounts` are the ids of the accounts in the inventory. An account that is missing in the complete list of Cosmos
    DB accounts has an unknown API, and is returned too. If the API of an account could not be read and no other account
    is returned, raise CollectionUnavailable or Unreadable.
    """
    found = []
    first_error: CollectionUnavailable | Unreadable | None = None
    for identifier in accounts:
        account = ctx.find(COSMOS_ACCOUNTS, identifier)
        try:
            if account is None:
                ctx.require_complete(COSMOS_ACCOUNTS)
            if account is None or is_nosql(account):
                found.append(identifier)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    if first_error is not None and not found:
        raise first_error
    return found


def _all_servers_covered(resources: list[str], ctx: Context) -> bool:
    """Return whether every SQL server and managed instance has threat detection enabled in its own setting.

    One disabled setting makes the result False, even if other settings could not be read.
    """
    first_error: CollectionUnavailable | Unreadable | None = None
    for identifier in resources:
        server = ctx.find(RESOURCES, identifier)
        is_instance = fold(type_of(identifier)) == "microsoft.sql/managedinstances"
        read = instance_detection if is_instance else server_detection
        try:
            if server is None or read(server, ctx).state != "enabled":
                return False
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    if first_error is not None:
        raise first_error
    complete_resources(ctx)
    return True
