"""The controls network-subnet-nsg, network-nic-nsg and network-ip-forwarding.

Properties: azure-mgmt-network 33.1.0 (VirtualNetwork, NetworkInterface)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judge, judgements, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.network._variables import INTERFACE, NETWORK, NEW_GROUP
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.aks_nodes import belongs_to_aks
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import NICS, NSGS, PUBLIC_ADDRESSES, VIRTUAL_NETWORKS
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.ids import fold, name_of
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.network.unprotected import protected_subnets
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable, segment

# Subnets in which Azure allows no security group, or for which Microsoft advises against a security group:
# https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
_WITHOUT_GROUP: Final = frozenset(
    {"gatewaysubnet", "azurefirewallsubnet", "azurefirewallmanagementsubnet", "routeserversubnet"}
)
_BASTION: Final = "azurebastionsubnet"
_DEDICATED_HSMS: Final = "microsoft.hardwaresecuritymodules/dedicatedhsms"
# https://learn.microsoft.com/azure/azure-netapp-files/azure-netapp-files-network-topologies#constraints
_NETAPP_VOLUMES: Final = "microsoft.netapp/volumes"
JUDGE_BASTION: Final = Parameter(
    "judge_bastion",
    False,
    "Also fail the subnet of Azure Bastion if it has no security group",
    label="Include the subnet of Azure Bastion",
)
APPLIANCES: Final = Parameter(
    "appliances",
    "",
    "Names of the virtual machines or network interfaces that may forward traffic, separated by `;`",
    label="Machines that forward traffic",
)
_LEARN: Final = "https://learn.microsoft.com/azure/virtual-network"


def _judge_subnet(network: View, index: int, ctx: Context) -> Verdict:
    subnet = network.bound(ctx.trace).items("properties.subnets")[index]
    name = fold(subnet.text("name"))
    settings = subnet.object("properties")
    group = reference(settings, "networkSecurityGroup")
    if group:
        return passed("The subnet has a security group", networkSecurityGroup=name_of(group))
    if name in _WITHOUT_GROUP:
        return not_applicable("Microsoft permits no security group in this subnet, or advises against one")
    if name == _BASTION and not ctx.params[JUDGE_BASTION.name]:
        return not_applicable("Azure Bastion needs no security group in its subnet")
    delegations = settings.items("delegations", default=[])
    services = {fold(one.object("properties").text("serviceName")) for one in delegations}
    if _DEDICATED_HSMS in services:
        return not_applicable("Dedicated HSMs do not support security groups in their subnet")
    if _NETAPP_VOLUMES in services:
        return failed(
            "The subnet has no security group",
            remarks=[
                "Volumes of Azure NetApp Files support security groups only with Standard network features"
            ],
            networkSecurityGroup=None,
        )
    in_use = settings.items("ipConfigurations", default=[])
    return failed(
        "The subnet has no security group",
        remarks=[] if in_use or delegations else ["Azure lists no network interface in this subnet"],
        networkSecurityGroup=None,
    )


@judgements(
    needs=(VIRTUAL_NETWORKS,),
    subject_type="Microsoft.Network/virtualNetworks/subnets",
    empty_reason="No virtual networks",
    slug="network-subnet-nsg",
    doc=Doc(
        title="Every subnet has a network security group",
        problem="Subnet without a network security group",
        expected="A network security group is attached to the subnet",
        judged="The security group of each subnet of each virtual network. A subnet with a security group passes."
        " Without one, the subnets of VPN and ExpressRoute gateways, of Azure Firewall, of Route Server and of"
        " dedicated HSMs are not applicable; the subnet of Azure Bastion fails if `judge_bastion` is on, and is not"
        " applicable otherwise. A remark says if Azure lists no network interface in the failing subnet, or if the"
        " subnet is for Azure NetApp Files, whose volumes support security groups only with Standard network features.",
        why="Without a security group, nothing restricts which systems of the subnet talk to each other and to the"
        " outside.",
    ),
    severity=Severity.HIGH,
    parameters=(JUDGE_BASTION,),
    references=References(c5="7.11", c6="7.11", mcsb="NS-1", nist="AC-4 SC-7 SC-7(3)"),
    fix=Fix(
        command(
            "az network vnet subnet update --resource-group {group} --vnet-name {network} --name {subnet}"
            " --network-security-group {new_nsg} --subscription {subscription}",
            # https://learn.microsoft.com/azure/application-gateway/configuration-infrastructure#network-security-groups
            # https://learn.microsoft.com/azure/api-management/virtual-network-reference
            "Attach a group of the same region that admits only the connections that the subnet needs. Some"
            " Azure services must be let in too: for Application Gateway, the tag GatewayManager on ports 65200 to"
            " 65535; for API Management, the tag ApiManagement on port 3443.",
        ),
        portal="Azure portal › Virtual networks › {network} › Settings › Subnets › {subnet} › Network security group",
        portal_source=f"{_LEARN}/virtual-network-manage-subnet",
        effects="Connections that the group does not allow are cut.",
        variables=[
            NETWORK,
            Variable("subnet", "Name of the subnet", "snet-web", "the subnet", segment("subnets")),
            NEW_GROUP,
        ],
    ),
)
def subnet_nsg(ctx: Context) -> Iterator[Judgement]:
    """Judge the subnets of each virtual network."""
    documents, gaps = ctx.partial(VIRTUAL_NETWORKS)
    for network in documents:
        view = network.bound(ctx.fresh_trace())
        try:
            subnets = view.items("properties.subnets")
            identifiers = [subnet.text("id") for subnet in subnets]
        except Unreadable as error:
            yield Judgement(network.id, unknown_from(error), (view,))
            continue
        if not identifiers:
            yield Judgement(network.id, not_applicable("The network has no subnets"), (view,))
        for index, identifier in enumerate(identifiers):
            yield judge(ctx, identifier, partial(_judge_subnet, network, index, ctx))
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))


def _interface_group(interface: View, ctx: Context) -> Verdict:
    public = [
        (address, fold(settings.text("subnet.id")))
        for settings in (
            entry.object("properties") for entry in interface.items("properties.ipConfigurations")
        )
        if (address := reference(settings, "publicIPAddress"))
    ]
    if not public:
        return not_applicable("The interface has no public address")
    own = reference(interface, "properties.networkSecurityGroup")
    if own:
        return passed("The interface has a security group", networkSecurityGroup=name_of(own))
    protected = ctx.memo("protected subnets", lambda: protected_subnets(ctx.partial(NSGS)[0]))
    open_addresses = [address for address, subnet in public if subnet not in protected]
    if not open_addresses:
        return passed("The subnet of the interface has a security group", networkSecurityGroup=None)
    ctx.require_complete(NSGS)
    kinds = sorted({kind for address in open_addresses if (kind := _kind(address, ctx))})
    remarks = []
    if kinds and "Basic" not in kinds:
        remarks.append("Until a security group allows connections, a Standard address blocks the Internet")
    if "Basic" in kinds:
        remarks.append("A Basic address lets everybody reach every port")
    return failed(
        "No security group protects the interface, which has a public address",
        remarks=remarks,
        publicAddressKind=", ".join(kinds) or None,
    )


def _kind(address: str, ctx: Context) -> str:
    """Return the SKU of an address (`Standard` or `Basic`), or an empty string if the SKU is not known."""
    document = ctx.find(PUBLIC_ADDRESSES, address)
    kind = document.raw("sku.name") if document is not None else None
    kinds = {"basic": "Basic", "standard": "Standard", "standardv2": "Standard"}
    return kinds.get(kind.casefold(), "") if isinstance(kind, str) else ""


def _is_of_machine(interface: View, _ctx: Context) -> bool:
    return interface.raw("properties.virtualMachine") is not None


def _forwarding(interface: View, ctx: Context) -> Verdict:
    setting = interface.raw("properties.enableIPForwarding")
    # False is the default: https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface
    if not interface.flag("properties.enableIPForwarding", default=False):
        return passed("The interface forwards no traffic of other systems", enableIPForwarding=setting)
    machine = name_of(reference(interface, "properties.virtualMachine"))
    appliances = {name.strip().casefold() for name in str(ctx.params[APPLIANCES.name]).split(";")} - {""}
    if {machine.casefold(), interface.name.casefold()} & appliances:
        return passed(
            "The interface forwards traffic, which the control’s parameters permit",
            enableIPForwarding=setting,
        )
    # If a cluster uses kubenet, its nodes forward the traffic of their pods, and AKS maintains this setting:
    # https://learn.microsoft.com/azure/aks/configure-kubenet
    if belongs_to_aks(interface, ctx):
        return not_applicable(
            "Azure Kubernetes Service manages the interface; nodes may forward the traffic of their pods"
        )
    return failed("The interface forwards traffic of other systems", enableIPForwarding=setting)


CONTROLS = declare_settings(
    __name__,
    NICS,
    SettingControl(
        "network-nic-nsg",
        title="Interfaces with a public address have a security group",
        problem="Interface with a public address but no security group",
        expected="A network security group is attached to the interface or to its subnet",
        judged="The security groups of each network interface with a public address, and of its subnet. Interfaces"
        " without a public address are not applicable. Load balancers in front of an interface are not judged here:"
        " see the control network-ssh-from-internet.",
        why="Without a security group, only the SKU of the address decides whether the Internet can reach the machine.",
        severity=Severity.HIGH,
        judge=_interface_group,
        needs=(NSGS,),
        optional=(PUBLIC_ADDRESSES,),
        references=References(mcsb="NS-1", nist="AC-4 SC-7 SC-7(3)"),
        fix=Fix(
            command(
                "az network nic update --resource-group {group} --name {interface} --network-security-group {new_nsg}"
                " --subscription {subscription}",
                "Attach a group of the same region that admits only the connections that the machine needs.",
            ),
            portal="Azure portal › Network interfaces › {interface} › Settings › Network security group",
            portal_source=f"{_LEARN}/virtual-network-network-interface",
            effects="Connections that the group does not allow are cut.",
            variables=[INTERFACE, NEW_GROUP],
        ),
    ),
    SettingControl(
        "network-ip-forwarding",
        title="Interfaces forward no traffic of other systems",
        problem="Interface forwards traffic of other systems",
        expected="IP forwarding is off, except for appliances",
        judged="`enableIPForwarding` of each network interface of a virtual machine. If the property is absent, it"
        " counts as off. Interfaces and machines named in `appliances`, such as firewalls, pass. Interfaces of nodes of"
        " Azure Kubernetes Service that forward traffic are not applicable, because AKS maintains this setting.",
        why="A machine that forwards traffic can bring in connections that would otherwise be blocked.",
        severity=Severity.MEDIUM,
        labels={"enableIPForwarding": "IP forwarding"},
        where=_is_of_machine,
        empty_reason="No network interface of a virtual machine",
        judge=_forwarding,
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(APPLIANCES,),
        references=References(mcsb="NS-3", nist="AC-4 SC-5 SC-7 SC-7(3)"),
        fix=Fix(
            command(
                "az network nic update --resource-group {group} --name {interface} --ip-forwarding false"
                " --subscription {subscription}",
                "If the machine is a firewall or another appliance, name it in the control’s parameter `appliances`"
                " instead.",
            ),
            portal="Azure portal › Network interfaces › {interface} › Settings › IP configurations › IP forwarding ›"
            " Disabled",
            portal_source=f"{_LEARN}/virtual-network-network-interface",
            effects="The machine receives only traffic to its own addresses.",
            variables=[INTERFACE],
        ),
    ),
)
