"""Which connections load balancers forward to a network interface that no security group protects.

With the Standard SKU, a load balancer forwards nothing to such an interface. A Basic load balancer forwards what its
rules name. Source: https://learn.microsoft.com/azure/load-balancer/load-balancer-overview
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from assessments.controls.context import CollectionUnavailable, Context
from assessments.estate.collections.network import LOAD_BALANCERS
from assessments.estate.load_balancers import KINDS, balancers_of, forwarding_rules
from assessments.estate.view import Unreadable, View


@dataclass(slots=True)
class Forwarding:
    """What Basic load balancers forward: their names, the rules and the protocols, each sorted.

    `problems` are the errors of load balancers that could not be judged.
    """

    balancers: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    protocols: list[str] = field(default_factory=list)
    problems: list[CollectionUnavailable | Unreadable] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The end of a sentence about an interface that can be reached."""
        return (
            f"the Basic load balancer {', '.join(self.balancers)} forwards connections with"
            f" {', '.join(self.rules)}"
        )

    def observed(self) -> dict[str, list[str]]:
        """Return the load balancers and rules as observed values."""
        return {"loadBalancers": self.balancers, "balancingRules": self.rules}


def forwarded_to(
    targets: Collection[str], interface: View, ctx: Context, port: int, protocols: Sequence[str]
) -> Forwarding:
    """Return what the load balancers of `balancing_targets` forward from the Internet to a port of the interface."""
    balancers, rules, found = set(), set(), set()
    problems: list[CollectionUnavailable | Unreadable] = []
    for identifier in balancers_of(targets):
        try:
            balancer = _balancer(identifier, interface, ctx)
            if balancer.choice("sku.name", KINDS) != "basic":
                continue
            for protocol in protocols:
                if names := forwarding_rules(balancer, targets, port, protocol):
                    balancers.add(balancer.name)
                    found.add(protocol)
                    rules.update(names)
        except (CollectionUnavailable, Unreadable) as problem:
            problems.append(problem)
    return Forwarding(sorted(balancers), sorted(rules), sorted(found), problems)


def _balancer(identifier: str, interface: View, ctx: Context) -> View:
    """Return a load balancer. Raise CollectionUnavailable or Unreadable."""
    balancer = ctx.find(LOAD_BALANCERS, identifier)
    if balancer is None:
        ctx.require_complete(LOAD_BALANCERS)
        raise interface.unlisted("properties.ipConfigurations", "load balancer", identifier)
    return balancer
