"""Load balancers and instances of virtual machine scale sets."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.vm.documents import machine

KIND = "Microsoft.Compute/virtualMachineScaleSets"
SET = f"{RG}/providers/{KIND}/vmss1"
CLUSTER = f"{RG}/providers/Microsoft.ContainerService/managedClusters/aks1"
POOL = {"id": f"{RG}/providers/Microsoft.Network/loadBalancers/lb1/backendAddressPools/web"}


def scale_set(mode: Any = "Uniform", profile: Any = None, sku: Any = None, **top: Any) -> dict[str, Any]:
    """A scale set. `profile`: the model of its machines."""
    properties: dict[str, Any] = {} if mode is None else {"orchestrationMode": mode}
    if profile is not None:
        properties["virtualMachineProfile"] = profile
    return doc(SET, properties, type=KIND, location="westeurope", sku=sku, **top)


def listed(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    inventory = {SUB: [{key: body[key] for key in ("id", "name", "type")}]}
    return {"resources": inventory, "vm_scale_sets": [body], **more}


def network(*configurations: dict[str, Any]) -> dict[str, Any]:
    """The model of machines with one network interface. `configurations`: the properties of its IP configurations."""
    inside = [{"name": "ip", "properties": one} for one in configurations]
    interface = {"name": "nic", "properties": {"ipConfigurations": inside}}
    return {"networkProfile": {"networkInterfaceConfigurations": [interface]}}


def behind(*configurations: dict[str, Any], mode: Any = "Uniform", **top: Any) -> dict[str, Any]:
    return listed(scale_set(mode, network(*configurations), **top))


def managed(by: Any) -> dict[str, Any]:
    """A scale set in a resource group that the resource `by` manages."""
    return {**behind({}), "managed_resource_groups": {SUB: [doc(RG, {}, managedBy=by)]}}


def sized(capacity: Any, *machines: dict[str, Any]) -> dict[str, Any]:
    sku = {"name": "Standard_D2s_v5"} | ({} if capacity is None else {"capacity": capacity})
    return listed(scale_set("Flexible", sku=sku), virtual_machines=list(machines))


def agents(capacity: Any) -> dict[str, Any]:
    """The scale set of an agent pool of Azure DevOps."""
    sku = {"name": "Standard_D2s_v5", "capacity": capacity}
    return listed(scale_set("Flexible", network({}), sku, tags=AGENT_POOL), virtual_machines=[])


def nodes(capacity: Any) -> dict[str, Any]:
    """The scale set of a node pool of Azure Kubernetes Service."""
    return {
        **listed(scale_set(sku={"name": "Standard_D2s_v5", "capacity": capacity}), virtual_machines=[]),
        "managed_resource_groups": {SUB: [doc(RG, {}, managedBy=CLUSTER)]},
    }


AGENT_POOL = {"__AzureDevOpsElasticPool": "pool1", "__AzureDevOpsElasticPoolTimeStamp": "2026-11-24"}
BALANCED = {"loadBalancerBackendAddressPools": [POOL]}
MEMBER = machine(virtualMachineScaleSet={"id": SET.upper()})
FORBIDDEN: tuple[Any, ...] = (
    "scale sets forbidden",
    {"resources": behind({})["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("vm_scale_sets")]},
)
NONE: tuple[Any, ...] = ("no scale set", {}, {SUB: "not_applicable"})
WORKERS = {"params": {"workers": "Worker"}}

CASES = [
    *rows(
        "vmss-load-balancer",
        ("load balancer", behind(BALANCED), {SET: "pass"}),
        ("application gateway", behind({"applicationGatewayBackendAddressPools": [POOL]}), {SET: "pass"}),
        ("second configuration", behind({}, BALANCED), {SET: "pass"}),
        ("none", behind({}), {SET: "fail"}),
        ("empty lists", behind({"loadBalancerBackendAddressPools": []}), {SET: "fail"}),
        ("lists of wrong types", behind({"loadBalancerBackendAddressPools": "all"}), {SET: "unknown"}),
        ("pool without an id", behind({"loadBalancerBackendAddressPools": [{}]}), {SET: "unknown"}),
        ("flexible with a model", behind({}, mode="Flexible"), {SET: "fail"}),
        ("flexible without a model", listed(scale_set("Flexible")), {SET: "not_applicable"}),
        ("uniform without a model", listed(scale_set()), {SET: "unknown"}),
        ("mode not stated", behind(BALANCED, mode=None), {SET: "pass"}),
        ("a new mode", listed(scale_set("Fluid")), {SET: "unknown"}),
        ("of a cluster", managed(CLUSTER), {SET: "not_applicable"}),
        ("of another manager", managed(f"{RG}/providers/Contoso.Things/things/t"), {SET: "fail"}),
        ("groups forbidden", behind({}), {SET: "unknown"}, {"gaps": [gap("managed_resource_groups")]}),
        (
            "groups forbidden, but not needed",
            behind(BALANCED),
            {SET: "pass"},
            {"gaps": [gap("managed_resource_groups")]},
        ),
        ("workers", behind({}, tags={"worker": "yes"}), {SET: "not_applicable"}, WORKERS),
        ("other tags", behind({}, tags={"team": "web"}), {SET: "fail"}, WORKERS),
        ("agents of Azure DevOps", behind({}, tags=AGENT_POOL), {SET: "not_applicable"}),
        ("a tag without the parameter", behind({}, tags={"worker": "yes"}), {SET: "fail"}),
        FORBIDDEN,
        NONE,
    ),
    *rows(
        "vmss-not-empty",
        ("instances", sized(3), {SET: "pass"}),
        ("none", sized(0), {SET: "fail"}, {"remark": "Autoscale"}),
        ("machines of its own", sized(0, MEMBER), {SET: "pass"}),
        ("machines of its own, no number", sized(None, MEMBER), {SET: "pass"}),
        ("machines of others", sized(0, machine()), {SET: "fail"}),
        ("no number", sized(None), {SET: "unknown"}),
        ("a node pool that is scaled to zero", nodes(0), {SET: "not_applicable"}),
        ("agents of Azure DevOps, none needed", agents(0), {SET: "not_applicable"}),
        ("agents of Azure DevOps", agents(1), {SET: "pass"}),
        ("a node pool", nodes(2), {SET: "pass"}),
        (
            "groups forbidden",
            sized(0),
            {SET: "unknown"},
            {"gaps": [gap("managed_resource_groups")]},
        ),
        (
            "machines forbidden",
            listed(scale_set(sku={"capacity": 0})),
            {SET: "unknown"},
            {"gaps": [gap("virtual_machines")]},
        ),
        FORBIDDEN,
        NONE,
    ),
]
ABSENCE_PASSES = [
    (
        "vmss-load-balancer",
        r"properties\.orchestrationMode",
        "scale sets that are older than the property are uniform",
    )
]
OFFICIAL_VERDICTS = """
vmss-load-balancer pass: myVirtualMachineScaleSet
vmss-not-empty pass: myVirtualMachineScaleSet
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machine scale sets › {scale_set} › Settings › Networking"
        " › Load balancing › Add Load Balancing",
        DocsFile(
            (
                "MicrosoftDocs/azure-compute-docs/articles/virtual-machine-scale-sets/"
                "virtual-machine-scale-sets-networking.md"
            ),
            "0c6223e9484d9281f960129ff81c76e16e2eb2cf",
            "Navigate to the Virtual Machine Scale Set in the Portal",
            "Under Settings, open the Networking pane",
            "In the Networking pane, select the Load balancing tab and select Add Load Balancing",
        ),
        not_in_text={
            "Virtual machine scale sets": "The list of scale sets, which a reader finds by its name.",
        },
    ),
    ComparedPath(
        "Azure portal › Virtual machine scale sets › {scale_set} › Scaling",
        DocsFile(
            (
                "MicrosoftDocs/azure-compute-docs/articles/virtual-machine-scale-sets/"
                "virtual-machine-scale-sets-autoscale-portal.md"
            ),
            "1d8378b2cce77ab819b9adfd0a858083294355cf",
            "Choose Scaling from the menu on the left-hand side of the scale set window",
        ),
        not_in_text={
            "Virtual machine scale sets": "The list of scale sets, which a reader finds by its name.",
        },
    ),
]
