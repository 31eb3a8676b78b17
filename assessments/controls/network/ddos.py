"""The control network-ddos: Virtual networks with public addresses have DDoS protection.

Properties: azure-mgmt-network 33.1.0 (VirtualNetwork, PublicIPAddress), and
compute/resource-manager/Microsoft.Compute/stable/2021-11-01/compute.json
(VirtualMachineScaleSetPublicIPAddressConfigurationProperties). The public addresses of a scale set's machines have no
property for DDoS IP Protection, so only DDoS Network Protection protects them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.network._variables import NETWORK
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import NICS, PUBLIC_ADDRESSES, VIRTUAL_NETWORKS
from assessments.estate.collections.vm import VM_SCALE_SETS
from assessments.estate.ids import fold, is_within, name_of, parent_of
from assessments.estate.machines.scale_sets import ip_configurations
from assessments.estate.network.load_balancers import OF_MODEL, balancers_of, balancing_targets
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_LEARN: Final = "https://learn.microsoft.com/azure"
_MODES: Final = frozenset({"virtualnetworkinherited", "enabled", "disabled"})
_OF_SCALE_SET: Final = re.compile(
    r"(/.+/providers/microsoft\.compute/virtualmachinescalesets/[^/]+)/virtualmachines/.+", re.IGNORECASE
)
_BALANCERS: Final = "/providers/microsoft.network/loadbalancers/"

ONLY_PUBLIC: Final = Parameter(
    "only_public",
    True,
    "Judge only virtual networks with a resource that has a public address",
    label="Only networks with public addresses",
)


@dataclass(slots=True)
class _ScaleSets:
    """Facts about the machines of all scale sets in a virtual network, from the models of the scale sets.

    - `have_addresses`: whether the machines of at least one scale set have public addresses of their own
    - `targets`: the ids of the backend pools and inbound NAT pools through which load balancers reach the machines
    - `problem`: the error of the first scale set that could not be read
    """

    have_addresses: bool = False
    targets: set[str] = field(default_factory=set)
    problem: CollectionUnavailable | Unreadable | None = None


def _ddos(network: View, ctx: Context) -> Verdict:
    properties = network.object("properties")
    setting = properties.raw("enableDdosProtection")
    is_on = properties.flag("enableDdosProtection", default=False)
    if is_on and reference(properties, "ddosProtectionPlan"):
        return passed("DDoS Network Protection is on", enableDdosProtection=setting)
    sets = _scale_sets(network, properties, ctx)
    addresses = _addresses_of(properties, sets, ctx)
    modes = {
        address.object("properties").choice("ddosSettings.protectionMode", _MODES, default="")
        for address in addresses
    } | ({""} if sets.have_addresses else set())
    if not modes and ctx.params[ONLY_PUBLIC.name]:
        if sets.problem is not None:
            raise sets.problem
        return not_applicable("No resource of the network has a public address")
    if modes == {"enabled"}:
        if sets.problem is not None:
            raise sets.problem
        return passed(
            "DDoS IP Protection is on for every public address of the network",
            remarks=["DDoS Network Protection of the network itself is off"],
            enableDdosProtection=setting,
        )
    if is_on:
        return failed("DDoS Network Protection is on, but has no plan", enableDdosProtection=setting)
    return failed("DDoS Network Protection is off", enableDdosProtection=setting)


def _scale_sets(network: View, properties: View, ctx: Context) -> _ScaleSets:
    """Read the models of all scale sets whose machines are in a virtual network. `properties` is the object
    `properties` of the network.
    """
    found = _ScaleSets()
    matches = (_OF_SCALE_SET.fullmatch(one) for one in _configurations(properties))
    by_key = {fold(match[1]): match[1] for match in matches if match}
    for _, identifier in sorted(by_key.items()):
        try:
            for configuration in ip_configurations(_scale_set(identifier, network, ctx)):
                found.have_addresses |= configuration.has("publicIPAddressConfiguration")
                found.targets |= balancing_targets(configuration, OF_MODEL)
        except (CollectionUnavailable, Unreadable) as error:
            found.problem = found.problem or error
    return found


def _scale_set(identifier: str, network: View, ctx: Context) -> View:
    """Return the scale set with this id. Raise CollectionUnavailable or Unreadable if it was not read."""
    scale_set = ctx.find(VM_SCALE_SETS, identifier)
    if scale_set is not None:
        return scale_set
    if is_within(identifier, ctx.scope_id):
        ctx.require_complete(VM_SCALE_SETS)
        raise network.unlisted("properties.subnets", "scale set", identifier)
    # The scale set is in another subscription. Such a scale set belongs to an Azure service, for example to API
    # Management.
    name = name_of(identifier)
    reason = (
        f"Check whether the scale set {name} has public addresses: Surety does not read it, because it is in another"
        " subscription"
    )
    raise Undecided(network.id, "properties.subnets", reason)


def _configurations(properties: View) -> list[str]:
    """Return the ids of the IP configurations in the subnets of a network. `properties` is the object `properties` of
    the network.
    """
    found = []
    for subnet in properties.items("subnets", default=[]):
        settings = subnet.object("properties")
        for name in ("ipConfigurations", "applicationGatewayIPConfigurations"):
            found += [one.text("id") for one in settings.items(name, default=[])]
    return found


def _addresses_of(properties: View, sets: _ScaleSets, ctx: Context) -> list[View]:
    """Return the public addresses of the resources in a virtual network, and of load balancers with a target in it.
    `properties` is the object `properties` of the network.

    The addresses of single machines of scale sets are not included (see `_ScaleSets.have_addresses`). Raise
    CollectionUnavailable or Unreadable if the addresses cannot be determined.
    """
    inside = {fold(parent_of(one)) for one in _configurations(properties)}
    balancers: set[str] | None = None
    found = []
    for address in ctx.documents(PUBLIC_ADDRESSES):
        owner = fold(parent_of(reference(address.object("properties"), "ipConfiguration")))
        if _BALANCERS in owner:
            if balancers is None:
                balancers = _balancers(inside, sets, ctx)
            if owner in balancers:
                found.append(address)
        elif owner and owner in inside:
            found.append(address)
    return found


def _balancers(inside: set[str], sets: _ScaleSets, ctx: Context) -> set[str]:
    """Return the case-folded ids of the load balancers that have at least one of these targets: a machine of the scale
    sets, or an interface whose id is in `inside`.
    """
    targets = set(sets.targets)
    for interface in ctx.documents(NICS):
        if fold(interface.id) in inside:
            for entry in interface.items("properties.ipConfigurations"):
                targets |= balancing_targets(entry.object("properties"))
    return set(balancers_of(targets))


DDOS = declare_settings(
    __name__,
    VIRTUAL_NETWORKS,
    SettingControl(
        "network-ddos",
        title="Virtual networks with public addresses have DDoS protection",
        problem="Virtual network without DDoS protection",
        expected="DDoS Network Protection is on, or DDoS IP Protection for each public address",
        judged="`enableDdosProtection` and `ddosProtectionPlan` of each virtual network with a resource that has a"
        " public address. If a property is absent, it counts as off. A network also passes if DDoS IP Protection is on"
        " for each of these addresses.\n\n"
        "The models of scale sets show which load balancers are in front of them, and whether their machines have"
        " public addresses, which only DDoS Network Protection can protect. Scale sets of other subscriptions, such as"
        " those of API Management, are not read: their networks are unknown unless DDoS Network Protection is on, or"
        " another address is unprotected. Backend pools that name addresses instead of interfaces are not read"
        " either.\n\n"
        "With `only_public` off, networks without a public address are judged too.",
        why="An attack that floods a public address makes every application of the network unreachable.",
        severity=Severity.MEDIUM,
        labels={"enableDdosProtection": "DDoS Network Protection"},
        judge=_ddos,
        needs=(PUBLIC_ADDRESSES, NICS, VM_SCALE_SETS),
        parameters=(ONLY_PUBLIC,),
        references=References(
            c5="8.5",
            c6="8.5",
            mcsb="NS-5",
            nist="SC-5",
            partly=(
                Partly(
                    "c5 c6",
                    "The control does not judge networks without a public address",
                    unless=(Setting("only_public", equal=False),),
                ),
                Partly("c5 c6", "The control also accepts protection of single addresses"),
            ),
        ),
        fix=Fix(
            command(
                "az network vnet update --resource-group {group} --name {network} --ddos-protection true"
                " --ddos-protection-plan {ddos_plan} --subscription {subscription}",
                "One plan can serve all subscriptions of a directory.",
            ),
            portal="Azure portal › Virtual networks › {network} › Settings › DDoS protection › Enable",
            portal_source=f"{_LEARN}/ddos-protection/manage-ddos-protection",
            cost="A plan is billed each month, and costs more for many protected addresses.",
            variables=[
                NETWORK,
                Variable(
                    "ddos_plan",
                    "Full id of the DDoS protection plan",
                    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-network/providers"
                    "/Microsoft.Network/ddosProtectionPlans/ddos-plan",
                ),
            ],
        ),
    ),
)
