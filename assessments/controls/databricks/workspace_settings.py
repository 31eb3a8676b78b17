"""Controls of Azure Databricks workspaces: the networks of their clusters, and their keys.

Properties: databricks/resource-manager/Microsoft.Databricks/Databricks/stable/2026-01-01/openapi.json
(WorkspaceProperties, WorkspaceCustomParameters)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.databricks._variables import DATABRICKS, LEARN, NONE
from assessments.controls.declare import Parameter, SubjectRule
from assessments.controls.references import Partly, References
from assessments.controls.settings import Remark, SettingControl, declare_settings, with_remarks
from assessments.controls.shared.details import of_details
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.databricks import DATABRICKS_DETAILS, DATABRICKS_WORKSPACES
from assessments.estate.collections.network import VIRTUAL_NETWORKS
from assessments.estate.ids import fold, name_of, subscription_of
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.services.databricks import (
    flag_parameter,
    is_in_managed_network,
    is_serverless,
    is_standard,
    parameters,
    text_parameter,
)
from assessments.estate.view import Undecided, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_UPDATE: Final = "az databricks workspace update --resource-group {group} --name {databricks}"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_NETWORKING: Final = "Azure portal › Azure Databricks › {databricks} › Settings › Networking"
_SUBNETS: Final = ("customPublicSubnetName", "customPrivateSubnetName")
# “The upgrade requires that the workspace uses VNet injection”:
# https://learn.microsoft.com/azure/databricks/security/network/classic/secure-cluster-connectivity
_MANAGED: Final = Remark(
    "Azure refuses to remove the public addresses, because the clusters run in a network that Databricks manages",
    lambda workspace, _: is_in_managed_network(workspace),
)
_CUSTOMER_KEY: Final = frozenset({"microsoft.keyvault"})
_ROOT_KEYS: Final = frozenset({"default", "microsoft.keyvault"})
STRICT: Final = Parameter(
    "strict",
    False,
    "Also require a customer-managed key for the workspace storage",
    label="Include the workspace storage",
)
_EXAMPLES: Final = f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-network/providers/Microsoft.Network"
_KEY_VARIABLES: Final = (
    Variable("vault_uri", "Address of the key vault", "https://kv-shop.vault.azure.net"),
    Variable("key_name", "Name of the key in the vault", "databricks"),
    Variable("key_version", "Version of the key", EXAMPLE_GUID.replace("-", "")),
)


def _with_clusters(rule: SubjectRule) -> SubjectRule:
    """Return a rule for the details of a workspace, which are read separately for each workspace. A serverless
    workspace is not applicable; `rule` judges all other workspaces.
    """

    def judge(workspace: View, ctx: Context) -> Verdict:
        if is_serverless(workspace):
            return not_applicable(
                "The workspace has no clusters in networks of the customer", computeMode="Serverless"
            )
        return rule(workspace, ctx)

    return of_details(DATABRICKS_DETAILS)(judge)


def _network(workspace: View, ctx: Context) -> Verdict:
    network = text_parameter(workspace, "customVirtualNetworkId")
    if not network:
        return failed("Clusters run in a network that Databricks manages", customVirtualNetworkId=None)
    for name in _SUBNETS:
        if not text_parameter(workspace, name):
            raise parameters(workspace).unreadable(f"{name}.value", "absent")
    return passed("Clusters run in a network of the customer", customVirtualNetworkId=network)


def _no_public_addresses(workspace: View, ctx: Context) -> Verdict:
    if flag_parameter(workspace, "enableNoPublicIp"):
        return passed("Cluster nodes have no public addresses", enableNoPublicIp=True)
    verdict = failed("Cluster nodes have public addresses", enableNoPublicIp=False)
    return with_remarks(verdict, (_MANAGED,), workspace, ctx)


def _is_managed(facts: Facts) -> bool:
    return _MANAGED.text in facts.remarks


def _is_not_managed(facts: Facts) -> bool:
    return not _is_managed(facts)


def _security_groups(workspace: View, ctx: Context) -> Verdict:
    identifier = text_parameter(workspace, "customVirtualNetworkId")
    if not identifier:
        return not_applicable(
            "Databricks manages the network of the clusters and the security group of this network",
            customVirtualNetworkId=None,
        )
    if subscription_of(identifier) != subscription_of(workspace.id):
        raise Undecided(
            workspace.id,
            "properties.parameters.customVirtualNetworkId.value",
            "The network of the clusters is in another subscription, whose subnets this control does not read",
        )
    network = ctx.find(VIRTUAL_NETWORKS, identifier)
    if network is None:
        ctx.require_complete(VIRTUAL_NETWORKS)
        raise workspace.unlisted("properties.parameters", "virtual network", identifier)
    wanted = {name: text_parameter(workspace, name) for name in _SUBNETS}
    if not all(wanted.values()):
        raise parameters(workspace).unreadable(
            f"{next(name for name in _SUBNETS if not wanted[name])}.value", "absent"
        )
    groups: dict[str, str] = {}
    for name in sorted(set(wanted.values())):
        groups[name] = name_of(reference(_subnet(network, name), "networkSecurityGroup"))
    missing = sorted(name for name, group in groups.items() if not group)
    if missing:
        return failed(
            "A subnet of the clusters has no network security group",
            subnets=missing,
            customVirtualNetworkId=identifier,
        )
    return passed(
        "Both subnets of the clusters have a network security group",
        subnets=sorted(groups),
        customVirtualNetworkId=identifier,
    )


def _subnet(network: View, name: str) -> View:
    """Return the properties of a subnet. Raise Unreadable if the network does not list the subnet."""
    for subnet in network.items("properties.subnets"):
        if fold(subnet.text("name")) == fold(name):
            return subnet.object("properties")
    raise network.unlisted("properties.subnets", "subnet", name)


def _subnets_without_group(facts: Facts) -> list[dict[str, str]]:
    network = facts.text("customVirtualNetworkId")
    return [{"subnet_id": f"{network}/subnets/{name}"} for name in facts.texts("subnets") if network]


def _customer_keys(workspace: View, ctx: Context) -> Verdict:
    if is_standard(workspace):
        return failed(
            "The workspace has no customer-managed keys, because the pricing tier Standard does not offer any",
            managedServices=None,
            managedDisk=None,
        )
    entities = workspace.object("properties").object("encryption", default={}).object("entities", default={})
    wanted = ("managedServices",) if is_serverless(workspace) else ("managedServices", "managedDisk")
    sources = {name: entities.object(name, default={}) for name in wanted}
    with_key = {
        name: source.has("keySource") and bool(source.choice("keySource", _CUSTOMER_KEY))
        for name, source in sources.items()
    }
    observed = {name: sources[name].raw("keySource") for name in wanted}
    if not any(with_key.values()):
        return failed("Databricks encrypts managed services and disks with its own keys", **observed)
    if not with_key["managedServices"]:
        return failed(
            "Notebooks, queries and secrets are not encrypted with a customer-managed key", **observed
        )
    if not all(with_key.values()):
        return failed("The disks of clusters are not encrypted with a customer-managed key", **observed)
    if ctx.params[STRICT.name] and not is_serverless(workspace) and not _root_storage_has_key(workspace):
        return failed("The workspace storage is not encrypted with a customer-managed key", **observed)
    return passed(
        "Customer-managed keys encrypt the managed services and any disks of the workspace",
        remarks=[
            "The verdict does not depend on whether a customer-managed key encrypts the workspace storage"
        ]
        if not ctx.params[STRICT.name]
        else [],
        **observed,
    )


def _root_storage_has_key(workspace: View) -> bool:
    encryption = parameters(workspace).object("encryption", default={}).object("value", default={})
    return encryption.choice("keySource", _ROOT_KEYS, default="Default") == "microsoft.keyvault"


def _lacks_disk_key(facts: Facts) -> bool:
    # If `managedDisk` is absent, the workspace is serverless. It has no disks, so it needs no key for disks.
    return "managedDisk" in facts.observed and not facts.observed["managedDisk"]


def _lacks_only_root_key(facts: Facts) -> bool:
    """Return whether a failing workspace has customer-managed keys for everything except the workspace storage."""
    return all(facts.observed.get(name) for name in ("managedServices", "managedDisk"))


CONTROLS = declare_settings(
    __name__,
    DATABRICKS_WORKSPACES,
    SettingControl(
        "databricks-vnet",
        title="Clusters of Databricks run in the customer's own network",
        problem="Databricks clusters outside the customer's network",
        expected="The workspace has a virtual network and two subnets of the customer",
        judged="`parameters` of each Azure Databricks workspace: `customVirtualNetworkId`, `customPublicSubnetName` and"
        " `customPrivateSubnetName`. If Azure returns no parameters, the verdict is unknown. Serverless workspaces are"
        " not applicable.",
        why="The customer's firewalls, routes and logs do not cover the traffic of clusters outside the customer's"
        " network.",
        severity=Severity.MEDIUM,
        empty_reason=NONE,
        judge=_with_clusters(_network),
        needs=(DATABRICKS_DETAILS,),
        references=References(c4="3.1.1", c5="2.1.1", c6="2.1.1", mcsb="NS-2", nist="SC-7*"),
        fix=Fix(
            advice(
                "Create a workspace in your own virtual network, with two subnets, and move notebooks, jobs and data"
                " to it."
            ),
            portal="Azure portal › Create a resource › Analytics › Databricks › Deploy Azure Databricks workspace in"
            " your Virtual Network (VNet): Yes",
            portal_source=f"{LEARN}/security/network/classic/vnet-inject",
            cost="The old and the new workspace are both billed while they are in use.",
            effects="Clusters reach only what the routes and security groups of the network allow.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-npip",
        title="Cluster nodes of Databricks have no public addresses",
        problem="Databricks cluster nodes with public addresses",
        expected="Secure cluster connectivity (no public IP) is on",
        judged="`parameters.enableNoPublicIp` of each Azure Databricks workspace. If Azure does not return the"
        " parameter, the verdict is unknown. Serverless workspaces are not applicable. A remark says if Azure refuses"
        " to remove the addresses, because the clusters run in a network that Databricks manages.",
        why="A node with a public address can be attacked from the Internet if a security group lets a port through.",
        severity=Severity.MEDIUM,
        labels={"enableNoPublicIp": "Nodes without public addresses"},
        empty_reason=NONE,
        judge=_with_clusters(_no_public_addresses),
        needs=(DATABRICKS_DETAILS,),
        references=References(c5="2.1.9", c6="2.1.9", mcsb="NS-2", nist="SC-7*"),
        fix=Fix(
            advice(
                "If the clusters run in a network that Databricks manages, Azure refuses the change: move to a"
                " workspace in your own network, without public addresses. See databricks-vnet.",
                when=_is_managed,
            ),
            advice(
                "First stop all clusters, pools and classic SQL warehouses of the workspace.",
                when=_is_not_managed,
            ),
            advice(
                "If a firewall or security groups limit the connections of clusters, let the clusters reach the"
                " secure cluster connectivity relay of their region. They need this relay from now on.",
                when=_is_not_managed,
            ),
            command(f"{_UPDATE} --enable-no-public-ip true{_SUBSCRIPTION}", when=_is_not_managed),
            portal=_NETWORKING,
            portal_source=f"{LEARN}/security/network/classic/secure-cluster-connectivity",
            cost="Clusters need another way to the Internet, such as a NAT gateway, which Azure bills by the hour.",
            effects="Without a NAT gateway, firewall or load balancer, clusters cannot reach the Internet.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-nsg",
        title="Subnets of Databricks have a network security group",
        problem="Subnet of Databricks without a network security group",
        expected="Both subnets of the clusters have a network security group",
        judged="The two subnets that the parameters of each Azure Databricks workspace name, in the virtual networks of"
        " the subscription. A network in another subscription makes the verdict unknown. Serverless workspaces, and"
        " workspaces in a network that Databricks manages, are not applicable.",
        why="Without a security group, nothing limits the connections from and to the nodes of clusters.",
        severity=Severity.MEDIUM,
        empty_reason=NONE,
        judge=_with_clusters(_security_groups),
        needs=(DATABRICKS_DETAILS, VIRTUAL_NETWORKS),
        references=References(c4="3.1.2", c5="2.1.2", c6="2.1.2", mcsb="NS-1*", nist="SC-7*"),
        fix=Fix(
            command(
                "az network vnet subnet update --ids {subnet_id} --network-security-group {security_group_id}",
                each=_subnets_without_group,
            ),
            portal="Azure portal › Virtual networks › {network} › Settings › Subnets › {subnet} › Network security"
            " group",
            portal_source="https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet",
            effects="The rules of the group apply to all clusters. Azure Databricks adds the rules that it needs.",
            variables=[
                DATABRICKS,
                Variable(
                    "network",
                    "Name of the virtual network",
                    "vnet-hub",
                    "the virtual network",
                    lambda facts: name_of(facts.text("customVirtualNetworkId")),
                ),
                Variable(
                    "subnet",
                    "Name of the subnet",
                    "databricks-private",
                    "the subnet",
                    lambda facts: next(iter(facts.texts("subnets")), ""),
                ),
                Variable(
                    "subnet_id",
                    "Full id of a subnet of the clusters",
                    f"{_EXAMPLES}/virtualNetworks/vnet-hub/subnets/databricks-private",
                    known=lambda facts: next((row["subnet_id"] for row in _subnets_without_group(facts)), ""),
                ),
                Variable(
                    "security_group_id",
                    "Full id of the network security group",
                    f"{_EXAMPLES}/networkSecurityGroups/nsg-databricks",
                ),
            ],
        ),
    ),
    SettingControl(
        "databricks-cmk",
        title="Databricks encrypts data with customer-managed keys",
        problem="Databricks workspace without customer-managed keys",
        expected="Customer-managed keys encrypt the managed services and the disks of clusters",
        judged="`encryption.entities` of each Azure Databricks workspace: `managedServices` and `managedDisk` must have"
        " the key source Microsoft.Keyvault; serverless workspaces have no disks. The pricing tier Standard has no such"
        " keys and fails. If `strict` is on, `parameters.encryption` must have this key source too, except in"
        " serverless workspaces.",
        why="Only with a key of their own can customers revoke the access to their data and see who uses the key.",
        severity=Severity.LOW,
        labels={
            "managedDisk": "Key of the disks",
            "managedServices": "Key of notebooks, queries and secrets",
        },
        empty_reason=NONE,
        judge=of_details(DATABRICKS_DETAILS)(_customer_keys),
        needs=(DATABRICKS_DETAILS,),
        parameters=(STRICT,),
        references=References(
            c4="3.1.8",
            c5="2.1.8",
            c6="2.1.8",
            mcsb="DP-5*",
            mcsb2="DP-5",
            nist="SC-12*",
            partly=(
                Partly(
                    "c4 c5 c6", "The control judges all workspaces, whether their data is critical or not"
                ),
            ),
        ),
        fix=Fix(
            advice("First stop all clusters, and give Azure Databricks access to the key."),
            command(
                f"{_UPDATE} --managed-services-key-source Microsoft.Keyvault --managed-services-key-name {{key_name}}"
                " --managed-services-key-vault {vault_uri} --managed-services-key-version {key_version}"
                f"{_SUBSCRIPTION}",
                "Encrypt notebooks, queries and secrets.",
                when=lambda facts: not facts.observed.get("managedServices"),
            ),
            command(
                f"{_UPDATE} --disk-key-source Microsoft.Keyvault --disk-key-name {{key_name}}"
                " --disk-key-vault {vault_uri} --disk-key-version {key_version}"
                f"{_SUBSCRIPTION}",
                "Encrypt the disks of clusters.",
                when=_lacks_disk_key,
            ),
            # Azure creates the disk encryption set and its identity only when the command above runs:
            # https://learn.microsoft.com/azure/databricks/security/keys/cmk-managed-disks-azure
            advice(
                "Then give the identity of the new disk encryption set (`managedDiskIdentity` of the workspace) access"
                " to the key: the role Key Vault Crypto Service Encryption User, or the permissions get, wrap key and"
                " unwrap key. Without this access, no cluster starts.",
                when=_lacks_disk_key,
            ),
            command(
                f"{_UPDATE} --prepare-encryption true{_SUBSCRIPTION}",
                "If the control requires a key for the workspace storage, run this command: Azure creates an identity"
                " for the storage (`storageAccountIdentity`). Then give this identity access to the key.",
                when=_lacks_only_root_key,
            ),
            command(
                f"{_UPDATE} --key-source Microsoft.Keyvault --key-name {{key_name}} --key-vault {{vault_uri}}"
                f" --key-version {{key_version}}{_SUBSCRIPTION}",
                "Then encrypt the workspace storage.",
                when=_lacks_only_root_key,
            ),
            portal="Azure portal › Azure Databricks › {databricks} › Settings › Encryption",
            portal_source=f"{LEARN}/security/keys/customer-managed-keys",
            cost="Azure bills the key and its operations. Customer-managed keys need the pricing tier Premium.",
            effects="Without the key, the data can no longer be read: protect the key against deletion.",
            variables=[DATABRICKS, *_KEY_VARIABLES],
        ),
    ),
)
