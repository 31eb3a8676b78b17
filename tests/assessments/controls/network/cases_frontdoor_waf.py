"""Web application firewall of Front Door."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

SLUG = "network-frontdoor-waf"
DOOR = f"{RG}/providers/Microsoft.Network/frontDoors/fd1"
FRONTEND = f"{DOOR}/frontendEndpoints/default"
PROFILE = f"{RG}/providers/Microsoft.Cdn/profiles/afd1"
ENDPOINT, DOMAIN = f"{PROFILE}/afdEndpoints/shop", f"{PROFILE}/customDomains/www"
WAF = f"{RG}/providers/Microsoft.Network/frontDoorWebApplicationFirewallPolicies/waf1"
KINDS = {
    DOOR: "Microsoft.Network/frontDoors",
    PROFILE: "Microsoft.Cdn/profiles",
    WAF: "Microsoft.Network/frontDoorWebApplicationFirewallPolicies",
}
RESOURCES = {
    "resources": {
        SUB: [{"id": key, "name": key.rsplit("/", 1)[-1], "type": kind} for key, kind in KINDS.items()]
    }
}


MANAGED = {"managedRules": {"managedRuleSets": [{"ruleSetType": "Microsoft_DefaultRuleSet"}]}}


def firewall(state: Any = "Enabled", mode: Any = "Prevention", rules: Any = MANAGED) -> dict[str, Any]:
    settings = {"enabledState": state, "mode": mode}
    return {"front_door_waf_policies": [doc(WAF, {"policySettings": settings, **rules}, type=KINDS[WAF])]}


def managed(action: Any) -> dict[str, Any]:
    sets = [{"ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetAction": action}]
    return firewall(rules={"managedRules": {"managedRuleSets": sets}})


def custom(**rule: Any) -> dict[str, Any]:
    rules = [{"name": "one", "action": "Block", **rule}]
    return firewall(rules={"customRules": {"rules": rules}, "managedRules": {"managedRuleSets": []}})


def classic(link: Any = WAF, state: Any = "Enabled", **more: Any) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"hostName": "fd1.azurefd.net"}
    if link is not None:
        endpoint["webApplicationFirewallPolicyLink"] = {"id": link}
    held = {
        "enabledState": state,
        "frontendEndpoints": [{"id": FRONTEND, "name": "default", "properties": endpoint}],
    }
    return {**RESOURCES, "front_doors": [doc(DOOR, held, type=KINDS[DOOR])], **firewall(), **more}


def association(*ids: Any, patterns: Any = ("/*",), **domain: Any) -> dict[str, Any]:
    return {"domains": [{"id": one, **domain} for one in ids], "patternsToMatch": list(patterns)}


def route(default: Any = "Enabled", state: Any = "Enabled", *domains: Any) -> dict[str, Any]:
    """A route of the endpoint. By default it serves the default domain of the endpoint, and the custom domain."""
    properties = {
        "enabledState": state,
        "linkToDefaultDomain": default,
        "customDomains": [{"id": one} for one in domains or (DOMAIN.lower(),)],
    }
    return doc(f"{ENDPOINT}/routes/one", properties)


def routed(*routes: dict[str, Any]) -> dict[str, Any]:
    """Routes of the endpoint, in a profile with a custom domain."""
    return {**WITH_DOMAIN, "front_door_routes": {ENDPOINT: list(routes)}}


def profile(
    *associations: Any,
    sku: Any = "Premium_AzureFrontDoor",
    state: Any = "Enabled",
    kind: Any = "WebApplicationFirewall",
    waf: Any = WAF,
    **more: Any,
) -> dict[str, Any]:
    """A profile with an endpoint and a security policy with these associations."""
    security = {"parameters": {"type": kind, "wafPolicy": {"id": waf}, "associations": list(associations)}}
    policies = [doc(f"{PROFILE}/securityPolicies/one", security)] if associations else []
    return {
        **RESOURCES,
        "cdn_profiles": [doc(PROFILE, type=KINDS[PROFILE], sku={"name": sku})],
        "front_door_endpoints": {PROFILE: [doc(ENDPOINT, {"enabledState": state})]},
        "front_door_domains": {PROFILE: []},
        "front_door_routes": {ENDPOINT: [route()]},
        "front_door_security_policies": {PROFILE: policies},
        **firewall(),
        **more,
    }


ALL = association(ENDPOINT.lower())
PART = association(ENDPOINT, patterns=("/api/*",))
WITH_DOMAIN = {"front_door_domains": {PROFILE: [doc(DOMAIN, {"hostName": "www.example.com"})]}}


def without(docs: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: held for name, held in docs.items() if name not in names}


ABSENCE_PASSES = [
    (SLUG, r"properties\.parameters\.associations\[\d*\]\.domains\[\d*\]\.isActive", "absent means active"),
    (SLUG, r"properties\.customRules\.rules\[\d*\]\.enabledState", "on is the documented default"),
    (
        SLUG,
        r"properties\.managedRules\.managedRuleSets\[\d*\]\.ruleSetAction",
        "older rule sets have no such action, and their rules block by themselves",
    ),
]
CASES = rows(
    SLUG,
    ("classic", classic(), {FRONTEND: "pass"}, {"remark": "2027"}),
    ("classic, other case", classic(WAF.upper()), {FRONTEND: "pass"}),
    ("classic, none", classic(None), {FRONTEND: "fail"}, {"remark": "2027"}),
    ("classic, reports", classic(**firewall(mode="Detection")), {FRONTEND: "fail"}),
    (
        "classic, reports is enough",
        classic(**firewall(mode="Detection")),
        {FRONTEND: "pass"},
        {"params": {"accept_detection": True}},
    ),
    ("classic, off", classic(**firewall("Disabled")), {FRONTEND: "fail"}),
    ("classic, disabled", classic(None, "Disabled"), {FRONTEND: "not_applicable"}),
    ("classic, a new state", classic(state="Moon"), {FRONTEND: "unknown"}),
    ("classic, policy not listed", classic(f"{WAF}2"), {FRONTEND: "unknown"}),
    ("classic, a new mode", classic(**firewall(mode="Moon")), {FRONTEND: "unknown"}),
    (
        "classic without endpoints",
        {**RESOURCES, "front_doors": [doc(DOOR, {"enabledState": "Enabled"})]},
        {DOOR: "unknown"},
    ),
    (
        "classic, policies forbidden",
        without(classic(), "front_door_waf_policies"),
        {FRONTEND: "unknown"},
        {"gaps": [gap("front_door_waf_policies")]},
    ),
    ("all paths", profile(ALL), {ENDPOINT: "pass"}, {"no_remark": "paths"}),
    ("some paths", profile(PART), {ENDPOINT: "pass"}, {"remark": "only the paths"}),
    ("some paths, then all", profile(PART, ALL), {ENDPOINT: "pass"}, {"no_remark": "only the paths"}),
    ("none", profile(), {ENDPOINT: "fail"}),
    ("another endpoint", profile(association(f"{ENDPOINT}2")), {ENDPOINT: "fail"}),
    ("not active", profile(association(ENDPOINT, isActive=False)), {ENDPOINT: "fail"}),
    ("active", profile(association(ENDPOINT, isActive=True)), {ENDPOINT: "pass"}),
    ("domain", profile(association(ENDPOINT, DOMAIN), **WITH_DOMAIN), {ENDPOINT: "pass", DOMAIN: "pass"}),
    ("domain without", profile(ALL, **WITH_DOMAIN), {ENDPOINT: "pass", DOMAIN: "fail"}),
    ("reports", profile(ALL, **firewall(mode="Detection")), {ENDPOINT: "fail"}, {"reason": "reports"}),
    ("off", profile(ALL, **firewall("Disabled")), {ENDPOINT: "fail"}, {"reason": "off"}),
    ("no rules", profile(ALL, **firewall(rules={})), {ENDPOINT: "fail"}, {"reason": "no rule that stops"}),
    ("custom rule", profile(ALL, **custom()), {ENDPOINT: "pass"}),
    ("custom rule that challenges", profile(ALL, **custom(action="JSChallenge")), {ENDPOINT: "pass"}),
    ("custom rule that allows", profile(ALL, **custom(action="Allow")), {ENDPOINT: "fail"},
     {"reason": "no rule that stops"}),
    ("custom rule that logs", profile(ALL, **custom(action="Log")), {ENDPOINT: "fail"}, {"reason": "reports"}),
    ("custom rule with a new action", profile(ALL, **custom(action="Moon")), {ENDPOINT: "unknown"}),
    ("custom rule that is off", profile(ALL, **custom(enabledState="Disabled")), {ENDPOINT: "fail"}),
    ("custom rule in a new state", profile(ALL, **custom(enabledState="Moon")), {ENDPOINT: "unknown"}),
    ("managed rules only log", profile(ALL, **managed("Log")), {ENDPOINT: "fail"}, {"reason": "reports"}),
    ("managed rules redirect", profile(ALL, **managed("Redirect")), {ENDPOINT: "pass"}),
    ("managed rules with a new action", profile(ALL, **managed("Moon")), {ENDPOINT: "unknown"}),
    ("classic without rules", classic(**firewall(rules={})), {FRONTEND: "fail"}, {"reason": "no rule that stops"}),
    ("disabled", profile(state="Disabled"), {ENDPOINT: "not_applicable"}),
    ("a new state", profile(ALL, state="Moon"), {ENDPOINT: "unknown"}),
    (
        "no route to the default domain",
        profile(**routed(route("Disabled"))),
        {ENDPOINT: "not_applicable", DOMAIN: "fail"},
    ),
    ("no route", profile(**routed()), {ENDPOINT: "not_applicable", DOMAIN: "not_applicable"}, {"reason": "No route"}),
    (
        "route that is off",
        profile(**routed(route(state="Disabled"))),
        {ENDPOINT: "not_applicable", DOMAIN: "not_applicable"},
    ),
    (
        "route of an endpoint that is off",
        profile(state="Disabled", **routed(route())),
        {ENDPOINT: "not_applicable", DOMAIN: "not_applicable"},
    ),
    (
        "routes of an endpoint in a new state",
        profile(state="Moon", **routed(route())),
        {ENDPOINT: "unknown", DOMAIN: "unknown"},
    ),
    (
        "no routes of an endpoint in a new state",
        profile(state="Moon", **routed()),
        {ENDPOINT: "unknown", DOMAIN: "not_applicable"},
    ),
    (
        "route of another domain",
        profile(**routed(route("Enabled", "Enabled", f"{DOMAIN}2"))),
        {ENDPOINT: "fail", DOMAIN: "not_applicable"},
    ),
    ("protected without a route", profile(ALL, **{**routed(), "front_door_domains": {PROFILE: []}}),
     {ENDPOINT: "pass"}),
    ("route in a new state", profile(**routed(route(state="Moon"))), {ENDPOINT: "unknown", DOMAIN: "unknown"}),
    (
        "route in a new state, and another",
        profile(**routed(route(state="Moon"), route())),
        {ENDPOINT: "fail", DOMAIN: "fail"},
    ),
    ("link not stated", profile(**routed(route(None))), {ENDPOINT: "unknown", DOMAIN: "fail"}),
    (
        "routes forbidden",
        without(profile(), "front_door_routes"),
        {ENDPOINT: "unknown"},
        {"gaps": [gap("front_door_routes", ENDPOINT)]},
    ),
    ("another kind of policy", profile(ALL, kind="Moon"), {ENDPOINT: "unknown"}),
    ("policy without an id", profile(ALL, waf=None), {ENDPOINT: "unknown"}),
    ("policy not listed", profile(ALL, waf=f"{WAF}2"), {ENDPOINT: "unknown"}),
    ("active is text", profile(association(ENDPOINT, isActive="true")), {ENDPOINT: "unknown"}),
    ("patterns are text", profile({**ALL, "patternsToMatch": "/*"}), {ENDPOINT: "unknown"}),
    (
        "policy of a whole profile",
        profile(
            front_door_security_policies={
                PROFILE: [
                    doc(
                        f"{PROFILE}/securityPolicies/one",
                        {"parameters": {"type": "WebApplicationFirewall", "wafPolicy": {"id": WAF}}},
                    )
                ]
            }
        ),
        {ENDPOINT: "unknown"},
        {"reason": "associations"},
    ),
    ("content delivery network", without(profile(sku="Standard_Microsoft"), "front_door_endpoints"),
     {SUB: "not_applicable"}),
    ("no SKU", profile(ALL, sku=None), {PROFILE: "unknown"}),
    (
        "endpoints forbidden",
        without(profile(ALL), "front_door_endpoints"),
        {PROFILE: "unknown"},
        {"gaps": [gap("front_door_endpoints", PROFILE)]},
    ),
    (
        "security policies forbidden",
        without(profile(), "front_door_security_policies"),
        {ENDPOINT: "unknown"},
        {"gaps": [gap("front_door_security_policies", PROFILE)]},
    ),
    ("profiles forbidden", RESOURCES, {SUB: "unknown"}, {"gaps": [gap("cdn_profiles")]}),
    ("classic forbidden", RESOURCES, {SUB: "unknown"}, {"gaps": [gap("front_doors")]}),
    ("no Front Door", {}, {SUB: "not_applicable"}),
)  # fmt: skip
OFFICIAL_VERDICTS = """
network-frontdoor-waf fail: default domain1 endpoint1
network-frontdoor-waf pass: frontendEndpoint1 testdomain1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Firewall Manager › Application Delivery Platforms › the Front Door"
        " › Manage Security › Associate WAF policy",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/firewall-manager/manage-web-application-firewall-policies.md",
            "02e2e0f4e66b5494554283229832fcac8d9a906e",
            "In the Azure portal search bar, type Firewall Manager",
            "On the Azure Firewall Manager page, select Application Delivery Platforms",
            "Select Manage Security and then select Associate WAF policy",
        ),
    ),
]
