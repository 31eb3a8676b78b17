"""Controls of AKS clusters: the network of the API server, the accounts and the upgrades.

Properties: containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-10-01/managedClusters.json
(ManagedClusterProperties).
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.aks import AKS_CLUSTERS
from assessments.estate.ranges import INTERNET_IPV4, Range, network, ranges, size
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable, segment

_UPDATE: Final = "az aks update --resource-group {group} --name {cluster}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_PORTAL: Final = "Azure portal › Kubernetes services › {cluster} › Settings ›"
_LEARN: Final = "https://learn.microsoft.com/azure/aks"
CLUSTER: Final = Variable(
    "cluster", "Name of the AKS cluster", "aks-shop", "the cluster", segment("managedClusters")
)
# The service tag `AzureCloud` stands for all public addresses of Azure. `AzureCloud.westeurope` stands for those of one
# region. Every customer of Azure can use such an address.
# https://learn.microsoft.com/azure/aks/api-server-service-tags
_ALL_OF_AZURE: Final = "azurecloud"
PRIVATE_ONLY: Final = Parameter(
    "private_only",
    False,
    "Accept only private clusters, not public clusters that limit the addresses of clients",
    label="Require private clusters",
)


def _private(cluster: View, ctx: Context) -> Verdict:
    access = cluster.object("properties").object("apiServerAccessProfile", default={})
    setting = access.raw("enablePrivateCluster")
    if access.flag("enablePrivateCluster", default=False):
        return passed("The API server has only a private address", enablePrivateCluster=setting)
    allowed = access.texts("authorizedIPRanges", default=[])
    if not allowed:
        return failed(
            "Every network can reach the API server", enablePrivateCluster=setting, authorizedIPRanges=allowed
        )
    if any(text.strip().casefold().partition(".")[0] == _ALL_OF_AZURE for text in allowed):
        return failed(
            "The authorized addresses let all of Azure reach the API server",
            enablePrivateCluster=setting,
            authorizedIPRanges=allowed,
        )
    if size(ranges(_block(access, text) for text in allowed)) >= INTERNET_IPV4:
        return failed(
            "The authorized addresses let the Internet reach the API server",
            enablePrivateCluster=setting,
            authorizedIPRanges=allowed,
        )
    if ctx.params[PRIVATE_ONLY.name]:
        return failed(
            "The API server has a public address", enablePrivateCluster=setting, authorizedIPRanges=allowed
        )
    return passed(
        "Only authorized addresses can reach the API server",
        enablePrivateCluster=setting,
        authorizedIPRanges=allowed,
    )


def _block(access: View, text: str) -> Range:
    try:
        version, block = network(text)
    except ValueError:
        version, block = 0, (0, 0)
    if version != 4:
        raise access.unreadable("authorizedIPRanges", f"not an IPv4 address or network ({text!r})")
    return block


def _entra(cluster: View, ctx: Context) -> Verdict:
    properties = cluster.object("properties")
    if not properties.has("aadProfile"):
        return failed(
            "People and programs do not sign in to the cluster with Microsoft Entra ID", managed=None
        )
    profile = properties.object("aadProfile")
    if profile.flag("managed", default=False):
        return passed("People and programs sign in with Microsoft Entra ID", managed=True)
    if profile.text("serverAppID", default="") or profile.text("clientAppID", default=""):
        return failed(
            "The cluster uses the legacy integration of Microsoft Entra ID", managed=profile.raw("managed")
        )
    raise profile.unreadable("managed", "absent")


def _without_entra(cluster: View, ctx: Context) -> bool:
    return not cluster.has("properties.aadProfile")


def _nodes_stay_old(cluster: View, ctx: Context) -> bool:
    profile = cluster.object("properties").object("autoUpgradeProfile", default={})
    nodes = profile.text("nodeOSUpgradeChannel", default="").casefold()
    return (
        nodes in ("none", "unmanaged")
        and profile.text("upgradeChannel", default="").casefold() != "node-image"
    )


def _kubernetes_stays_old(cluster: View, ctx: Context) -> bool:
    """Return whether the upgrade channel replaces only the images of the nodes, and does not upgrade Kubernetes:
    https://learn.microsoft.com/azure/aks/auto-upgrade-cluster
    """
    return str(cluster.raw("properties.autoUpgradeProfile.upgradeChannel")).casefold() == "node-image"


_UPGRADES: Final = passed("The cluster upgrades itself")

CONTROLS = declare_settings(
    __name__,
    AKS_CLUSTERS,
    SettingControl(
        "aks-private",
        title="API servers of AKS clusters are not open to the Internet",
        problem="API server of an AKS cluster open to the Internet",
        expected="The cluster is private, or only authorized addresses reach its API server",
        judged="`apiServerAccessProfile` of each AKS cluster, also of stopped ones. A private cluster passes. A public"
        " cluster passes if `authorizedIPRanges` is not empty and allows fewer than 2^24 addresses together, unless"
        " `private_only` is on. The service tag `AzureCloud`, also of one region, fails, because every customer of"
        " Azure can use such an address. With another service tag, the verdict is unknown.",
        why="Anyone who reaches the API server can try stolen credentials and unpatched weaknesses of Kubernetes.",
        severity=Severity.HIGH,
        labels={"authorizedIPRanges": "Authorized addresses", "enablePrivateCluster": "Private cluster"},
        judge=_private,
        parameters=(PRIVATE_ONLY,),
        references=References(mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            command(
                f"{_UPDATE} --api-server-authorized-ip-ranges {{allowed}}{_SUBSCRIPTION}",
                "List all public networks that need the API server, separated by commas. Include the addresses of the"
                " NAT gateway or firewall through which the nodes reach the Internet, and public addresses of nodes."
                " Azure itself adds only the addresses of the cluster’s load balancer. The command replaces the earlier"
                " list.",
            ),
            portal=f"{_PORTAL} Networking › Manage › Authorized IP ranges",
            portal_source=f"{_LEARN}/api-server-authorized-ip-ranges",
            effects="Everybody outside of these networks loses access, pipelines too. Nodes whose outgoing addresses"
            " are not in the list lose access as well, and Kubernetes treats them as failed (NotReady).",
            variables=[
                CLUSTER,
                Variable("allowed", "Public network that needs the API server", "203.0.113.0/24"),
            ],
        ),
    ),
    SettingControl(
        "aks-local-accounts",
        title="Local accounts of AKS clusters are off",
        problem="AKS cluster with local accounts",
        expected="Local accounts are off",
        judged="`disableLocalAccounts` of each AKS cluster. If the property is absent, local accounts are on, which is"
        " the default.",
        why="The certificate of the local administrator gives all rights and names no person. Conditional Access and"
        " multifactor authentication do not apply to it.",
        severity=Severity.HIGH,
        labels={"disableLocalAccounts": "Local accounts are off"},
        setting="properties.disableLocalAccounts",
        values={
            True: passed("Local accounts are off"),
            False: failed("Local accounts are on"),
        },
        absent=failed("Local accounts are on, because the setting is absent"),
        remarks=(
            Remark(
                "Before local accounts can be turned off, the cluster needs the integration of Microsoft Entra ID",
                _without_entra,
            ),
        ),
        references=References(mcsb="IM-1*", nist="IA-2* AC-2*"),
        fix=Fix(
            advice("First let everybody sign in with Microsoft Entra ID, pipelines too."),
            command(f"{_UPDATE} --disable-local-accounts{_SUBSCRIPTION}"),
            advice(
                "Then rotate the certificates of the cluster, so that certificates already issued lose their access."
            ),
            portal=f"{_PORTAL} Security configuration › Kubernetes local accounts",
            portal_source=f"{_LEARN}/manage-local-accounts-managed-azure-ad",
            # https://learn.microsoft.com/azure/aks/rotate-certificates
            effects="Access with the local administrator's certificate ends. Rotating the certificates recreates all"
            " nodes, scale sets and disks of the cluster, and can cause up to 30 minutes of downtime. Afterwards,"
            " everybody has to fetch new credentials for kubectl.",
            variables=[CLUSTER],
        ),
    ),
    SettingControl(
        "aks-rbac",
        title="AKS clusters use role-based access control of Kubernetes",
        problem="AKS cluster without role-based access control",
        expected="Role-based access control of Kubernetes is on",
        judged="`enableRBAC` of each AKS cluster. If the property is absent, the verdict is unknown.",
        why="Without roles, everybody who can sign in to the cluster, and every container, can change everything.",
        severity=Severity.HIGH,
        labels={"enableRBAC": "Role-based access control of Kubernetes"},
        setting="properties.enableRBAC",
        values={
            True: passed("Role-based access control is on"),
            False: failed("Role-based access control is off"),
        },
        references=References(mcsb="PA-7", nist="AC-3*"),
        fix=Fix(
            advice(
                "Create a new cluster with role-based access control, and move the workloads. The setting cannot be"
                " changed later."
            ),
            portal="Azure portal › Create a resource › Containers › Azure Kubernetes Service (AKS)",
            portal_source=f"{_LEARN}/api-server-authorized-ip-ranges",
            cost="Both clusters are billed until the old one is deleted.",
            variables=[CLUSTER],
        ),
    ),
    SettingControl(
        "aks-entra",
        title="People sign in to AKS clusters with Microsoft Entra ID",
        problem="AKS cluster without sign-in by Microsoft Entra ID",
        expected="The managed integration of Microsoft Entra ID is on",
        judged="`aadProfile` of each AKS cluster. Passes if `managed` is true. The legacy integration, with own"
        " applications (`serverAppID`), fails, and so does a cluster without integration.",
        why="Without the integration, people use shared certificates, which Conditional Access does not protect.",
        severity=Severity.MEDIUM,
        labels={"managed": "Managed integration of Microsoft Entra ID"},
        judge=_entra,
        references=References(mcsb2="IM-1", nist="IA-2*"),
        fix=Fix(
            # How people and pipelines get access to a cluster, and with which roles:
            # https://learn.microsoft.com/azure/aks/control-kubeconfig-access
            advice(
                "First give roles in Kubernetes to the accounts of all people and pipelines that use the cluster, and"
                " let pipelines sign in with kubelogin. The cluster needs role-based access control of Kubernetes: see"
                " aks-rbac."
            ),
            command(
                f"{_UPDATE} --enable-aad --aad-admin-group-object-ids {{admin_group}}{_SUBSCRIPTION}",
            ),
            portal=f"{_PORTAL} Security configuration › Authentication and Authorization",
            portal_source=f"{_LEARN}/enable-authentication-microsoft-entra-id",
            # https://learn.microsoft.com/azure/aks/entra-id-control-plane-authentication
            effects="The integration cannot be removed. The members of the group administer the cluster. Everybody else"
            " who fetches credentials then has to sign in with Microsoft Entra ID, and has only the rights of their"
            " roles. Pipelines then need kubelogin to sign in. If the cluster has the legacy integration, everybody"
            " has to fetch new credentials for kubectl, and a cluster of the tier Free can lose its API server for a"
            " time.",
            variables=[
                CLUSTER,
                Variable("admin_group", "Object id of the group that administers the cluster", EXAMPLE_GUID),
            ],
        ),
    ),
    SettingControl(
        "aks-upgrade",
        title="AKS clusters upgrade themselves",
        problem="AKS cluster without automatic upgrades",
        expected="An upgrade channel is set",
        judged="`autoUpgradeProfile.upgradeChannel` of each AKS cluster: `patch`, `stable`, `rapid` and `node-image`"
        " pass, `none` and absent fail. A remark says if the operating system of the nodes is not"
        " upgraded automatically, or, with `node-image`, the version of Kubernetes.",
        why="Microsoft supports only the newest versions of Kubernetes; older ones get no security patches.",
        severity=Severity.LOW,
        setting="properties.autoUpgradeProfile.upgradeChannel",
        values={
            "patch": _UPGRADES,
            "stable": _UPGRADES,
            "rapid": _UPGRADES,
            "node-image": passed("The nodes get new images by themselves"),
            "none": failed("Automatic upgrades are off"),
        },
        absent=failed("Automatic upgrades are off, because no channel is set"),
        remarks=(
            Remark("The operating system of the nodes is not upgraded automatically", _nodes_stay_old),
            Remark("The version of Kubernetes is not upgraded automatically", _kubernetes_stays_old),
        ),
        references=References(nist="SI-2*"),
        fix=Fix(
            command(
                f"{_UPDATE} --auto-upgrade-channel patch --node-os-upgrade-channel NodeImage{_SUBSCRIPTION}",
            ),
            portal=f"{_PORTAL} Cluster configuration › Upgrade version › Automatic upgrade",
            portal_source=f"{_LEARN}/auto-upgrade-cluster",
            effects="Nodes restart during upgrades. Set a maintenance window first. Azure upgrades only clusters whose"
            " version of Kubernetes is supported (see aks-version), always together with their node pools: the control"
            " plane can no longer be upgraded alone. The nodes no longer install updates of Linux themselves, but get"
            " them with new images.",
            variables=[CLUSTER],
        ),
    ),
)
