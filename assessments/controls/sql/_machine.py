"""Judge whether the Internet can reach port 1433 of a SQL virtual machine.

If both the interface and its subnet have a security group, both groups must allow traffic. If neither has a group, the
public address and the load balancers decide. Addresses and load balancers of the Standard SKU block the Internet. A
public address of the retired Basic SKU lets everybody in. A Basic load balancer lets in the connections that its rules
forward.

Source: https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works,
https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses and
https://learn.microsoft.com/azure/load-balancer/load-balancer-overview
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import unknown_from
from assessments.controls.shared.load_balancing import forwarded_to
from assessments.controls.sql._groups import (
    group_of_subnet,
    observed_sizes,
    partial_exposure_remarks,
    security_group,
)
from assessments.controls.verdict import Verdict, failed, passed
from assessments.estate.collections.network import NICS
from assessments.estate.collections.sql import SQL_PUBLIC_ADDRESSES
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.network.load_balancers import balancing_targets
from assessments.estate.network.nsg import Exposure, exposure, opening_rules, through_both
from assessments.estate.network.sql_interfaces import NetworkPath, interface_ids, machine_id, network_paths
from assessments.estate.view import Unreadable, View

PORT = 1433
_CLOSED_BY_DEFAULT = frozenset({"standard", "standardv2"})


@dataclass(frozen=True, slots=True)
class _PathResult:
    """The result for one network path (an IP configuration of an interface): open, closed or undecided.

    `only_azure_customers` is true if the path is open only to addresses of Azure, which every Azure customer can get.
    `undecided` is the unknown verdict on an undecided path.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    explanation: str = ""
    is_open: bool = False
    only_azure_customers: bool = False
    remarks: tuple[str, ...] = ()
    undecided: Verdict | None = None

    @property
    def who(self) -> str:
        """Who can connect over an open path, as the subject of a sentence."""
        return "Every Azure customer" if self.only_azure_customers else "The Internet"


def machine_open_to_internet(sql: View, ctx: Context) -> Verdict:
    """Judge one SQL virtual machine. Raise CollectionUnavailable or Unreadable if needed data could not be read."""
    identifier = machine_id(sql)
    machine = ctx.find(VIRTUAL_MACHINES, identifier)
    if machine is None:
        ctx.require_complete(VIRTUAL_MACHINES)
        raise sql.unlisted("properties.virtualMachineResourceId", "virtual machine", identifier)
    results = [result for name in interface_ids(machine) for result in _judge_interface(name, machine, ctx)]
    opened = [result for result in results if result.is_open]
    if opened:
        explanation = "; ".join(sorted({result.explanation for result in opened}))
        who = min(opened, key=lambda result: result.only_azure_customers).who
        return failed(
            f"{who} can reach tcp/{PORT}: {explanation}",
            remarks=_remarks(opened),
            interfaces=_observed(opened),
        )
    undecided = next((result.undecided for result in results if result.undecided is not None), None)
    if undecided is not None:
        return undecided
    return passed(
        f"The Internet cannot reach tcp/{PORT}", remarks=_remarks(results), interfaces=_observed(results)
    )


def _remarks(results: list[_PathResult]) -> list[str]:
    return sorted({remark for result in results for remark in result.remarks})


def _observed(results: list[_PathResult]) -> list[dict[str, Any]]:
    return sorted(
        (result.facts for result in results), key=lambda facts: (str(facts["interface"]), str(facts))
    )


def _judge_interface(identifier: str, machine: View, ctx: Context) -> list[_PathResult]:
    try:
        interface = ctx.find(NICS, identifier)
        if interface is None:
            ctx.require_complete(NICS)
            raise machine.unlisted(
                "properties.networkProfile.networkInterfaces", "network interface", identifier
            )
        paths = list(network_paths(interface))
    except (CollectionUnavailable, Unreadable) as error:
        return [_PathResult(undecided=unknown_from(error))]
    return [_judge_path(path, ctx) for path in paths]


def _judge_path(path: NetworkPath, ctx: Context) -> _PathResult:
    exposures: list[tuple[View, Exposure]] = []
    first_error: CollectionUnavailable | Unreadable | None = None
    try:
        subnet_group = group_of_subnet(path.subnet, ctx, path.interface)
    except (CollectionUnavailable, Unreadable) as error:
        subnet_group, first_error = "", error
    for identifier in (path.group, subnet_group):
        if not identifier:
            continue
        try:
            nsg = security_group(identifier, ctx, path.interface)
            exposures.append((nsg, exposure(nsg, PORT, "tcp", path.host)))
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    closed = next(((nsg, exposed) for nsg, exposed in exposures if not exposed.to_internet), None)
    if closed is not None and first_error is not None:
        return _PathResult(
            _path_facts(path, [closed[0].name], closed[1]), remarks=tuple(partial_exposure_remarks(closed[1]))
        )
    if first_error is not None:
        return _PathResult(undecided=unknown_from(first_error))
    return _judge_with_groups(path, exposures) if exposures else _judge_without_group(path, ctx)


def _judge_with_groups(path: NetworkPath, exposures: list[tuple[View, Exposure]]) -> _PathResult:
    names = [nsg.name for nsg, _ in exposures]
    exposed = reduce(through_both, (exposed for _, exposed in exposures))
    facts = _path_facts(path, names, exposed)
    if not exposed.to_internet:
        return _PathResult(facts, remarks=tuple(partial_exposure_remarks(exposed)))
    # Traffic must pass all of these groups, so it is enough to close one. The fix changes the group with the fewest
    # rules that let the Internet in.
    opening = [(nsg, opening_rules(nsg, PORT, "tcp", path.host)) for nsg, _ in exposures]
    nsg, rules = min(opening, key=lambda entry: len(entry[1]))
    facts["openingRules"] = [{"group": nsg.id, "rule": rule} for rule in rules]
    through = sorted({rule for _, found in opening for rule in found}) or facts["rules"]
    explanation = (
        f"the security groups that apply to {path.interface.name} allow it (groups: {' and '.join(names)}; rules:"
        f" {', '.join(through)})"
    )
    remarks = (
        []
        if exposed.has_internet_size
        else ["Only Azure customers can connect: the rules allow the service tag AzureCloud"]
    )
    if not path.public_address:
        remarks.append(
            "No public address: only a load balancer or firewall can forward connections to the machine"
        )
    return _PathResult(
        facts,
        explanation,
        is_open=True,
        only_azure_customers=not exposed.has_internet_size,
        remarks=tuple(remarks),
    )


def _judge_without_group(path: NetworkPath, ctx: Context) -> _PathResult:
    facts = _path_facts(path, [], None)
    unprotected = f"no security group protects {path.interface.name} or its subnet"
    problems: list[CollectionUnavailable | Unreadable] = []
    kind = ""
    if path.public_address:
        try:
            kind = _address_kind(path, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            problems.append(error)
    if kind:
        facts["publicAddressKind"] = kind
    if kind and kind.casefold() not in _CLOSED_BY_DEFAULT:
        explanation = f"{unprotected}, and its Basic public address allows everybody"
        return _PathResult(facts, explanation, is_open=True)
    if path.balanced:
        try:
            targets = balancing_targets(path.configuration)
        except Unreadable as error:
            return _PathResult(undecided=unknown_from(error))
        forwarding = forwarded_to(targets, path.interface, ctx, PORT, ("tcp",))
        if forwarding.rules:
            explanation = f"{unprotected}, and {forwarding.sentence}"
            return _PathResult({**facts, **forwarding.observed()}, explanation, is_open=True)
        problems += forwarding.problems
    if problems:
        return _PathResult(undecided=unknown_from(problems[0]))
    if kind:
        reason = f"its {kind} public address blocks the Internet"
    elif path.balanced:
        reason = f"its load balancers forward no connection from the Internet to tcp/{PORT}"
    else:
        reason = "the interface has no public address"
    return _PathResult(facts, remarks=(f"{_capitalize(unprotected)}; {reason}",))


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _address_kind(path: NetworkPath, ctx: Context) -> str:
    address = ctx.single(SQL_PUBLIC_ADDRESSES, path.public_address)
    if address is None:
        raise path.interface.unreadable("publicIPAddress", "absent")
    kind = address.text("sku.name")
    if kind.casefold() not in _CLOSED_BY_DEFAULT | {"basic"}:
        raise address.unknown_value("sku.name", kind)
    return kind


def _path_facts(path: NetworkPath, groups: list[str], exposed: Exposure | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "interface": path.interface.name,
        "groups": groups,
        "publicAddress": bool(path.public_address),
    }
    if exposed is not None:
        facts |= {"rules": sorted(set(exposed.rules)), "exposed": observed_sizes(exposed)}
    return facts
