"""Node pools of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.aks.cases_cluster_settings import ID, NO_LIST, NONE, one
from tests.assessments.controls.cases import rows
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ENCRYPTED = {"enableEncryptionAtHost": True}


def pools(*found: dict[str, Any], **properties: Any) -> dict[str, Any]:
    listed = [{"name": f"pool{number}", **pool} for number, pool in enumerate(found)]
    return one(agentPoolProfiles=listed, **properties)


def provisioning(mode: Any, *found: dict[str, Any]) -> dict[str, Any]:
    """Return a cluster with these node pools and this mode of node auto-provisioning."""
    return pools(*found, nodeProvisioningProfile={"mode": mode, "defaultNodePools": "Auto"})


def automatic(estate: dict[str, Any], name: str = "Automatic") -> dict[str, Any]:
    """Return the estate with another SKU of its cluster. The default is the SKU of AKS Automatic."""
    return {
        **estate,
        "aks_clusters": [{**estate["aks_clusters"][0], "sku": {"name": name, "tier": "Standard"}}],
    }


UNREADABLE = [
    ("no pool of another SKU", automatic(pools(), "Base"), {ID: "unknown"}),
    ("pools are text", automatic(one(agentPoolProfiles="none")), {ID: "unknown"}),
]
ABSENCE_PASSES = [
    (
        "aks-node-public-ip",
        r"properties\.agentPoolProfiles\[\]\.enableNodePublicIP",
        "without the property, nodes have no public addresses",
    ),
    (
        "aks-host-encryption",
        r"properties\.nodeProvisioningProfile(\.mode)?",
        "without the property, node auto-provisioning is off",
    ),
]
CASES = [
    *rows(
        "aks-node-public-ip",
        ("off", pools({"enableNodePublicIP": False}), {ID: "pass"}),
        ("absent", pools({}), {ID: "pass"}),
        ("one of two", pools({}, {"enableNodePublicIP": True}), {ID: "fail"}),
        (
            "public beside unclear",
            pools({"enableNodePublicIP": "no"}, {"enableNodePublicIP": True}),
            {ID: "fail"},
        ),
        ("unclear", pools({}, {"enableNodePublicIP": "no"}), {ID: "unknown"}),
        (
            "managed pools are not listed",
            automatic(pools()),
            {ID: "not_applicable"},
            {"reason": "AKS Automatic"},
        ),
        ("managed pools are absent", automatic(one()), {ID: "not_applicable"}),
        *UNREADABLE,
        ("own pool beside managed ones", automatic(pools({"enableNodePublicIP": True})), {ID: "fail"}),
        ("no pool", pools(), {ID: "unknown"}),
        ("pools are absent", one(), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-host-encryption",
        ("on", pools(ENCRYPTED, ENCRYPTED), {ID: "pass"}),
        ("one of two", pools(ENCRYPTED, {}), {ID: "fail"}, {"no_remark": "auto-provisioning"}),
        ("off", pools({"enableEncryptionAtHost": False}), {ID: "fail"}),
        ("unclear", pools({"enableEncryptionAtHost": "yes"}), {ID: "unknown"}),
        ("managed pools are not listed", automatic(pools()), {ID: "manual"}, {"reason": "auto-provisioning"}),
        ("managed pools are absent", automatic(one()), {ID: "manual"}),
        *UNREADABLE,
        (
            "own pool beside managed ones",
            automatic(pools({})),
            {ID: "fail"},
            {"remark": "auto-provisioning"},
        ),
        ("on, and AKS adds nodes", provisioning("Auto", ENCRYPTED), {ID: "manual"}, {"reason": "Attest"}),
        ("on, and AKS Automatic adds nodes", automatic(provisioning("Auto", ENCRYPTED)), {ID: "manual"}),
        (
            "off, and AKS adds nodes",
            provisioning("Auto", ENCRYPTED, {}),
            {ID: "fail"},
            {"remark": "auto-provisioning adds"},
        ),
        ("on, and AKS adds no node", provisioning("Manual", ENCRYPTED), {ID: "pass"}),
        ("on, and unclear whether AKS adds nodes", provisioning("Some", ENCRYPTED), {ID: "unknown"}),
        (
            "off, and unclear whether AKS adds nodes",
            provisioning("Some", {}),
            {ID: "fail"},
            {"no_remark": "auto-provisioning"},
        ),
        ("no pool", pools(), {ID: "unknown"}),
        ("pools are absent", one(), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
OFFICIAL_VERDICTS = """
aks-host-encryption fail: clustername1
aks-node-public-ip pass: clustername1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Settings › Node pools",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/delete-node-pool.md",
            "b7980cf891075a59ab99316e2c5bb2146230f86f",
            "navigate to the Settings > Node pools page for the cluster",
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
]
