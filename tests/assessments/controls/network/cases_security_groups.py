"""Security groups of subnets and interfaces, and interfaces that forward traffic."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

SUBNETS, INTERFACES, FORWARDING = "network-subnet-nsg", "network-nic-nsg", "network-ip-forwarding"
_NETWORK = f"{RG}/providers/Microsoft.Network"
VNET = f"{_NETWORK}/virtualNetworks/vnet1"
_SUBNET = f"{VNET}/subnets/web"
_GROUP = f"{_NETWORK}/networkSecurityGroups/nsg1"
NIC = f"{_NETWORK}/networkInterfaces/nic1"
_ADDRESS = f"{_NETWORK}/publicIPAddresses/pip1"
_MACHINE = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"


def subnet(name: str = "web", group: Any = None, **more: Any) -> dict[str, Any]:
    """A subnet of `VNET`; `group` is the id of its security group."""
    properties = {"addressPrefix": "10.0.0.0/24", "ipConfigurations": [{"id": "x"}], **more}
    if group is not None:
        properties["networkSecurityGroup"] = {"id": group}
    return doc(f"{VNET}/subnets/{name}", properties)


def network(*subnets: Any, **more: Any) -> dict[str, Any]:
    """A virtual network with these subnets."""
    return doc(VNET, {"subnets": list(subnets), **more}, location="westeurope")


def _networks(*subnets: Any, **more: Any) -> dict[str, Any]:
    return {"virtual_networks": [network(*subnets, **more)]}


def _delegated(service: str) -> list[dict[str, Any]]:
    return [{"name": "d", "properties": {"serviceName": service}}]


def interface(
    public: bool = True, group: str = "", machine: str | None = _MACHINE, **more: Any
) -> dict[str, Any]:
    """An interface of `_SUBNET`."""
    settings: dict[str, Any] = {"subnet": {"id": _SUBNET}}
    if public:
        settings["publicIPAddress"] = {"id": _ADDRESS}
    properties: dict[str, Any] = {"ipConfigurations": [{"name": "a", "properties": settings}], **more}
    if group:
        properties["networkSecurityGroup"] = {"id": group}
    if machine:
        properties["virtualMachine"] = {"id": machine}
    return doc(NIC, properties)


def _managed(manager: str) -> dict[str, Any]:
    """Return the resource group of `NIC`, with the resource `manager` (type and name) as its manager."""
    return {"id": RG, "name": "rg", "managedBy": f"{RG}/providers/{manager}"}


def _interfaces(*guarded: str, address: Any = None, **more: Any) -> dict[str, Any]:
    """An interface, and a security group that protects the subnets `guarded`."""
    group = doc(_GROUP, {"securityRules": [], "subnets": [{"id": one} for one in guarded]})
    found: dict[str, Any] = {"network_interfaces": [interface(**more)], "network_security_groups": [group]}
    return {**found, "public_addresses": [doc(_ADDRESS, sku={"name": address})]} if address else found


CASES = [
    *(
        Case(
            SUBNETS, name, _networks(found), {f"{VNET}/subnets/{found['name']}": outcome}, remark=remark, params=params
        )
        for name, found, outcome, remark, params in (
            ("group", subnet(group=_GROUP), "pass", "", {}),
            ("no group", subnet(), "fail", "", {}),
            ("empty", subnet(ipConfigurations=[]), "fail", "no network interface in this subnet", {}),
            ("delegated", subnet(delegations=_delegated("Microsoft.Web/serverFarms")), "fail", "", {}),
            (
                "dedicated HSMs",
                subnet(delegations=_delegated("Microsoft.HardwareSecurityModules/dedicatedHSMs")),
                "not_applicable",
                "",
                {},
            ),
            (
                "volumes of Azure NetApp Files",
                subnet(delegations=_delegated("Microsoft.Netapp/volumes")),
                "fail",
                "Standard network features",
                {},
            ),
            ("gateway", subnet("GatewaySubnet"), "not_applicable", "", {}),
            ("gateway with a group", subnet("gatewaysubnet", _GROUP), "pass", "", {}),
            ("firewall", subnet("AzureFirewallSubnet"), "not_applicable", "", {}),
            ("management of a firewall", subnet("AzureFirewallManagementSubnet"), "not_applicable", "", {}),
            ("Route Server", subnet("RouteServerSubnet"), "not_applicable", "", {}),
            ("Bastion", subnet("AzureBastionSubnet"), "not_applicable", "", {}),
            ("Bastion, judged", subnet("AzureBastionSubnet"), "fail", "", {"judge_bastion": True}),
            ("reference without an id", subnet(group=""), "unknown", "", {}),
            ("delegation not readable", subnet(delegations=[{"name": "d"}]), "unknown", "", {}),
            ("interfaces not readable", subnet(ipConfigurations=7), "unknown", "", {}),
        )
    ),
    Case(
        SUBNETS,
        "two subnets",
        _networks(subnet(group=_GROUP), subnet("data")),
        {_SUBNET: "pass", f"{VNET}/subnets/data": "fail"},
    ),
    Case(SUBNETS, "no subnet", _networks(), {VNET: "not_applicable"}),
    Case(SUBNETS, "subnets absent", {"virtual_networks": [doc(VNET)]}, {VNET: "unknown"}),
    Case(SUBNETS, "no network", {}, {SUB: "not_applicable"}),
    Case(SUBNETS, "forbidden", {}, {SUB: "unknown"}, [gap("virtual_networks")]),
    *(
        Case(INTERFACES, name, docs, {NIC: outcome}, remark=remark)
        for name, docs, outcome, remark in (
            ("own group", _interfaces(group=_GROUP), "pass", ""),
            ("group of the subnet", _interfaces(_SUBNET.upper()), "pass", ""),
            ("no public address", _interfaces(public=False), "not_applicable", ""),
            ("no group", _interfaces(), "fail", ""),
            ("no group, Standard", _interfaces(address="Standard"), "fail", "a Standard address blocks"),
            ("no group, Basic", _interfaces(address="Basic"), "fail", "lets everybody reach every port"),
            ("no group, unknown SKU", _interfaces(address="Premium"), "fail", ""),
            ("group of another subnet", _interfaces(f"{_SUBNET}2"), "fail", ""),
            ("configurations not readable", _interfaces(ipConfigurations="x"), "unknown", ""),
        )
    ),
    Case(INTERFACES, "groups forbidden", {"network_interfaces": [interface()]}, {NIC: "unknown"},
         [gap("network_security_groups")]),
    Case(INTERFACES, "none", {}, {SUB: "not_applicable"}),
    Case(INTERFACES, "forbidden", {}, {SUB: "unknown"}, [gap("network_interfaces")]),
    *(
        Case(FORWARDING, name, {"network_interfaces": [found]}, {NIC: outcome}, params=params)
        for name, found, outcome, params in (
            ("off", interface(enableIPForwarding=False), "pass", {}),
            ("absent", interface(), "pass", {}),
            ("on", interface(enableIPForwarding=True), "fail", {}),
            ("on, other appliance", interface(enableIPForwarding=True), "fail", {"appliances": "fw1;nic2"}),
            ("on, named machine", interface(enableIPForwarding=True), "pass", {"appliances": "fw1; VM1"}),
            ("on, named interface", interface(enableIPForwarding=True), "pass", {"appliances": "nic1"}),
            ("not readable", interface(enableIPForwarding="on"), "unknown", {}),
        )
    ),
    Case(
        FORWARDING,
        "no machine",
        {"network_interfaces": [interface(machine=None, enableIPForwarding=True)]},
        {SUB: "not_applicable"},
    ),
    *(
        Case(
            FORWARDING,
            name,
            {"network_interfaces": [interface(enableIPForwarding=True)], "managed_resource_groups": list(groups)},
            {NIC: outcome},
        )
        for name, outcome, groups in (
            ("node of a cluster", "not_applicable", [_managed("Microsoft.ContainerService/managedClusters/aks")]),
            ("managed by others", "fail", [_managed("Microsoft.Solutions/applications/app")]),
            ("managed by an unreadable resource", "unknown", [{"id": RG, "managedBy": "aks"}]),
        )
    ),
    Case(
        FORWARDING,
        "managed groups forbidden",
        {"network_interfaces": [interface(enableIPForwarding=True)]},
        {NIC: "unknown"},
        [gap("managed_resource_groups")],
    ),
    Case(
        FORWARDING,
        "off, managed groups forbidden",
        {"network_interfaces": [interface(enableIPForwarding=False)]},
        {NIC: "pass"},
        [gap("managed_resource_groups")],
    ),
    Case(FORWARDING, "forbidden", {}, {SUB: "unknown"}, [gap("network_interfaces")]),
]  # fmt: skip

ABSENCE_PASSES = [
    ("network-ip-forwarding", r"properties\.enableIPForwarding", "Azure documents off as the default"),
]
OFFICIAL_VERDICTS = """
network-ip-forwarding pass: test-nic
network-nic-nsg fail: test-nic2
network-nic-nsg pass: test-nic
network-subnet-nsg fail: test-1
network-subnet-nsg not_applicable: vnet2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Network interfaces › {interface} › Settings › IP configurations › IP forwarding › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/virtual-network/virtual-network-network-interface.md",
            "03422a23418eba9a8fd52d442ab3744aa0cb1a7b",
            "click the NIC you want to enable or disable IP forwarding for",
            "click IP configurations in the SETTINGS section",
            "Click Enabled or Disabled (default setting) to change the setting",
        ),
    ),
    ComparedPath(
        "Azure portal › Network interfaces › {interface} › Settings › Network security group",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/virtual-network/virtual-network-network-interface.md",
            "",
            "Select Network interfaces in the search results",
            "In Settings, select Network security group",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual networks › {network} › Settings › Subnets › {subnet} › Network security group",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/virtual-network/virtual-network-manage-subnet.md",
            "02d09f6414e40e9363ef62ef3e06c9c62b6995b6",
            "Search for and select Virtual networks",
            "From Settings, select Subnets",
            "In the list of subnets, select the subnet you want to change settings for",
            "Add IPv6 address space, NAT Gateway, Network security group, and Route table",
        ),
    ),
]
