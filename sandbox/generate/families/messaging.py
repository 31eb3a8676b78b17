"""Namespaces of Service Bus and Event Hubs, with the expected verdicts of assessments/controls/shared/messaging.py.

Format: Microsoft.ServiceBus and Microsoft.EventHub 2024-01-01.
"""

from __future__ import annotations

from sandbox.generate.endpoints import connections
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_KINDS = {
    "servicebus": ("Microsoft.ServiceBus/namespaces", ("Premium", "Premium", "Standard"), ("Premium",)),
    "eventhub": ("Microsoft.EventHub/namespaces", ("Standard", "Premium", "Basic"), ("Standard", "Premium")),
}
CONTROLS = tuple(f"{section}-{topic}" for section in _KINDS for topic in ("pna", "pe", "tls", "local-auth"))


def write(sub: Subscription) -> None:
    """Write a Service Bus namespace and an Event Hubs namespace, each with a probability of one half."""
    for section in _KINDS:
        with sub.branch(section):
            if sub.rng.chance(0.5):
                _write_namespace(sub, section)


def _write_namespace(sub: Subscription, section: str) -> None:
    rng = sub.rng
    kind, tiers, with_rules = _KINDS[section]
    group, region, tags = sub.group()
    name = f"{section}-{rng.letters(8)}"
    resource = sub.id_of(group, kind, name)
    is_open, with_keys, without_endpoint = rng.faulty(), rng.often_faulty(), rng.often_faulty()
    # A namespace in one of the smaller tiers cannot refuse access from public networks, so it always fails the control
    # on public network access. Choose such a tier only as a fault.
    tier = rng.pick(tiers) if is_open else rng.pick(with_rules)
    properties: Json = {
        "provisioningState": "Succeeded",
        "status": "Active",
        "minimumTlsVersion": "1.2",
        "createdAt": rng.arm_timestamp(100, 900),
        "serviceBusEndpoint": f"https://{name}.servicebus.windows.net:443/",
    }
    with sub.branch("tls"):
        is_old = sub.rng.faulty()
        if is_old:
            properties["minimumTlsVersion"] = sub.rng.pick(("1.0", "1.1"))
    sub.expect_failure_if(f"{section}-tls", resource, is_old)
    if not with_keys or rng.chance(0.7):
        properties["disableLocalAuth"] = not with_keys
    sub.expect_failure_if(f"{section}-local-auth", resource, with_keys)
    by_firewall = not is_open and rng.chance(0.4)
    if rng.chance(0.7):
        properties["publicNetworkAccess"] = "Enabled" if is_open or by_firewall else "Disabled"
    rules: Json = {
        "publicNetworkAccess": "Enabled" if is_open or by_firewall else "Disabled",
        "defaultAction": "Deny" if by_firewall else "Allow",
        "trustedServiceAccessEnabled": False,
        "virtualNetworkRules": [],
        "ipRules": [{"ipMask": "203.0.113.0/24", "action": "Allow"}] if by_firewall else [],
    }
    if is_open and rng.chance(0.3):
        # As long as the namespace has no rules, Azure lets every network in, even with this default action.
        rules["defaultAction"] = "Deny"
    sub.expect_failure_if(f"{section}-pna", resource, is_open)
    sub.write(group, kind, name, properties, location=region, tags=tags, sku={"name": tier, "tier": tier})
    _write_below(sub, resource, kind, rules)
    if tier not in with_rules:
        sub.expect(f"{section}-pe", resource, "not_applicable")
        return
    sub.expect_failure_if(f"{section}-pe", resource, without_endpoint)
    for connection in connections(rng, resource, kind, is_missing=without_endpoint):
        sub.out.document(connection)


def _write_below(sub: Subscription, resource: str, kind: str, rules: Json) -> None:
    sub.out.document(
        {
            "id": f"{resource}/networkRuleSets/default",
            "name": "default",
            "type": f"{kind}/networkRuleSets",
            "properties": rules,
        }
    )
