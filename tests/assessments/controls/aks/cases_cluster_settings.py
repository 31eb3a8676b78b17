"""Settings of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.ContainerService/managedClusters/aks1"


def one(**properties: Any) -> dict[str, Any]:
    body = doc(ID, properties, type="Microsoft.ContainerService/managedClusters", location="westeurope")
    return {"resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]}, "aks_clusters": [body]}


def server(**profile: Any) -> dict[str, Any]:
    return one(apiServerAccessProfile=profile)


def upgrades(channel: Any, **more: Any) -> dict[str, Any]:
    return one(autoUpgradeProfile={"upgradeChannel": channel, **more})


NO_LIST: tuple[Any, ...] = (
    "the list is forbidden",
    {"resources": one()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("aks_clusters")]},
)
NONE: tuple[Any, ...] = ("no cluster", {}, {SUB: "not_applicable"})
ONLY = {"params": {"private_only": True}}

CASES = [
    *rows(
        "aks-private",
        ("private", server(enablePrivateCluster=True), {ID: "pass"}),
        ("private, only", server(enablePrivateCluster=True), {ID: "pass"}, ONLY),
        ("public", server(enablePrivateCluster=False), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("no addresses", server(authorizedIPRanges=[]), {ID: "fail"}),
        ("some addresses", server(authorizedIPRanges=["203.0.113.0/24", "198.51.100.7"]), {ID: "pass"}),
        ("only the cluster", server(authorizedIPRanges=["0.0.0.0/32"]), {ID: "pass"}),
        ("some addresses, not accepted", server(authorizedIPRanges=["203.0.113.0/24"]), {ID: "fail"}, ONLY),
        ("all addresses", server(authorizedIPRanges=["0.0.0.0/1", "128.0.0.0/1"]), {ID: "fail"}),
        ("no address", server(authorizedIPRanges=["all"]), {ID: "unknown"}),
        *(
            (
                f"service tag {tag}",
                server(authorizedIPRanges=["203.0.113.0/24", tag]),
                {ID: verdict},
                {"reason": reason},
            )
            for tag, verdict, reason in (
                ("AzureCloud", "fail", "all of Azure"),
                ("AzureCloud.westeurope", "fail", "all of Azure"),
                ("AzureDevOps", "unknown", "AzureDevOps"),
            )
        ),
        ("setting is text", server(enablePrivateCluster="true"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-local-accounts",
        (
            "off",
            one(disableLocalAccounts=True, aadProfile={"managed": True}),
            {ID: "pass"},
            {"no_remark": "needs the integration"},
        ),
        (
            "on",
            one(disableLocalAccounts=False, aadProfile={"managed": True}),
            {ID: "fail"},
            {"no_remark": "needs the integration"},
        ),
        ("absent", one(), {ID: "fail"}, {"remark": "needs the integration"}),
        ("text", one(disableLocalAccounts="true"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-rbac",
        ("on", one(enableRBAC=True), {ID: "pass"}),
        ("off", one(enableRBAC=False), {ID: "fail"}),
        ("absent", one(), {ID: "unknown"}),
        ("text", one(enableRBAC="true"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-entra",
        ("managed", one(aadProfile={"managed": True}), {ID: "pass"}),
        ("legacy", one(aadProfile={"managed": False, "serverAppID": "a", "clientAppID": "b"}), {ID: "fail"}),
        ("legacy without a server", one(aadProfile={"clientAppID": "b"}), {ID: "fail"}),
        ("none", one(), {ID: "fail"}),
        ("unclear", one(aadProfile={}), {ID: "unknown"}),
        ("profile is text", one(aadProfile="yes"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-upgrade",
        (
            "patches",
            upgrades("patch", nodeOSUpgradeChannel="NodeImage"),
            {ID: "pass"},
            {"no_remark": "nodes"},
        ),
        ("images alone", upgrades("node-image"), {ID: "pass"}, {"remark": "version of Kubernetes"}),
        ("in capitals", upgrades("Stable"), {ID: "pass"}, {"no_remark": "version of Kubernetes"}),
        ("nodes stay old", upgrades("rapid", nodeOSUpgradeChannel="None"), {ID: "pass"}, {"remark": "nodes"}),
        (
            "images",
            upgrades("node-image", nodeOSUpgradeChannel="Unmanaged"),
            {ID: "pass"},
            {"no_remark": "system"},
        ),
        ("off", upgrades("none"), {ID: "fail"}),
        ("absent", one(), {ID: "fail"}),
        ("a new channel", upgrades("moon"), {ID: "unknown"}),
        ("profile is text", one(autoUpgradeProfile="patch"), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
OFFICIAL_VERDICTS = """
aks-entra fail: clustername1
aks-local-accounts fail: clustername1
aks-private fail: clustername1
aks-rbac fail: clustername1
aks-upgrade fail: clustername1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Settings › Security configuration"
        " › Authentication and Authorization",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/enable-authentication-microsoft-entra-id.md",
            "11fb7fb821aef6aebf0486d31a5018b8800640f4",
            "Enable AKS-managed Microsoft Entra integration on your existing Kubernetes RBAC enabled cluster",
        ),
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/api-server-authorized-ip-ranges.md",
            "239ab415adfb8ec2a18d68045f341e14e667495e",
            "Under Settings, select Networking",
        ),
        not_in_text={
            "Kubernetes services": "The list of AKS clusters, which a reader finds by its name.",
            "Security configuration": (
                "The page of the portal; the documentation of this setting names only the command."
            ),
            "Authentication and Authorization": (
                "The page of the portal; the documentation of this setting names only the command."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Settings › Security configuration"
        " › Kubernetes local accounts",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/manage-local-accounts-managed-azure-ad.md",
            "31e1f80aa47c0e82631e22585453062dbe62e82c",
            "You can disable local accounts using the parameter disable-local-accounts",
        ),
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/api-server-authorized-ip-ranges.md",
            "239ab415adfb8ec2a18d68045f341e14e667495e",
            "Under Settings, select Networking",
        ),
        not_in_text={
            "Kubernetes services": "The list of AKS clusters, which a reader finds by its name.",
            "Security configuration": (
                "The page of the portal; the documentation of this setting names only the command."
            ),
            "Kubernetes local accounts": (
                "The page of the portal; the documentation of this setting names only the command."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Settings › Networking › Manage › Authorized IP ranges",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/api-server-authorized-ip-ranges.md",
            "239ab415adfb8ec2a18d68045f341e14e667495e",
            "Under Settings, select Networking",
            "Under Resource Settings, select Manage",
            "On the Authorized IP ranges page, update the Authorized IP ranges as needed",
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
    ComparedPath(
        "Azure portal › Create a resource › Containers › Azure Kubernetes Service (AKS)",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/api-server-authorized-ip-ranges.md",
            "239ab415adfb8ec2a18d68045f341e14e667495e",
            "Navigate to the Azure portal and select Create a resource > Containers > Azure Kubernetes Service (AKS)",
        ),
    ),
    ComparedPath(
        "Azure portal › Kubernetes services › {cluster} › Settings › Cluster configuration"
        " › Upgrade version › Automatic upgrade",
        DocsFile(
            "MicrosoftDocs/azure-aks-docs/articles/aks/auto-upgrade-cluster.md",
            "010b3bf2675e1351c575d4d1a5d048be1a220621",
            "In the Settings section, select Cluster configuration",
            "Under Upgrade > Kubernetes version, select Upgrade version",
            "select the desired auto-upgrade channel from the Automatic upgrade dropdown",
        ),
        not_in_text={"Kubernetes services": "The list of AKS clusters, which a reader finds by its name."},
    ),
]
