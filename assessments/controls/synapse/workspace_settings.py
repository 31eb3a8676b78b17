"""Controls of the sign-in and firewall settings of Azure Synapse workspaces.

Properties: synapse/resource-manager/Microsoft.Synapse/stable/2021-06-01/workspace.json (WorkspaceProperties)
and firewallRule.json (IpFirewallRuleProperties). Firewall:
https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-ip-firewall
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.details import of_details
from assessments.controls.synapse._variables import LEARN, NONE, PORTAL, SYNAPSE
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import SQL_SERVERS
from assessments.estate.collections.synapse import (
    SYNAPSE_DETAILS,
    SYNAPSE_FIREWALL_RULES,
    SYNAPSE_WORKSPACES,
)
from assessments.estate.ids import fold
from assessments.estate.ranges import INTERNET_IPV4, size
from assessments.estate.sql.firewall import Firewall, read_firewall
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

_SUBSCRIPTION: Final = " --subscription {subscription}"
_OF_DETAILS: Final = of_details(SYNAPSE_DETAILS)
_ACCESS: Final = frozenset({"enabled", "disabled"})


def _entra_only(workspace: View, ctx: Context) -> Verdict:
    properties = workspace.object("properties")
    setting = properties.raw("azureADOnlyAuthentication")
    if properties.flag("azureADOnlyAuthentication", default=False):
        return passed("Only accounts of Microsoft Entra ID can sign in", azureADOnlyAuthentication=setting)
    if setting is None:
        return failed(
            "SQL users can sign in with passwords, because the setting is absent",
            azureADOnlyAuthentication=None,
        )
    return failed("SQL users can sign in with passwords", azureADOnlyAuthentication=setting)


def _has_listed_server(workspace: View, ctx: Context) -> bool:
    """Return whether Azure lists the logical SQL server of a workspace. The server has the name of the workspace."""
    servers = ctx.memo(
        "servers of workspaces",
        lambda: {
            fold(server.name)
            for server in ctx.partial(SQL_SERVERS)[0]
            if "analytics" in str(server.raw("kind")).casefold().split(",")
        },
    )
    return fold(workspace.name) in servers


_SERVER: Final = Remark(
    "The controls of SQL servers judge the same firewall rules at the logical SQL server of the workspace",
    _has_listed_server,
)


def _firewall(workspace: View, ctx: Context) -> Verdict:
    verdict = _judge_firewall(workspace, ctx)
    remarks = [_SERVER.text] if _SERVER.when(workspace, ctx) else []
    return replace(verdict, remarks=(*verdict.remarks, *remarks))


def _judge_firewall(workspace: View, ctx: Context) -> Verdict:
    properties = workspace.object("properties")
    setting = properties.raw("publicNetworkAccess")
    if properties.choice("publicNetworkAccess", _ACCESS, default="enabled") == "disabled":
        return passed(
            "Public network access is off, so no firewall rule applies", publicNetworkAccess=setting
        )
    rules, gap = ctx.partial_at(SYNAPSE_FIREWALL_RULES, workspace.id)
    firewall = read_firewall(rules, ())
    opening = _opening(firewall)
    if size(firewall.addresses(4)) >= INTERNET_IPV4:
        return failed("The firewall lets the Internet in", publicNetworkAccess=setting, openingRules=opening)
    if opening:
        return failed(
            "The firewall lets all of Azure in, including machines of other Azure customers",
            publicNetworkAccess=setting,
            openingRules=opening,
        )
    if gap is not None:
        raise CollectionUnavailable(gap)
    firewall.require_known_addresses()
    return passed(
        "The firewall lets only listed networks in",
        publicNetworkAccess=setting,
        rules=firewall.names(),
    )


def _opening(firewall: Firewall) -> list[str]:
    """Return the sorted names of the firewall rules that let the Internet or all of Azure in."""
    wide = firewall.opening_rules(4, INTERNET_IPV4)
    return sorted({rule.name for rule in (*wide, *(rule for rule in firewall.rules if rule.lets_azure_in))})


def _rules(facts: Facts) -> list[dict[str, str]]:
    return [{"rule": name} for name in facts.texts("openingRules")]


CONTROLS = declare_settings(
    __name__,
    SYNAPSE_WORKSPACES,
    SettingControl(
        "synapse-entra-only",
        title="Synapse workspaces accept only Microsoft Entra accounts",
        problem="Synapse workspace accepts SQL passwords",
        expected="Only accounts of Microsoft Entra ID can sign in",
        judged="`azureADOnlyAuthentication` of each Azure Synapse workspace. If the property is absent, it counts as"
        " false.",
        why="SQL passwords bypass multifactor authentication and stay valid when a person leaves.",
        severity=Severity.MEDIUM,
        empty_reason=NONE,
        judge=_OF_DETAILS(_entra_only),
        needs=(SYNAPSE_DETAILS,),
        references=References(mcsb="IM-1", nist="IA-2*"),
        fix=Fix(
            command(
                "az synapse ad-only-auth enable --resource-group {group} --workspace-name {synapse}"
                f"{_SUBSCRIPTION}",
                "First move every client that uses a SQL password to Microsoft Entra ID.",
            ),
            portal=f"{PORTAL} Microsoft Entra ID",
            portal_source=f"{LEARN}/sql/active-directory-authentication",
            effects="Clients that sign in with a SQL password can no longer connect.",
            variables=[SYNAPSE],
        ),
    ),
    SettingControl(
        "synapse-firewall",
        title="Firewalls of Synapse workspaces do not let the Internet in",
        problem="Firewall of a Synapse workspace open to the Internet",
        expected="Public network access is off, or only listed networks get in",
        judged="`publicNetworkAccess` and the firewall rules of each Azure Synapse workspace. All rules together must"
        " allow fewer than 2^24 addresses, and no rule may go from 0.0.0.0 to 0.0.0.0, which lets all of Azure in."
        " A workspace does not pass if the last address of a rule is before its first address, because it is not"
        " documented which addresses such a rule allows."
        " Without public network access, the workspace passes; if `publicNetworkAccess` is absent, it counts as on. A"
        " remark says if Azure also lists the logical SQL server of the workspace. Controls of SQL servers then judge"
        " the same rules.",
        why="The firewall rules apply to the SQL pools and to the development endpoint. If the rules let everybody in,"
        " a stolen password is enough to sign in.",
        severity=Severity.HIGH,
        empty_reason=NONE,
        judge=_OF_DETAILS(_firewall),
        needs=(SYNAPSE_DETAILS, SYNAPSE_FIREWALL_RULES),
        optional=(SQL_SERVERS,),
        references=References(mcsb="NS-2*", nist="AC-4* SC-7*"),
        fix=Fix(
            command(
                "az synapse workspace firewall-rule delete --resource-group {group} --workspace-name {synapse}"
                f" --name {{rule}} --yes{_SUBSCRIPTION}",
                each=_rules,
            ),
            portal=f"{PORTAL} Security › Firewalls",
            portal_source=f"{LEARN}/security/synapse-workspace-ip-firewall",
            effects="Clients that are not in the remaining networks can no longer connect.",
            variables=[
                SYNAPSE,
                Variable(
                    "rule",
                    "Name of the firewall rule",
                    "allowAll",
                    "the rule",
                    lambda facts: next(iter(facts.texts("openingRules")), ""),
                ),
            ],
        ),
    ),
)
