"""Azure documents of virtual machines."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap

VM = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"

OS_DISK, DATA_DISK = (f"{RG}/providers/Microsoft.Compute/disks/{name}" for name in ("os", "data"))


def machine(configuration: Any = None, **properties: Any) -> dict[str, Any]:
    linux = {"provisionVMAgent": True, "patchSettings": {"patchMode": "AutomaticByPlatform"}}
    profile = {"linuxConfiguration": linux if configuration is None else configuration}
    storage = {"osDisk": {"name": "os", "managedDisk": {"id": OS_DISK}}, "dataDisks": []}
    held = {
        "osProfile": {**profile, "allowExtensionOperations": True},
        "storageProfile": storage,
        **properties,
    }
    return {**doc(VM, held), "location": "westeurope"}


def of_manager(kind: str, docs: dict[str, Any]) -> dict[str, Any]:
    """Return the documents, with the machine's resource group managed by a resource of this type."""
    return {**docs, "managed_resource_groups": [doc(RG, {}, managedBy=f"{RG}/providers/{kind}/manager")]}


CLUSTER = "Microsoft.ContainerService/managedClusters"


def of_cluster(docs: dict[str, Any]) -> dict[str, Any]:
    """Return the documents, with the machine as a node of Azure Kubernetes Service."""
    return of_manager(CLUSTER, docs)


def _all(slug: str, *more: Case) -> list[Case]:
    return [
        Case(slug, "no machine", {}, {SUB: "not_applicable"}),
        Case(slug, "machines forbidden", {}, {SUB: "unknown"}, [gap("virtual_machines")]),
        *more,
    ]
