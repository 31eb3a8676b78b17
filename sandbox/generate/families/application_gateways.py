"""Generate application gateways with their web application firewall. The expected verdicts are those of
assessments/controls/network/application_gateways.py and waf_policies.py.

Format: Microsoft.Network 2024-05-01, as ARM returns it.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "network-appgw-waf",
    "network-appgw-tls",
    "network-appgw-http2",
    "network-waf-body",
    "network-waf-bot",
)
_GATEWAYS = "Microsoft.Network/applicationGateways"
_POLICIES = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"


def write(sub: Subscription) -> None:
    """Write an application gateway into most subscriptions that have a virtual network."""
    rng = sub.rng
    if "Microsoft.Network/virtualNetworks" not in sub.types_seen or not rng.chance(0.8):
        return
    group, region, tags = sub.group()
    name = f"agw-{tags['application']}"
    resource = sub.id_of(group, _GATEWAYS, name)
    form = rng.pick(("none", "reports", "off", "old")) if rng.often_faulty() else "blocks"
    has_firewall = form != "none"
    tier = "WAF_v2" if has_firewall else "Standard_v2"
    properties: Json = {
        "provisioningState": "Succeeded",
        "sku": {"name": tier, "tier": tier, "capacity": 2},
        "operationalState": "Running",
        "httpListeners": _listeners(resource),
        "sslProfiles": [],
        "probes": [],
        "privateEndpointConnections": [],
    }
    _write_tls(sub, rng.branch("tls"), resource, properties)
    old_protocol = rng.branch("http2").often_faulty()
    if not old_protocol or rng.chance(0.5):
        properties["enableHttp2"] = not old_protocol
    sub.expect_failure_if("network-appgw-http2", resource, old_protocol)
    blocks = form == "blocks"
    if form == "old":
        blocks = _write_old_firewall(sub, rng.branch("old"), resource, properties)
    elif has_firewall:
        properties["firewallPolicy"] = {"id": _write_policy(sub, group, region, tags, resource, form)}
    sub.expect_failure_if("network-appgw-waf", resource, not blocks)
    sub.write(group, _GATEWAYS, name, properties, location=region, tags=tags)


def _listeners(resource: str) -> list[Json]:
    return [
        {
            "name": name,
            "id": f"{resource}/httpListeners/{name}",
            "type": f"{_GATEWAYS}/httpListeners",
            "properties": {"provisioningState": "Succeeded", "protocol": protocol, "hostNames": []},
        }
        for name, protocol in (("https", "Https"), ("redirect", "Http"))
    ]


def _write_tls(sub: Subscription, rng: RandomSource, resource: str, properties: Json) -> None:
    is_old = rng.faulty()
    properties["defaultPredefinedSslPolicy"] = "AppGwSslPolicy20220101"
    choices: tuple[Json, ...] = (
        (
            {"policyType": "Predefined", "policyName": "AppGwSslPolicy20170401"},
            {"policyType": "Custom", "minProtocolVersion": "TLSv1_1", "cipherSuites": []},
            {"disabledSslProtocols": ["TLSv1_0"]},
        )
        if is_old
        else (
            {},
            {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101S"},
            {"policyType": "CustomV2", "minProtocolVersion": "TLSv1_2", "cipherSuites": []},
        )
    )
    policy = rng.pick(choices)
    if policy and rng.chance(0.5):
        profile = f"{resource}/sslProfiles/strict"
        properties["sslProfiles"] = [{"name": "strict", "id": profile, "properties": {"sslPolicy": policy}}]
        properties["httpListeners"][0]["properties"]["sslProfile"] = {"id": profile}
    elif policy:
        properties["sslPolicy"] = policy
    sub.expect_failure_if("network-appgw-tls", resource, is_old)


def _write_old_firewall(sub: Subscription, rng: RandomSource, resource: str, properties: Json) -> bool:
    """Configure the firewall in the gateway itself instead of in a policy, as older gateways do.

    A gateway with such a firewall fails the control on bots. Return whether the firewall blocks attacks.
    """
    blocks, ignores_bodies = not rng.faulty(), rng.faulty()
    properties["webApplicationFirewallConfiguration"] = {
        "enabled": True,
        "firewallMode": "Prevention" if blocks else "Detection",
        "ruleSetType": "OWASP",
        "ruleSetVersion": "3.2",
        "requestBodyCheck": not ignores_bodies,
    }
    sub.expect_failure_if("network-waf-body", resource, ignores_bodies)
    sub.expect("network-waf-bot", resource, "fail")
    return blocks


def _write_policy(sub: Subscription, group: str, region: str, tags: Json, gateway: str, form: str) -> str:
    """Write the firewall policy of a gateway. Return the policy's id."""
    rng = sub.rng.branch("policy")
    ignores_bodies, lets_bots_in = rng.faulty(), rng.often_faulty()
    settings: Json = {
        "state": "Disabled" if form == "off" else "Enabled",
        "mode": "Detection" if form == "reports" else "Prevention",
    }
    if ignores_bodies or rng.chance(0.8):
        settings["requestBodyCheck"] = not ignores_bodies
    bots: Json = {
        "ruleSetType": "Microsoft_BotManagerRuleSet",
        "ruleSetVersion": "1.1",
        "ruleGroupOverrides": [],
    }
    sets: list[Json] = [{"ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetVersion": "2.1"}]
    if not lets_bots_in:
        sets.append(bots)
    elif rng.chance(0.4):
        sets.append({**bots, "ruleGroupOverrides": [{"ruleGroupName": "BadBots", "rules": []}]})
    policy = sub.write(
        group,
        _POLICIES,
        f"waf-{tags['application']}",
        {
            "provisioningState": "Succeeded",
            "resourceState": "Enabled",
            "policySettings": settings,
            "customRules": [],
            "managedRules": {"managedRuleSets": sets, "exclusions": []},
            "applicationGateways": [{"id": gateway}],
        },
        location=region,
        tags=tags,
    )
    sub.expect_failure_if("network-waf-body", policy, ignores_bodies)
    sub.expect_failure_if("network-waf-bot", policy, lets_bots_in)
    return policy
