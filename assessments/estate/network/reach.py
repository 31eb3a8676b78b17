"""Find out which network interfaces behind a security group the Internet can reach. Pure functions.

An interface can be reached if it has a public address or is the target of an inbound NAT rule, and if the security
groups of its subnet and of the interface itself let the traffic pass. Other interfaces in a backend pool are listed
separately (`Reach.pooled`): they can be reached only if a rule of the load balancer forwards to the pool.

Verdicts do not depend on this module, because an interface can get a public address later.

Sources: https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works and
https://learn.microsoft.com/azure/load-balancer/inbound-nat-rules
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assessments.estate.ids import fold
from assessments.estate.network.nsg import exposure
from assessments.estate.view import Unreadable, View


@dataclass(slots=True)
class Reach:
    """Which interfaces behind a security group the Internet can reach on a port.

    `names` are the names of these interfaces. `pooled` are the names of further interfaces, which the Internet can
    reach only if a load balancer forwards to their backend pool. `unread` is true if an interface or group could not be
    read.
    """

    names: set[str] = field(default_factory=set)
    pooled: set[str] = field(default_factory=set)
    unread: bool = False


class Interfaces:
    """The network interfaces that have a public address, an inbound NAT rule or a backend pool, grouped by the security
    groups that filter their traffic."""

    def __init__(self, interfaces: Iterable[View], groups: Iterable[View]) -> None:
        self._groups = {fold(group.id): group for group in groups}
        self._of_subnet = {
            fold(subnet): group for group in self._groups.values() for subnet in _ids(group, "subnets")
        }
        self._behind: dict[str, list[tuple[View, list[View], bool]]] = {}
        self._open: dict[tuple[str, int, str], bool] = {}
        self.unread = False
        for interface in interfaces:
            try:
                self._add(interface)
            except Unreadable:
                self.unread = True

    def reached(self, group: View, port: int, protocol: str) -> Reach:
        """Return which interfaces behind a security group the Internet can reach on a port."""
        found = Reach(unread=self.unread)
        for interface, groups, is_direct in self._behind.get(fold(group.id), ()):
            try:
                if all(self._lets_in(group, port, protocol) for group in groups):
                    (found.names if is_direct else found.pooled).add(interface.name)
            except Unreadable:
                found.unread = True
        found.pooled -= found.names
        return found

    def _add(self, interface: View) -> None:
        """For each IP configuration with a public address, an inbound NAT rule or a backend pool, record the interface
        under each security group that filters its traffic. Each record contains all these groups.
        """
        own = interface.object("properties.networkSecurityGroup", default={}).text("id", default="")
        for entry in interface.items("properties.ipConfigurations"):
            settings = entry.object("properties")
            is_direct = bool(
                settings.object("publicIPAddress", default={}).text("id", default="")
                or settings.items("loadBalancerInboundNatRules", default=[])
            )
            if not (is_direct or settings.items("loadBalancerBackendAddressPools", default=[])):
                continue
            groups: dict[str, View] = {}
            if own:
                if fold(own) not in self._groups:
                    raise interface.unreadable(
                        "properties.networkSecurityGroup", "not among the collected groups"
                    )
                groups[fold(own)] = self._groups[fold(own)]
            subnet = settings.object("subnet").text("id")
            if (subnet_group := self._of_subnet.get(fold(subnet))) is not None:
                groups[fold(subnet_group.id)] = subnet_group
            for key in groups:
                self._behind.setdefault(key, []).append((interface, list(groups.values()), is_direct))

    def _lets_in(self, group: View, port: int, protocol: str) -> bool:
        key = (fold(group.id), port, protocol)
        if key not in self._open:
            self._open[key] = exposure(group, port, protocol).to_internet
        return self._open[key]


def _ids(group: View, key: str) -> list[str]:
    try:
        return [item.text("id") for item in group.items(f"properties.{key}", default=[])]
    except Unreadable:
        # If a security group's list of subnets or interfaces cannot be read, assume that the list is empty. This
        # affects only a remark.
        return []
