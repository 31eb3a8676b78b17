"""Judge a network interface that no security group protects.

Its public address decides: a Standard address blocks the Internet, and a retired Basic address allows everybody on
every port. Source: https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.verdict import Verdict, failed, passed, unknown
from assessments.estate.collections.network import NSGS, PUBLIC_ADDRESSES
from assessments.estate.gaps import Reason
from assessments.estate.unprotected import (
    OpenConfiguration,
    configurations_without_group,
    protected_subnets,
)
from assessments.estate.view import View

_CLOSED_BY_DEFAULT = frozenset({"standard", "standardv2"})
_KINDS = _CLOSED_BY_DEFAULT | {"basic"}


def is_unprotected(interface: View, ctx: Context) -> bool:
    """Whether the Internet can address the interface and no security group protects it. Raise CollectionUnavailable or
    Unreadable."""
    if not _open_configurations(interface, ctx):
        return False
    ctx.require_complete(NSGS)
    return True


def judge_unprotected(interface: View, ctx: Context, ports: str) -> Verdict:
    """Judge an interface without a security group. `ports` names the ports. Raise CollectionUnavailable or
    Unreadable."""
    found = _open_configurations(interface, ctx)
    remarks = []
    if interface.raw("properties.virtualMachine.id") is None:
        remarks.append("Not attached to a virtual machine")
    kinds = sorted({_kind(entry.public_address, interface, ctx) for entry in found if entry.public_address})
    if "basic" in kinds:
        reason = f"Everybody can reach {ports}: no security group, and a Basic public address"
        return failed(reason, remarks=remarks, publicAddressKind="Basic")
    if any(not entry.public_address for entry in found):
        return unknown(
            "No security group protects the interface, and Surety does not check which connections its load balancer"
            " forwards",
            Reason.UNDECIDED,
            remarks=remarks,
        )
    return passed(
        "No security group protects the interface; its Standard public address blocks the Internet",
        remarks=remarks,
        publicAddressKind="Standard",
    )


def _open_configurations(interface: View, ctx: Context) -> list[OpenConfiguration]:
    protected = ctx.memo("protected subnets", lambda: protected_subnets(ctx.partial(NSGS)[0]))
    return configurations_without_group(interface, protected)


def _kind(identifier: str, interface: View, ctx: Context) -> str:
    """Return the SKU of a public address in lower case. Raise CollectionUnavailable or Unreadable."""
    address = ctx.find(PUBLIC_ADDRESSES, identifier)
    if address is None:
        ctx.require_complete(PUBLIC_ADDRESSES)
        raise interface.unreadable(
            "properties.ipConfigurations[].properties.publicIPAddress",
            "not among the addresses that were read",
        )
    return address.choice("sku.name", _KINDS)
