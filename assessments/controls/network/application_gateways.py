"""Controls of the web application firewall, TLS and HTTP/2 of application gateways.

Properties: azure-mgmt-network 33.1.0 (ApplicationGateway, WebApplicationFirewallPolicy)
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.application_gateways import APPLICATION_GATEWAYS, WAF_POLICIES
from assessments.estate.ids import fold, name_of
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable, segment

# {tier: whether it has a web application firewall}
_TIERS: Final = {
    "standard": False,
    "standard_v2": False,
    "basic": False,
    "basic_v2": False,
    "waf": True,
    "waf_v2": True,
    "basic_waf_v2": True,
}
_V1_TIERS: Final = frozenset({"standard", "waf"})
# https://learn.microsoft.com/azure/application-gateway/retirement-faq
_V1: Final = Remark(
    "Application Gateway V1 retired on 28 April 2026: Azure no longer patches the gateway, and will stop it",
    lambda gateway, _ctx: gateway.choice("properties.sku.tier", _TIERS) in _V1_TIERS,
)
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
OLD_CONFIGURATION: Final = "properties.webApplicationFirewallConfiguration"
LEARN: Final = "https://learn.microsoft.com/azure"
_PORTAL: Final = "Azure portal › Application gateways › {gateway} ›"
_GATEWAY: Final = Variable(
    "gateway",
    "Name of the application gateway",
    "agw-web",
    "the application gateway",
    segment("applicationGateways"),
)

ACCEPT_DETECTION: Final = Parameter(
    "accept_detection",
    False,
    "Accept a web application firewall that only reports attacks",
    label="Accept detection mode",
)


def _firewall(gateway: View, ctx: Context) -> Verdict:
    verdict = _firewall_of(gateway, ctx)
    return replace(verdict, remarks=(*verdict.remarks, _V1.text)) if _V1.when(gateway, ctx) else verdict


def _firewall_of(gateway: View, ctx: Context) -> Verdict:
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
        if not gateway.has(OLD_CONFIGURATION):
            return failed(
                "A listener of the gateway has no web application firewall policy", firewallModes=modes
            )
        modes["gateway"] = _old_mode(gateway.object(OLD_CONFIGURATION))
        # https://azure.microsoft.com/updates/retirement-support-for-application-gateway-web-application-firewall-v2-configuration-is-ending/
        remarks.append(
            "Azure supports firewall settings at the gateway itself only until March 2027: move them to a policy"
        )
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
        return passed(
            "The web application firewall only reports attacks, which the control’s parameters permit",
            remarks=remarks,
            firewallModes=modes,
        )
    return passed("The web application firewall blocks attacks", remarks=remarks, firewallModes=modes)


def _not_blocking(facts: Facts) -> list[str]:
    """Return the names of the firewall policies that, according to the finding, block no attacks."""
    modes = facts.observed.get("firewallModes")
    if not isinstance(modes, dict):
        return []
    return sorted(name for name, mode in modes.items() if mode != "prevention" and name != "gateway")


def _policy(identifier: str, gateway: View, ctx: Context) -> View:
    """Return the firewall policy with this id. Raise CollectionUnavailable or Unreadable if needed data could not be
    read.
    """
    policy = ctx.find(WAF_POLICIES, identifier)
    if policy is None:
        ctx.require_complete(WAF_POLICIES)
        raise gateway.unlisted("properties.firewallPolicy", "web application firewall policy", identifier)
    return policy


def _mode(settings: View) -> str:
    """Return the mode of a firewall policy: `prevention`, `detection` or `off`. Raise Unreadable if a needed property
    cannot be read.
    """
    if settings.choice("state", {"enabled", "disabled"}) == "disabled":
        return "off"
    return settings.choice("mode", {"prevention", "detection"})


def _old_mode(settings: View) -> str:
    """Return the mode of a firewall that is configured at the gateway itself: `prevention`, `detection` or `off`. Raise
    Unreadable if a needed property cannot be read.
    """
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
    """Return the oldest version of TLS that a listener accepts, as one of _VERSIONS. Raise Unreadable if a needed
    property cannot be read.

    The arguments are the objects `properties` of the listener and of its gateway.
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
        raise policy.unreadable("disabledSslProtocols", "a list that disables every TLS version")
    return allowed[0]


def references_of(number: str, mcsb: str = "", nist: str = "", partly: tuple[Partly, ...] = ()) -> References:
    return References(c5=number, c6=number, mcsb=mcsb, nist=nist, partly=partly)


CONTROLS = declare_settings(
    __name__,
    APPLICATION_GATEWAYS,
    SettingControl(
        "network-appgw-waf",
        title="A web application firewall protects application gateways",
        problem="Application gateway without a web application firewall",
        expected="A web application firewall that blocks attacks protects each listener",
        judged="The tier of each application gateway, and the policy of each of its listeners or, if a listener has"
        " none, the policy of the gateway. The policy must be on, in the mode Prevention; if `accept_detection` is"
        " on, the mode Detection passes too. Older firewall settings on the gateway itself, which Azure replaced by"
        " policies, count too. Policies of single paths are not judged.",
        why="Without a firewall, attacks such as SQL injection reach every application behind the gateway.",
        severity=Severity.MEDIUM,
        judge=_firewall,
        needs=(WAF_POLICIES,),
        parameters=(ACCEPT_DETECTION,),
        references=references_of(
            "7.10",
            "NS-6",
            "SC-5 SC-7 SC-7(3)",
            partly=(
                Partly(
                    "c5 c6",
                    "The control also accepts a firewall that reports attacks without blocking them",
                    unless=(Setting("accept_detection", equal=False),),
                ),
            ),
        ),
        fix=Fix(
            advice(
                "If the tier is Standard V2, change it to WAF V2, and assign a policy to the gateway. The tier of a"
                " V1 gateway (Standard or WAF) cannot be changed: migrate to a new V2 gateway."
            ),
            command(
                "az network application-gateway waf-policy policy-setting update --resource-group {waf_group}"
                " --policy-name {used_waf} --state Enabled --mode Prevention --subscription {subscription}",
                "First let the policy only report attacks for some days, and look at what it would block. Then let it"
                " block attacks.",
                each=lambda facts: [{"used_waf": name} for name in _not_blocking(facts)],
            ),
            portal=f"{_PORTAL} Web application firewall",
            portal_source=f"{LEARN}/web-application-firewall/ag/create-waf-policy-ag",
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
        labels={"minProtocolVersion": "Minimum version of TLS"},
        judge=_tls,
        references=references_of("7.12", "DP-3*", "SC-8*"),
        fix=Fix(
            command(
                "az network application-gateway ssl-policy set --resource-group {group} --gateway-name {gateway}"
                " --policy-type Predefined --name AppGwSslPolicy20220101 --subscription {subscription}"
            ),
            advice("Then change the profiles of listeners that have a TLS policy of their own."),
            portal=f"{_PORTAL} SSL settings",
            portal_source=f"{LEARN}/application-gateway/application-gateway-configure-listener-specific-ssl-policy",
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
        why="Without HTTP/2, clients use HTTP/1.1, which is slower and does not refuse weak algorithms of TLS.",
        severity=Severity.LOW,
        labels={"enableHttp2": "HTTP/2"},
        setting="properties.enableHttp2",
        values={
            True: passed("The gateway offers HTTP/2"),
            False: failed("The gateway does not offer HTTP/2"),
        },
        # https://learn.microsoft.com/azure/application-gateway/configuration-listeners
        absent=failed("The gateway does not offer HTTP/2, because the setting is absent"),
        references=references_of("7.13"),
        fix=Fix(
            command(
                "az network application-gateway update --resource-group {group} --name {gateway} --http2 Enabled"
                " --subscription {subscription}"
            ),
            portal=f"{_PORTAL} Configuration › HTTP2 › Enabled",
            portal_source=f"{LEARN}/application-gateway/configuration-listeners",
            effects="Clients that know HTTP/2 use it. The gateway still reaches its backends with HTTP/1.1.",
            variables=[_GATEWAY],
        ),
    ),
)
