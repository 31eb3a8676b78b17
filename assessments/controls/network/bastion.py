"""The control network-bastion: Machines are reached through Azure Bastion."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.shared.defender_plans import resources_of
from assessments.controls.shared.managed import managed_group
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import BASTION_HOSTS, VIRTUAL_NETWORKS
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS, RESOURCES
from assessments.estate.ids import is_within, name_of
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice

_MACHINES: Final = ("Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets")
_STATES: Final = frozenset({"succeeded", "creating", "updating", "deleting", "failed", "canceled"})
# A host in the state Updating is in use: Azure only changes settings such as its tags or its number of instances.
_READY: Final = frozenset({"succeeded", "updating"})
_PEERINGS: Final = frozenset({"connected", "initiated", "disconnected"})

FIX = Fix(
    advice(
        "Deploy Azure Bastion into a network that is peered with all others: one host serves peered networks too."
    ),
    portal="Azure portal › Virtual machines › {machine} › Bastion › Deploy Bastion",
    portal_source="https://learn.microsoft.com/azure/bastion/quickstart-host-portal",
    cost="Azure Bastion is billed for each hour and gigabyte.",
)


@per_scope(
    needs=(RESOURCES, MANAGED_RESOURCE_GROUPS, BASTION_HOSTS, VIRTUAL_NETWORKS),
    fix=FIX,
    severity=Severity.LOW,
    labels={"bastionHosts": "Bastion hosts"},
    references=References(
        c2="7.1", c3="8.1", c4="9.4.1", c5="8.4.1", c6="8.4.1", mcsb="PA-6*", nist="AC-17*"
    ),
)
def bastion(ctx: Context) -> Verdict:
    """Machines are reached through Azure Bastion.

    Problem: Machines, but no Azure Bastion
    Expected: A Bastion host exists
    Judged: Each subscription with virtual machines or scale sets. Passes if a Bastion host is ready. The SKU Developer
    and shareable links add remarks.

    Without a host, the control is not applicable if all machines are in resource groups that other resources manage.
    Examples are the nodes of Azure Kubernetes Service. The verdict is unknown if a virtual network of the subscription
    is peered with a network of another subscription, because a Bastion host there could serve the machines.
    Why: Without Bastion, administrators often reach machines over public addresses and open ports.
    """
    machines = resources_of(ctx, _MACHINES)
    if not machines:
        return not_applicable("No virtual machines or scale sets")
    hosts = ctx.documents(BASTION_HOSTS)
    remarks: list[str] = []
    ready: list[str] = []
    problem: Unreadable | None = None
    for host in hosts:
        try:
            properties = host.object("properties")
            if properties.choice("provisioningState", _STATES) not in _READY:
                continue
            ready.append(host.name)
            if host.text("sku.name", default="").casefold() == "developer":
                remarks.append(
                    "A host of the SKU Developer is shared with other customers, and serves one connection at a time"
                )
            if properties.flag("enableShareableLink", default=False):
                remarks.append(
                    "Anyone who has a link of Azure Bastion can connect without access to the portal"
                )
        except Unreadable as error:
            problem = problem or error
    if ready:
        return passed("A Bastion host exists", remarks=sorted(set(remarks)), bastionHosts=sorted(ready))
    if problem is not None:
        raise problem
    if all(_is_managed(machine, ctx) for machine in machines):
        return not_applicable("All machines are managed by services such as Azure Kubernetes Service")
    for network in ctx.documents(VIRTUAL_NETWORKS):
        _check_peerings(network, ctx)
    if hosts:
        return failed("No Bastion host is ready", bastionHosts=[])
    return failed("No Bastion host exists", bastionHosts=[])


def _is_managed(machine: str, ctx: Context) -> bool:
    """Return whether another resource manages the resource group of a machine. Raise CollectionUnavailable or
    Unreadable if needed data could not be read.
    """
    resource = ctx.find(RESOURCES, machine)
    return resource is not None and managed_group(resource, ctx) is not None


def _check_peerings(network: View, ctx: Context) -> None:
    """Raise Undecided if the network is peered with a network of another subscription."""
    for peering in network.items("properties.virtualNetworkPeerings", default=[]):
        settings = peering.object("properties")
        if settings.choice("peeringState", _PEERINGS) != "connected":
            continue
        remote = settings.text("remoteVirtualNetwork.id")
        if not is_within(remote, ctx.scope_id):
            raise Undecided(
                network.id,
                "properties.virtualNetworkPeerings",
                f"Check whether the peered network {name_of(remote)} has a Bastion host: Surety does not read it,"
                " because it is in another subscription",
            )
