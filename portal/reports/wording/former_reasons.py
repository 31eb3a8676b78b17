"""List reasons and remarks that findings of earlier versions of Surety have, so that reports can translate them."""

from __future__ import annotations

from typing import Final

FORMER: Final = (
    "A link for exporting the data is open now",
    "Anyone with the link can export the data without a sign-in",
    "Attest that the host firewall is on: no baseline that checks it is assigned",
    "Azure Databricks or Azure Red Hat OpenShift replaces the machine",
    "Azure Kubernetes Service chooses the images of its nodes: see aks-upgrade",
    "Azure shows the choice made at creation, not the settings of SSH inside",
    "Deleted versions and snapshots can be removed for good before that time is over",
    "Every network can export the data",
    "Not assessed: the last assessment ended as failed",
    "Not every service of the account refuses access keys",
    "Only SSH keys were allowed at creation",
    "Only accounts with the API for NoSQL work without keys, except in previews",
    "Only private endpoints can export the data",
    "Public network access is off, so no rule applies",
    "Public networks cannot export the data",
    "SMB connections can be encrypted with weak algorithms, because none is excluded",
    "SMB shares can be used with old versions of SMB, because none is excluded",
    "Since 3 February 2026, Azure Storage itself refuses these versions",
    "The API of the account works only with TLS 1.2",
    "Surety does not read which public addresses the scale sets of the network have",
    "The SAS policy only logs signatures that are valid longer; it does not block them",
    "The account does not have the tag of critical accounts",
    "The account refuses access keys, so the portal has to sign in with Microsoft Entra ID",
    "The baseline states that the machine is compliant, but it was never checked",
    "The controls of SQL servers judge the same rules at the logical server of the workspace",
    "The list may be incomplete, because Azure does not state every value",
    "The machine belongs to a scale set, which replaces it",
    "The machine is a node of Azure Kubernetes Service, which replaces it",
    "The machine is a node of Azure Kubernetes Service: see aks-defender",
    "The machine is a node of Azure Kubernetes Service: see aks-netpol",
    "The machine is a node of Azure Kubernetes Service: see aks-node-public-ip",
    "The machine is a node of Azure Kubernetes Service: see aks-upgrade and aks-version",
    "The policy keeps no daily backups, so its longest schedule counts",
    "The portal signs in with Microsoft Entra ID",
    "The portal uses the access keys by default",
    "The scale set is a node pool of Azure Kubernetes Service: see aks-host-encryption",
    "The setting is absent, and older accounts then allow replication to other directories",
    "The setting is absent; accounts created since 15 December 2023 refuse it by default",
    (
        "Whether the perimeter enforces its rules is not checked here: in transition mode, the resource's own rules"
        " apply too"
    ),
    "the report of the baseline does not say that it is off",
    "the rules of the baseline were customized, so the one about the firewall may be missing",
)
