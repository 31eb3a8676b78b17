"""The control network-ddos: Virtual networks with public addresses have DDoS protection.

Properties: azure-mgmt-network 33.1.0 (VirtualNetwork, PublicIPAddress)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import NICS, PUBLIC_ADDRESSES, VIRTUAL_NETWORKS
from assessments.estate.ids import fold, parent_of
from assessments.estate.network.load_balancers import balancers_of, balancing_targets
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.view import Undecided, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable, segment

_LEARN: Final = "https://learn.microsoft.com/azure"
_MODES: Final = frozenset({"virtualnetworkinherited", "enabled", "disabled"})
_SCALE_SETS: Final = "/virtualmachinescalesets/"
_BALANCERS: Final = "/providers/microsoft.network/loadbalancers/"

ONLY_PUBLIC: Final = Parameter(
    "only_public",
    True,
    "Judge only virtual networks with a resource that has a public address",
    label="Only networks with public addresses",
)


def _ddos(network: View, ctx: Context) -> Verdict:
    properties = network.object("properties")
    setting = properties.raw("enableDdosProtection")
    is_on = properties.flag("enableDdosProtection", default=False)
    if is_on and reference(properties, "ddosProtectionPlan"):
        return passed("DDoS Network Protection is on", enableDdosProtection=setting)
    addresses = _addresses_of(properties, ctx)
    if not addresses and ctx.params[ONLY_PUBLIC.name]:
        _check_scale_sets(network, properties)
        return not_applicable("No resource of the network has a public address")
    modes = {
        address.object("properties").choice("ddosSettings.protectionMode", _MODES, default="")
        for address in addresses
    }
    if modes == {"enabled"}:
        # Surety reads neither the public addresses of scale sets nor the public addresses of load balancers in front of
        # them.
        _check_scale_sets(network, properties)
        return passed(
            "DDoS IP Protection is on for every public address of the network",
            remarks=["DDoS Network Protection of the network itself is off"],
            enableDdosProtection=setting,
        )
    if is_on:
        return failed("DDoS Network Protection is on, but has no plan", enableDdosProtection=setting)
    return failed("DDoS Network Protection is off", enableDdosProtection=setting)


def _check_scale_sets(network: View, properties: View) -> None:
    """Raise Undecided if machines of a scale set are in a network."""
    if any(_SCALE_SETS in fold(one) for one in _configurations(properties)):
        raise Undecided(
            network.id,
            "properties.subnets",
            "Surety does not read which public addresses the scale sets of the network have",
        )


def _configurations(network: View) -> list[str]:
    """Return the ids of the IP configurations in the subnets of a network. `network` is its object `properties`."""
    found = []
    for subnet in network.items("subnets", default=[]):
        settings = subnet.object("properties")
        for name in ("ipConfigurations", "applicationGatewayIPConfigurations"):
            found += [one.text("id") for one in settings.items(name, default=[])]
    return found


def _addresses_of(network: View, ctx: Context) -> list[View]:
    """Return the public addresses of the resources in a virtual network. `network` is the object `properties` of
    this virtual network.

    A public load balancer is in no subnet, but counts if one of its targets is in the network. Raise
    CollectionUnavailable or Unreadable if the addresses cannot be determined.
    """
    inside = {fold(parent_of(one)) for one in _configurations(network)}
    balancers: set[str] | None = None
    found = []
    for address in ctx.documents(PUBLIC_ADDRESSES):
        owner = fold(parent_of(reference(address.object("properties"), "ipConfiguration")))
        if _BALANCERS in owner:
            if balancers is None:
                balancers = _balancers(inside, ctx)
            if owner in balancers:
                found.append(address)
        elif owner and owner in inside:
            found.append(address)
    return found


def _balancers(inside: set[str], ctx: Context) -> set[str]:
    """Return the case-folded ids of the load balancers that lead to the interfaces with the ids in `inside`."""
    targets: set[str] = set()
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
        " for each of these addresses. Public addresses of scale sets, and of load balancers in front of them, are not"
        " read, so networks with scale sets are unknown unless DDoS Network Protection is on, or another address is"
        " unprotected. With `only_public` off, networks without a public address are judged too.",
        why="An attack that floods a public address makes every application of the network unreachable.",
        severity=Severity.MEDIUM,
        judge=_ddos,
        needs=(PUBLIC_ADDRESSES, NICS),
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
                Variable(
                    "network",
                    "Name of the virtual network",
                    "vnet-hub",
                    "the virtual network",
                    segment("virtualNetworks"),
                ),
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
