"""The control sql-firewall-azure-services: "Allow Azure services" rule is absent."""

from __future__ import annotations

from dataclasses import replace

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References
from assessments.controls.shared.perimeters import (
    FIX_PERIMETER,
    PERIMETER_VARIABLES,
    join_verdicts,
)
from assessments.controls.sql._firewall import read_server_access
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.estate.collections.sql import SQL_FIREWALL_RULES, SQL_PERIMETERS, SQL_SERVERS
from assessments.estate.gaps import Gap
from assessments.estate.network.perimeters import Perimeter
from assessments.estate.sql.firewall import Firewall, read_firewall
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

FIX = Fix(
    command(
        "az sql server firewall-rule delete --resource-group {group} --server {server} --name {rule}"
        " --subscription {subscription}",
        "Create private endpoints or virtual network rules for your own services first.",
        when=lambda facts: bool(facts.texts("rules")),
        each=lambda facts: [{"rule": rule} for rule in facts.texts("rules")],
    ),
    FIX_PERIMETER,
    portal="Azure portal › SQL servers › {server} › Security › Networking › Public access › Allow Azure"
    " services and resources to access this server › clear the box",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/network-access-controls-overview",
    effects="Azure services that connect only because of this rule lose access.",
    variables=[
        Variable("rule", "Name of the firewall rule from 0.0.0.0 to 0.0.0.0", "AllowAllWindowsAzureIps"),
        *PERIMETER_VARIABLES,
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

    If the server belongs to a perimeter, the perimeter's inbound access rules for service tags are judged too. A rule
    for the tag AzureCloud, which has the addresses of all of Azure, fails. Rules for other tags need an attestation.
    Why: The rule allows the machines of every Azure customer, not just your own.
    """
    access = read_server_access(server, ctx)
    rules, gap = ctx.partial_at(SQL_FIREWALL_RULES, server.id)
    firewall = read_firewall(rules, ())
    found = sorted(rule.name for rule in firewall.rules if rule.lets_azure_in)
    by_tags = _judge_tags(access.perimeter)
    if not access.by_own_rules:
        remarks = [f"Inactive firewall rules: {', '.join(found)}"] if found else []
        if gap or firewall.problem:
            remarks.append("Some of the inactive firewall rules could not be read")
        if by_tags is not None:
            return replace(
                by_tags,
                remarks=(*by_tags.remarks, *remarks),
                observed={**by_tags.observed, "dormantRules": found},
            )
        reason = (
            "A network security perimeter decides who can reach the server, so no firewall rule applies"
            if access.by_perimeter
            else "Public network access is off"
        )
        return passed(reason, remarks=remarks, dormantRules=found)
    return join_verdicts(by_tags, lambda: _judge_rules(found, gap, firewall))


def _judge_tags(perimeter: Perimeter | None) -> Verdict | None:
    """Return the verdict on the perimeter's inbound access rules for service tags. Return None if there are no such
    rules.
    """
    if perimeter is None or not perimeter.tags:
        return None
    whole = sorted(
        name for name, tags in perimeter.tags.items() if any(tag.casefold() == "azurecloud" for tag in tags)
    )
    if whole:
        return failed(
            f"The network security perimeter lets all of Azure in through {', '.join(whole)}",
            perimeterRules=whole,
            **perimeter.observed(),
        )
    return manual(
        "Attest that the service tags in the network security perimeter of this server do not let all of Azure in",
        remarks=perimeter.remarks(),
    )


def _judge_rules(found: list[str], gap: Gap | None, firewall: Firewall) -> Verdict:
    if found:
        return failed(f"Every service in Azure is allowed by {', '.join(found)}", rules=found)
    if gap:
        raise CollectionUnavailable(gap)
    if firewall.problem:
        raise firewall.problem
    return passed("No rule allows all of Azure", rules=[])
