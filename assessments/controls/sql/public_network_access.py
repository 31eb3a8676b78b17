"""sql-public-network-access."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import (
    SQL_FIREWALL_RULES,
    SQL_IPV6_FIREWALL_RULES,
    SQL_SERVERS,
    SQL_VNET_RULES,
)
from assessments.estate.sql_firewall import is_closed
from assessments.estate.view import View

_LISTS = (SQL_FIREWALL_RULES, SQL_IPV6_FIREWALL_RULES, SQL_VNET_RULES)


@per_subject(
    SQL_SERVERS,
    needs=_LISTS,
    problem="SQL server allows public network access",
    severity=Severity.MEDIUM,
    expected="publicNetworkAccess is Disabled or SecuredByPerimeter",
    references=References(c3="5.1.7", mcsb="NS-2", nist="AC-4 SC-7"),
    parameters=[Parameter("strict", False, "Fail servers that have public network access and rules for it")],
)
def public_network_access(server: View, ctx: Context) -> Verdict:
    """SQL firewall policy as tight as possible.

    Judged: each logical SQL server. Public network access disabled or secured by a perimeter passes;
    enabled (or not stated) passes with a remark, because the three firewall controls judge the rules; in
    strict mode it fails where there is any firewall or virtual network rule.
    Why: a server that only private endpoints reach cannot be opened by a careless rule.
    Fix: az sql server update -g RG -n SERVER --enable-public-network false
    """
    access = server.raw("properties.publicNetworkAccess")
    if is_closed(server):
        return passed("public network access is off", publicNetworkAccess=access)
    names: list[str] = []
    gaps = []
    for collection in _LISTS:
        rules, gap = ctx.partial_at(collection, server.id)
        names.extend(rule.name for rule in rules)
        gaps.extend([gap] if gap else [])
    if names and ctx.params["strict"]:
        return failed(
            "public network access is on and rules let networks in",
            publicNetworkAccess=access,
            rules=sorted(names),
        )
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if names:
        remark = f"public network access is on (rules: {len(names)})"
        reason = "public network access is limited to the rules' networks"
    else:
        remark = "public network access is on, though no rule uses it"
        reason = "no firewall or virtual network rule lets anybody in"
    return passed(reason, remarks=[remark], publicNetworkAccess=access, rules=sorted(names))
