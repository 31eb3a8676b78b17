"""Controls of the settings of web application firewalls. The settings are in firewall policies, or in application
gateways that have no policy.

Properties: azure-mgmt-network 33.1.0 (ApplicationGateway, WebApplicationFirewallPolicy)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.network.application_gateways import LEARN, OLD_CONFIGURATION, references_of
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.application_gateways import APPLICATION_GATEWAYS, WAF_POLICIES
from assessments.estate.ids import fold
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Undecided, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable, segment

_GATEWAYS: Final = "microsoft.network/applicationgateways"
_POLICIES: Final = "microsoft.network/applicationgatewaywebapplicationfirewallpolicies"
_BOTS: Final = "microsoft_botmanagerruleset"
# The groups of rules in the rule set against bots. Only the rules about bad bots are judged.
_BAD_BOTS: Final = frozenset({"badbots", "knownbadbots"})
_OTHER_BOTS: Final = frozenset({"goodbots", "unknownbots"})
# The number of rules about bad bots in each version of the rule set.
# https://learn.microsoft.com/azure/web-application-firewall/ag/application-gateway-crs-rulegroups-rules
_BAD_BOT_RULES: Final = {"1.0": 2, "1.1": 3}
# https://learn.microsoft.com/azure/web-application-firewall/ag/bot-protection
_ACTIONS: Final = frozenset({"allow", "anomalyscoring", "block", "captcha", "jschallenge", "log"})
_POLICY_PORTAL: Final = "Azure portal › Web Application Firewall policies (WAF) › {waf} ›"
_POLICY: Final = Variable(
    "waf",
    "Name of the web application firewall policy",
    "waf-web",
    "the policy",
    segment("applicationGatewayWebApplicationFirewallPolicies"),
)


def _has_firewall_settings(document: View, _ctx: Context) -> bool:
    """Return whether a document is a policy, or a gateway whose firewall is configured at the gateway itself."""
    return not _is_gateway(document) or document.has(OLD_CONFIGURATION)


def _is_gateway(document: View) -> bool:
    return f"/providers/{_GATEWAYS}/" in fold(document.id)


def _unless_unused(document: View, _ctx: Context) -> Verdict | None:
    """Return a not-applicable verdict for a policy that no gateway uses. Also return this verdict for a gateway that
    uses a policy, because the policy is judged instead.
    """
    if _is_gateway(document):
        if reference(document, "properties.firewallPolicy"):
            return not_applicable("The gateway uses a policy instead of its own settings")
        return None
    users = ("applicationGateways", "httpListeners", "pathBasedRules", "applicationGatewayForContainers")
    properties = document.object("properties")
    if any(properties.items(name, default=[]) for name in users):
        return None
    return not_applicable("No application gateway uses the policy")


def _request_bodies(document: View, _ctx: Context) -> Verdict:
    holder = OLD_CONFIGURATION if _is_gateway(document) else "properties.policySettings"
    settings = document.object(holder, default={})
    setting = settings.raw("requestBodyCheck")
    # If the setting is absent, inspection counts as on. The built-in definition ca85ef9a-741d-461d-8b7a-18c2da82c666 of
    # Azure Policy judges an absent setting in the same way.
    if settings.flag("requestBodyCheck", default=True):
        return passed("The inspection of request bodies is on", requestBodyCheck=setting)
    return failed("The firewall does not inspect request bodies", requestBodyCheck=setting)


def _bots(document: View, _ctx: Context) -> Verdict:
    if _is_gateway(document):
        return failed(
            "The gateway has its own firewall settings instead of a policy, and such settings cannot block bots",
            ruleSets=None,
        )
    sets = document.items("properties.managedRules.managedRuleSets")
    named = sorted(f"{one.text('ruleSetType')} {one.text('ruleSetVersion')}" for one in sets)
    for one in sets:
        if fold(one.text("ruleSetType")) != _BOTS:
            continue
        off = _bad_bots_off(one)
        if off is None:
            return passed("The firewall has a rule set against bots", ruleSets=named)
        return off
    return failed("The firewall has no rule set against bots", ruleSets=named)


def _bad_bots_off(rules: View) -> Verdict | None:
    """Return a failure if overrides in the rule set switch off all rules about bad bots or set their action to Allow.
    Otherwise, return None. Raise Unreadable if overrides do so for some of these rules, and Surety cannot tell whether
    there are further rules.
    """
    version = rules.text("ruleSetVersion")
    for group in rules.items("ruleGroupOverrides", default=[]):
        if group.choice("ruleGroupName", _BAD_BOTS | _OTHER_BOTS) not in _BAD_BOTS:
            continue
        overrides = group.items("rules", default=[])
        off = {one.text("ruleId") for one in overrides if not _is_effective(one)}
        if overrides and not off:
            continue
        if not overrides or len(off) >= _BAD_BOT_RULES.get(version, len(off) + 1):
            return failed(
                "The rules about bad bots are off or let requests in",
                ruleSets=[f"{rules.text('ruleSetType')} {version}"],
            )
        if version not in _BAD_BOT_RULES:
            raise Undecided(
                rules.id,
                "properties.managedRules.managedRuleSets",
                "Check whether a rule about bad bots is on: some are off, and Surety does not know all rules of this"
                " version of the rule set",
            )
    return None


def _has_bot_rules(facts: Facts) -> bool:
    """Return whether, according to the finding, the policy has the rule set against bots."""
    return any(fold(name).startswith(_BOTS) for name in facts.texts("ruleSets"))


def _is_effective(override: View) -> bool:
    """Return whether a rule with this override still acts on requests: the override leaves the rule on, and does not
    set the action Allow.
    """
    if override.choice("state", {"enabled", "disabled"}, default="disabled") == "disabled":
        return False
    return not override.has("action") or override.choice("action", _ACTIONS) != "allow"


CONTROLS = declare_settings(
    __name__,
    WAF_POLICIES,
    SettingControl(
        "network-waf-body",
        title="The web application firewall inspects request bodies",
        problem="Web application firewall does not inspect request bodies",
        expected="The inspection of request bodies is on",
        judged="`requestBodyCheck` of each policy that an application gateway uses, and of each gateway whose firewall"
        " is configured at the gateway itself. If the property is absent, it counts as on.",
        why="Many attacks are in the body of a request. Without the inspection, the firewall does not see them.",
        severity=Severity.LOW,
        labels={"requestBodyCheck": "Inspection of request bodies"},
        unless=(_unless_unused,),
        judge=_request_bodies,
        also=(APPLICATION_GATEWAYS,),
        where=_has_firewall_settings,
        subject_type="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies, or"
        " Microsoft.Network/applicationGateways",
        empty_reason="No web application firewall of an application gateway",
        references=references_of("7.14", "NS-6*"),
        fix=Fix(
            command(
                "az network application-gateway waf-policy policy-setting update --resource-group {group}"
                " --policy-name {waf} --request-body-check true --subscription {subscription}",
                kinds=(_POLICIES,),
            ),
            advice(
                "If the firewall is configured at the gateway itself, move its settings to a policy that inspects"
                " request bodies.",
                kinds=(_GATEWAYS,),
            ),
            portal=f"{_POLICY_PORTAL} Policy settings › Enforce request body inspection",
            portal_source=f"{LEARN}/web-application-firewall/ag/application-gateway-waf-request-size-limits",
            effects="Requests whose body matches a rule are refused. With Core Rule Set 3.1 and older, requests whose"
            " body is larger than the limit of the policy are refused too.",
            variables=[_POLICY],
        ),
    ),
    SettingControl(
        "network-waf-bot",
        title="The web application firewall blocks bots",
        problem="Web application firewall does not block bots",
        expected="The rule set against bots is in use, with its rules about bad bots",
        judged="The managed rule sets of each policy that an application gateway uses. One must be"
        " Microsoft_BotManagerRuleSet, and at least one of its rules about bad bots must be on and not let requests in."
        " A gateway whose firewall is configured at the gateway itself fails, because such settings have no rule set"
        " against bots.",
        why="Bots look for vulnerabilities and try stolen passwords, far faster than a person could.",
        severity=Severity.LOW,
        unless=(_unless_unused,),
        judge=_bots,
        also=(APPLICATION_GATEWAYS,),
        where=_has_firewall_settings,
        subject_type="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies, or"
        " Microsoft.Network/applicationGateways",
        empty_reason="No web application firewall of an application gateway",
        references=references_of("7.15", "NS-6*"),
        fix=Fix(
            command(
                "az network application-gateway waf-policy managed-rule rule-set add --resource-group {group}"
                " --policy-name {waf} --type Microsoft_BotManagerRuleSet --version 1.1"
                " --subscription {subscription}",
                kinds=(_POLICIES,),
                when=lambda facts: not _has_bot_rules(facts),
            ),
            # No command for a policy that has the rule set: adding the set again would leave the overrides of its
            # rules unchanged.
            advice(
                "If the policy has the rule set, but its rules about bad bots are off or let requests in, switch them"
                " on in the portal, with their default action.",
                kinds=(_POLICIES,),
                when=_has_bot_rules,
            ),
            advice(
                "If the firewall is configured at the gateway itself, move its settings to a policy with the rule"
                " set against bots.",
                kinds=(_GATEWAYS,),
            ),
            portal=f"{_POLICY_PORTAL} Settings › Managed Rules › Assign",
            portal_source=f"{LEARN}/web-application-firewall/ag/bot-protection",
            effects="Requests of known bad bots are refused.",
            variables=[_POLICY],
        ),
    ),
)
