"""List reasons and remarks that findings of earlier versions of Surety have, so that reports can translate them."""

from __future__ import annotations

from typing import Final

FORMER: Final = (
    "A link for exporting the data is open now",
    "A network security perimeter decides, so no firewall rule applies",
    "A rule lets an Azure service in, and with it other customers of this service",
    "Accounts for Bing have no such settings",
    "All secrets and certificates end in time",
    "An override changes effects, perhaps of recommendations that the initiative disables by default",
    "Anonymous access to blobs is not disallowed (the setting is absent)",
    "An owner is not in this directory: the account was deleted, or belongs to another one",
    "Anyone with the link can export the data without a sign-in",
    "Attest that no setting of the app has a secret except as a reference to a key vault",
    "Attest that the host firewall is on: no baseline that checks it is assigned",
    (
        "Attest that somebody watches the alerts, for example in Microsoft Sentinel: no automation exports those of"
        " the whole subscription"
    ),
    (
        "Attest that the instance is audited: no diagnostic setting receives its audit events, and an audit to a"
        " storage account is visible only in T-SQL"
    ),
    "Attest which resources are critical, and why they need no lock",
    "Azure Databricks or Azure Red Hat OpenShift replaces the machine",
    "Azure Kubernetes Service chooses the images of its nodes: see aks-upgrade",
    "Azure names no interface in this subnet",
    "Azure needs this subnet without a security group",
    "Azure replicates no premium account to a second region",
    "Azure shows the choice made at creation, not the settings of SSH inside",
    "Azure states a standby server, but also that high availability is not enabled",
    "By default and for alerts of high severity only, because the subscription has no security contact",
    "By default, because the subscription has no security contact",
    "Defender for Cloud looks for vulnerabilities on machines",
    "Deleted versions and snapshots can be removed for good before that time is over",
    "Every network can export the data",
    "Machines of generation 1 cannot use trusted launch",
    "Microsoft Entra ID shows the sign-ins of no user",
    "Microsoft does not document whether a service accepts access keys that its account refuses",
    "Microsoft does not document whether callers must sign in with this combination of settings",
    "Microsoft does not document which logs of storage the group audit contains",
    "NFS 3.0 is on, so Azure offers only GRS as a second region: neither GZRS nor read access to that region",
    (
        "No MFA is registered in Microsoft Entra ID, but it accepts MFA of the federation server of the"
        " user’s domain, which cannot be read"
    ),
    "No firewall or virtual network rule allows access, only the network security perimeter does",
    "Nobody has the role in this subscription; it was last changed over 90 days ago",
    (
        "No network security groups, and no interface without a group but with a public address or a"
        " load balancer"
    ),
    "No resource of a kind whose logs are judged",
    "No subscription was read, so assignments above all subscriptions are unknown",
    "Nobody can assign roles above all subscriptions",
    "Not assessed: the last assessment ended as failed",
    "Not every service of the account refuses access keys",
    "Only Azure customers can connect, from the tag AzureCloud",
    "Only SSH keys were allowed at creation",
    "Only accounts with the API for NoSQL work without keys, except in previews",
    "Only private endpoints can export the data",
    "Other resources manage all machines, such as nodes of Azure Kubernetes Service",
    "People can request access from every address",
    "Principals of another directory may assign the listed roles to managed identities",
    "Public network access is off or left to a network security perimeter",
    "Public network access is off, so no rule applies",
    "Public networks cannot export the data",
    "Redis refuses TLS before 1.2, which is the default",
    "SMB connections can be encrypted with weak algorithms, because none is excluded",
    "SMB shares can be used with old versions of SMB, because none is excluded",
    "Security defaults ask for MFA when a sign-in is unusual; the risk cannot be chosen",
    "Since 3 February 2026, Azure Storage itself refuses these versions",
    "Some paths of the app are excluded from the certificate",
    "Some paths of the app are excluded from the sign-in",
    "The API of the account works only with TLS 1.2",
    "Surety does not read which disks of a scale set Azure Disk Encryption encrypts",
    "Surety does not read which public addresses the scale sets of the network have",
    "Surety does not know which logs the group audit of this kind of resource contains",
    "The SAS policy only logs signatures that are valid longer; it does not block them",
    "The account does not have the tag of critical accounts",
    "The account refuses access keys, so the portal has to sign in with Microsoft Entra ID",
    "The app has a private endpoint and no setting, so public network access is off",
    "The app offers HTTP/2, and such apps are exempt",
    "The baseline states that the machine is compliant, but it was never checked",
    "The controls of SQL servers judge the same rules at the logical server of the workspace",
    "The environment of the container app decides about networks",
    "The express configuration sends no reports by mail; a workflow automation can",
    (
        "The firewall is configured at the gateway itself, which ends in March 2027: move its settings"
        " to a policy"
    ),
    "The list may be incomplete, because Azure does not state every value",
    "The machine belongs to a scale set, which replaces it",
    "The machine is a node of Azure Kubernetes Service, which replaces it",
    "The machine is a node of Azure Kubernetes Service: see aks-defender",
    "The machine is a node of Azure Kubernetes Service: see aks-netpol",
    "The machine is a node of Azure Kubernetes Service: see aks-node-public-ip",
    "The machine is a node of Azure Kubernetes Service: see aks-upgrade and aks-version",
    "The machine is of generation 1: convert it to generation 2 first",
    "The older settings for MFA and password reset still permit methods, and cannot be read",
    "The parameters leave out machines of generation 1",
    "The policy keeps no daily backups, so its longest schedule counts",
    "The portal signs in with Microsoft Entra ID",
    "The portal uses the access keys by default",
    "The scale set has the tag of scale sets that only fetch work",
    "The scale set has the tag that marks scale sets whose machines only fetch work",
    "The scale set is a node pool of Azure Kubernetes Service: see aks-host-encryption",
    "The service allows TLS before 1.2 or a weak cipher, which is the default of services of its age",
    "The service refuses TLS before 1.2, which is the default",
    "The setting of the subscription is off, so new machines may have none",
    "The setting is absent, and older accounts then allow replication to other directories",
    "The setting is absent; accounts created since 15 December 2023 refuse it by default",
    "The system disk of this confidential machine is encrypted with its guest state",
    "The system disks of this scale set are encrypted with their guest state",
    (
        "Whether the perimeter enforces its rules is not checked here: in transition mode, the resource's own"
        " rules apply too"
    ),
    "it is secured by a network security perimeter, but belongs to none",
    "the report of the baseline does not say that it is off",
    "the rules of the baseline were customized, so the one about the firewall may be missing",
)
