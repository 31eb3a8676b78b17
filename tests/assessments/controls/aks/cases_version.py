"""Kubernetes versions of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.aks.cases_cluster_settings import ID, NO_LIST, NONE, one
from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

REGION = f"{SUB}/providers/Microsoft.ContainerService/locations/westeurope"


def listed(number: str, *plans: str, **more: Any) -> dict[str, Any]:
    return {"version": number, "capabilities": {"supportPlan": list(plans)}, **more}


VALUES = [
    listed("1.30", "AKSLongTermSupport"),
    listed("1.34", "KubernetesOfficial", "AKSLongTermSupport"),
    listed("1.35", "KubernetesOfficial"),
    listed("1.36", "KubernetesOfficial", isPreview=True),
]


def cluster(running: Any, values: Any = VALUES, **more: Any) -> dict[str, Any]:
    docs = one(**{"currentKubernetesVersion": running, "kubernetesVersion": "1.34", **more})
    answer = {"id": f"{REGION}/kubernetesVersions", "values": values}
    return {**docs, "aks_versions": {REGION: [answer]}}


def without_answer() -> dict[str, Any]:
    return {name: held for name, held in cluster("1.34").items() if name != "aks_versions"}


def moved(region: str) -> dict[str, Any]:
    docs = cluster("1.34.2")
    docs["aks_clusters"] = [{**docs["aks_clusters"][0], "location": region}]
    return docs


LONG = {"supportPlan": "AKSLongTermSupport"}
OLD = {"agentPoolProfiles": [{"name": "a", "currentOrchestratorVersion": "1.30.9"}]}
NEAR = {"agentPoolProfiles": [{"name": "a", "orchestratorVersion": "1.31"}, {"name": "b"}]}

ABSENCE_PASSES = [
    ("aks-version", r"properties\.currentKubernetesVersion", "the wanted version is judged instead"),
]
CASES = [
    *rows(
        "aks-version",
        ("supported", cluster("1.34.2"), {ID: "pass"}, {"no_remark": "node pool"}),
        ("only the wanted version", cluster(None), {ID: "pass"}),
        ("region with blanks", moved("West Europe"), {ID: "pass"}),
        ("official plan", cluster("1.35.1", supportPlan="KubernetesOfficial"), {ID: "pass"}),
        ("official list, long-term plan", cluster("1.35.1", **LONG), {ID: "pass"}),
        ("preview", cluster("1.36.0"), {ID: "pass"}, {"remark": "preview"}),
        ("long-term support", cluster("1.30.9", **LONG), {ID: "pass"}),
        ("no long-term support", cluster("1.30.9"), {ID: "fail"}, {"reason": "only with long-term"}),
        ("not listed", cluster("1.29.4", **LONG), {ID: "fail"}, {"reason": "no longer supports"}),
        ("a similar number", cluster("1.3.4"), {ID: "fail"}),
        ("old pool", cluster("1.34.2", **OLD), {ID: "pass"}, {"remark": "three minor versions"}),
        ("pool near", cluster("1.34.2", **NEAR), {ID: "pass"}, {"no_remark": "three minor versions"}),
        ("no version", cluster("latest"), {ID: "unknown"}),
        ("version is absent", cluster(None, kubernetesVersion=None), {ID: "unknown"}),
        ("new plan of the cluster", cluster("1.30.9", supportPlan="Gold"), {ID: "unknown"}),
        ("new plan in the list", cluster("1.37.0", [listed("1.37", "Gold")]), {ID: "unknown"}),
        ("empty list", cluster("1.34.2", []), {ID: "unknown"}),
        ("no plan", cluster("1.34.2", [listed("1.34")]), {ID: "unknown"}),
        ("no capabilities", cluster("1.34.2", [{"version": "1.34"}]), {ID: "unknown"}),
        ("no values", cluster("1.34.2", None), {ID: "unknown"}),
        (
            "versions are forbidden",
            without_answer(),
            {ID: "unknown"},
            {"gaps": [gap("aks_versions", REGION)]},
        ),
        ("no region", moved(""), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
OFFICIAL_VERDICTS = """
aks-version fail: clustername1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Settings › Upgrades › Kubernetes version › Upgrade version",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/upgrade-aks-control-plane.md",
            "d1f39ff77ff3b323105f55f410378839590a97d3",
            "Under Settings, select Upgrades",
            "For Kubernetes version, select Upgrade version to see available upgrades",
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
]
