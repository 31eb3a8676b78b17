"""sql-firewall-azure-services."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References
from assessments.controls.sql._firewall import read_server_access
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import SQL_FIREWALL_RULES, SQL_PERIMETERS, SQL_SERVERS
from assessments.estate.sql_firewall import read_firewall
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

FIX = Fix(
    command(
        "az sql server firewall-rule delete --resource-group {group} --server {server} --name {rule}"
        " --subscription {subscription}",
        "Create private endpoints or virtual network rules for your own services first.",
        each=lambda facts: [{"rule": rule} for rule in facts.texts("rules")],
    ),
    portal="Azure portal › SQL servers › {server} › Security › Networking › Public access › Allow Azure"
    " services and resources to access this server › clear the box",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/network-access-controls-overview",
    effects="Azure services that connect only because of this rule lose access.",
    variables=[
        Variable("rule", "Name of the firewall rule from 0.0.0.0 to 0.0.0.0", "AllowAllWindowsAzureIps")
    ],
)


@per_subject(
    SQL_SERVERS,
    needs=[SQL_FIREWALL_RULES, SQL_PERIMETERS],
    fix=FIX,
    severity=Severity.HIGH,
    references=References(
        c2="4.1.2",
        c3="5.1.2",
        mcsb="NS-2",
        nist="SC-7",
        partly=(Partly("c2 c3", "The control checks only the rule that allows all Azure services"),),
    ),
)
def firewall_azure_services(server: View, ctx: Context) -> Verdict:
    """ "Allow Azure services" rule is absent.

    Problem: SQL server open to all of Azure
    Expected: No rule from 0.0.0.0 to 0.0.0.0 while public network access is on
    Judged: Each logical SQL server. A firewall rule from 0.0.0.0 to 0.0.0.0, whatever its name, allows
    every service in Azure and fails. If public network access is off or a network security perimeter is enforced, the
    rule has no effect and adds a remark.
    Why: The rule allows the machines of every Azure customer, not just your own.
    """
    access = read_server_access(server, ctx)
    rules, gap = ctx.partial_at(SQL_FIREWALL_RULES, server.id)
    firewall = read_firewall(rules, ())
    found = sorted(rule.name for rule in firewall.rules if rule.lets_azure_in)
    if not access.by_own_rules:
        remarks = [f"Inactive firewall rules: {', '.join(found)}"] if found else []
        if gap or firewall.problem:
            remarks.append("Some of the inactive firewall rules could not be read")
        reason = (
            "A network security perimeter decides, so no firewall rule applies"
            if access.by_perimeter
            else "Public network access is off"
        )
        return passed(reason, remarks=remarks, dormantRules=found)
    if found:
        return failed(f"Every service in Azure is allowed by {', '.join(found)}", rules=found)
    if gap:
        raise CollectionUnavailable(gap)
    if firewall.problem:
        raise firewall.problem
    return passed("No rule allows all of Azure", rules=[])
