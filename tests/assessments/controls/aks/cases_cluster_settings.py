"""Settings of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap

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
