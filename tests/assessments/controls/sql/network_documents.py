"""Azure documents of managed instances and SQL machines with their networks."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.controls.network.cases_from_internet import group, rule

NETWORK = f"{RG}/providers/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/vnet1"
SUBNET = f"{VNET}/subnets/Sql"
INSTANCE = f"{RG}/providers/Microsoft.Sql/managedInstances/Mi1"
VM = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"
NIC = f"{NETWORK}/networkInterfaces/vm1-nic"
ADDRESS = f"{NETWORK}/publicIPAddresses/vm1-ip"
SQL_VM = f"{RG}/providers/Microsoft.SqlVirtualMachine/sqlVirtualMachines/vm1"


def nsg(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    """A security group with these rules and Azure's default rules."""
    return group(*rules) | {"id": f"{NETWORK}/networkSecurityGroups/{name}", "name": name}


def allow(port: int, source: Any = "*") -> dict[str, Any]:
    return rule(100, source=source, ports=str(port))


def ref(identifier: str | None) -> dict[str, Any] | None:
    return None if identifier is None else {"id": identifier}


def vnet(guard: dict[str, Any] | None, subnet: str = SUBNET) -> dict[str, Any]:
    """The virtual network. `guard`: the security group of its subnet, or None."""
    properties: dict[str, Any] = {"addressPrefix": "10.0.0.0/24"}
    if guard is not None:
        properties |= {"networkSecurityGroup": {"id": guard["id"].upper()}}
    return doc(VNET, {"subnets": [{"id": subnet.lower(), "name": "Sql", "properties": properties}]})


def instance(**properties: Any) -> dict[str, Any]:
    defaults = {"publicDataEndpointEnabled": True, "subnetId": SUBNET} | properties
    return doc(INSTANCE, {k: v for k, v in defaults.items() if v is not ...})


def instance_docs(guard: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A managed instance behind a network security group; its public endpoint is on by default."""
    found: dict[str, Any] = {"managed_instances": [instance(**properties)], "sql_networks": [vnet(guard)]}
    if guard is not None:
        found["network_security_groups"] = [guard]
    return found


def interface(
    guard: dict[str, Any] | None = None, *, public: bool = False, identifier: str = NIC, **configuration: Any
) -> dict[str, Any]:
    """A network interface in the subnet."""
    address: dict[str, Any] = {"subnet": {"id": SUBNET}} | configuration
    if public:
        address["publicIPAddress"] = {"id": ADDRESS}
    properties: dict[str, Any] = {"ipConfigurations": [{"name": "ip1", "properties": address}]}
    if guard is not None:
        properties["networkSecurityGroup"] = {"id": guard["id"]}
    return doc(identifier, properties)


def address(sku: Any) -> dict[str, Any]:
    return doc(ADDRESS, {"ipAddress": "203.0.113.9"}, sku=sku)


def machine_docs(
    of_subnet: dict[str, Any] | None = None,
    of_interface: dict[str, Any] | None = None,
    *,
    nics: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A SQL machine behind these groups, with these interfaces (default: one)."""
    interfaces = nics if nics is not None else [interface(of_interface)]
    found: dict[str, Any] = {
        "sql_virtual_machines": [doc(SQL_VM, {"virtualMachineResourceId": VM.lower()})],
        "virtual_machines": [
            doc(
                VM,
                {"networkProfile": {"networkInterfaces": [{"id": nic["id"].upper()} for nic in interfaces]}},
            )
        ],
        "network_interfaces": interfaces,
        "sql_networks": [vnet(of_subnet)],
    }
    guards = [guard for guard in (of_subnet, of_interface) if guard is not None]
    if guards:
        found["network_security_groups"] = guards
    return found | more
