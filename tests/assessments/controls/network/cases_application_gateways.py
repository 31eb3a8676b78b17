"""Application gateways and the policies of their web application firewall."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

_NETWORK = f"{RG}/providers/Microsoft.Network"
GATEWAY = f"{_NETWORK}/applicationGateways/agw1"
POLICY = f"{_NETWORK}/ApplicationGatewayWebApplicationFirewallPolicies/waf1"
_OTHER = f"{POLICY}-2"
WAF, TLS, HTTP2, BODY, BOT = (
    "network-appgw-waf",
    "network-appgw-tls",
    "network-appgw-http2",
    "network-waf-body",
    "network-waf-bot",
)


def listener(
    name: str = "web", protocol: str = "Https", policy: str = "", profile: str = ""
) -> dict[str, Any]:
    """A listener; `policy` is the id of its own policy, `profile` the name of its TLS profile."""
    properties: dict[str, Any] = {"protocol": protocol}
    if policy:
        properties["firewallPolicy"] = {"id": policy}
    if profile:
        properties["sslProfile"] = {"id": f"{GATEWAY}/sslProfiles/{profile}"}
    return doc(f"{GATEWAY}/httpListeners/{name}", properties)


def gateway(
    *listeners: dict[str, Any], policy: str = "", tier: Any = "WAF_v2", **more: Any
) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "sku": {"name": tier, "tier": tier},
        "httpListeners": list(listeners),
        **more,
    }
    if policy:
        properties["firewallPolicy"] = {"id": policy}
    return doc(GATEWAY, properties)


def firewall(identifier: str = POLICY, used: bool = True, rules: Any = (), **settings: Any) -> dict[str, Any]:
    """A policy of the web application firewall. `rules` are its managed rule sets."""
    found = {"state": "Enabled", "mode": "Prevention", "requestBodyCheck": True, **settings}
    properties: dict[str, Any] = {
        "policySettings": {key: value for key, value in found.items() if value is not ...},
        "managedRules": {"managedRuleSets": list(rules) if isinstance(rules, tuple) else rules},
    }
    if used:
        properties["applicationGateways"] = [{"id": GATEWAY}]
    return doc(identifier, properties)


def old(enabled: Any = True, mode: str = "Prevention", **more: Any) -> dict[str, Any]:
    """Settings of the firewall in the gateway itself, and not in a policy."""
    settings = {
        "enabled": enabled,
        "firewallMode": mode,
        "ruleSetType": "OWASP",
        "ruleSetVersion": "3.2",
        **more,
    }
    return {"webApplicationFirewallConfiguration": settings}


def _docs(of: dict[str, Any], *policies: dict[str, Any]) -> dict[str, Any]:
    return {"application_gateways": [of], "waf_policies": list(policies)}


def _tls(**policy: Any) -> dict[str, Any]:
    return {"sslPolicy": policy}


def _predefined(name: str) -> dict[str, Any]:
    return _tls(policyType="Predefined", policyName=f"AppGwSslPolicy{name}")


def _profile(name: str, **more: Any) -> dict[str, Any]:
    return {"sslProfiles": [doc(f"{GATEWAY}/sslProfiles/{name}", more)]}


def bots(*groups: Any, version: str = "1.0", name: str = "Microsoft_BotManagerRuleSet") -> dict[str, Any]:
    """A managed rule set with overrides of these groups."""
    return {"ruleSetType": name, "ruleSetVersion": version, "ruleGroupOverrides": list(groups)}


def _group(*rules: tuple[str, str | None], name: str = "BadBots", **more: Any) -> dict[str, Any]:
    """A rule group with overrides. Each of `rules` is (rule id, state). `more` are properties of each override."""
    listed = [{"ruleId": rule, **({"state": state} if state else {}), **more} for rule, state in rules]
    return {"ruleGroupName": name, "rules": listed}


_OWASP = {"ruleSetType": "OWASP", "ruleSetVersion": "3.2"}

CASES = [
    Case(WAF, "V1", _docs(gateway(tier="WAF", **old())), {GATEWAY: "pass"}, remark="V1 retired on 28 April 2026"),
    Case(WAF, "V1 without a firewall", _docs(gateway(tier="Standard")), {GATEWAY: "fail"}, remark="V1 retired"),
    Case(WAF, "V2", _docs(gateway(**old())), {GATEWAY: "pass"}, remark="only until March 2027", no_remark="V1 retired"),
    Case(WAF, "Basic V2 with a firewall", _docs(gateway(tier="Basic_WAF_v2", **old())), {GATEWAY: "pass"}),
    Case(WAF, "Basic V2", _docs(gateway(tier="Basic_v2", **old())), {GATEWAY: "fail"}, reason="The tier"),
    *(
        Case(WAF, name, docs, {GATEWAY: outcome}, reason=reason, params=params)
        for name, docs, outcome, reason, params in (
            ("policy", _docs(gateway(listener(), policy=POLICY), firewall()), "pass", "blocks attacks", {}),
            ("policy, other case", _docs(gateway(policy=POLICY.upper()), firewall()), "pass", "", {}),
            ("reports only", _docs(gateway(policy=POLICY), firewall(mode="Detection")), "fail", "blocks none", {}),
            (
                "reports only, accepted",
                _docs(gateway(policy=POLICY), firewall(mode="Detection")),
                "pass",
                "only reports attacks, which the control’s parameters",
                {"accept_detection": True},
            ),
            ("off", _docs(gateway(policy=POLICY), firewall(state="Disabled", mode=...)), "fail", "is off", {}),
            (
                "listener with a policy of its own",
                _docs(gateway(listener(policy=_OTHER), policy=POLICY), firewall(), firewall(_OTHER, state="Disabled")),
                "fail",
                "is off",
                {},
            ),
            (
                "the policy of the gateway is not used",
                _docs(gateway(listener(policy=_OTHER), policy=POLICY), firewall(state="Disabled"), firewall(_OTHER)),
                "pass",
                "",
                {},
            ),
            (
                "one listener without a policy",
                _docs(gateway(listener("a", policy=POLICY), listener("b")), firewall()),
                "fail",
                "A listener of the gateway has no",
                {},
            ),
            ("no policy", _docs(gateway(listener())), "fail", "has no web application firewall policy", {}),
            ("Standard", _docs(gateway(listener(), tier="Standard_v2")), "fail", "tier of the gateway", {}),
            ("at the gateway", _docs(gateway(listener(), **old())), "pass", "", {}),
            ("at the gateway, off", _docs(gateway(listener(), **old(False))), "fail", "is off", {}),
            ("at the gateway, reports", _docs(gateway(listener(), **old(mode="Detection"))), "fail", "", {}),
            ("mode absent", _docs(gateway(policy=POLICY), firewall(mode=...)), "unknown", "", {}),
            ("state absent", _docs(gateway(policy=POLICY), firewall(state=...)), "unknown", "", {}),
            ("tier not known", _docs(gateway(tier="Gold")), "unknown", "", {}),
            ("not listed", _docs(gateway(policy=POLICY)), "unknown", "waf1 is not in the list", {}),
            (
                "one unreadable, one off",
                _docs(
                    gateway(listener("a", policy=POLICY), listener("b", policy=_OTHER)),
                    firewall(mode=...),
                    firewall(_OTHER, state="Disabled"),
                ),
                "fail",
                "is off",
                {},
            ),
        )
    ),
    Case(WAF, "policies forbidden", {"application_gateways": [gateway(policy=POLICY)]}, {GATEWAY: "unknown"},
         [gap("waf_policies")]),
    *(
        Case(TLS, name, {"application_gateways": [gateway(listener(), **more)]}, {GATEWAY: outcome}, reason=reason)
        for name, more, outcome, reason in (
            ("2022", _predefined("20220101"), "pass", "TLS 1.2"),
            ("2022, strict", _predefined("20220101S"), "pass", ""),
            ("2017, strict", _predefined("20170401S"), "pass", ""),
            ("2017", _predefined("20170401"), "fail", "before 1.2"),
            ("2015", _predefined("20150501"), "fail", ""),
            ("name alone", _tls(policyName="appgwsslpolicy20220101"), "pass", ""),
            ("unknown policy", _predefined("20300101"), "unknown", ""),
            ("custom", _tls(policyType="Custom", minProtocolVersion="TLSv1_2"), "pass", ""),
            ("custom, 1.3", _tls(policyType="CustomV2", minProtocolVersion="TLSv1_3"), "pass", ""),
            ("custom, 1.1", _tls(policyType="CustomV2", minProtocolVersion="TLSv1_1"), "fail", ""),
            ("old versions disabled", _tls(disabledSslProtocols=["TLSv1_0", "TLSv1_1"]), "pass", ""),
            ("one old version disabled", _tls(disabledSslProtocols=["TLSv1_0"]), "fail", ""),
            ("everything disabled", _tls(disabledSslProtocols=["TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"]),
             "unknown", ""),
            ("empty policy", _tls(), "unknown", ""),
            ("default", {"defaultPredefinedSslPolicy": "AppGwSslPolicy20220101"}, "pass", ""),
            ("old default", {"defaultPredefinedSslPolicy": "AppGwSslPolicy20150501"}, "fail", ""),
            ("nothing", {}, "unknown", ""),
        )
    ),
    *(
        Case(TLS, name, {"application_gateways": [found]}, {GATEWAY: outcome})
        for name, found, outcome in (
            ("profile", gateway(listener(profile="p"), **_profile("p", **_predefined("20220101"))), "pass"),
            (
                "old profile",
                gateway(
                    listener(profile="P"), **_profile("p", **_predefined("20170401")), **_predefined("20220101")
                ),
                "fail",
            ),
            ("profile without a policy", gateway(listener(profile="p"), **_profile("p"), **_predefined("20220101")),
             "pass"),
            (
                "profile of a TLS listener, old versions disabled",
                gateway(
                    listeners=[listener("l", "Tls", profile="p")],
                    **_profile("p", **_tls(disabledSslProtocols=["TLSv1_0", "TLSv1_1"])),
                ),
                "pass",
            ),
            ("unknown profile", gateway(listener(profile="q"), **_predefined("20220101")), "unknown"),
            (
                "one old listener, one unreadable",
                gateway(listener("a"), listener("b", profile="q"), **_predefined("20150501")),
                "fail",
            ),
            ("HTTP only", gateway(listener(protocol="Http"), **_predefined("20150501")), "not_applicable"),
            ("no listener", gateway(**_predefined("20150501")), "not_applicable"),
            ("TLS listener", gateway(listeners=[listener("l", "Tls")], **_predefined("20150501")), "fail"),
            ("protocol not known", gateway(listener(protocol="Quic"), **_predefined("20220101")), "unknown"),
        )
    ),
    *(
        Case(HTTP2, name, {"application_gateways": [gateway(**more)]}, {GATEWAY: outcome})
        for name, more, outcome in (
            ("on", {"enableHttp2": True}, "pass"),
            ("off", {"enableHttp2": False}, "fail"),
            ("absent", {}, "fail"),
            ("not readable", {"enableHttp2": "yes"}, "unknown"),
        )
    ),
    *(
        Case(BODY, name, docs, expect)
        for name, docs, expect in (
            ("on", {"waf_policies": [firewall()]}, {POLICY: "pass"}),
            ("off", {"waf_policies": [firewall(requestBodyCheck=False)]}, {POLICY: "fail"}),
            ("absent", {"waf_policies": [firewall(requestBodyCheck=...)]}, {POLICY: "pass"}),
            ("not readable", {"waf_policies": [firewall(requestBodyCheck="no")]}, {POLICY: "unknown"}),
            ("not used", {"waf_policies": [firewall(used=False)]}, {POLICY: "not_applicable"}),
            ("at the gateway", {"application_gateways": [gateway(**old(requestBodyCheck=True))]}, {GATEWAY: "pass"}),
            ("at the gateway, off", {"application_gateways": [gateway(**old(requestBodyCheck=False))]},
             {GATEWAY: "fail"}),
            ("at the gateway, replaced", {"application_gateways": [gateway(policy=POLICY, **old())]},
             {GATEWAY: "not_applicable"}),
            ("Standard", {"application_gateways": [gateway(tier="Standard_v2")]}, {SUB: "not_applicable"}),
        )
    ),
    *(
        Case(BOT, name, {"waf_policies": [firewall(rules=rules, used=used)]}, {POLICY: outcome}, reason=reason)
        for name, rules, used, outcome, reason in (
            ("rule set", (_OWASP, bots()), True, "pass", ""),
            ("no rule set", (_OWASP,), True, "fail", "no rule set against bots"),
            ("nothing", (), True, "fail", ""),
            ("not used", (_OWASP,), False, "not_applicable", ""),
            ("group off", (bots(_group()),), True, "fail", "are off"),
            ("other group off", (bots(_group(name="GoodBots")),), True, "pass", ""),
            ("group not known", (bots(_group(name="Moon")),), True, "unknown", ""),
            ("both rules off", (bots(_group(("100100", "Disabled"), ("100200", None))),), True, "fail", "are off"),
            ("one rule off", (bots(_group(("100100", "Disabled"))),), True, "pass", ""),
            ("rules on", (bots(_group(("100100", "Enabled"))),), True, "pass", ""),
            ("rules let requests in",
             (bots(_group(("100100", "Enabled"), ("100200", "Enabled"), action="Allow")),), True, "fail", "are off"),
            ("rules log", (bots(_group(("100100", "Enabled"), ("100200", "Enabled"), action="Log")),), True,
             "pass", ""),
            ("action not known", (bots(_group(("1", "Enabled"), action="Moon")),), True, "unknown", ""),
            ("two of three off", (bots(_group(("1", None), ("2", None)), version="1.1"),), True, "pass", ""),
            ("all of three off", (bots(_group(("1", None), ("2", None), ("3", None)), version="1.1"),), True,
             "fail", ""),
            ("old version, group off", (bots(_group(name="KnownBadBots"), version="0.1"),), True, "fail", ""),
            ("old version, one rule off", (bots(_group(("1", None), name="KnownBadBots"), version="0.1"),), True,
             "unknown", "does not know all rules of this version"),
            ("state not known", (bots(_group(("1", "Maybe"))),), True, "unknown", ""),
            ("rule sets not readable", "x", True, "unknown", ""),
        )
    ),
    Case(BOT, "at the gateway", {"application_gateways": [gateway(**old())]}, {GATEWAY: "fail"}),
    *(
        case
        for slug in (WAF, TLS, HTTP2)
        for case in (
            Case(slug, "none", {}, {SUB: "not_applicable"}),
            Case(slug, "forbidden", {}, {SUB: "unknown"}, [gap("application_gateways")]),
        )
    ),
    *(
        case
        for slug in (BODY, BOT)
        for case in (
            Case(slug, "none", {}, {SUB: "not_applicable"}),
            Case(slug, "forbidden", {}, {SUB: "unknown"}, [gap("waf_policies")]),
        )
    ),
]  # fmt: skip

ABSENCE_PASSES = [
    ("network-appgw-waf", r"properties\.(firewallPolicy|httpListeners)(\[\]\.properties\.firewallPolicy)?",
     "Azure leaves out what a gateway or listener does not have"),
    ("network-appgw-tls", (r"properties\.((httpListeners|listeners)\[\]\.properties\.sslProfile"
     r"|sslProfiles\[\]\.properties\.sslPolicy|listeners|sslPolicy(\.policyType|\.policyName|\.minProtocolVersion|\.disabledSslProtocols)?)"),
     "Azure leaves out what a gateway or listener does not have"),
    ("network-waf-body", (r"properties\.(policySettings|policySettings\.requestBodyCheck"
     r"|webApplicationFirewallConfiguration\.requestBodyCheck|webApplicationFirewallConfiguration)"),
     "Microsoft documents that the inspection is on by default, and its built-in policy counts absence as on"),
    ("network-waf-bot", (r"properties\.managedRules\.managedRuleSets\[\]\.ruleGroupOverrides"
     r"(\[\]\.rules\[\]\.(state|action)|\[\]\.rules)?"), "Azure leaves out overrides that do not exist"),
]  # fmt: skip
OFFICIAL_VERDICTS = """
network-appgw-http2 fail: appgw
network-appgw-tls fail: appgw
network-appgw-waf fail: appgw
network-waf-body not_applicable: Policy1
network-waf-bot not_applicable: Policy1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Application gateways › {gateway} › Configuration › HTTP2 › Enabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/application-gateway/configuration-listeners.md",
            "00156955c115cd7e1b96d723ae8d8cc745760726",
            "using the Azure portal by selecting Enabled under HTTP2 in Application gateway > Configuration",
        ),
    ),
    ComparedPath(
        "Azure portal › Application gateways › {gateway} › SSL settings",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/application-gateway/"
                "application-gateway-configure-listener-specific-ssl-policy.md"
            ),
            "2caec5cfa8e090faf931229043c9de6ffbef53d6",
            "select Application gateways, and click on your existing Application Gateway",
            "Select SSL settings (Preview) from the left-side menu",
        ),
    ),
    ComparedPath(
        "Azure portal › Application gateways › {gateway} › Web application firewall",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/web-application-firewall/ag/create-waf-policy-ag.md",
            "02b15afec088c7ce1bf08429cecb4dac442a521c",
            "If you select Web Application Firewall and it shows you an associated policy",
        ),
    ),
    ComparedPath(
        "Azure portal › Web Application Firewall policies (WAF) › {waf} › Policy settings"
        " › Enforce request body inspection",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/web-application-firewall/ag/"
                "application-gateway-waf-request-size-limits.md"
            ),
            "02aa2f6be452b6bbce662a673198c9d4cf3824b1",
            "Enforce request body inspection",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/web-application-firewall/ag/create-waf-policy-ag.md",
            "02b15afec088c7ce1bf08429cecb4dac442a521c",
            "If it also shows Policy Settings and Managed Rules",
        ),
        not_in_text={
            "Web Application Firewall policies (WAF)": (
                "the portal's name of the list of "
                "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Web Application Firewall policies (WAF) › {waf} › Settings › Managed Rules › Assign",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/web-application-firewall/ag/bot-protection.md",
            "24733d55a9a4b331204a2cce1c3ab882f1734b76",
            "In the Application Gateway WAF policy that you created previously, under Settings, select Managed Rules",
            "Select Assign",
        ),
        not_in_text={
            "Web Application Firewall policies (WAF)": (
                "the portal's name of the list of "
                "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
            ),
        },
    ),
]
