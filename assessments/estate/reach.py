"""Which network interfaces behind a security group the Internet really reaches. Pure.

Traffic from the Internet comes to an interface that has a public address, or that an inbound NAT rule of a load
balancer leads to, and has to pass the group of its subnet and its own, where there are any. A group's verdict
does not hang on that: what nobody reaches today is reached when an address is added.

Source: https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assessments.estate.ids import fold
from assessments.estate.nsg import exposure
from assessments.estate.view import Unreadable, View


@dataclass(slots=True)
class Reach:
    """Names of interfaces that are reached; `unread`: of some interface or group it could not be told."""

    names: set[str] = field(default_factory=set)
    unread: bool = False


class Interfaces:
    """The network interfaces and security groups of a subscription, by what they are attached to."""

    def __init__(self, interfaces: Iterable[View], groups: Iterable[View]) -> None:
        self._groups = {fold(group.id): group for group in groups}
        self._of_subnet = {
            fold(subnet): group for group in self._groups.values() for subnet in _ids(group, "subnets")
        }
        self._behind: dict[str, list[tuple[View, list[View]]]] = {}
        self._open: dict[tuple[str, int, str], bool] = {}
        self.unread = False
        for interface in interfaces:
            try:
                self._sort_in(interface)
            except Unreadable:
                self.unread = True

    def reached(self, group: View, port: int, protocol: str) -> Reach:
        """The interfaces behind a group to which the Internet gets through on a port."""
        found = Reach(unread=self.unread)
        for interface, guards in self._behind.get(fold(group.id), ()):
            try:
                if all(self._lets_in(guard, port, protocol) for guard in guards):
                    found.names.add(interface.name)
            except Unreadable:
                found.unread = True
        return found

    def _sort_in(self, interface: View) -> None:
        """Note a reachable interface under each group that guards it, with all of its guards."""
        own = interface.object("properties.networkSecurityGroup", default={}).text("id", default="")
        for entry in interface.items("properties.ipConfigurations"):
            settings = entry.object("properties")
            if not (
                settings.object("publicIPAddress", default={}).text("id", default="")
                or settings.items("loadBalancerInboundNatRules", default=[])
            ):
                continue
            guards: dict[str, View] = {}
            if own:
                if fold(own) not in self._groups:
                    raise interface.unreadable("properties.networkSecurityGroup", "not a group that was read")
                guards[fold(own)] = self._groups[fold(own)]
            subnet = settings.object("subnet").text("id")
            if (around := self._of_subnet.get(fold(subnet))) is not None:
                guards[fold(around.id)] = around
            for key in guards:
                self._behind.setdefault(key, []).append((interface, list(guards.values())))

    def _lets_in(self, group: View, port: int, protocol: str) -> bool:
        key = (fold(group.id), port, protocol)
        if key not in self._open:
            self._open[key] = exposure(group, port, protocol).to_internet
        return self._open[key]


def _ids(group: View, key: str) -> list[str]:
    try:
        return [item.text("id") for item in group.items(f"properties.{key}", default=[])]
    except Unreadable:
        # Then interfaces in its subnets are taken for unguarded by it, which only a remark hangs on.
        return []
