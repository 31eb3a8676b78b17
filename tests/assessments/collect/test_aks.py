"""Kubernetes versions are requested once for each region. Azure's answer has no id, so it is stored with the path of
the request as its id.
"""

from __future__ import annotations

from pathlib import Path

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

SUB = f"/subscriptions/{azure.guid(1)}"
KIND = "Microsoft.ContainerService/managedClusters"
REGIONS = f"{SUB}/providers/Microsoft.ContainerService/locations"


def cluster(name: str, location: str, version: str) -> azure.Line:
    return {
        "id": f"{SUB}/resourceGroups/rg/providers/{KIND}/{name}",
        "name": name,
        "type": KIND,
        "location": location,
        "properties": {"kubernetesVersion": version},
    }


def versions(region: str, *listed: str) -> azure.Line:
    return {
        "id": f"{REGIONS}/{region}/kubernetesVersions",
        "values": [
            {"version": one, "capabilities": {"supportPlan": ["KubernetesOfficial"]}} for one in listed
        ],
    }


def test_versions_are_read_once_in_each_region(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        cluster("aks-1", "West Europe", "1.35"),
        cluster("aks-2", "westeurope", "1.29"),
        cluster("aks-3", "eastus", "1.36"),
        versions("westeurope", "1.35"),
        versions("eastus", "1.36"),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("aks",))
    answers = found.estate.answers("aks_versions")
    assert [answer.scope for answer in answers] == [f"{REGIONS}/eastus", f"{REGIONS}/westeurope"]
    assert [view.id for answer in answers for view in answer.documents] == [
        f"{REGIONS}/eastus/kubernetesVersions",
        f"{REGIONS}/westeurope/kubernetesVersions",
    ]
    assert [found.verdict("aks-version", name) for name in ("aks-1", "aks-2", "aks-3")] == [
        "pass", "fail", "pass"
    ]  # fmt: skip
