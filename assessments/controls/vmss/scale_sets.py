"""Controls of the load balancers and instances of virtual machine scale sets.

Properties: azure-mgmt-compute 39.0.0 (VirtualMachineScaleSet, VirtualMachineScaleSetIPConfiguration)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.aks_nodes import belongs_to_aks
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_SCALE_SETS
from assessments.estate.ids import fold
from assessments.estate.machines.scale_sets import FLEXIBLE, mode
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

SCALE_SET: Final = Variable(
    "scale_set", "Name of the scale set", "vmss-web", "the scale set", segment("virtualMachineScaleSets")
)
SCALE_SETS_PORTAL: Final = "Azure portal › Virtual machine scale sets › {scale_set} ›"
OF_SCALE_SET: Final = "--resource-group {group} --name {scale_set} --subscription {subscription}"
WORKERS: Final = Parameter(
    "workers",
    "",
    "Name of the tag on scale sets that need no load balancer, because nothing connects to their machines: the machines"
    " fetch their work themselves, for example from a queue",
    label="Tag of worker scale sets",
)
_POOL: Final = Variable(
    "pool",
    "Full id of the backend pool of the load balancer",
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-shop/providers/Microsoft.Network"
    "/loadBalancers/lb-web/backendAddressPools/web",
)
_POOLS: Final = ("loadBalancerBackendAddressPools", "applicationGatewayBackendAddressPools")
_LEARN: Final = "https://learn.microsoft.com/azure/virtual-machine-scale-sets"
# Azure DevOps sets this tag on the scale sets of its agent pools. Such a scale set must not have a load balancer, and
# has no instances while no agent is needed:
# https://learn.microsoft.com/azure/devops/pipelines/agents/scale-set-agents
_AGENT_POOL: Final = "__azuredevopselasticpool"


def _has_agents(scale_set: View) -> bool:
    """Return whether the scale set is an agent pool of Azure DevOps."""
    return _AGENT_POOL in {name.casefold() for name in scale_set.object("tags", default={}).body}


def _balanced(scale_set: View, ctx: Context) -> Verdict:
    tag = str(ctx.params[WORKERS.name]).strip().casefold()
    names = {name.casefold() for name in scale_set.object("tags", default={}).body} if tag else set()
    if tag in names:
        return not_applicable("The scale set has the tag of worker scale sets, which need no load balancer")
    properties = scale_set.object("properties")
    if _has_agents(scale_set):
        return not_applicable("Azure DevOps manages the scale set, and requires that it has no load balancer")
    if mode(scale_set) == FLEXIBLE and not properties.has("virtualMachineProfile"):
        return not_applicable("The scale set has no model for its machines")
    interfaces = properties.object("virtualMachineProfile.networkProfile").items(
        "networkInterfaceConfigurations"
    )
    pools = [
        pool
        for interface in interfaces
        for configuration in interface.object("properties").items("ipConfigurations")
        for kind in _POOLS
        for pool in configuration.object("properties").items(kind, default=[])
    ]
    if pools:
        for pool in pools:
            pool.text("id")
        return passed("A load balancer or an application gateway sends traffic to the scale set")
    if belongs_to_aks(scale_set, ctx):
        return not_applicable("The scale set belongs to a cluster of Azure Kubernetes Service")
    return failed("Neither a load balancer nor an application gateway sends traffic to the scale set")


def _has_instances(scale_set: View, ctx: Context) -> Verdict:
    sku = scale_set.object("sku", default={})
    capacity = sku.number("capacity") if sku.has("capacity") else None
    if capacity is not None and capacity >= 1:
        return passed("The scale set has instances", capacity=capacity)
    if _has_agents(scale_set):
        return not_applicable("Azure DevOps manages the scale set, and starts instances when it needs agents")
    # The document of a flexible scale set does not list its machines. So look for virtual machines that name the scale
    # set.
    members, unclear = ctx.memo("members of scale sets", lambda: _members(ctx))
    for machine in ctx.bind(members.get(fold(scale_set.id), [])[:1]):
        _owner(machine)
        return passed("The scale set has instances", capacity=capacity)
    for machine in ctx.bind(unclear[:1]):
        _owner(machine)
    if belongs_to_aks(scale_set, ctx):
        return not_applicable("The scale set belongs to a cluster of Azure Kubernetes Service")
    ctx.require_complete(VIRTUAL_MACHINES)
    if capacity is None:
        raise sku.unreadable("capacity", "absent")
    return failed(
        "The scale set has no instances",
        remarks=["Autoscale may have reduced the number of instances to 0"],
        capacity=capacity,
    )


def _owner(machine: View) -> str:
    """Return the id of the scale set of a machine, or an empty text. Raise Unreadable if a needed property cannot be
    read.
    """
    return machine.object("properties").object("virtualMachineScaleSet", default={}).text("id", default="")


def _members(ctx: Context) -> tuple[dict[str, list[View]], list[View]]:
    """Return {id of a scale set in lower case: its machines}, and the machines whose scale set cannot be read. Machines
    without a scale set have the key "".
    """
    found: dict[str, list[View]] = {}
    unclear: list[View] = []
    for machine in ctx.estate.documents(VIRTUAL_MACHINES.name):
        try:
            found.setdefault(fold(_owner(machine)), []).append(machine)
        except Unreadable:
            unclear.append(machine)
    return found, unclear


CONTROLS = declare_settings(
    __name__,
    VM_SCALE_SETS,
    SettingControl(
        "vmss-load-balancer",
        title="Scale sets are behind a load balancer",
        problem="Scale set without a load balancer",
        expected="A load balancer or an application gateway sends traffic to the scale set",
        judged="The network interfaces in the model of each scale set: at least one IP configuration must name a"
        " backend pool in `loadBalancerBackendAddressPools` or `applicationGatewayBackendAddressPools`. The control"
        " does not apply to Flexible scale sets without a model, scale sets of Azure Kubernetes Service, agent pools of"
        " Azure DevOps (tag `__AzureDevOpsElasticPool`), and scale sets with the tag that `workers` names.",
        why="Without a load balancer, clients keep using an instance that failed, and new instances get no traffic.",
        severity=Severity.LOW,
        judge=_balanced,
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(WORKERS,),
        references=References(nist="CP-10*"),
        fix=Fix(
            command(
                # A failing scale set has no list of pools to which `--add` could add one. So the command sets the list.
                f"az vmss update {OF_SCALE_SET} --set"
                ' "virtualMachineProfile.networkProfile.networkInterfaceConfigurations[0].ipConfigurations[0]'
                '.loadBalancerBackendAddressPools"={pools}\n'
                f"az vmss update-instances --instance-ids '*' {OF_SCALE_SET}",
                "Add the backend pool of a load balancer to the model, and update the instances.",
                bodies={"pools": [{"id": "{pool}"}]},
            ),
            portal=f"{SCALE_SETS_PORTAL} Settings › Networking › Load balancing › Add Load Balancing",
            portal_source=f"{_LEARN}/virtual-machine-scale-sets-networking",
            cost="Azure bills load balancers and application gateways.",
            variables=[SCALE_SET, _POOL],
        ),
    ),
    SettingControl(
        "vmss-not-empty",
        title="Scale sets have instances",
        problem="Scale set without instances",
        expected="The scale set has at least one instance",
        judged="`sku.capacity` of each scale set must be at least 1, or a virtual machine must name the scale set in"
        " `virtualMachineScaleSet`. Scale sets without `sku.capacity` and without such a machine are unknown. Without"
        " instances, scale sets of Azure Kubernetes Service and agent pools of Azure DevOps (tag"
        " `__AzureDevOpsElasticPool`) are not applicable, because they can scale to zero.",
        why="Nobody maintains scale sets that are no longer used. If such a scale set gets instances again, they start"
        " from an old image.",
        severity=Severity.LOW,
        labels={"capacity": "Instances"},
        judge=_has_instances,
        needs=(VIRTUAL_MACHINES, MANAGED_RESOURCE_GROUPS),
        references=References(nist="CM-8*"),
        fix=Fix(
            advice(
                "If the scale set is still used, set its number of instances, or the minimum of autoscale, to at least"
                " 1."
            ),
            command(f"az vmss delete {OF_SCALE_SET}", "If nobody uses the scale set, delete it:"),
            effects="The model of the machines is deleted with the scale set.",
            portal=f"{SCALE_SETS_PORTAL} Scaling",
            portal_source=f"{_LEARN}/virtual-machine-scale-sets-autoscale-portal",
            variables=[SCALE_SET],
        ),
    ),
)
