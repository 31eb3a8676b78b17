"""SQL Server on virtual machines, as the SQL Server IaaS agent extension registers it.

Format: Microsoft.SqlVirtualMachine/sqlVirtualMachines 2023-10-01, as ARM returns it. Expected verdicts:
sql-firewall-internet, and all vm-* controls of the machine.
"""

from __future__ import annotations

from sandbox.generate.machines import write_machine
from sandbox.generate.network import Network, Subnet, subnet_document
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_TYPE = "Microsoft.SqlVirtualMachine/sqlVirtualMachines"
_NETWORKS = "Microsoft.Network/virtualNetworks"


def write_sql_machine(sub: Subscription, network: Network) -> None:
    """Write a machine that runs SQL Server, sometimes in a network without a security group."""
    rng = sub.rng
    guarded = [subnet for subnet in network.subnets if subnet.id.endswith("/snet-data")] or network.subnets
    subnet = _bare_network(sub) if rng.chance(0.3) else rng.pick(guarded)
    vm = write_machine(sub, network, subnet, sql=True)
    properties: Json = {
        "virtualMachineResourceId": vm.id,
        "provisioningState": "Succeeded",
        "sqlImageOffer": "SQL2022-WS2022",
        "sqlImageSku": rng.pick(("Standard", "Enterprise", "Developer")),
        "sqlServerLicenseType": rng.pick(("PAYG", "AHUB")),
        "sqlManagement": "Full",
        "leastPrivilegeMode": "Enabled",
    }
    identifier = sub.write(vm.group, _TYPE, vm.name, properties, location=vm.region, tags=vm.tags)
    own = vm.interface.nsg
    guards = [is_open for is_open in (subnet.sql_open, own.sql_open if own else None) if is_open is not None]
    # Without a security group, only public addresses of the retired Basic SKU allow inbound traffic.
    is_open = all(guards) if guards else vm.interface.address_kind == "Basic"
    sub.expect_failure_if("sql-firewall-internet", identifier, is_open)


def _bare_network(sub: Subscription) -> Subnet:
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
