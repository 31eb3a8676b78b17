"""List reasons, remarks and expected results that findings of earlier versions of Surety have, so that reports can
translate them. Also list former names of collections, because reasons contain these names.
"""

from __future__ import annotations

from typing import Final

FORMER: Final = (
    "A flow log records traffic of the network, but it is not sent to a workspace, or it has a filter",
    "A link for exporting the data is open now",
    "A network security perimeter decides, so no firewall rule applies",
    "A rule lets an Azure service in, and with it other customers of this service",
    "A strong sign-in method is enabled, and no weak one for all users",
    "Access policies grant access to the vault",
    "Accounts for Bing have no such settings",
    "All secrets and certificates end in time",
    "An override changes effects, perhaps of recommendations that the initiative disables by default",
    "Anonymous access to blobs is not disallowed (the setting is absent)",
    "An owner is not in this directory: the account was deleted, or belongs to another one",
    "Anyone with the link can export the data without a sign-in",
    "Attest that no setting of the app has a secret except as a reference to a key vault",
    "Attest that the app sends its telemetry to Application Insights of another subscription",
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
    "Azure roles grant access to the vault",
    "Azure shows the choice made at creation, not the settings of SSH inside",
    "Azure states a standby server, but also that high availability is not enabled",
    "By default and for alerts of high severity only, because the subscription has no security contact",
    "By default, because the subscription has no security contact",
    "Databricks manages the network of the clusters, and its security group",
    (
        "Defender for Cloud has no result of a scan of images in container registries: they are not scanned,"
        " or the recommendation has another id"
    ),
    (
        "Defender for Cloud has no result of a scan of images that run in Kubernetes clusters: they are not"
        " scanned, or the recommendation has another id"
    ),
    "Defender for Cloud looks for vulnerabilities on machines",
    "Deleted versions and snapshots can be removed for good before that time is over",
    "Directory roles such as Groups Administrator still permit it",
    "Each ends in more than 30 days, and is valid for at most 730 days",
    "Every network can export the data",
    "HTTP routes of the environment lead to such an app",
    "Lockout after",
    "Lockout lasts",
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
    "No subscription gives access to all APIs",
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
    "Only administrators, and the members of a group that was chosen for it, can create Microsoft 365 groups",
    "Only authorized addresses reach the API server",
    "Only Azure customers can connect, from the tag AzureCloud",
    "Only SSH keys were allowed at creation",
    "Only accounts with the API for NoSQL work without keys, except in previews",
    "Only private endpoints can export the data",
    "Only the SKU Premium has private endpoints",
    "Other resources manage all machines, such as nodes of Azure Kubernetes Service",
    "People can request access from every address",
    "Principals of another directory may assign the listed roles to managed identities",
    "Public network access is off or left to a network security perimeter",
    "Public network access is off, so no rule applies",
    "Public networks cannot export the data",
    "Redis refuses TLS before 1.2, which is the default",
    "Since 31 August 2025, Azure Cosmos DB itself refuses these versions",
    "SMB connections can be encrypted with weak algorithms, because none is excluded",
    "SMB shares can be used with old versions of SMB, because none is excluded",
    "Security defaults ask for MFA when a sign-in is unusual; the risk cannot be chosen",
    "Settings at the gateway itself cannot block bots",
    "Since 3 February 2026, Azure Storage itself refuses these versions",
    "Some paths of the app are excluded from the certificate",
    "Some paths of the app are excluded from the sign-in",
    "Subscriptions give access to all APIs",
    "Subscriptions of API Management give access to all APIs",
    "The API of the account works only with TLS 1.2",
    "Surety does not read which disks of a scale set Azure Disk Encryption encrypts",
    "Surety does not read which public addresses the scale sets of the network have",
    "Surety does not know which logs the group audit of this kind of resource contains",
    "The cluster needs the integration of Microsoft Entra ID first",
    "The directory role Application Developer still permits it",
    "The directory role Tenant Creator still permits it",
    "The network of the clusters is in another subscription, whose subnets Surety does not read here",
    "The plan for containers has replaced both plans, and is off",
    "The policy excludes this user",
    "The policy says that the organization does not use Microsoft Intune",
    "The pricing tier Standard has no customer-managed keys",
    "The pricing tier Standard has no diagnostic logs",
    "The pricing tier Standard has no private endpoints",
    "The SAS policy only logs signatures that are valid longer; it does not block them",
    "The account does not have the tag of critical accounts",
    "The account refuses access keys, so the portal has to sign in with Microsoft Entra ID",
    "The app has a private endpoint and no setting, so public network access is off",
    "The app offers HTTP/2, and such apps are exempt",
    "The app requires HTTPS, but its advanced tools still accept a password",
    "The baseline states that the machine is compliant, but it was never checked",
    "The controls of SQL servers judge the same rules at the logical server of the workspace",
    "The environment of the container app decides about networks",
    "The express configuration sends no reports by mail; a workflow automation can",
    (
        "The firewall is configured at the gateway itself, which ends in March 2027: move its settings"
        " to a policy"
    ),
    "The last address of a firewall rule is before the first one, so its effect is not known",
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
    "The service allows TLS before 1.2 or a weak cipher, which was the default when it was created",
    "The service refuses TLS before 1.2, which is the default",
    "The setting of the subscription is off, so new machines may have none",
    "The setting is absent, and older accounts then allow replication to other directories",
    "The setting is absent; accounts created before 15 December 2023 then allow replication to other directories",
    "The setting is absent; accounts created since 15 December 2023 refuse it by default",
    "The setting is absent; accounts created since 15 December 2023 refuse replication to other directories by default",
    "The subscription’s offer permits no resources.",
    "The system disk of this confidential machine is encrypted with its guest state",
    "The system disks of this scale set are encrypted with their guest state",
    "The tier Free has no firewall and no private endpoints: a larger tier is needed",
    (
        "Whether the perimeter enforces its rules is not checked here: in transition mode, the resource's own"
        " rules apply too"
    ),
    "The web application firewall reports attacks",
    "The listed addresses let the Internet call the trigger",
    (
        "Attest that the instance is audited. Surety cannot see it, because no diagnostic setting"
        " receives audit events, and only T-SQL shows an audit to a storage account"
    ),
    "No version of TLS is chosen",
    "A web application firewall protects some paths",
    "The interface forwards traffic; it belongs to a named appliance",
    "Some rules about bad bots are off, and Surety does not know whether any other such rule is on",
    "The policy has no full backups",
    "The server still uses another value",
    (
        "The user is not in this directory: the account was deleted, or belongs to another directory."
        " Remove the assignment if nobody needs it"
    ),
    "All registered methods are text message, voice or email",
    (
        "No MFA is registered in Microsoft Entra ID, but it accepts MFA of the federation server of the"
        " user’s domain. Surety cannot read whether that server asks for MFA"
    ),
    (
        "The group is not in this directory: it was deleted, or belongs to another directory. Remove the"
        " assignment if nobody needs it"
    ),
    "A network security perimeter decides who can reach the resource",
    "Through the security contact of the subscription",
    "Through the plan of the subscription",
    "Surety does not read which disks of a scale set are encrypted with Azure Disk Encryption",
    "The machine is of generation 1; trusted launch upgrades it to generation 2",
    "The app offers HTTP/2, and such apps need no client certificate",
    "The app runs in an App Service Environment, and Surety does not read whether the environment is internal",
    "A principal that is not a user, such as a group, can become a member of a group with a role",
    "Together, the rules allow at least 16 million addresses",
    "it is secured by a network security perimeter, but belongs to none",
    "the report of the baseline does not say that it is off",
    "the rules of the baseline were customized, so the one about the firewall may be missing",
    "Attest the retention: the activity log only goes to destinations that are not read",
    "Attest the retention: the audit log only goes to destinations that are not read",
    "Azure's answer pointed to another host, which was not followed",
    (
        "Microsoft ends its own text messages and calls on 1 February 2027, and on 1 July 2027 for Global"
        " Administrators and external users"
    ),
    "Patches not assessed: Azure’s last patch assessment ended as failed",
    "AKS Automatic manages the nodes of the cluster, which lists no node pool",
    "Whether the nodes that node auto-provisioning adds are encrypted at the host is not checked",
    "Which network policies exist in the cluster is not checked",
    (
        "Microsoft ended support for this engine on Windows nodes on 30 September 2026, and ends it on Linux nodes on"
        " 30 September 2028"
    ),
    "The gateway has a public address: whether its security group limits it is not checked",
    "An IP rule lets every service in Azure in",
    "A firewall rule lets every service in Azure in",
    "Whether the workspace storage is encrypted with a customer-managed key is not part of the verdict",
    "The parameter `excluded` exempts this user from the control",
    (
        "Defender for Cloud has no result of a scan of images in container registries: these images are not scanned,"
        " or the id of the recommendation is not in the parameter `recommendations`"
    ),
    (
        "Defender for Cloud has no result of a scan of images that run in Kubernetes clusters: these images are not"
        " scanned, or the id of the recommendation is not in the parameter `recommendations`"
    ),
    "Microsoft does not document which logs of storage the category group audit contains",
    "Surety does not know which logs the category group audit contains for this kind of resource",
    "Public network access is on, although no rule uses it",
    "Public network access is on, although no firewall or virtual network rule uses it",
    "without Disabled, the value of the assignment",
    "No rule from 0.0.0.0 to 0.0.0.0, and all rules together allow fewer than 16,777,216 addresses (2^24)",
    "The identity of the app may administer Azure",
    "The identity of the app may not administer Azure",
    "The identities of the app have no role that may administer Azure",
    "Since 31 August 2025, Azure Cosmos DB refuses these versions in spite of this setting",
    "The certificate is invalid. Provide PEM with its unencrypted RSA private key.",
    "The machine was created without the VM agent, and no agent reports",
    "Could not check whether the Internet can reach port 443, which would be accepted",
    "The Internet can reach no port of a website",
    "Only some public addresses can reach the ports of a website",
    "Plan 2 for servers is on, which contains the alerts about DNS",
    (
        "Entra could not verify the token of the federated identity. Its issuer must publish its keys on the "
        "Internet."
    ),
    (
        "The network of this installation allows sign-ins only to other directories (tenant restrictions). "
        "Allow this directory at its proxy."
    ),
    (
        "No federated credential of the application has this issuer. Compare issuer, subject and audience "
        "under App registrations › Certificates & secrets › Federated credentials. A new federated credential "
        "works after some minutes."
    ),
    (
        "No federated credential of the application has this audience. Compare issuer, subject and audience "
        "under App registrations › Certificates & secrets › Federated credentials. A new federated credential "
        "works after some minutes."
    ),
    (
        "No federated credential of the application has this subject. Compare issuer, subject and audience "
        "under App registrations › Certificates & secrets › Federated credentials. A new federated credential "
        "works after some minutes."
    ),
    "The application is not allowed to sign in with its own credential.",
    "Azure no longer offers the plan for DNS, which is part of Plan 2 for servers",
    "Not changed for over a year",
    "The trusted locations contain more than the networks of one organization",
    (
        "At least one named location with the networks of the organization is trusted, and together the "
        "trusted locations contain no more than the networks of one organization"
    ),
    (
        "An attestation, at most 180 days old, that access of ordinary users to the Microsoft Entra admin "
        "center and to the features of groups is restricted"
    ),
    "The vault has no key that can be used",
    "The vault has no secret that can be used",
    "The rotation policy of the key only notifies, or has no trigger",
    "The account lets somebody open the container to anonymous readers",
    (
        "Check who can get a role: a principal that is not a listed user, such as a group, can become a "
        "member of a group with the role"
    ),
    "IPv6 is off for the server; its IPv6 rules are judged as if it were on",
    "The setting that disallows anonymous access to blobs is absent",
    "Microsoft does not document whether this combination of settings requires callers to sign in",
    "The plan for servers covers no machine, so new machines may have no solution",
    (
        "The plan for servers covers no machine, so vulnerability assessment has no effect, and at least "
        "one machine has no other solution"
    ),
    "The plan for servers is off, so new machines may have no solution",
    (
        "The plan for servers is off, so vulnerability assessment has no effect, and at least one machine "
        "has no other solution"
    ),
    "Vulnerability assessment is off for the subscription, so new machines may have no solution",
    "Vulnerability assessment is off, and at least one machine has no other solution",
    "No resource is in a region",
    "Public network access is on, and rules allow networks",
    (
        "A network security perimeter decides who can reach the resource, which the control’s parameters do not"
        " permit"
    ),
    "No active subscription of API Management gives access to all APIs, except the built-in one",
    "No secret named value is stored in the service itself",
    "Surety does not know which logs of this kind of resource belong to the category group audit",
    "Microsoft does not document which logs of storage belong to the category group audit",
    "Attest for which storage accounts a read-only lock was considered",
    "No security policy with this firewall is for all paths",
    "The rule names no operation and reports other operations too, so alerts on this one may go unnoticed",
    "Secret named values are not in a key vault",
    "Customer-managed keys encrypt the managed services and the disks, if the workspace has disks",
    (
        "No MFA is registered in Microsoft Entra ID, which also accepts MFA of the federation server of the user’s"
        " domain. Surety cannot read whether that server asks for MFA"
    ),
    "No managed disk is unattached",
    (
        "Check who can get a role through a group: a principal that is not in the list of users, such as another"
        " group, can become a member of a group with this role"
    ),
    "Neither the device settings nor a Conditional Access policy require MFA when a device is registered",
    (
        "No resource has a basic, free, shared, developer or consumption SKU, or an attestation, at most a year old,"
        " says that the resources with such a SKU are not in production"
    ),
    (
        "Nobody has the role Tenant Creator, or an attestation, at most a year old, states that everybody with the role"
        " needs it"
    ),
    "Diagnostic settings with a destination export Administrative, Alert, Policy and Security",
    "Diagnostic settings with a destination export StorageRead, StorageWrite and StorageDelete",
    "Diagnostic settings with a destination export all required categories",
    "Diagnostic settings with a destination export the audit log and all four logs of sign-ins",
    "Diagnostic settings with a destination export the logs that show who did what",
    "Diagnostic settings with a workspace export all categories of Intune",
    (
        "No consent by users, or only to applications of verified publishers or of the own directory, and only for"
        " permissions of low impact"
    ),
    "Machines that vaults of other subscriptions back up",
    "App registrations with the ends of their secrets and certificates",
    "Visibility of groups for which no member was returned",
    "Visibility of excluded groups for which no member was returned",
    "Storage accounts in other subscriptions that store logs",
    "Load balancers, if an interface behind one has no security group",
    "Load balancers in other subscriptions, if an interface behind one has no security group",
    "Regions in which Azure offers network watchers, if a region in use has none",
    "Management groups above a subscription, if a policy assignment excludes management groups",
    "Public addresses of SQL machines without a security group",
    "Management groups above a subscription that a policy may exclude",
    "Log Analytics workspaces of logs",
    "Number of machines that vaults without backups replicate",
)
