"""Azure Bastion."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

BASTION = "network-bastion"
_NETWORK = f"{RG}/providers/Microsoft.Network"
_ELSEWHERE = _NETWORK.replace(SUB, "/subscriptions/20000000-0000-0000-0000-000000000002")
_HOST, VNET = f"{_NETWORK}/bastionHosts/bas1", f"{_NETWORK}/virtualNetworks/vnet1"


def _host(sku: str = "Basic", state: Any = "Succeeded", **more: Any) -> dict[str, Any]:
    properties = more if state is None else {"provisioningState": state, **more}
    return doc(_HOST, properties, sku={"name": sku})


def _docs(*hosts: Any, kind: str = "Microsoft.Compute/virtualMachines", peered: Any = ()) -> dict[str, Any]:
    network = doc(
        VNET,
        {
            "virtualNetworkPeerings": [
                {"name": "p", "properties": {"peeringState": state, "remoteVirtualNetwork": {"id": remote}}}
                for state, remote in peered
            ]
        },
    )
    machine = {"id": f"{RG}/providers/{kind}/m1", "name": "m1", "type": kind}
    return {"resources": [machine], "bastion_hosts": list(hosts), "virtual_networks": [network]}


def _with_nodes(*more: dict[str, Any], hosts: Any = ()) -> dict[str, Any]:
    """A subscription with the nodes of a cluster of Azure Kubernetes Service, and further machines."""
    group = f"{SUB}/resourceGroups/MC_rg_aks_westeurope"
    kind = "Microsoft.Compute/virtualMachineScaleSets"
    nodes = {"id": f"{group.lower()}/providers/{kind}/aks-pool1", "name": "aks-pool1", "type": kind}
    cluster = f"{RG}/providers/Microsoft.ContainerService/managedClusters/aks"
    return {
        **_docs(*hosts, peered=[("Connected", _REMOTE)]),
        "resources": [nodes, *more],
        "managed_resource_groups": [{"id": group, "name": "MC_rg_aks_westeurope", "managedBy": cluster}],
    }


_REMOTE = f"{_ELSEWHERE}/virtualNetworks/hub"
_MACHINE = _docs()["resources"][0]

CASES = [
    *(
        Case(BASTION, name, docs, outcome, remark=remark, reason=reason)
        for name, docs, outcome, remark, reason in (
            ("host", _docs(_host()), "pass", "", ""),
            ("Developer", _docs(_host("Developer")), "pass", "shared with other customers", ""),
            (
                "shared links",
                _docs(_host(enableShareableLink=True)),
                "pass",
                "without access to the portal",
                "",
            ),
            ("no host", _docs(), "fail", "", "No Bastion host exists"),
            ("changed at the moment", _docs(_host(state="Updating")), "pass", "", ""),
            ("created at the moment", _docs(_host(state="Creating")), "fail", "", "is ready"),
            ("not ready", _docs(_host(state="Failed")), "fail", "", "is ready"),
            ("canceled", _docs(_host(state="Canceled")), "fail", "", "is ready"),
            ("state absent", _docs(_host(state=None)), "unknown", "", ""),
            ("scale set", _docs(kind="microsoft.compute/virtualmachinescalesets"), "fail", "", ""),
            ("no machine", _docs(kind="Microsoft.Storage/storageAccounts"), "not_applicable", "", ""),
            (
                "peered elsewhere",
                _docs(peered=[("Connected", _REMOTE)]),
                "unknown",
                "",
                "the peered network hub has a Bastion host",
            ),
            ("peered here", _docs(peered=[("Connected", f"{VNET}2")]), "fail", "", ""),
            ("peering ended", _docs(peered=[("Disconnected", _REMOTE)]), "fail", "", ""),
            (
                "nodes of a cluster",
                _with_nodes(),
                "not_applicable",
                "",
                "services such as Azure Kubernetes Service",
            ),
            (
                "nodes and a machine",
                _with_nodes(_MACHINE),
                "unknown",
                "",
                "the peered network hub has a Bastion host",
            ),
            ("nodes and a host", _with_nodes(hosts=[_host()]), "pass", "", ""),
            ("host, peered elsewhere", _docs(_host(), peered=[("Connected", _REMOTE)]), "pass", "", ""),
            ("state of the peering not known", _docs(peered=[("Maybe", _REMOTE)]), "unknown", "", ""),
        )
    ),
    Case(BASTION, "groups forbidden", _docs(), "unknown", [gap("managed_resource_groups")]),
    Case(BASTION, "inventory forbidden", {}, "unknown", [gap("resources")]),
    Case(BASTION, "hosts forbidden", {"resources": _docs()["resources"]}, "unknown", [gap("bastion_hosts")]),
]

ABSENCE_PASSES = [
    (BASTION, r"sku(\.name)?|properties\.enableShareableLink", "they add only remarks"),
]
OFFICIAL_VERDICTS = """
network-bastion pass: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Bastion › Deploy Bastion",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/bastion/quickstart-host-portal.md",
            "03968e7b4b4425752bfd90c8b659b5f544977a97",
            "On the page for your VM, in the left menu, select Bastion to open the Bastion page",
            "Select Deploy Bastion",
        ),
    ),
]
