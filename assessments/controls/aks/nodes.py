"""Controls of AKS node pools: their public addresses, and encryption at host.

Properties: containerservice/resource-manager/Microsoft.ContainerService/aks/stable/2025-10-01/managedClusters.json
(ManagedClusterAgentPoolProfile, ManagedClusterNodeProvisioningProfile). Azure does not list the node pools that it
manages itself: https://learn.microsoft.com/azure/aks/automatic/aks-automatic-managed-system-node-pools-about. Node
auto-provisioning adds further nodes. Their encryption at host is a setting in Kubernetes, which Surety does not read:
https://learn.microsoft.com/azure/aks/node-auto-provisioning-aksnodeclass
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from assessments.controls.aks.cluster_settings import CLUSTER
from assessments.controls.context import Context
from assessments.controls.declare import Answer
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings
from assessments.controls.shared.encryption_at_host import register_encryption_at_host
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.aks import AKS_CLUSTERS
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, Step, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

_OF_CLUSTER: Final = "--resource-group {group} --cluster-name {cluster}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_POOL: Final = Variable("pool", "Name of the node pool", "pool1")
_NEW_POOL: Final = Variable("new_pool", "Name of the new node pool", "pool2")
_VM_SIZE: Final = Variable("vm_size", "Size of the new nodes", "Standard_D4ds_v5")
_PORTAL: Final = "Azure portal › Kubernetes services › {cluster} › Settings › Node pools"
_PAGE: Final = "https://learn.microsoft.com/azure/aks/delete-node-pool"
_COST: Final = "Both node pools are billed until the old one is deleted."
_EFFECTS: Final = "The workloads of the old node pool restart on the new nodes."


def _is_automatic(cluster: View) -> bool:
    return cluster.choice("sku.name", {"base", "automatic"}, default="Base") == "automatic"


def _hides_pools(cluster: View) -> bool:
    """Return whether Azure manages all node pools of the cluster, and therefore lists none."""
    return not cluster.object("properties").items("agentPoolProfiles", default=[]) and _is_automatic(cluster)


def _unless_hidden(cluster: View, ctx: Context) -> Verdict | None:
    if not _hides_pools(cluster):
        return None
    return not_applicable("AKS Automatic manages the nodes, and the cluster lists no node pool")


def _pools(cluster: View, matches: Callable[[View], bool]) -> list[str]:
    """Return the sorted names of the node pools for which `matches` returns true. Raise Unreadable if no pool matches,
    but some pool could not be read.
    """
    properties = cluster.object("properties")
    pools = properties.items("agentPoolProfiles")
    if not pools:
        raise properties.unreadable("agentPoolProfiles", "empty")
    found, problem = [], None
    for pool in pools:
        try:
            if matches(pool):
                found.append(pool.text("name"))
        except Unreadable as error:
            problem = problem or error
    if problem is not None and not found:
        raise problem
    return sorted(found)


def _public_addresses(cluster: View, ctx: Context) -> Verdict:
    public = _pools(cluster, lambda pool: pool.flag("enableNodePublicIP", default=False))
    if public:
        return failed("Nodes have public addresses", publicPools=public)
    return passed("No node has a public address", publicPools=[])


def _encryption_at_host(cluster: View, ctx: Context) -> Verdict:
    if not _hides_pools(cluster):
        bare = _pools(cluster, lambda pool: not pool.flag("enableEncryptionAtHost", default=False))
        if bare:
            return failed("Node pools are not encrypted at the host", unencryptedPools=bare)
    if _adds_nodes(cluster):
        return manual(
            "Attest that the nodes which node auto-provisioning adds to the cluster are encrypted at the host",
            unencryptedPools=[],
        )
    return passed("All node pools are encrypted at the host", unencryptedPools=[])


def _adds_nodes(cluster: View) -> bool:
    """Return whether node auto-provisioning adds nodes to the cluster. In AKS Automatic, it is always on."""
    if _is_automatic(cluster):
        return True
    profile = cluster.object("properties").object("nodeProvisioningProfile", default={})
    return profile.choice("mode", {"auto", "manual"}, default="Manual") == "auto"


def _surely_adds_nodes(cluster: View, ctx: Context) -> bool:
    try:
        return _adds_nodes(cluster)
    except Unreadable:
        return False


_ADDED: Final = Remark(
    "Surety does not check whether nodes that node auto-provisioning adds are encrypted at the host",
    _surely_adds_nodes,
)


def _has_bare_pools(facts: Facts) -> bool:
    return bool(facts.texts("unencryptedPools"))


def _may_have_added_nodes(facts: Facts) -> bool:
    return not _has_bare_pools(facts) or _ADDED.text in facts.remarks


def _each_pool(key: str) -> Callable[[Facts], list[dict[str, str]]]:
    return lambda facts: [{_POOL.name: name} for name in facts.texts(key)]


def _replace(key: str, *options: str, when: Callable[[Facts], bool] | None = None) -> tuple[Step, ...]:
    """Return the steps that replace some node pools with new ones. The finding lists the names of these node pools in
    its observed value `key`.
    """
    return (
        command(
            " ".join(
                (
                    f"az aks nodepool add {_OF_CLUSTER} --name {{new_pool}} --node-vm-size {{vm_size}}",
                    *options,
                )
            )
            + _SUBSCRIPTION,
            "Add a new node pool. Add the options of the old node pool to the command, such as its mode, zones and"
            " labels.",
            when=when,
        ),
        advice(
            "Then cordon and drain the nodes of the old node pool, and check the workloads on the new nodes.",
            when=when,
        ),
        command(
            f"az aks nodepool delete {_OF_CLUSTER} --name {{pool}}{_SUBSCRIPTION}",
            "Delete the old node pool. A deleted node pool cannot be restored.",
            each=_each_pool(key),
            when=when,
            alone=True,
        ),
    )


_VARIABLES: Final[list[Any]] = [CLUSTER, _POOL, _NEW_POOL, _VM_SIZE]

CONTROLS = declare_settings(
    __name__,
    AKS_CLUSTERS,
    SettingControl(
        "aks-node-public-ip",
        title="Nodes of AKS clusters have no public addresses",
        problem="AKS cluster whose nodes have public addresses",
        expected="No node pool gives its nodes public addresses",
        judged="`enableNodePublicIP` of each node pool of each AKS cluster, also of stopped ones. If the property is"
        " absent, the nodes have no public addresses, which is the default. A cluster of AKS Automatic that lists no"
        " node pool is not applicable: Azure manages its nodes. Any other cluster that lists no node pool is unknown.",
        why="A node with a public address can be attacked directly from the Internet.",
        severity=Severity.HIGH,
        labels={"publicPools": "Node pools with public addresses"},
        unless=(_unless_hidden,),
        judge=_public_addresses,
        references=References(mcsb="NS-2*", nist="SC-7*"),
        fix=Fix(
            *_replace("publicPools"),
            portal=_PORTAL,
            portal_source=_PAGE,
            cost=_COST,
            effects=_EFFECTS,
            variables=_VARIABLES,
        ),
    ),
    SettingControl(
        "aks-host-encryption",
        title="Node pools of AKS clusters are encrypted at the host",
        problem="Node pools of an AKS cluster not encrypted at the host",
        expected="Encryption at host is on for every node pool, and for nodes that node auto-provisioning adds",
        judged="`enableEncryptionAtHost` of each node pool of each AKS cluster, also of stopped ones. If the property"
        " is absent, encryption at host is off, which is the default. If node auto-provisioning is on"
        " (`nodeProvisioningProfile.mode` is `Auto`), as in every cluster of AKS Automatic, a cluster that would"
        " otherwise pass needs an attestation: the encryption of the nodes that it adds is a setting in Kubernetes,"
        " which Surety does not read. A cluster that lists no node pool is unknown, except in AKS Automatic.",
        why="Without encryption at host, temporary disks and disk caches of the nodes are stored unencrypted.",
        severity=Severity.LOW,
        labels={"unencryptedPools": "Node pools without encryption at host"},
        judge=_encryption_at_host,
        is_manual=True,
        answer=Answer(days=365),
        remarks=(_ADDED,),
        references=References(mcsb2="DP-4", nist="SC-28 SC-28(1)"),
        fix=Fix(
            *register_encryption_at_host(),
            *_replace("unencryptedPools", "--enable-encryption-at-host", when=_has_bare_pools),
            advice(
                "For nodes of node auto-provisioning, set spec.security.encryptionAtHost to true in each AKSNodeClass"
                " of the cluster. Then attest in Surety that this is done.",
                when=_may_have_added_nodes,
            ),
            portal=_PORTAL,
            portal_source=_PAGE,
            cost=_COST,
            effects=_EFFECTS,
            variables=_VARIABLES,
        ),
    ),
)
