"""Virtual networks such as people create for experiments. The subnet of such a network often has no security group."""

from __future__ import annotations

from sandbox.generate.network.virtual_networks import (
    Network,
    SecurityGroup,
    Subnet,
    ddos_protection,
    subnet_document,
    write_own_flow_log,
    write_security_group,
)
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_NETWORKS = "Microsoft.Network/virtualNetworks"


def write_bare_network(sub: Subscription, network: Network) -> Subnet:
    """Write a virtual network with one subnet, which often has no security group (`often_faulty`)."""
    group, region, tags = sub.group()
    number = sub.next_number("bare network")
    name = f"vnet-lab-{number:03d}"
    subnet = f"{sub.id_of(group, _NETWORKS, name)}/subnets/default"
    prefix = f"10.{250 + number % 5}.{number % 250}"
    nsg: SecurityGroup | None = None
    covered: bool | None = False
    is_bare = sub.rng.branch(f"bare/{name}").often_faulty()
    if not is_bare:
        with sub.branch(f"guarded/{name}"):
            nsg = write_security_group(
                sub, group, region, tags, f"nsg-lab-{number:03d}", subnets=[subnet], interfaces=[]
            )
            covered = write_own_flow_log(sub, network, nsg.id, region, subnet)
    sub.expect_failure_if("network-subnet-nsg", subnet, is_bare)
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": sub.rng.guid(),
        "addressSpace": {"addressPrefixes": [f"{prefix}.0/24"]},
        "subnets": [subnet_document(subnet, "default", f"{prefix}.0/24", nsg.id if nsg else None)],
        "virtualNetworkPeerings": [],
        **ddos_protection(sub, sub.id_of(group, _NETWORKS, name), region),
    }
    sub.write(group, _NETWORKS, name, properties, location=region, tags=tags)
    return Subnet(subnet, region, covered, prefix, nsg.sql_open if nsg else None)
