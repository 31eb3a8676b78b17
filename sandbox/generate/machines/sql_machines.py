"""Generate SQL Server on virtual machines, as the SQL Server IaaS agent extension registers it.

Format: Microsoft.SqlVirtualMachine/sqlVirtualMachines 2023-10-01, as ARM returns it. Expected verdicts:
sql-firewall-internet, and all vm-* controls of the machine.
"""

from __future__ import annotations

from sandbox.generate.machines.interfaces import Balancing
from sandbox.generate.machines.virtual_machines import Machine, write_machine
from sandbox.generate.network.bare_networks import write_bare_network
from sandbox.generate.network.virtual_networks import SQL_PORT, Network, Subnet
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_TYPE = "Microsoft.SqlVirtualMachine/sqlVirtualMachines"


def write_sql_machine(
    sub: Subscription, network: Network, subnet: Subnet | None = None, balancing: Balancing | None = None
) -> Machine:
    """Write a machine that runs SQL Server. `balancing` is the load balancer in front of the machine.

    By default, the machine is in a subnet for databases or, sometimes, in a network without a security group.
    """
    rng = sub.rng
    if subnet is None:
        guarded = [one for one in network.subnets if one.id.endswith("/snet-data")] or network.subnets
        subnet = write_bare_network(sub, network) if rng.chance(0.3) else rng.pick(guarded)
    vm = write_machine(sub, network, subnet, sql=True, balancing=balancing)
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
    # If there is no security group, only public addresses with the SKU Basic and load balancers with the SKU Basic let
    # traffic in.
    forwarded = balancing is not None and ("tcp", SQL_PORT) in balancing.open_ports
    is_open = all(guards) if guards else forwarded or vm.interface.address_kind == "Basic"
    sub.expect_failure_if("sql-firewall-internet", identifier, is_open)
    return vm
