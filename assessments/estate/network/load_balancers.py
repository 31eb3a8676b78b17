"""The ports that public load balancers forward to a network interface. Pure functions.

An interface names its backend pools and inbound NAT rules. Their ids begin with the id of the load balancer. A Standard
load balancer forwards nothing to an interface that has no security group (“secure by default”). A Basic load balancer
(retired on 30 September 2025) forwards to such an interface too. A front end without a public address serves the
virtual network only.

Source: https://learn.microsoft.com/azure/load-balancer/load-balancer-overview,
https://learn.microsoft.com/azure/load-balancer/skus and
https://learn.microsoft.com/rest/api/load-balancer/load-balancers
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from assessments.estate.ids import fold, name_of
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import View

KINDS = frozenset({"basic", "standard", "gateway"})
# {protocol of a rule: the protocols that the rule forwards}. QUIC is carried in UDP: https://www.rfc-editor.org/rfc/rfc9000
_PROTOCOLS = {
    "tcp": frozenset({"tcp"}),
    "udp": frozenset({"udp"}),
    "quic": frozenset({"udp"}),
    "all": frozenset({"tcp", "udp"}),
}
_TARGET = re.compile(
    r"(/.+/providers/microsoft\.network/loadbalancers/[^/]+)"
    r"/(?:backendaddresspools|inboundnatrules|inboundnatpools)/[^/]+"
)

OF_INTERFACE = ("loadBalancerBackendAddressPools", "loadBalancerInboundNatRules")
"""The properties with which an IP configuration of an interface names pools and rules of load balancers."""
OF_MODEL = ("loadBalancerBackendAddressPools", "loadBalancerInboundNatPools")
"""The properties with which an IP configuration in a scale set's model names pools of load balancers."""


def is_balanced(configuration: View) -> bool:
    """Return whether a load balancer forwards to an IP configuration. `configuration` is the `properties` of the IP
    configuration of an interface. Raise Unreadable if a property is missing or invalid.
    """
    return any(configuration.items(name, default=[]) for name in OF_INTERFACE)


def balancing_targets(configuration: View, names: Iterable[str] = OF_INTERFACE) -> frozenset[str]:
    """Return the lower-case ids of the backend pools, inbound NAT rules and inbound NAT pools that lead to an IP
    configuration.

    `configuration` is the `properties` of the IP configuration. `names` is OF_INTERFACE for an interface, and OF_MODEL
    for a scale set's model. Raise Unreadable if an id is missing, or a value is invalid.
    """
    found = set()
    for name in names:
        for item in configuration.items(name, default=[]):
            target = fold(item.text("id"))
            if _TARGET.fullmatch(target) is None:
                raise item.unreadable("id", "not a backend pool or inbound NAT rule of a load balancer")
            found.add(target)
    return frozenset(found)


def balancers_of(targets: Collection[str]) -> list[str]:
    """Return the sorted lower-case ids of the load balancers to which backend pools, NAT rules and NAT pools belong.

    `targets` are ids that `balancing_targets` returned.
    """
    return sorted({found[1] for target in targets if (found := _TARGET.fullmatch(target))})


def forwarding_rules(balancer: View, targets: Collection[str], port: int, protocol: str) -> dict[str, str]:
    """Return {name of a rule: text for messages} for the rules that forward connections from a public address to a
    port.

    `targets` is the result of `balancing_targets` for the interface; `protocol` is `tcp` or `udp`. The text is the name
    of the rule. For a NAT rule with a backend pool, the text also names the pool, because the interface refers to the
    pool and not to the rule. Raise Unreadable if a property is missing or invalid.
    """
    public = {
        fold(entry.text("id"))
        for entry in balancer.items("properties.frontendIPConfigurations")
        if reference(entry.object("properties"), "publicIPAddress")
    }
    found = {}
    for rule, target, pool in _rules(balancer):
        settings = rule.object("properties")
        if fold(target) not in targets or fold(settings.text("frontendIPConfiguration.id")) not in public:
            continue
        forwarded = _PROTOCOLS[settings.choice("protocol", _PROTOCOLS)]
        # Port 0 means every port.
        if protocol in forwarded and settings.number("backendPort") in (port, 0):
            name = rule.text("name")
            found[name] = f"the inbound NAT rule {name} of the backend pool {pool}" if pool else name
    return dict(sorted(found.items()))


def _rules(balancer: View) -> Iterator[tuple[View, str, str]]:
    """Yield (rule, id, pool) for each load balancing rule and inbound NAT rule. Raise Unreadable if a NAT rule with a
    range of ports has no pool.

    An interface refers to a rule by `id`: the id of the rule's backend pool or, if the rule has none, of the NAT rule
    itself. `pool` is the name of a NAT rule's backend pool, or empty. Only NAT rules of version 2 have a
    backend pool and a range of ports (https://learn.microsoft.com/azure/load-balancer/inbound-nat-rules).
    """
    for rule in balancer.items("properties.loadBalancingRules"):
        yield rule, rule.object("properties").text("backendAddressPool.id", default=""), ""
    for rule in balancer.items("properties.inboundNatRules"):
        settings = rule.object("properties")
        pool = settings.text("backendAddressPool.id", default="")
        if not pool and settings.number("frontendPortRangeStart", default=0):
            raise settings.unreadable("backendAddressPool", "missing, although the rule has a range of ports")
        yield rule, pool or rule.text("id"), name_of(pool)
