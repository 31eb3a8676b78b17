"""Generate a hub network with a Bastion host.

The packages `network` and `machines` of `sandbox.generate` write the other resources that `CONTROLS` judge.
"""

from __future__ import annotations

from sandbox.generate.machines.virtual_machines import MACHINES
from sandbox.generate.network.virtual_networks import ddos_protection, subnet_document, write_public_address
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "network-udp-from-internet",
    "network-http-from-internet",
    "network-subnet-nsg",
    "network-nic-nsg",
    "network-ip-forwarding",
    "network-watcher",
    "network-ddos",
    "network-public-ip-review",
    "network-bastion",
)
_NETWORKS = "Microsoft.Network/virtualNetworks"


def write(sub: Subscription) -> None:
    """Write a hub network with a Bastion host into some subscriptions that have a virtual network."""
    has_machines = MACHINES in sub.types_seen
    without_host = sub.rng.branch("bastion").often_faulty()
    if has_machines:
        sub.expect_failure_if("network-bastion", sub.id, without_host)
    if _NETWORKS not in sub.types_seen or without_host:
        return
    group, region, tags = sub.group("hub")
    host = sub.id_of(group, "Microsoft.Network/bastionHosts", "bas-hub")
    configuration = f"{host}/bastionHostIpConfigurations/default"
    address = write_public_address(sub, group, region, tags, configuration)
    vnet = sub.id_of(group, _NETWORKS, "vnet-hub")
    subnet = f"{vnet}/subnets/AzureBastionSubnet"
    sub.write(
        group,
        "Microsoft.Network/bastionHosts",
        "bas-hub",
        {
            "provisioningState": "Succeeded",
            "ipConfigurations": [
                {
                    "name": "default",
                    "id": configuration,
                    "properties": {"publicIPAddress": {"id": address}, "subnet": {"id": subnet}},
                }
            ],
        },
        location=region,
        tags=tags,
        sku={"name": "Basic"},
    )
    part = subnet_document(subnet, "AzureBastionSubnet", "10.199.0.0/26", None)
    part["properties"]["ipConfigurations"] = [{"id": configuration}]
    sub.expect("network-subnet-nsg", subnet, "not_applicable")
    properties: Json = {
        "provisioningState": "Succeeded",
        "addressSpace": {"addressPrefixes": ["10.199.0.0/24"]},
        "subnets": [part],
        "virtualNetworkPeerings": [],
        **ddos_protection(sub, vnet, region),
    }
    sub.write(group, _NETWORKS, "vnet-hub", properties, location=region, tags=tags)
    if not properties["enableDdosProtection"]:
        sub.expect("network-ddos", vnet, "fail")
