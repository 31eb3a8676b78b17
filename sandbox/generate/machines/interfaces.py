"""Generate network interfaces of machines, and the expected verdicts of network-* controls and logging-nsg-flow."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.generate.network.virtual_networks import (
    SQL_PORT,
    Network,
    SecurityGroup,
    Subnet,
    write_own_flow_log,
    write_public_address,
    write_security_group,
)
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_PORTS = {
    "network-ssh-from-internet": {("tcp", 22)},
    "network-rdp-from-internet": {("tcp", 3389), ("udp", 3389)},
    "network-udp-from-internet": {("udp", port) for port in (53, 123, 161, 389, 1900)},
    "network-http-from-internet": {("tcp", 80), ("tcp", 443)},
}


@dataclass(frozen=True)
class Interface:
    """A network interface. `address_kind` is the SKU of its public IP address, or "" if it has no public IP address."""

    id: str
    address_kind: str
    nsg: SecurityGroup | None


@dataclass(frozen=True)
class Balancing:
    """The part of a load balancer that concerns one network interface: the ids of its backend pool and NAT rules.

    `open_ports` are the ports of the interface that the Internet can reach through the load balancer, if no security
    group protects the interface. Each port is a pair (protocol in lower case, port number).
    """

    pool: str
    nat_rules: tuple[str, ...]
    open_ports: frozenset[tuple[str, int]]


def write_interface(
    sub: Subscription,
    network: Network,
    subnet: Subnet,
    group: str,
    tags: Json,
    machine: str,
    *,
    sql: bool,
    balancing: Balancing | None = None,
) -> Interface:
    """Write the network interface of a machine, sometimes with a public IP address and its own security group.

    `sql` says whether the machine runs SQL Server, so that the rules for its port are relevant. If `balancing` is
    given, the interface is behind a load balancer and has no public address.
    """
    rng = sub.rng
    name = f"{machine.rsplit('/', 1)[-1]}-nic"
    nic = sub.id_of(group, "Microsoft.Network/networkInterfaces", name)
    configuration = f"{nic}/ipConfigurations/ipconfig1"
    address: Json = {
        "provisioningState": "Succeeded",
        "privateIPAddress": f"{subnet.prefix}.{rng.randrange(4, 250)}",
        "privateIPAllocationMethod": "Dynamic",
        "privateIPAddressVersion": "IPv4",
        "primary": True,
        "subnet": {"id": subnet.id},
    }
    kind, nsg = "", None
    forwards = rng.branch(f"forwarding/{nic}").faulty()
    if balancing is not None:
        address["loadBalancerBackendAddressPools"] = [{"id": balancing.pool}]
        if balancing.nat_rules:
            address["loadBalancerInboundNatRules"] = [{"id": rule} for rule in balancing.nat_rules]
    elif rng.chance(0.25 if subnet.sql_open is not None else 0.7):
        kind = "Basic" if subnet.sql_open is None and rng.faulty() else "Standard"
        address_id = write_public_address(sub, group, subnet.region, tags, configuration, kind)
        address["publicIPAddress"] = {"id": address_id}
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": rng.guid(),
        "ipConfigurations": [
            {
                "name": "ipconfig1",
                "id": configuration,
                "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                "properties": address,
            }
        ],
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "macAddress": "-".join(f"{rng.randrange(256):02X}" for _ in range(6)),
        "enableAcceleratedNetworking": rng.chance(0.5),
        "enableIPForwarding": forwards,
        "primary": True,
        "virtualMachine": {"id": machine},
        "nicType": "Standard",
    }
    if rng.chance(0.2):
        port = SQL_PORT if sql else None
        nsg = write_security_group(
            sub, group, subnet.region, tags, f"{name}-nsg", subnets=[], interfaces=[nic], sql_port=port
        )
        nsg_id = nsg.id
        properties["networkSecurityGroup"] = {"id": nsg_id}
        if subnet.covered is False:
            write_own_flow_log(sub, network, nsg_id, subnet.region, None)
        else:
            # If the virtual network has a flow log (`covered` is True), this flow log covers the interface. If only the
            # subnet has a flow log (`covered` is None), Azure does not document whether this flow log covers the
            # interface, so expect no verdict.
            sub.expect("logging-nsg-flow", nsg_id, "pass" if subnet.covered else None)
    sub.write(
        group, "Microsoft.Network/networkInterfaces", name, properties, location=subnet.region, tags=tags
    )
    sub.expect_failure_if("network-ip-forwarding", nic, forwards)
    is_unprotected = nsg is None and subnet.sql_open is None
    if kind:
        sub.expect_failure_if("network-nic-nsg", nic, is_unprotected)
    else:
        sub.expect("network-nic-nsg", nic, "not_applicable")
    if kind and is_unprotected:
        # If there is no security group, a public IP address with the SKU Basic lets everybody in. A public IP address
        # with the SKU Standard lets nobody in.
        for control in _PORTS:
            sub.expect_failure_if(control, nic, kind == "Basic")
    if balancing is not None and is_unprotected:
        for control, ports in _PORTS.items():
            sub.expect_failure_if(control, nic, bool(balancing.open_ports & ports))
    return Interface(nic, kind, nsg)
