"""Judge a network interface that no security group protects.

Whether the Internet can reach the interface depends on its public address and its load balancers. Addresses and load
balancers of the Standard SKU block the Internet. An address of the retired Basic SKU lets everybody in on every port. A
Basic load balancer lets in the traffic that its rules forward. Source:
https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses and
https://learn.microsoft.com/azure/load-balancer/load-balancer-overview
"""

from __future__ import annotations

from collections.abc import Sequence

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.network._groups import Port
from assessments.controls.shared.load_balancing import forwarded_to, merged
from assessments.controls.verdict import Verdict, failed, passed
from assessments.estate.collections.network import NSGS, PUBLIC_ADDRESSES
from assessments.estate.network.unprotected import (
    OpenConfiguration,
    configurations_without_group,
    protected_subnets,
)
from assessments.estate.view import Unreadable, View

_ADDRESS_KINDS = frozenset({"standard", "standardv2", "basic"})


def is_unprotected(interface: View, ctx: Context) -> bool:
    """Return whether the interface has a public address or load balancer, but no security group. Raise
    CollectionUnavailable or Unreadable if needed data could not be read.
    """
    if not _open_configurations(interface, ctx):
        return False
    ctx.require_complete(NSGS)
    return True


def judge_unprotected(
    interface: View, ctx: Context, opened: Sequence[Port], more: Sequence[str] = ()
) -> Verdict:
    """Judge an interface without a security group. `more` are further remarks. Raise CollectionUnavailable or
    Unreadable if needed data could not be read.
    """
    found = _open_configurations(interface, ctx)
    ports = _names(opened)
    remarks = [*more]
    if interface.raw("properties.virtualMachine.id") is None:
        remarks.append("Not attached to a virtual machine")
    problems: list[CollectionUnavailable | Unreadable] = []
    kinds = _address_kinds(found, interface, ctx, problems)
    if "basic" in kinds:
        reason = f"Everybody can reach {ports}: the interface has no security group, and its public address is Basic"
        return failed(reason, remarks=remarks, publicAddressKind="Basic")
    targets = frozenset(target for entry in found for target in entry.targets)
    forwardings = {
        port: forwarded_to(targets, interface, ctx, port.number, (port.protocol,)) for port in opened
    }
    if reached := [port for port, forwarding in forwardings.items() if forwarding.rules]:
        forwarding = merged(forwardings.values())
        reason = f"Everybody can reach {_names(reached)}: the interface has no security group, and"
        return failed(f"{reason} {forwarding.sentence}", remarks=remarks, **forwarding.observed())
    problems += [problem for forwarding in forwardings.values() for problem in forwarding.problems]
    if problems:
        raise problems[0]
    if kinds:
        return passed(
            "No security group protects the interface; its Standard public address blocks the Internet",
            remarks=remarks,
            publicAddressKind="Standard",
        )
    return passed(
        "No security group protects the interface; its load balancers forward no connection from the Internet to"
        f" {ports}",
        remarks=remarks,
    )


def _address_kinds(
    found: list[OpenConfiguration],
    interface: View,
    ctx: Context,
    problems: list[CollectionUnavailable | Unreadable],
) -> set[str]:
    """Return the SKUs of the public addresses in lower case.

    Errors are added to `problems` instead of being raised, because another address or a load balancer may already show
    that the interface is exposed.
    """
    kinds = set()
    for address in sorted({entry.public_address for entry in found if entry.public_address}):
        try:
            kinds.add(_kind(address, interface, ctx))
        except (CollectionUnavailable, Unreadable) as problem:
            problems.append(problem)
    return kinds


def _names(ports: Sequence[Port]) -> str:
    return " and ".join(port.name for port in ports)


def _open_configurations(interface: View, ctx: Context) -> list[OpenConfiguration]:
    protected = ctx.memo("protected subnets", lambda: protected_subnets(ctx.partial(NSGS)[0]))
    return configurations_without_group(interface, protected)


def _kind(identifier: str, interface: View, ctx: Context) -> str:
    """Return the SKU of a public address in lower case. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    address = ctx.find(PUBLIC_ADDRESSES, identifier)
    if address is None:
        ctx.require_complete(PUBLIC_ADDRESSES)
        raise interface.unlisted("properties.ipConfigurations", "public address", identifier)
    return address.choice("sku.name", _ADDRESS_KINDS)
