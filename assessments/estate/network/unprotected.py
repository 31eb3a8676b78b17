"""Find network interfaces that have no security group, but have a public address or are behind a load balancer. Pure
functions.

An interface, its virtual network and their security groups belong to the same subscription. So the security groups of
the unit's subscription name all protected subnets. Sources:
https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview and
https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assessments.estate.estate import Estate
from assessments.estate.ids import fold, is_within, subscription_of
from assessments.estate.network.load_balancers import balancers_of, balancing_targets, is_balanced
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Unreadable, View


@dataclass(frozen=True, slots=True)
class OpenConfiguration:
    """An unprotected IP configuration that has a public address or is behind a load balancer. It is unprotected because
    neither its interface nor its subnet has a security group.

    `subnet` is the id of its subnet. `public_address` is the id of its public address, or empty. `targets` are the
    lower-case ids of its backend pools and inbound NAT rules.
    """

    subnet: str
    public_address: str
    targets: frozenset[str]


def protected_subnets(groups: Iterable[View]) -> frozenset[str]:
    """Return the lower-case ids of the subnets that have one of the security groups. Raise Unreadable if a property is
    missing or invalid.
    """
    return frozenset(
        fold(subnet.text("id"))
        for group in groups
        for subnet in group.items("properties.subnets", default=[])
    )


def configurations_without_group(interface: View, protected: frozenset[str]) -> list[OpenConfiguration]:
    """Return the unprotected IP configurations of an interface that have a public address or are behind a load
    balancer.

    An IP configuration is unprotected if neither the interface nor the subnet of the IP configuration has a security
    group. Raise Unreadable if a property is missing or invalid.
    """
    if reference(interface, "properties.networkSecurityGroup"):
        return []
    found = []
    for configuration in interface.items("properties.ipConfigurations"):
        settings = configuration.object("properties")
        address = reference(settings, "publicIPAddress")
        if not address and not is_balanced(settings):
            continue
        if fold(subnet := settings.text("subnet.id")) not in protected:
            found.append(OpenConfiguration(subnet, address, balancing_targets(settings)))
    return found


def subscription_with_unprotected_balancing(estate: Estate) -> Iterable[str]:
    """Return the unit's subscription if an interface without a security group is behind a load balancer of this
    subscription."""
    targets = {target for found in _open_configurations(estate) for target in found.targets}
    return [estate.scope_id] if any(is_within(one, estate.scope_id) for one in balancers_of(targets)) else []


def load_balancers_elsewhere(estate: Estate) -> Iterable[str]:
    """Return the lower-case ids of the load balancers in other assessed subscriptions that forward to an interface
    without a security group.

    Load balancers in subscriptions that are not assessed are left out. The id of a load balancer does not tell to which
    customer its subscription belongs, so only assessed subscriptions may be read.

    https://learn.microsoft.com/azure/load-balancer/cross-subscription-overview
    """
    targets = {target for found in _open_configurations(estate) for target in found.targets}
    return [
        identifier
        for identifier in balancers_of(targets)
        if subscription_of(identifier) in estate.assessed and not is_within(identifier, estate.scope_id)
    ]


def _open_configurations(estate: Estate) -> Iterator[OpenConfiguration]:
    """Yield the result of `configurations_without_group` for all interfaces of the unit. Unreadable interfaces are
    skipped: their verdict is unknown anyway.
    """
    try:
        protected = protected_subnets(estate.documents("network_security_groups"))
    except Unreadable:
        return
    for interface in estate.documents("network_interfaces"):
        try:
            yield from configurations_without_group(interface, protected)
        except Unreadable:
            continue
