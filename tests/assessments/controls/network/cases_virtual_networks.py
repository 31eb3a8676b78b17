"""Network watchers, DDoS protection and unused public addresses."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap

WATCHER, DDOS, REVIEW = "network-watcher", "network-ddos", "network-public-ip-review"
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


def _watcher(region: str, state: Any = "Succeeded") -> dict[str, Any]:
    properties = {} if state is None else {"provisioningState": state}
    return doc(f"{_NETWORK}/networkWatchers/NetworkWatcher_{region}", properties, location=region)


def _network(*configurations: str, region: str | None = "West Europe", **more: Any) -> dict[str, Any]:
    """A virtual network with a subnet that has these IP configurations."""
    settings = {"ipConfigurations": [{"id": f"{one}/ipConfigurations/a"} for one in configurations]}
    properties = {"subnets": [doc(f"{VNET}/subnets/s", settings)], **more}
    return doc(VNET, properties, **({"location": region} if region else {}))


def _provider(*regions: Any, kind: str = "networkWatchers") -> dict[str, Any]:
    """The provider, which offers network watchers in these regions."""
    types = [{"resourceType": kind, "locations": list(regions)}]
    return {"network_provider": {SUB: [{"id": f"{SUB}/providers/Microsoft.Network", "resourceTypes": types}]}}


_OFFERED = _provider("West Europe", "North Europe")


def _watched(*watchers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"virtual_networks": [_network(**more)], "network_watchers": list(watchers), **_OFFERED}


def _resources(*regions: str) -> dict[str, Any]:
    return {
        "resources": [
            {
                "id": f"{RG}/providers/Microsoft.Test/ones/{number}",
                "type": "Microsoft.Test/ones",
                "location": region,
            }
            for number, region in enumerate(regions)
        ]
    }


def _address(owner: str = "", nat: bool = False, mode: Any = None) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if owner:
        properties["ipConfiguration"] = {"id": f"{owner}/ipConfigurations/a"}
    if nat:
        properties["natGateway"] = {"id": f"{_NETWORK}/natGateways/nat1"}
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
        Case(WATCHER, name, docs, outcome, reason=reason)
        for name, docs, outcome, reason in (
            ("watched", _watched(_watcher("westeurope")), "pass", ""),
            ("other region", _watched(_watcher("northeurope")), "fail", "no network watcher that is ready"),
            ("none", _watched(), "fail", ""),
            ("not ready", _watched(_watcher("westeurope", "Failed")), "fail", ""),
            ("canceled", _watched(_watcher("westeurope", "Canceled")), "fail", ""),
            ("state absent", _watched(_watcher("westeurope", None)), "unknown", ""),
            ("state of another region absent", _watched(_watcher("westeurope"), _watcher("x", None)), "pass", ""),
            ("region absent", _watched(_watcher("westeurope"), region=None), "unknown", ""),
            ("no network", {"network_watchers": [_watcher("westeurope")]}, "not_applicable", ""),
        )
    ),
    *(
        Case(WATCHER, name, docs, outcome, params={"regions": "all"})
        for name, docs, outcome in (
            ("all regions watched", {**_watched(_watcher("westeurope")), **_resources("westeurope", "global")}, "pass"),
            ("region of a resource", {**_watched(_watcher("westeurope")), **_resources("northeurope")}, "fail"),
            ("region that offers none", {**_watched(_watcher("westeurope")), **_resources("europe")}, "pass"),
            ("only global resources", _resources("global"), "not_applicable"),
            ("region of a resource absent", {**_watched(_watcher("westeurope")), **_resources("")}, "unknown"),
        )
    ),
    Case(WATCHER, "region of a resource does not count", {**_watched(_watcher("westeurope")), **_resources("x")},
         "pass"),
    Case(WATCHER, "region offers none", {**_watched(), **_provider("North Europe")}, "not_applicable"),
    Case(WATCHER, "provider without the type", {**_watched(), **_provider("West Europe", kind="other")}, "unknown"),
    Case(WATCHER, "provider absent", {"virtual_networks": [_network()]}, "unknown"),
    Case(WATCHER, "provider forbidden", {"virtual_networks": [_network()]}, "unknown", [gap("network_provider")]),
    Case(WATCHER, "resources forbidden", _watched(_watcher("westeurope")), "unknown", [gap("resources")],
         {"regions": "all"}),
    Case(WATCHER, "forbidden", {"virtual_networks": [_network()]}, "unknown", [gap("network_watchers")]),
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
            ("not readable", _protected(_network(_NIC, enableDdosProtection="on")), "unknown", "", "", {}),
        )
    ),
    Case(DDOS, "addresses forbidden", {"virtual_networks": [_network(_NIC)]}, {VNET: "unknown"},
         [gap("public_addresses")]),
    Case(DDOS, "interfaces forbidden", {"virtual_networks": [_network(_NIC)], "public_addresses": [_BALANCED]},
         {VNET: "unknown"}, [gap("network_interfaces")]),
    Case(DDOS, "none", {}, {SUB: "not_applicable"}),
    Case(DDOS, "forbidden", {}, {SUB: "unknown"}, [gap("virtual_networks")]),
    Case(REVIEW, "used", {"public_addresses": [_address(_NIC)]}, {SUB: "manual"}),
    Case(REVIEW, "used by a NAT gateway", {"public_addresses": [_address(nat=True)]}, {SUB: "manual"}),
    Case(REVIEW, "unused", {"public_addresses": [_address()]}, {_ADDRESS: "fail", SUB: "manual"}),
    Case(
        REVIEW,
        "not readable",
        {"public_addresses": [doc(_ADDRESS, {"ipConfiguration": "x"})]},
        {_ADDRESS: "unknown", SUB: "unknown"},
    ),
    Case(REVIEW, "none", {}, {SUB: "not_applicable"}),
    Case(REVIEW, "forbidden", {}, {SUB: "unknown"}, [gap("public_addresses")]),
]  # fmt: skip

IMPOSSIBLE = {REVIEW: {"pass": "a person attests that the addresses are needed"}}

ABSENCE_PASSES = [
    ("network-ddos", r"properties\.subnets(\[\].*)?", "Azure leaves out what a subnet does not have"),
]
