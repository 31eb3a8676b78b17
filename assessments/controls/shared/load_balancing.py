"""Determine which connections load balancers forward to a network interface that no security group protects.

A Standard load balancer forwards nothing to such an interface. A Basic load balancer forwards the connections that its
rules name. Source: https://learn.microsoft.com/azure/load-balancer/load-balancer-overview
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from assessments.controls.context import CollectionUnavailable, Context
from assessments.estate.collections.network import FOREIGN_LOAD_BALANCERS, LOAD_BALANCERS
from assessments.estate.ids import is_within, name_of, subscription_of
from assessments.estate.network.load_balancers import KINDS, balancers_of, forwarding_rules
from assessments.estate.view import Undecided, Unreadable, View


@dataclass(slots=True)
class Forwarding:
    """The Basic load balancers that forward connections to one port of an interface, with the rules and protocols of
    these connections.

    `balancers` are the names of the load balancers. `rules` is {name of a rule: words that name it in a sentence}.
    `balancers`, `rules` and `protocols` are sorted. `problems` are errors of load balancers that could not be judged.
    """

    balancers: list[str] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    protocols: list[str] = field(default_factory=list)
    problems: list[CollectionUnavailable | Unreadable] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The end of a sentence that says why an interface can be reached."""
        return (
            f"the Basic load balancer {', '.join(self.balancers)} forwards connections with"
            f" {', '.join(self.rules.values())}"
        )

    def observed(self) -> dict[str, list[str]]:
        """Return the load balancers and rules as JSON for the observed value of a finding."""
        return {"loadBalancers": self.balancers, "balancingRules": list(self.rules)}


def forwarded_to(
    targets: Collection[str], interface: View, ctx: Context, port: int, protocols: Sequence[str]
) -> Forwarding:
    """Return which connections load balancers forward from the Internet to a port of the interface.

    `targets` is the result of `balancing_targets` for this interface.
    """
    balancers, found = set(), set()
    rules: dict[str, str] = {}
    problems: list[CollectionUnavailable | Unreadable] = []
    for identifier in balancers_of(targets):
        try:
            balancer = _balancer(identifier, interface, ctx)
            if balancer.choice("sku.name", KINDS) != "basic":
                continue
            for protocol in protocols:
                if forwarding := forwarding_rules(balancer, targets, port, protocol):
                    balancers.add(balancer.name)
                    found.add(protocol)
                    rules |= forwarding
        except (CollectionUnavailable, Unreadable) as problem:
            problems.append(problem)
    return Forwarding(sorted(balancers), dict(sorted(rules.items())), sorted(found), problems)


def merged(forwardings: Iterable[Forwarding]) -> Forwarding:
    """Return the load balancers, rules and protocols of several results as one, without their problems."""
    found = list(forwardings)
    rules = {name: words for one in found for name, words in one.rules.items()}
    return Forwarding(
        sorted({name for one in found for name in one.balancers}),
        dict(sorted(rules.items())),
        sorted({protocol for one in found for protocol in one.protocols}),
    )


def _balancer(identifier: str, interface: View, ctx: Context) -> View:
    """Return the load balancer with this id. Raise CollectionUnavailable or Unreadable if needed data could not be
    read.
    """
    if not is_within(identifier, ctx.scope_id):
        return _balancer_elsewhere(identifier, interface, ctx)
    balancer = ctx.find(LOAD_BALANCERS, identifier)
    if balancer is None:
        ctx.require_complete(LOAD_BALANCERS)
        raise interface.unlisted("properties.ipConfigurations", "load balancer", identifier)
    return balancer


def _balancer_elsewhere(identifier: str, interface: View, ctx: Context) -> View:
    """Return the load balancer with this id, which is in another subscription. Raise CollectionUnavailable or Undecided
    if needed data could not be read.
    """
    balancer = ctx.find(FOREIGN_LOAD_BALANCERS, identifier)
    if balancer is not None:
        return balancer
    name, subscription = name_of(identifier), subscription_of(identifier)
    answer = ctx.estate.answer(FOREIGN_LOAD_BALANCERS.name, identifier)
    if answer is not None and answer.gap is not None:
        raise CollectionUnavailable(answer.gap)
    if answer is not None:
        reason = f"Azure did not find the load balancer {name} in the subscription {subscription}"
    else:
        reason = (
            f"The load balancer {name} is in the subscription {subscription}, which is not assessed together with this"
            " one. Include that subscription in the assessments of the customer, or check there that the SKU of the"
            " load balancer is Standard"
        )
    raise Undecided(interface.id, "properties.ipConfigurations", reason)
