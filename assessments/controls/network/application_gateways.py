"""Controls of application gateways and of their web application firewall.

Properties: azure-mgmt-network 33.1.0 (ApplicationGateway, WebApplicationFirewallPolicy)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.application_gateways import APPLICATION_GATEWAYS, WAF_POLICIES
from assessments.estate.ids import fold, name_of
from assessments.estate.sql_interfaces import reference
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable, segment

_GATEWAYS: Final = "microsoft.network/applicationgateways"
_POLICIES: Final = "microsoft.network/applicationgatewaywebapplicationfirewallpolicies"
# Whether the tier has a web application firewall.
_TIERS: Final = {
    "standard": False,
    "standard_v2": False,
    "basic": False,
    "basic_v2": False,
    "waf": True,
    "waf_v2": True,
}
_VERSIONS: Final = ("tlsv1_0", "tlsv1_1", "tlsv1_2", "tlsv1_3")
_OLD_VERSIONS: Final = frozenset(_VERSIONS[:2])
# https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview
_PREDEFINED: Final = {
    "appgwsslpolicy20150501": "tlsv1_0",
    "appgwsslpolicy20170401": "tlsv1_1",
    "appgwsslpolicy20170401s": "tlsv1_2",
    "appgwsslpolicy20220101": "tlsv1_2",
    "appgwsslpolicy20220101s": "tlsv1_2",
}
_BOTS: Final = "microsoft_botmanagerruleset"
# The groups of rules against bots.
_BAD_BOTS: Final = frozenset({"badbots", "knownbadbots"})
_OTHER_BOTS: Final = frozenset({"goodbots", "unknownbots"})
# The number of rules about bad bots in each version of the rule set.
# https://learn.microsoft.com/azure/web-application-firewall/ag/application-gateway-crs-rulegroups-rules
_BAD_BOT_RULES: Final = {"1.0": 2, "1.1": 3}
# https://learn.microsoft.com/azure/web-application-firewall/ag/bot-protection
_ACTIONS: Final = frozenset({"allow", "anomalyscoring", "block", "captcha", "jschallenge", "log"})
_OLD_CONFIGURATION: Final = "properties.webApplicationFirewallConfiguration"
_LEARN: Final = "https://learn.microsoft.com/azure"
_PORTAL: Final = "Azure portal › Application gateways › {gateway} ›"
_POLICY_PORTAL: Final = "Azure portal › Web Application Firewall policies (WAF) › {waf} ›"
_GATEWAY: Final = Variable(
    "gateway",
    "Name of the application gateway",
    "agw-web",
    "the application gateway",
    segment("applicationGateways"),
)
_POLICY: Final = Variable(
    "waf",
    "Name of the web application firewall policy",
    "waf-web",
    "the policy",
    segment("applicationGatewayWebApplicationFirewallPolicies"),
)

ACCEPT_DETECTION: Final = Parameter(
    "accept_detection", False, "Accept a web application firewall that only reports attacks"
)


def _firewall(gateway: View, ctx: Context) -> Verdict:
    properties = gateway.object("properties")
    if not _TIERS[properties.choice("sku.tier", _TIERS)]:
        return failed(
            "The tier of the gateway has no web application firewall", tier=properties.text("sku.tier")
        )
    own = reference(properties, "firewallPolicy")
    listeners = properties.items("httpListeners", default=[])
    named = {reference(one.object("properties"), "firewallPolicy") or own for one in listeners} or {own}
    modes: dict[str, str] = {}
    problem: CollectionUnavailable | Unreadable | None = None
    for identifier in sorted(named - {""}):
        try:
            modes[name_of(identifier)] = _mode(
                _policy(identifier, gateway, ctx).object("properties.policySettings")
            )
        except (CollectionUnavailable, Unreadable) as error:
            problem = problem or error
    remarks = []
    if "" in named:
        if not gateway.has(_OLD_CONFIGURATION):
            return failed(
                "A listener of the gateway has no web application firewall policy", firewallModes=modes
            )
        modes["gateway"] = _old_mode(gateway.object(_OLD_CONFIGURATION))
        remarks.append("The firewall is configured at the gateway itself: move its settings to a policy")
    if "off" in modes.values():
        return failed("The web application firewall is off", remarks=remarks, firewallModes=modes)
    if "detection" in modes.values() and not ctx.params[ACCEPT_DETECTION.name]:
        return failed(
            "The web application firewall reports attacks, but blocks none",
            remarks=remarks,
            firewallModes=modes,
        )
    if problem is not None:
        raise problem
    if "detection" in modes.values():
        return passed("The web application firewall reports attacks", remarks=remarks, firewallModes=modes)
    return passed("The web application firewall blocks attacks", remarks=remarks, firewallModes=modes)


def _not_blocking(facts: Facts) -> list[str]:
    """Return the names of the policies in a finding that block no attacks."""
    modes = facts.observed.get("firewallModes")
    if not isinstance(modes, dict):
        return []
    return sorted(name for name, mode in modes.items() if mode != "prevention" and name != "gateway")


def _policy(identifier: str, gateway: View, ctx: Context) -> View:
    """Return a policy. Raise CollectionUnavailable or Unreadable."""
    policy = ctx.find(WAF_POLICIES, identifier)
    if policy is None:
        ctx.require_complete(WAF_POLICIES)
        raise gateway.unlisted("properties.firewallPolicy", "web application firewall policy", identifier)
    return policy


def _mode(settings: View) -> str:
    """Return `prevention`, `detection` or `off`. Raise Unreadable."""
    if settings.choice("state", {"enabled", "disabled"}) == "disabled":
        return "off"
    return settings.choice("mode", {"prevention", "detection"})


def _old_mode(settings: View) -> str:
    """Return `prevention`, `detection` or `off`. Raise Unreadable."""
    if not settings.flag("enabled"):
        return "off"
    return settings.choice("firewallMode", {"prevention", "detection"})


def _tls(gateway: View, _ctx: Context) -> Verdict:
    properties = gateway.object("properties")
    listeners = [*properties.items("httpListeners"), *properties.items("listeners", default=[])]
    minimum: dict[str, str] = {}
    problem: Unreadable | None = None
    for listener in listeners:
        try:
            settings = listener.object("properties")
            if settings.choice("protocol", {"http", "https", "tcp", "tls"}) in {"https", "tls"}:
                minimum[listener.text("name")] = _minimum(settings, properties)
        except Unreadable as error:
            problem = problem or error
    old = sorted(name for name, version in minimum.items() if version in _OLD_VERSIONS)
    lowest = min(minimum.values(), default=None)
    if old:
        return failed(
            "A listener of the gateway accepts versions of TLS before 1.2",
            remarks=["Azure ended its support for TLS 1.0 and 1.1 on 31 August 2025"],
            minProtocolVersion=lowest,
            listeners=old,
        )
    if problem is not None:
        raise problem
    if not minimum:
        return not_applicable("No listener of the gateway uses TLS")
    return passed("All listeners of the gateway require TLS 1.2 or newer", minProtocolVersion=lowest)


def _minimum(listener: View, gateway: View) -> str:
    """Return the oldest version of TLS that a listener accepts, as one of _VERSIONS. Both views are properties.

    Raise Unreadable.
    """
    profile = reference(listener, "sslProfile")
    if profile:
        found = [
            one.object("properties")
            for one in gateway.items("sslProfiles", default=[])
            if fold(one.text("id")) == fold(profile)
        ]
        if not found:
            raise listener.unreadable("sslProfile", "not one of the gateway's profiles")
        if found[0].has("sslPolicy"):
            return _minimum_of(found[0].object("sslPolicy"))
    if gateway.has("sslPolicy"):
        return _minimum_of(gateway.object("sslPolicy"))
    return _PREDEFINED[gateway.choice("defaultPredefinedSslPolicy", _PREDEFINED)]


def _minimum_of(policy: View) -> str:
    kind = policy.choice("policyType", {"predefined", "custom", "customv2"}, default="")
    if kind == "predefined" or (not kind and policy.has("policyName")):
        return _PREDEFINED[policy.choice("policyName", _PREDEFINED)]
    if policy.has("minProtocolVersion"):
        return policy.choice("minProtocolVersion", _VERSIONS)
    disabled = policy.choices("disabledSslProtocols", _VERSIONS)
    allowed = [version for version in _VERSIONS if version not in disabled]
    if not allowed:
        raise policy.unreadable("disabledSslProtocols", "a list of every version")
    return allowed[0]


def _has_firewall_settings(document: View, _ctx: Context) -> bool:
    """Whether a document is a policy, or a gateway whose firewall is configured at the gateway itself."""
    return not _is_gateway(document) or document.has(_OLD_CONFIGURATION)


def _is_gateway(document: View) -> bool:
    return f"/providers/{_GATEWAYS}/" in fold(document.id)


def _unless_unused(document: View, _ctx: Context) -> Verdict | None:
    """Return not applicable for a policy that no gateway uses, and for a gateway that uses a policy."""
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
    holder = _OLD_CONFIGURATION if _is_gateway(document) else "properties.policySettings"
    settings = document.object(holder, default={})
    setting = settings.raw("requestBodyCheck")
    # As Azure's built-in policy ca85ef9a-741d-461d-8b7a-18c2da82c666 judges it.
    if settings.flag("requestBodyCheck", default=True):
        return passed("The inspection of request bodies is on", requestBodyCheck=setting)
    return failed("The firewall does not inspect request bodies", requestBodyCheck=setting)


def _bots(document: View, _ctx: Context) -> Verdict:
    if _is_gateway(document):
        return failed("Settings at the gateway itself cannot block bots", ruleSets=None)
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
    """Return a failure if the rules about bad bots are off, or None. Raise Unreadable if that is uncertain."""
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
                "Some rules about bad bots are off, and Surety does not know whether others are left",
            )
    return None


def _is_effective(override: View) -> bool:
    """Whether a rule with this override still does something about requests: it is on, and does not let them in."""
    if override.choice("state", {"enabled", "disabled"}, default="disabled") == "disabled":
        return False
    return not override.has("action") or override.choice("action", _ACTIONS) != "allow"


def _references(number: str, mcsb: str = "", nist: str = "", partly: tuple[Partly, ...] = ()) -> References:
    return References(c5=number, c6=number, mcsb=mcsb, nist=nist, partly=partly)


CONTROLS = (
    *declare_settings(
        __name__,
        APPLICATION_GATEWAYS,
        SettingControl(
            "network-appgw-waf",
            title="A web application firewall protects application gateways",
            problem="Application gateway without a web application firewall",
            expected="A web application firewall that blocks attacks protects each listener",
            judged="The tier of each application gateway, and the policy of each of its listeners, or that of the"
            " gateway. The policy must be on, in the mode Prevention. Settings of the firewall at the gateway itself,"
            " which policies have replaced, count too. Policies of single paths are not judged.",
            why="Without a firewall, attacks such as SQL injection reach every application behind the gateway.",
            severity=Severity.MEDIUM,
            judge=_firewall,
            needs=(WAF_POLICIES,),
            parameters=(ACCEPT_DETECTION,),
            references=_references(
                "7.10",
                "NS-6",
                "SC-5 SC-7 SC-7(3)",
                partly=(
                    Partly(
                        "c5 c6",
                        "The firewall may only report attacks",
                        unless=(Setting("accept_detection", equal=False),),
                    ),
                ),
            ),
            fix=Fix(
                advice(
                    "If the gateway has another tier, change its tier to WAF V2, and assign a policy to it."
                ),
                command(
                    "az network application-gateway waf-policy policy-setting update --resource-group {waf_group}"
                    " --policy-name {used_waf} --state Enabled --mode Prevention --subscription {subscription}",
                    "Let the policy only report attacks for some days first, and look at what it would block.",
                    each=lambda facts: [{"used_waf": name} for name in _not_blocking(facts)],
                ),
                portal=f"{_PORTAL} Web application firewall",
                portal_source=f"{_LEARN}/web-application-firewall/ag/create-waf-policy-ag",
                cost="The tier WAF V2 costs more than Standard V2.",
                effects="Requests that match a rule of the policy are refused.",
                variables=[
                    _GATEWAY,
                    Variable("waf_group", "Resource group of the web application firewall policy", "rg-web"),
                    Variable("used_waf", "Name of the web application firewall policy", "waf-web"),
                ],
            ),
        ),
        SettingControl(
            "network-appgw-tls",
            title="Application gateways require TLS 1.2",
            problem="Application gateway accepts old versions of TLS",
            expected="Every listener with TLS requires version 1.2 or newer",
            judged="The TLS policy of each listener of each application gateway: that of its profile, else that of the"
            " gateway, else the default that Azure reports. Listeners without TLS are not judged.",
            why="TLS 1.0 and 1.1 have known weaknesses, with which attackers read or change the traffic.",
            severity=Severity.MEDIUM,
            judge=_tls,
            references=_references("7.12", "DP-3*", "SC-8*"),
            fix=Fix(
                command(
                    "az network application-gateway ssl-policy set --resource-group {group} --gateway-name {gateway}"
                    " --policy-type Predefined --name AppGwSslPolicy20220101 --subscription {subscription}"
                ),
                advice("Then change the profiles of listeners that have a TLS policy of their own."),
                portal=f"{_PORTAL} SSL settings",
                portal_source=f"{_LEARN}/application-gateway/application-gateway-configure-listener-specific-ssl-policy",
                effects="Clients that know only older versions of TLS can no longer connect.",
                variables=[_GATEWAY],
            ),
        ),
        SettingControl(
            "network-appgw-http2",
            title="Application gateways offer HTTP/2",
            problem="Application gateway does not offer HTTP/2",
            expected="HTTP/2 is on",
            judged="`enableHttp2` of each application gateway. If the property is absent, it counts as off.",
            why="HTTP/2 is faster than HTTP/1.1 and refuses weak algorithms of TLS.",
            severity=Severity.LOW,
            setting="properties.enableHttp2",
            values={
                True: passed("The gateway offers HTTP/2"),
                False: failed("The gateway does not offer HTTP/2"),
            },
            # https://learn.microsoft.com/azure/application-gateway/configuration-listeners
            absent=failed("The gateway does not offer HTTP/2, because the setting is absent"),
            references=_references("7.13"),
            fix=Fix(
                command(
                    "az network application-gateway update --resource-group {group} --name {gateway} --http2 Enabled"
                    " --subscription {subscription}"
                ),
                portal=f"{_PORTAL} Configuration › HTTP2 › Enabled",
                portal_source=f"{_LEARN}/application-gateway/configuration-listeners",
                effects="Clients that know HTTP/2 use it. The gateway still reaches its backends with HTTP/1.1.",
                variables=[_GATEWAY],
            ),
        ),
    ),
    *declare_settings(
        __name__,
        WAF_POLICIES,
        SettingControl(
            "network-waf-body",
            title="The web application firewall inspects request bodies",
            problem="Web application firewall does not inspect request bodies",
            expected="The inspection of request bodies is on",
            judged="`requestBodyCheck` of each policy of application gateways that is in use, and of gateways whose"
            " firewall is configured at the gateway itself. If the property is absent, it counts as on.",
            why="Many attacks are in the body of a request. Without the inspection, the firewall does not see them.",
            severity=Severity.LOW,
            unless=(_unless_unused,),
            judge=_request_bodies,
            also=(APPLICATION_GATEWAYS,),
            where=_has_firewall_settings,
            subject_type="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies, or"
            " Microsoft.Network/applicationGateways",
            empty_reason="No web application firewall of an application gateway",
            references=_references("7.14", "NS-6*"),
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
                portal_source=f"{_LEARN}/web-application-firewall/ag/application-gateway-waf-request-size-limits",
                effects="Requests whose body matches a rule are refused.",
                variables=[_POLICY],
            ),
        ),
        SettingControl(
            "network-waf-bot",
            title="The web application firewall blocks bots",
            problem="Web application firewall does not block bots",
            expected="The rule set against bots is in use, with its rules about bad bots",
            judged="The managed rule sets of each policy of application gateways that is in use. One must be"
            " Microsoft_BotManagerRuleSet, and its rules about bad bots must not all be off or let requests in. A"
            " gateway whose firewall is configured at the gateway itself fails, because such settings have no rule set"
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
            references=_references("7.15", "NS-6*"),
            fix=Fix(
                command(
                    "az network application-gateway waf-policy managed-rule rule-set add --resource-group {group}"
                    " --policy-name {waf} --type Microsoft_BotManagerRuleSet --version 1.1"
                    " --subscription {subscription}",
                    kinds=(_POLICIES,),
                ),
                advice(
                    "If the firewall is configured at the gateway itself, move its settings to a policy with the rule"
                    " set against bots.",
                    kinds=(_GATEWAYS,),
                ),
                portal=f"{_POLICY_PORTAL} Settings › Managed Rules › Assign",
                portal_source=f"{_LEARN}/web-application-firewall/ag/bot-protection",
                effects="Requests of known bad bots are refused.",
                variables=[_POLICY],
            ),
        ),
    ),
)
