"""Virtual networks whose subnet has no security group, as in laboratories."""

from __future__ import annotations

from sandbox.generate.network import Subnet, subnet_document
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_NETWORKS = "Microsoft.Network/virtualNetworks"


def write_bare_network(sub: Subscription) -> Subnet:
    """Write a virtual network with one subnet without a security group."""
    group, region, tags = sub.group()
    number = sub.next_number("bare network")
    name = f"vnet-lab-{number:03d}"
    subnet = f"{sub.id_of(group, _NETWORKS, name)}/subnets/default"
    prefix = f"10.{250 + number % 5}.{number % 250}"
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": sub.rng.guid(),
        "addressSpace": {"addressPrefixes": [f"{prefix}.0/24"]},
        "subnets": [subnet_document(subnet, "default", f"{prefix}.0/24", None)],
        "virtualNetworkPeerings": [],
        "enableDdosProtection": False,
    }
    sub.write(group, _NETWORKS, name, properties, location=region, tags=tags)
    return Subnet(subnet, region, False, prefix, None)
