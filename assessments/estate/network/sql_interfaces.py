"""Find the network paths to a SQL virtual machine. The paths lead through the network interfaces of the machine and the
network security groups of these interfaces. Pure functions.

`Microsoft.SqlVirtualMachine/sqlVirtualMachines` names its virtual machine (`virtualMachineResourceId`), and the virtual
machine names its interfaces (`networkProfile.networkInterfaces`). An interface names its security group and, for each
IP configuration, a subnet and maybe a public address. ARM omits references that are not set.

Source: https://learn.microsoft.com/rest/api/sqlvm/sql-virtual-machines and
https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assessments.estate.ids import fold
from assessments.estate.network.nsg_rules import Host
from assessments.estate.ranges import EMPTY, network
from assessments.estate.view import View


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """One IP configuration of an interface. Ids have their original spelling; a missing id is an empty string.

    `configuration` has the properties of the IP configuration. `balanced` is true if a load balancer forwards to the IP
    configuration. `host` is the private address at which traffic arrives, or None if the address is uncertain.
    """

    interface: View
    configuration: View
    subnet: str
    group: str
    public_address: str
    balanced: bool
    host: Host | None


def machine_id(sql: View) -> str:
    """Return the id of the virtual machine that a SQL virtual machine runs on. Raise Unreadable if a property
    is missing or invalid.
    """
    return sql.text("properties.virtualMachineResourceId")


def interface_ids(machine: View) -> list[str]:
    """Return the ids of a virtual machine's interfaces. Raise Unreadable if they are unreadable or missing."""
    listed = machine.items("properties.networkProfile.networkInterfaces")
    if not listed:
        raise machine.unreadable("properties.networkProfile.networkInterfaces", "empty")
    return [item.text("id") for item in listed]


def reference(holder: View, path: str) -> str:
    """Return the id in the reference at `path`, or an empty string if `path` is absent. A reference is an object such
    as `{"id": "/subscriptions/…"}`. Raise Unreadable if the object has no id.
    """
    if holder.raw(path) is None:
        return ""
    identifier = holder.text(f"{path}.id")
    if not identifier.startswith("/"):
        raise holder.unreadable(f"{path}.id", "not an id")
    return identifier


def network_paths(interface: View) -> Iterator[NetworkPath]:
    """Yield the network paths of an interface, one for each IP configuration. Raise Unreadable if the IP configurations
    are unreadable or missing."""
    configurations = interface.items("properties.ipConfigurations")
    if not configurations:
        raise interface.unreadable("properties.ipConfigurations", "empty")
    group = reference(interface, "properties.networkSecurityGroup")
    for configuration in configurations:
        properties = configuration.object("properties")
        balanced = any(
            properties.items(name, default=[])
            for name in ("loadBalancerBackendAddressPools", "loadBalancerInboundNatRules")
        )
        yield NetworkPath(
            interface=interface,
            configuration=properties,
            subnet=properties.text("subnet.id"),
            group=group,
            public_address=reference(properties, "publicIPAddress"),
            balanced=balanced,
            # Behind a load balancer, the address is uncertain: with a floating IP, traffic arrives at the address of
            # the load balancer, not at the private address.
            host=None if balanced else _host(properties),
        )


def _host(configuration: View) -> Host | None:
    groups = configuration.items("applicationSecurityGroups", default=[])
    members = frozenset(fold(group.text("id")) for group in groups)
    address = configuration.raw("privateIPAddress")
    try:
        version, block = network(address) if isinstance(address, str) else (0, (0, 0))
    except ValueError:
        return None
    if not version or block[0] != block[1]:
        return None
    return Host((block,), EMPTY, members) if version == 4 else Host(EMPTY, (block,), members)


def subnet_group(network: View, subnet: str) -> str:
    """Return the id of a subnet's security group, or an empty string.

    Raise Unreadable if the subnet is not listed, or if a property is missing or invalid.
    """
    for entry in network.items("properties.subnets"):
        if fold(entry.text("id")) == fold(subnet):
            return reference(entry.object("properties"), "networkSecurityGroup")
    raise network.unlisted("properties.subnets", "subnet", subnet)
