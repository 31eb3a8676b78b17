"""Front Door profiles and classic Front Doors, with the expected verdicts of network-frontdoor-waf.

Format: Microsoft.Cdn 2025-06-01 and Microsoft.Network/frontDoors 2025-10-01.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

_CONTROL = "network-frontdoor-waf"
CONTROLS = (_CONTROL,)
_RATE_LIMIT = {
    "name": "RateLimit",
    "priority": 100,
    "enabledState": "Enabled",
    "ruleType": "RateLimitRule",
    "rateLimitDurationInMinutes": 1,
    "rateLimitThreshold": 1000,
    "matchConditions": [
        {
            "matchVariable": "SocketAddr",
            "operator": "IPMatch",
            "negateCondition": False,
            "matchValue": ["0.0.0.0/0", "::/0"],
            "transforms": [],
        }
    ],
    "action": "Block",
}
_PROFILES, _DOORS = "Microsoft.Cdn/profiles", "Microsoft.Network/frontDoors"
_POLICIES = "Microsoft.Network/frontDoorWebApplicationFirewallPolicies"


def write(sub: Subscription) -> None:
    """Write a Front Door profile into some subscriptions.

    Write a classic Front Door, and a content delivery network, into fewer subscriptions.
    """
    with_profile, with_door, with_network = (sub.rng.chance(share) for share in (0.4, 0.2, 0.2))
    if with_profile:
        _profile(sub)
    if with_door:
        _door(sub)
    if with_network:
        group, _, tags = sub.group("web")
        sub.write(group, _PROFILES, f"cdn-{sub.rng.letters(5)}", {"provisioningState": "Succeeded"},
                  location="Global", kind="cdn", tags=tags, sku={"name": "Standard_Microsoft"})  # fmt: skip


def _profile(sub: Subscription) -> None:
    rng = sub.rng
    group, _, tags = sub.group("web")
    name = f"afd-{rng.letters(5)}"
    tier = rng.pick(("Premium_AzureFrontDoor", "Standard_AzureFrontDoor"))
    form = rng.pick(("missing", "reports", "off")) if rng.often_faulty() else "blocks"
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceState": "Active",
        "frontDoorId": rng.guid(),
    }
    sub.write(
        group, _PROFILES, name, properties, location="Global", kind="frontdoor", tags=tags, sku={"name": tier}
    )
    covered = []
    endpoints = []
    for label, is_disabled in (("shop", False), ("old", rng.chance(0.3))):
        endpoint: Json = {
            "enabledState": "Disabled" if is_disabled else "Enabled",
            "hostName": f"{label}-{rng.letters(8)}.z01.azurefd.net",
            "provisioningState": "Succeeded",
            "deploymentStatus": "NotStarted",
        }
        identifier = sub.write(
            group, f"{_PROFILES}/afdEndpoints", f"{name}/{label}", endpoint, location="Global"
        )
        covered.append(identifier)
        endpoints.append(f"{name}/{label}")
        if is_disabled:
            sub.expect(_CONTROL, identifier, "not_applicable")
        else:
            sub.expect_failure_if(_CONTROL, identifier, form != "blocks")
    domain = sub.write(
        group,
        f"{_PROFILES}/customDomains",
        f"{name}/www",
        {
            "hostName": f"www.{sub.mail_domain}",
            "domainValidationState": "Approved",
            "provisioningState": "Succeeded",
            "tlsSettings": {"certificateType": "ManagedCertificate", "minimumTlsVersion": "TLS12"},
        },
    )
    for number, of_endpoint in enumerate(endpoints):
        _write_route(sub, group, of_endpoint, [] if number else [domain])
    forgotten = rng.branch("domain").often_faulty()
    sub.expect_failure_if(_CONTROL, domain, form != "blocks" or forgotten)
    if form == "missing":
        return
    if not forgotten:
        covered.append(domain)
    firewall = _firewall(sub, rng, group, name, tier, form)
    association = {
        "domains": [{"id": identifier.lower(), "isActive": True} for identifier in covered],
        "patternsToMatch": ["/*"] if rng.chance(0.8) else ["/api/*"],
    }
    parameters: Json = {
        "type": "WebApplicationFirewall",
        "wafPolicy": {"id": firewall},
        "associations": [association],
    }
    sub.write(
        group,
        f"{_PROFILES}/securityPolicies",
        f"{name}/firewall",
        {"parameters": parameters, "provisioningState": "Succeeded", "deploymentStatus": "NotStarted"},
    )


def _write_route(sub: Subscription, group: str, endpoint: str, domains: list[str]) -> None:
    """Write a route that serves the default domain of the endpoint, and these custom domains."""
    properties: Json = {
        "customDomains": [{"id": domain, "isActive": True} for domain in domains],
        "patternsToMatch": ["/*"],
        "supportedProtocols": ["Https", "Http"],
        "httpsRedirect": "Enabled",
        "linkToDefaultDomain": "Enabled",
        "enabledState": "Enabled",
        "provisioningState": "Succeeded",
    }
    sub.write(group, f"{_PROFILES}/afdEndpoints/routes", f"{endpoint}/default", properties)


def _firewall(sub: Subscription, rng: RandomSource, group: str, name: str, tier: str, form: str) -> str:
    """Write the policy of the web application firewall. Return the id of the policy."""
    settings: Json = {
        "enabledState": "Disabled" if form == "off" else "Enabled",
        "mode": "Detection" if form == "reports" else "Prevention",
        "requestBodyCheck": "Enabled",
    }
    rules = [{"ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetVersion": "2.1", "ruleSetAction": "Block"}]
    properties: Json = {
        "policySettings": settings,
        # The tier Standard has no managed rule sets, so its policies get a custom rule instead.
        "customRules": {"rules": [] if tier.startswith("Premium") else [_RATE_LIMIT]},
        "managedRules": {"managedRuleSets": rules if tier.startswith("Premium") else []},
        "provisioningState": "Succeeded",
        "resourceState": "Enabled",
    }
    return sub.write(
        group, _POLICIES, f"waf{name.replace('-', '')}", properties, location="Global", sku={"name": tier}
    )


def _door(sub: Subscription) -> None:
    rng = sub.rng
    group, _, tags = sub.group("web")
    name = f"fd-{rng.letters(5)}"
    door = sub.id_of(group, _DOORS, name)
    form = rng.pick(("missing", "reports", "off")) if rng.often_faulty() else "blocks"
    frontend: Json = {
        "hostName": f"{name}.azurefd.net",
        "sessionAffinityEnabledState": "Disabled",
        "webApplicationFirewallPolicyLink": None,
    }
    if form != "missing":
        policy = _firewall(sub, rng, group, name, "Classic_AzureFrontDoor", form)
        frontend["webApplicationFirewallPolicyLink"] = {"id": policy}
    identifier = f"{door}/frontendEndpoints/default"
    sub.expect_failure_if(_CONTROL, identifier, form != "blocks")
    properties: Json = {
        "enabledState": "Enabled",
        "resourceState": "Enabled",
        "provisioningState": "Succeeded",
        "frontendEndpoints": [{"id": identifier, "name": "default", "properties": frontend}],
        "routingRules": [],
        "backendPools": [],
    }
    sub.write(group, _DOORS, name, properties, location="Global", tags=tags)
