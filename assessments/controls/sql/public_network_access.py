"""The control sql-public-network-access: The SQL firewall policy is as tight as possible."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References
from assessments.controls.sql._firewall import read_server_access
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import (
    SQL_FIREWALL_RULES,
    SQL_IPV6_FIREWALL_RULES,
    SQL_PERIMETERS,
    SQL_SERVERS,
    SQL_VNET_RULES,
)
from assessments.estate.network.perimeters import Perimeter
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

_RULE_LISTS = (SQL_FIREWALL_RULES, SQL_IPV6_FIREWALL_RULES, SQL_VNET_RULES)


FIX = Fix(
    command(
        "az sql server update --resource-group {group} --name {server} --enable-public-network false"
        " --subscription {subscription}",
        "First create private endpoints for everything that needs the server.",
    ),
    portal="Azure portal › SQL servers › {server} › Security › Networking › Public access › Public network"
    " access › Disable",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/connectivity-settings",
    cost="Private endpoints are billed for each hour and gigabyte.",
    effects="Every client that does not use a private endpoint loses access.",
)


@per_subject(
    SQL_SERVERS,
    needs=(*_RULE_LISTS, SQL_PERIMETERS),
    fix=FIX,
    severity=Severity.MEDIUM,
    references=References(
        c3="5.1.7",
        mcsb="NS-2",
        nist="AC-4 SC-7",
        partly=(
            Partly(
                "c3",
                (
                    "The control accepts public network access with a remark. Even if its parameters are strict, it"
                    " fails only servers with a rule that allows a network"
                ),
            ),
        ),
    ),
    parameters=[
        Parameter(
            "strict",
            False,
            "Fail servers with public network access and at least one rule that allows a network",
            label="Fail servers with firewall rules",
        )
    ],
)
def public_network_access(server: View, ctx: Context) -> Verdict:
    """The SQL firewall policy is as tight as possible.

    Problem: SQL server allows public network access
    Expected: Public network access is off or restricted to a network security perimeter; if it is on, the server passes
    with a remark, unless the control is set to fail servers with firewall rules
    Judged: Each logical SQL server. Passes if public network access is off, or if the access rules of a network
    security perimeter replace the rules of the server. If public network access is enabled (or not stated), the server
    passes with a remark, because sql-firewall-internet, sql-firewall-wide and sql-firewall-azure-services judge its
    rules. If `strict` is on, such a server fails instead if it has a firewall or virtual network rule. For every server
    that belongs to a perimeter, a remark names the networks that the perimeter lets in.
    Why: A server with public network access can be opened to the Internet by one careless rule.
    """
    public = read_server_access(server, ctx)
    access = public.value
    if not public.by_own_rules:
        if not public.by_perimeter:
            return passed("Public network access is off", publicNetworkAccess=access)
        return passed(
            "Public network access is restricted to a network security perimeter",
            remarks=_perimeter_remarks(public.perimeter),
            publicNetworkAccess=access,
        )
    names: list[str] = []
    gaps = []
    for collection in _RULE_LISTS:
        rules, gap = ctx.partial_at(collection, server.id)
        names.extend(rule.name for rule in rules)
        gaps.extend([gap] if gap else [])
    if names and ctx.params["strict"]:
        return failed(
            "Public network access is on, and firewall or virtual network rules let networks in",
            publicNetworkAccess=access,
            rules=sorted(names),
        )
    if gaps:
        raise CollectionUnavailable(gaps[0])
    admits = public.perimeter is not None and bool(public.perimeter.rules or public.perimeter.tags)
    if names:
        remark = f"Public network access is on (rules: {len(names):,})"
        reason = "Public network access is limited to the networks in the rules"
        reason += " and to those of the network security perimeter" if admits else ""
    else:
        remark = "Public network access is on, although the server has no rules"
        if admits:
            remark = (
                "Public network access is on, although the server has no firewall or virtual network rules"
            )
        reason = "No firewall or virtual network rule allows access"
        if admits:
            reason = (
                "Only the network security perimeter allows access; no firewall or virtual network rule does"
            )
    remarks = [remark, *_perimeter_remarks(public.perimeter)]
    return passed(reason, remarks=remarks, publicNetworkAccess=access, rules=sorted(names))


def _perimeter_remarks(perimeter: Perimeter | None) -> list[str]:
    if perimeter is None:
        return [
            "The access rules of the perimeter, which can let other networks in, are not read in this cloud"
        ]
    return perimeter.remarks()
