"""DDoS protection of virtual networks, and of their public addresses."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

DDOS = "network-ddos"
_NETWORK = f"{RG}/providers/Microsoft.Network"
VNET = f"{_NETWORK}/virtualNetworks/vnet1"
_NIC = f"{_NETWORK}/networkInterfaces/nic1"
_BALANCER = f"{_NETWORK}/loadBalancers/lb1"
_ADDRESS = f"{_NETWORK}/publicIPAddresses/pip1"
_GATEWAY = f"{_NETWORK}/applicationGateways/agw1"
_SCALE_SET = f"{RG}/providers/Microsoft.Compute/virtualMachineScaleSets/s"
_MACHINE = f"{_SCALE_SET}/virtualMachines/0/networkInterfaces/n"
_FOREIGN = f"/subscriptions/{'9' * 8}{_MACHINE.removeprefix(SUB)}"
_PLAN = {"ddosProtectionPlan": {"id": f"{_NETWORK}/ddosProtectionPlans/p"}}


def _network(*configurations: str, **more: Any) -> dict[str, Any]:
    """A virtual network with a subnet that has these IP configurations."""
    settings = {"ipConfigurations": [{"id": f"{one}/ipConfigurations/a"} for one in configurations]}
    properties = {"subnets": [doc(f"{VNET}/subnets/s", settings)], **more}
    return doc(VNET, properties, location="West Europe")


def _address(owner: str = "", mode: Any = None) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if owner:
        properties["ipConfiguration"] = {"id": f"{owner}/ipConfigurations/a"}
    if mode is not None:
        properties["ddosSettings"] = {"protectionMode": mode}
    return doc(_ADDRESS, properties)


def _protected(network: dict[str, Any], *addresses: dict[str, Any], pools: Any = ()) -> dict[str, Any]:
    """A network, public addresses, and the interface `_NIC` in these backend pools."""
    pooled = {"loadBalancerBackendAddressPools": [{"id": one} for one in pools]}
    interface = doc(_NIC, {"ipConfigurations": [{"name": "a", "properties": pooled}]})
    return {
        "virtual_networks": [network],
        "public_addresses": list(addresses),
        "network_interfaces": [interface],
    }


def _with_scale_set(documents: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """The documents, and a scale set whose model has one IP configuration with these properties."""
    interface = {"name": "n", "properties": {"ipConfigurations": [{"name": "a", "properties": properties}]}}
    profile = {"networkProfile": {"networkInterfaceConfigurations": [interface]}}
    return {**documents, "vm_scale_sets": [doc(_SCALE_SET, {"virtualMachineProfile": profile})]}


_POOL = f"{_BALANCER}/backendAddressPools/p"
_NAT_POOL = f"{_BALANCER}/inboundNatPools/p"
_BALANCED = doc(_ADDRESS, {"ipConfiguration": {"id": f"{_BALANCER}/frontendIPConfigurations/f"}})
_PROTECTED = doc(
    _ADDRESS,
    {
        "ipConfiguration": {"id": f"{_BALANCER}/frontendIPConfigurations/f"},
        "ddosSettings": {"protectionMode": "Enabled"},
    },
)
_IN_GATEWAY = doc(_ADDRESS, {"ipConfiguration": {"id": f"{_GATEWAY}/frontendIPConfigurations/f"}})
_GATEWAY_NETWORK = doc(
    VNET,
    {
        "subnets": [
            doc(
                f"{VNET}/subnets/s",
                {"applicationGatewayIPConfigurations": [{"id": f"{_GATEWAY}/gatewayIPConfigurations/g"}]},
            )
        ]
    },
)

CASES = [
    *(
        Case(DDOS, name, docs, {VNET: outcome}, remark=remark, reason=reason, params=params)
        for name, docs, outcome, remark, reason, params in (
            ("on", _protected(_network(_NIC, enableDdosProtection=True, **_PLAN), _address(_NIC)), "pass", "", "", {}),
            ("on, without addresses", _protected(_network(enableDdosProtection=True, **_PLAN)), "pass", "", "", {}),
            ("no plan", _protected(_network(_NIC, enableDdosProtection=True), _address(_NIC)), "fail", "",
             "has no plan", {}),
            ("off", _protected(_network(_NIC, enableDdosProtection=False), _address(_NIC)), "fail", "", "is off", {}),
            ("absent", _protected(_network(_NIC), _address(_NIC.upper())), "fail", "", "", {}),
            ("address protected", _protected(_network(_NIC), _address(_NIC, mode="Enabled")), "pass",
             "of the network itself is off", "", {}),
            ("address not protected", _protected(_network(_NIC), _address(_NIC, mode="Disabled")), "fail", "", "", {}),
            ("mode not known", _protected(_network(_NIC), _address(_NIC, mode="Maybe")), "unknown", "", "", {}),
            ("no address", _protected(_network(_NIC)), "not_applicable", "", "", {}),
            ("no address, judged", _protected(_network(_NIC)), "fail", "", "", {"only_public": False}),
            ("address elsewhere", _protected(_network(_NIC), _address(f"{_NIC}2")), "not_applicable", "", "", {}),
            ("unused address", _protected(_network(_NIC), _address()), "not_applicable", "", "", {}),
            ("load balancer", _protected(_network(_NIC), _BALANCED, pools=[_POOL]), "fail", "", "", {}),
            ("load balancer of others", _protected(_network(_NIC), _BALANCED), "not_applicable", "", "", {}),
            ("application gateway", _protected(_GATEWAY_NETWORK, _IN_GATEWAY), "fail", "", "", {}),
            ("scale set without addresses", _with_scale_set(_protected(_network(_MACHINE))), "not_applicable",
             "", "", {}),
            ("scale set behind a load balancer",
             _with_scale_set(
                 _protected(_network(_MACHINE), _BALANCED), loadBalancerBackendAddressPools=[{"id": _POOL}]
             ),
             "fail", "", "is off", {}),
            ("scale set behind a NAT pool",
             _with_scale_set(
                 _protected(_network(_MACHINE), _BALANCED), loadBalancerInboundNatPools=[{"id": _NAT_POOL}]
             ),
             "fail", "", "is off", {}),
            ("scale set behind a protected load balancer",
             _with_scale_set(
                 _protected(_network(_MACHINE), _PROTECTED), loadBalancerBackendAddressPools=[{"id": _POOL}]
             ),
             "pass", "of the network itself is off", "", {}),
            ("scale set with addresses",
             _with_scale_set(_protected(_network(_MACHINE)), publicIPAddressConfiguration={"name": "p"}),
             "fail", "", "is off", {}),
            ("scale set with addresses, and a protected address",
             _with_scale_set(
                 _protected(_network(_NIC, _MACHINE), _address(_NIC, mode="Enabled")),
                 publicIPAddressConfiguration={"name": "p"},
             ),
             "fail", "", "is off", {}),
            ("scale set not listed", _protected(_network(_MACHINE)), "unknown", "", "not in the list", {}),
            ("scale set of another subscription", _protected(_network(_FOREIGN)), "unknown", "",
             "whether the scale set s has public addresses", {}),
            ("scale set not listed, and protected address",
             _protected(_network(_NIC, _MACHINE), _address(_NIC, mode="Enabled")),
             "unknown", "", "not in the list", {}),
            ("scale set not listed, and open address", _protected(_network(_NIC, _MACHINE), _address(_NIC)), "fail",
             "", "", {}),
            ("not readable", _protected(_network(_NIC, enableDdosProtection="on")), "unknown", "", "", {}),
        )
    ),
    Case(DDOS, "addresses forbidden", {"virtual_networks": [_network(_NIC)]}, {VNET: "unknown"},
         [gap("public_addresses")]),
    Case(DDOS, "interfaces forbidden", {"virtual_networks": [_network(_NIC)], "public_addresses": [_BALANCED]},
         {VNET: "unknown"}, [gap("network_interfaces")]),
    Case(DDOS, "scale sets forbidden", _protected(_network(_MACHINE)), {VNET: "unknown"}, [gap("vm_scale_sets")]),
    Case(DDOS, "none", {}, {SUB: "not_applicable"}),
    Case(DDOS, "forbidden", {}, {SUB: "unknown"}, [gap("virtual_networks")]),
]  # fmt: skip

ABSENCE_PASSES = [
    ("network-ddos", r"properties\.subnets(\[\].*)?", "Azure leaves out what a subnet does not have"),
    (
        "network-ddos",
        r"properties\.virtualMachineProfile\.networkProfile\..+\.publicIPAddressConfiguration",
        "without this property, the machines have no public addresses",
    ),
]
OFFICIAL_VERDICTS = """
network-ddos not_applicable: vnet1 vnet2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual networks › {network} › Settings › DDoS protection › Enable",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/ddos-protection/manage-ddos-protection.md",
            "03e5750af10b23b5ba437d5b333ec5e9437844f9",
            "Under Settings, select DDoS protection",
            "Select Enable",
        ),
    ),
]
