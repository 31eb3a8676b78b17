"""Network interfaces that the Internet can address and that no security group protects. Pure functions.

A network interface, its virtual network, their security groups and public addresses belong to the same subscription, so
the security groups of the subscription list all its protected subnets. Sources:
https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview and
https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assessments.estate.estate import Estate
from assessments.estate.ids import fold
from assessments.estate.sql_interfaces import reference
from assessments.estate.view import Unreadable, View


@dataclass(frozen=True, slots=True)
class OpenConfiguration:
    """An IP configuration with a public address or an inbound NAT rule. A missing address is an empty string."""

    subnet: str
    public_address: str


def protected_subnets(groups: Iterable[View]) -> frozenset[str]:
    """Return the ids, in lower case, of the subnets of security groups. Raise Unreadable."""
    return frozenset(
        fold(subnet.text("id"))
        for group in groups
        for subnet in group.items("properties.subnets", default=[])
    )


def configurations_without_group(interface: View, protected: frozenset[str]) -> list[OpenConfiguration]:
    """Return what the Internet can address of an interface, if neither the interface nor the subnet has a group.

    Raise Unreadable.
    """
    if reference(interface, "properties.networkSecurityGroup"):
        return []
    return [found for found in _open_configurations(interface) if fold(found.subnet) not in protected]


def _open_configurations(interface: View) -> Iterator[OpenConfiguration]:
    for configuration in interface.items("properties.ipConfigurations"):
        settings = configuration.object("properties")
        address = reference(settings, "publicIPAddress")
        if address or settings.items("loadBalancerInboundNatRules", default=[]):
            yield OpenConfiguration(settings.text("subnet.id"), address)


def subscription_with_unprotected_addresses(estate: Estate) -> Iterable[str]:
    """Yield the unit's subscription, if a public address belongs to an interface that no security group protects."""
    try:
        protected = protected_subnets(estate.documents("network_security_groups"))
    except Unreadable:
        return []  # The control is unknown for each interface.
    for interface in estate.documents("network_interfaces"):
        try:
            if any(found.public_address for found in configurations_without_group(interface, protected)):
                return [estate.scope_id]
        except Unreadable:
            continue
    return []
