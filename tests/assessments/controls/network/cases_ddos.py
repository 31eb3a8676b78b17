"""DDoS protection of virtual networks, and of their public addresses."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap

DDOS = "network-ddos"
_NETWORK = f"{RG}/providers/Microsoft.Network"
VNET = f"{_NETWORK}/virtualNetworks/vnet1"
_NIC = f"{_NETWORK}/networkInterfaces/nic1"
_BALANCER = f"{_NETWORK}/loadBalancers/lb1"
_ADDRESS = f"{_NETWORK}/publicIPAddresses/pip1"
_GATEWAY = f"{_NETWORK}/applicationGateways/agw1"
_SCALE_SET = (
    f"{RG}/providers/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines/0/networkInterfaces/n"
)
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


_POOL = f"{_BALANCER}/backendAddressPools/p"
_BALANCED = doc(_ADDRESS, {"ipConfiguration": {"id": f"{_BALANCER}/frontendIPConfigurations/f"}})
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
            ("scale set", _protected(_network(_SCALE_SET)), "unknown", "", "scale sets of the network", {}),
            ("scale set and protected address", _protected(_network(_NIC, _SCALE_SET), _address(_NIC, mode="Enabled")),
             "unknown", "", "scale sets of the network", {}),
            ("scale set and open address", _protected(_network(_NIC, _SCALE_SET), _address(_NIC)), "fail",
             "", "", {}),
            ("not readable", _protected(_network(_NIC, enableDdosProtection="on")), "unknown", "", "", {}),
        )
    ),
    Case(DDOS, "addresses forbidden", {"virtual_networks": [_network(_NIC)]}, {VNET: "unknown"},
         [gap("public_addresses")]),
    Case(DDOS, "interfaces forbidden", {"virtual_networks": [_network(_NIC)], "public_addresses": [_BALANCED]},
         {VNET: "unknown"}, [gap("network_interfaces")]),
    Case(DDOS, "none", {}, {SUB: "not_applicable"}),
    Case(DDOS, "forbidden", {}, {SUB: "unknown"}, [gap("virtual_networks")]),
]  # fmt: skip

ABSENCE_PASSES = [
    ("network-ddos", r"properties\.subnets(\[\].*)?", "Azure leaves out what a subnet does not have"),
]
