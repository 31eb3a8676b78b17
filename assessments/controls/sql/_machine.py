"""A SQL virtual machine: whether the Internet gets through to its port 1433.

Traffic has to be let in by the group of the interface and by that of its subnet, where both have one; one
that is closed decides, whatever is not known of the other. Without any group the public address decides:
one of the Standard kind lets nobody in, one of the retired Basic kind everybody.

Source: https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works and
https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import unknown_from
from assessments.controls.sql._groups import group, group_of_subnet, narrow, sizes
from assessments.controls.verdict import Verdict, failed, passed, unknown
from assessments.estate.collections.network import NICS
from assessments.estate.collections.sql import SQL_PUBLIC_ADDRESSES
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.gaps import Reason
from assessments.estate.nsg import Exposure, exposure, through_both
from assessments.estate.sql_interfaces import NetworkPath, interface_ids, machine_id, network_paths
from assessments.estate.view import Unreadable, View

PORT = 1433
_CLOSED_BY_DEFAULT = frozenset({"standard", "standardv2"})


@dataclass(frozen=True, slots=True)
class _Found:
    """What one way in comes to: open, closed, or in doubt (then `doubt` is the verdict)."""

    facts: dict[str, Any] = field(default_factory=dict)
    how: str = ""
    is_open: bool = False
    remarks: tuple[str, ...] = ()
    doubt: Verdict | None = None


def machine_open_to_internet(sql: View, ctx: Context) -> Verdict:
    """Judge one SQL virtual machine; raises CollectionUnavailable or Unreadable."""
    identifier = machine_id(sql)
    machine = ctx.find(VIRTUAL_MACHINES, identifier)
    if machine is None:
        ctx.require_complete(VIRTUAL_MACHINES)
        raise sql.unreadable("properties.virtualMachineResourceId", "not among the machines that were read")
    found = [judged for name in interface_ids(machine) for judged in _interface(name, machine, ctx)]
    opened = [way for way in found if way.is_open]
    if opened:
        how = "; ".join(sorted({way.how for way in opened}))
        return failed(
            f"the Internet can reach tcp/{PORT}: {how}", remarks=_remarks(opened), interfaces=_facts(opened)
        )
    doubt = next((way.doubt for way in found if way.doubt is not None), None)
    if doubt is not None:
        return doubt
    return passed(f"the Internet cannot reach tcp/{PORT}", remarks=_remarks(found), interfaces=_facts(found))


def _remarks(found: list[_Found]) -> list[str]:
    return sorted({remark for way in found for remark in way.remarks})


def _facts(found: list[_Found]) -> list[dict[str, Any]]:
    return sorted((way.facts for way in found), key=lambda facts: (str(facts["interface"]), str(facts)))


def _interface(identifier: str, machine: View, ctx: Context) -> list[_Found]:
    try:
        interface = ctx.find(NICS, identifier)
        if interface is None:
            ctx.require_complete(NICS)
            raise machine.unreadable(
                "properties.networkProfile.networkInterfaces", "not among the interfaces that were read"
            )
        listed = list(network_paths(interface))
    except (CollectionUnavailable, Unreadable) as error:
        return [_Found(doubt=unknown_from(error))]
    return [_way(way, ctx) for way in listed]


def _way(way: NetworkPath, ctx: Context) -> _Found:
    exposures: list[tuple[str, Exposure]] = []
    doubt: CollectionUnavailable | Unreadable | None = None
    try:
        behind = group_of_subnet(way.subnet, ctx, way.interface)
    except (CollectionUnavailable, Unreadable) as error:
        behind, doubt = "", error
    for identifier in (way.group, behind):
        if not identifier:
            continue
        try:
            guard = group(identifier, ctx, way.interface)
            exposures.append((guard.name, exposure(guard, PORT, "tcp", way.host)))
        except (CollectionUnavailable, Unreadable) as error:
            doubt = doubt or error
    closed = next(((name, seen) for name, seen in exposures if not seen.to_internet), None)
    if closed is not None and doubt is not None:
        return _Found(_fact(way, [closed[0]], closed[1]), remarks=tuple(narrow(closed[1])))
    if doubt is not None:
        return _Found(doubt=unknown_from(doubt))
    return _guarded(way, exposures) if exposures else _unguarded(way, ctx)


def _guarded(way: NetworkPath, exposures: list[tuple[str, Exposure]]) -> _Found:
    names = [name for name, _ in exposures]
    exposed = reduce(through_both, (seen for _, seen in exposures))
    facts = _fact(way, names, exposed)
    if not exposed.to_internet:
        return _Found(facts, remarks=tuple(narrow(exposed)))
    how = f"{way.interface.name} through {', '.join(facts['rules'])} of {' and '.join(names)}"
    remarks = []
    if not way.public_address:
        remarks.append("no public address of its own: open to what a load balancer or firewall passes on")
    return _Found(facts, how, is_open=True, remarks=tuple(remarks))


def _unguarded(way: NetworkPath, ctx: Context) -> _Found:
    facts = _fact(way, [], None)
    bare = f"no security group guards {way.interface.name} or its subnet"
    if way.public_address:
        try:
            kind = _kind(way, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            return _Found(doubt=unknown_from(error))
        facts["publicAddressKind"] = kind
        if kind.casefold() in _CLOSED_BY_DEFAULT:
            return _Found(facts, remarks=(f"{bare}; its {kind} public address alone keeps the Internet out",))
        how = f"{bare}, and its Basic public address lets everybody in"
        return _Found(facts, how, is_open=True)
    if way.balanced:
        return _Found(
            doubt=unknown(f"{bare}, and what its load balancer passes on is not looked at", Reason.UNDECIDED)
        )
    return _Found(facts, remarks=(f"{bare}; it has no public address",))


def _kind(way: NetworkPath, ctx: Context) -> str:
    address = ctx.single(SQL_PUBLIC_ADDRESSES, way.public_address)
    if address is None:
        raise way.interface.unreadable("publicIPAddress", "absent")
    kind = address.text("sku.name")
    if kind.casefold() not in _CLOSED_BY_DEFAULT | {"basic"}:
        raise address.unreadable("sku.name", f"{kind!r}, which is not known")
    return kind


def _fact(way: NetworkPath, groups: list[str], exposed: Exposure | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "interface": way.interface.name,
        "groups": groups,
        "publicAddress": bool(way.public_address),
    }
    if exposed is not None:
        facts |= {"rules": sorted(set(exposed.rules)), "exposed": sizes(exposed)}
    return facts
