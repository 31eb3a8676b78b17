"""The control that compares the Kubernetes versions of AKS clusters with the versions that their regions list.

Properties: containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-10-01/managedClusters.json
(KubernetesVersionListResult, whose versions are in `values`).
"""

from __future__ import annotations

import re
from typing import Final

from assessments.controls.aks.cluster_settings import CLUSTER
from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.aks import AKS_CLUSTERS, AKS_VERSIONS
from assessments.estate.machines.aks_regions import region_of
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

_MINOR: Final = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.[\w.+-]+)?")
_OFFICIAL, _LONG_TERM = "kubernetesofficial", "akslongtermsupport"
_PLANS: Final = frozenset({_OFFICIAL, _LONG_TERM})
_MAX_BEHIND: Final = 3
_SUBSCRIPTION: Final = " --subscription {subscription}"

FIX = Fix(
    command(
        "az aks upgrade --resource-group {group} --name {cluster} --kubernetes-version {kubernetes_version}"
        f"{_SUBSCRIPTION}",
        "Upgrade one minor version at a time. First check whether the workloads use Kubernetes APIs that the new"
        " version lacks.",
    ),
    portal="Azure portal › Kubernetes services › {cluster} › Settings › Upgrades › Kubernetes version ›"
    " Upgrade version",
    portal_source="https://learn.microsoft.com/azure/aks/upgrade-aks-control-plane",
    # https://learn.microsoft.com/azure/aks/tutorial-kubernetes-upgrade-cluster and
    # https://learn.microsoft.com/azure/aks/upgrade-node-pools
    effects="The nodes are drained and reimaged one after the other, so all workloads restart. The version cannot be"
    " downgraded afterwards.",
    cost="Instead of an upgrade, long-term support can be bought with the tier Premium.",
    variables=[
        CLUSTER,
        Variable("kubernetes_version", "Supported version to upgrade to", "1.35"),
    ],
)


@per_subject(
    AKS_CLUSTERS,
    needs=(AKS_VERSIONS,),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"kubernetesVersion": "Version of Kubernetes"},
    references=References(mcsb="PV-6*", nist="SI-2"),
)
def version(cluster: View, ctx: Context) -> Verdict:
    """AKS clusters run a supported version of Kubernetes.

    Problem: AKS cluster with an unsupported version of Kubernetes
    Expected: Azure supports the minor version of the cluster under the cluster's support plan
    Judged: `currentKubernetesVersion` of each AKS cluster, also of stopped clusters. If it is absent,
    `kubernetesVersion` is judged. Passes if the region of the cluster lists the minor version with the support plan
    `KubernetesOfficial` (`capabilities.supportPlan`). If the region lists it only with the support plan
    `AKSLongTermSupport`, only a cluster with long-term support (`supportPlan`) passes. Patch versions are not compared.
    Remarks name preview versions, and node pools that are more than three minor versions behind the cluster.
    Why: Unsupported versions get no security patches, and Microsoft does not help with failures.
    """
    properties = cluster.object("properties")
    key = (
        "currentKubernetesVersion"
        if properties.text("currentKubernetesVersion", default="")
        else "kubernetesVersion"
    )
    running = _minor(properties, key)
    own = properties.choice("supportPlan", _PLANS, default="KubernetesOfficial")
    scope = region_of(cluster)
    if not scope:
        raise cluster.unreadable("location", "absent")
    answer = ctx.single(AKS_VERSIONS, scope)
    if answer is None:
        raise cluster.unlisted("location", "region", scope)
    listed = answer.items("values")
    if not listed:
        raise answer.unreadable("values", "empty")
    remarks = _old_pools(properties, running)
    observed = {"kubernetesVersion": properties.raw(key), "supportPlan": properties.raw("supportPlan")}
    entry = next((one for one in listed if _minor(one, "version") == running), None)
    if entry is None:
        return failed("Azure no longer supports this version of Kubernetes", remarks=remarks, **observed)
    plans = {text.casefold() for text in entry.object("capabilities").texts("supportPlan")}
    if entry.flag("isPreview", default=False):
        remarks.append("This version is a preview")
    if _OFFICIAL in plans:
        return passed("Azure supports this version of Kubernetes", remarks=remarks, **observed)
    if not plans:
        raise entry.unreadable("capabilities.supportPlan", "empty")
    for unknown in sorted(plans - _PLANS):
        raise entry.unknown_value("capabilities.supportPlan", unknown)
    if own == _LONG_TERM:
        return passed("Long-term support covers this version of Kubernetes", remarks=remarks, **observed)
    return failed(
        "Azure supports this version of Kubernetes only with long-term support, which the cluster does not have",
        remarks=remarks,
        **observed,
    )


def _minor(view: View, path: str) -> tuple[int, int]:
    """Return the major and minor version in the property `path` of the document. Raise Unreadable if the value is not
    a version.
    """
    found = _MINOR.fullmatch(view.text(path).strip())
    if found is None:
        raise view.unreadable(path, "not a version")
    return int(found[1]), int(found[2])


def _old_pools(properties: View, running: tuple[int, int]) -> list[str]:
    """Return one remark if the version of any node pool is more than three minor versions behind the cluster's."""
    old = []
    for pool in properties.items("agentPoolProfiles", default=[]):
        key = (
            "currentOrchestratorVersion" if pool.has("currentOrchestratorVersion") else "orchestratorVersion"
        )
        if pool.has(key):
            major, minor = _minor(pool, key)
            if (major, minor + _MAX_BEHIND) < running:
                old.append(pool)
    return ["A node pool is more than three minor versions behind the cluster"] if old else []
