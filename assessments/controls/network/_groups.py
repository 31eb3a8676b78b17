"""Judge which ports a network security group opens to the Internet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Expected, Parameter
from assessments.controls.shared.aks_nodes import cluster_of
from assessments.controls.verdict import Verdict, failed, passed
from assessments.estate.collections.network import NICS, NSGS
from assessments.estate.network.nsg import Exposure, exposure, opening_rules
from assessments.estate.network.reach import Interfaces
from assessments.estate.ranges import few_networks, ranges, size
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import advice
from assessments.fixes.facts import Facts

_MAX_NAMED = 5
# If a network interface belongs to a scale set, its id, in lower case, contains this text.
_SCALE_SETS: Final = "/microsoft.compute/virtualmachinescalesets/"

# If a group allows more public addresses than this, a remark says so. A typical office has fewer public addresses.
MANY_ADDRESSES = 256


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a protocol (`tcp` or `udp`). `key` is the port's name in the observed values.

    If `last` is set, the object stands for all ports from `number` to `last`. Only `number` is judged, because the same
    rules of the security group apply to all of these ports.
    """

    protocol: str
    number: int
    key: str = ""
    last: int = 0

    @property
    def name(self) -> str:
        """The port as text, such as `tcp/22`, or a range, such as `udp/500-510`."""
        end = f"-{self.last}" if self.last > self.number else ""
        return f"{self.protocol}/{self.number}{end}"

    @property
    def observed_as(self) -> str:
        """The key under which the observed values contain the port."""
        return self.key or self.name


# A regular expression for a port from 1 to 65535.
_NUMBER: Final = r"(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"


def ports_parameter(name: str, default: str, text: str, label: str) -> Parameter:
    """Return a control parameter whose value is a list of port numbers, such as `80;443`."""
    return Parameter(
        name,
        default,
        f"{text}, separated by `;`",
        label=label,
        pattern=rf" *{_NUMBER} *(?:; *{_NUMBER} *)*(?:; *)?",
        form="numbers of ports from 1 to 65535, separated by `;`",
    )


def ports_of(ctx: Context, parameter: Parameter) -> list[int]:
    """Return the ports that a parameter from `ports_parameter` lists, in their order."""
    texts = str(ctx.params[parameter.name]).split(";")
    return list(dict.fromkeys(int(text) for text in texts if text.strip()))


@dataclass(frozen=True, slots=True)
class Words:
    """The reasons that a passing verdict can state. `closed` is used if no public address can reach the ports, `partly`
    if only a limited number of public addresses can.
    """

    closed: str
    partly: str


# What the observed values of `judge_group` should be (`Control.expects`). Rules may let single networks in.
EXPECTS: Final[Mapping[str, Expected]] = {
    "openingRules": (),
    "exposed": "Single networks at most, not the Internet",
}


def is_of_aks(facts: Facts) -> bool:
    """Return whether a cluster of Azure Kubernetes Service manages the security group of a failing finding."""
    return bool(facts.text("managedBy"))


# https://learn.microsoft.com/azure/aks/node-resource-group-lockdown
# https://learn.microsoft.com/azure/aks/load-balancer-standard#restrict-inbound-traffic-to-specific-ip-ranges
CHANGE_SERVICE: Final = advice(
    "In a group that Azure Kubernetes Service manages, do not change the rules of Services of the type LoadBalancer:"
    " the cluster writes them again, or a lockdown of the node resource group refuses the change. Change the Service"
    " through Kubernetes: name your own networks in `loadBalancerSourceRanges`, or make its load balancer internal."
    " Delete a rule from the group only if a person added it.",
    kinds=("microsoft.network/networksecuritygroups",),
    when=is_of_aks,
)


def judge_group(
    group: View, ctx: Context, ports: Sequence[Port], words: Words, more: Sequence[str] = ()
) -> Verdict:
    """Return a failing verdict if the Internet can reach one of the ports, else a passing one. `more` are further
    remarks. Raise Unreadable if a needed property of the group cannot be read.

    A control that calls this function must list MANAGED_RESOURCE_GROUPS as `optional`, not as `needs`: only the fix
    depends on this collection.
    """
    found: dict[Port, Exposure] = {}
    problem: Unreadable | None = None
    for port in ports:
        try:
            found[port] = exposure(group, port.number, port.protocol)
        except Unreadable as error:
            problem = problem or error
    opened = sorted(
        (port for port, exposed in found.items() if exposed.to_internet),
        key=lambda port: (port.protocol, port.number),
    )
    if problem is not None and not opened:
        raise problem
    remarks = []
    attached = bool(group.raw("properties.subnets") or group.raw("properties.networkInterfaces"))
    rules = sorted({name for port in opened for name in found[port].rules})
    if opened:
        names = ", ".join(port.name for port in opened)
        opening = sorted(
            {name for port in opened for name in opening_rules(group, port.number, port.protocol)}
        )
        if attached:
            remarks += _reachability_remarks(group, ctx, opened)
        remarks.extend(_network_remarks(found, opened))
        who, through = _who(found, opened), ", ".join(opening or rules)
        return failed(
            f"{who} can reach {names} through {through}"
            if attached
            else f"{who} could reach {names} through {through}, but nothing is attached to the group",
            remarks=[*remarks, *more],
            rules=rules,
            openingRules=opening,
            **_observed_sizes(found, opened),
            **cluster_of(group, ctx),
        )
    if not attached:
        remarks.append("Not attached to a subnet or network interface")
    judged = sorted(found, key=lambda port: (port.protocol, port.number))
    remarks.extend(_partial_exposure_remarks(found))
    remarks.extend(_network_remarks(found, judged))
    rules = sorted({name for exposed in found.values() for name in exposed.rules})
    some = any(exposed.addresses for exposed in found.values())
    return passed(
        words.partly if some else words.closed,
        remarks=[*remarks, *more],
        rules=rules,
        **_observed_sizes(found, judged),
    )


def _who(found: Mapping[Port, Exposure], opened: Sequence[Port]) -> str:
    """Return a name for the networks that can reach the ports in `opened`. The name is “The Internet” if the whole
    Internet can reach at least one of these ports.
    """
    return min((found[port] for port in opened), key=lambda one: not one.has_internet_size).who


def _reachability_remarks(group: View, ctx: Context, ports: Sequence[Port]) -> list[str]:
    """Return remarks that say which interfaces behind the group can be reached from the Internet. The verdict does not
    depend on the interfaces.
    """
    interfaces = ctx.memo(
        "interfaces",
        lambda: Interfaces(ctx.estate.documents(NICS.name), ctx.estate.documents(NSGS.name)),
    )
    found = [interfaces.reached(group, port.number, port.protocol) for port in ports]
    names = {name for reach in found for name in reach.names}
    pooled = {name for reach in found for name in reach.pooled} - names
    remarks = [f"Network interfaces that the Internet reaches now: {_some(names)}"] if names else []
    if pooled:
        remarks.append(
            "Network interfaces in a backend pool, which the Internet can reach if a public load balancer forwards to"
            f" this pool (by a load balancing rule or an inbound NAT rule): {_some(pooled)}"
        )
    if remarks:
        return remarks
    is_incomplete = any(reach.unread for reach in found) or ctx.first_gap(NICS) or ctx.first_gap(NSGS)
    if is_incomplete or _protects_scale_set(group, ctx):
        return ["Could not check whether the Internet can reach a machine behind the group"]
    return [
        "No network interface behind the group is reachable from the Internet now; those of scale sets are not read"
    ]


def _protects_scale_set(group: View, ctx: Context) -> bool:
    """Return whether the group is attached to an interface of a scale set, or is managed by an AKS cluster.

    For such a group, Surety cannot check whether the Internet can reach a machine, because the list of network
    interfaces lacks the interfaces of uniform scale sets. Without a cluster, a group that is attached only to the
    subnet of a scale set is not recognized.
    """
    interfaces = group.raw("properties.networkInterfaces")
    return bool(cluster_of(group, ctx)) or _SCALE_SETS in str(interfaces).casefold()


def _some(names: set[str]) -> str:
    ordered = sorted(names, key=str.casefold)
    more = f" and {len(ordered) - _MAX_NAMED:,} more" if len(ordered) > _MAX_NAMED else ""
    return f"{', '.join(ordered[:_MAX_NAMED])}{more}"


def _observed_sizes(found: Mapping[Port, Exposure], ports: Sequence[Port]) -> dict[str, object]:
    return {
        "exposed": {
            # Counts are text, because JSON readers lose precision on counts of IPv6 addresses.
            port.observed_as: {"ipv4": str(size(found[port].v4)), "ipv6": str(size(found[port].v6))}
            for port in ports
        }
    }


def _network_remarks(found: Mapping[Port, Exposure], ports: Sequence[Port]) -> list[str]:
    """Name the allowed public networks in a remark, if they are few.

    The observed value does not contain the networks. Adding them would change the hash of the value, and approved
    exceptions would no longer cover the findings.
    """
    v4, v6 = (
        ranges(part for port in ports for part in getattr(found[port], version)) for version in ("v4", "v6")
    )
    names = few_networks(v4, v6)
    return [f"Allowed public networks: {', '.join(names)}"] if names else []


def _partial_exposure_remarks(found: Mapping[Port, Exposure]) -> list[str]:
    remarks = []
    if any(exposed.addresses > MANY_ADDRESSES for exposed in found.values()):
        remarks.append(f"The rules allow more than {MANY_ADDRESSES} public addresses")
    tags = sorted({tag for exposed in found.values() for tag in exposed.azure_tags})
    if tags:
        remarks.append(f"Any Azure customer can connect, because the rules allow {', '.join(tags)}")
    return remarks
