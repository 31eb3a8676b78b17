"""Generate load balancers with a public or an internal front end, and the machines behind them.

Format: Microsoft.Network/loadBalancers 2024-05-01, as ARM returns it. A load balancer affects the expected verdicts on
its machines. If there is no security group, everybody can reach the ports in the rules of a Basic load balancer with a
public front end. No other load balancer opens its ports in this way. Source:
https://learn.microsoft.com/azure/load-balancer/load-balancer-overview
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.generate.machines.interfaces import Balancing
from sandbox.generate.machines.sql_machines import write_sql_machine
from sandbox.generate.machines.virtual_machines import write_machine
from sandbox.generate.network.bare_networks import write_bare_network
from sandbox.generate.network.virtual_networks import SQL_PORT, Network, Subnet, write_public_address
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_TYPE = "Microsoft.Network/loadBalancers"
_FRONT, _POOL = "frontend", "machines"


@dataclass(frozen=True)
class Forwarding:
    """A rule that forwards a port of the load balancer to a port of its machines.

    A load-balancing rule forwards to all machines of the pool. A NAT rule forwards to one machine. `port` is the port
    of the machines. `front` is the port of the load balancer, or 0 if the two ports are equal.
    """

    name: str
    port: int
    protocol: str = "Tcp"
    front: int = 0


# These rules make no control fail. The controls on SSH and SQL Server judge only TCP, so a rule may open the ports of
# SSH and SQL Server for UDP.
_BENIGN = (
    Forwarding("https", 8443, front=443),
    Forwarding("http", 8080, front=80),
    Forwarding("dns", 5353, "Udp", front=53),
    Forwarding("ssh-by-udp", 22, "Udp"),
    Forwarding("sql-by-udp", SQL_PORT, "Udp"),
)
_OPENING = (
    Forwarding("ssh", 22, front=2222),
    Forwarding("rdp", 3389),
    Forwarding("rdp-by-udp", 3389, "Udp"),
    Forwarding("sql", SQL_PORT, front=14330),
    Forwarding("plain-http", 80),
    Forwarding("ntp", 123, "Udp"),
)
# A rule for all ports of all protocols (“high availability ports”). Only internal load balancers with the SKU Standard
# can have such a rule.
_ALL_PORTS = Forwarding("all-ports", 0, "All")
_NAT = (
    Forwarding("ssh", 22),
    Forwarding("rdp", 3389),
    Forwarding("sql", SQL_PORT),
    Forwarding("web", 8443),
)


@dataclass
class _Balancer:
    """A load balancer that is written after its machines. `nats` contains the NAT rules of each machine."""

    id: str
    group: str
    name: str
    tags: Json
    subnet: Subnet
    kind: str
    public: bool
    rules: list[Forwarding]
    nats: list[list[Forwarding]]
    configurations: list[str] = field(default_factory=list)

    def balancing(self, machine: int) -> Balancing:
        """Return the part of the load balancer that concerns the network interface of a machine.

        `machine` is the number of the machine behind the load balancer, from 0.
        """
        opens = self.kind == "Basic" and self.public
        return Balancing(
            pool=f"{self.id}/backendAddressPools/{_POOL}",
            nat_rules=tuple(self._nat_id(machine, nat) for nat in self.nats[machine]),
            open_ports=frozenset(
                (one.protocol.casefold(), one.port) for one in (*self.rules, *self.nats[machine]) if opens
            ),
        )

    def _nat_id(self, machine: int, nat: Forwarding) -> str:
        return f"{self.id}/inboundNatRules/{nat.name}-{machine}"


def write_balanced_machines(sub: Subscription, network: Network) -> None:
    """Write a load balancer of each kind, with two or three machines. The last machine often runs SQL Server.

    Most load balancers are in a network without a security group.
    """
    for kind, public in (("Standard", True), ("Standard", False), ("Basic", True), ("Basic", False)):
        rng = sub.rng
        guarded = [one for one in network.subnets if one.id.endswith("/snet-web")]
        subnet = rng.pick(guarded) if guarded and rng.chance(0.25) else write_bare_network(sub, network)
        balancer = _planned(sub, subnet, kind, public, machines=rng.randrange(2, 4))
        for index in range(len(balancer.nats)):
            balancing = balancer.balancing(index)
            if index + 1 == len(balancer.nats) and rng.chance(0.6):
                machine = write_sql_machine(sub, network, subnet, balancing)
            else:
                machine = write_machine(sub, network, subnet, balancing=balancing)
            balancer.configurations.append(f"{machine.interface.id}/ipConfigurations/ipconfig1")
        _write(sub, balancer)


def _planned(sub: Subscription, subnet: Subnet, kind: str, public: bool, machines: int) -> _Balancer:
    rng = sub.rng
    group, _, tags = sub.group(region=subnet.region)
    number = sub.next_number("load balancer")
    name = f"lb-{'public' if public else 'internal'}-{number:03d}"
    opens = kind == "Basic" and public
    rules = rng.sample(_BENIGN, rng.randrange(1, len(_BENIGN)))
    nats: list[list[Forwarding]] = [[_NAT[-1]] if rng.chance(0.4) else [] for _ in range(machines)]
    # Sometimes, add rules that forward to a port that a control judges. In a public load balancer with the SKU Basic,
    # such rules open the port to the Internet, so add them only as a fault.
    if rng.faulty() if opens else rng.chance(0.7):
        if rng.chance(0.5):
            rules += rng.sample(_OPENING, rng.randrange(2, len(_OPENING) + 1))
        else:
            nats[-1] = rng.sample(_NAT, rng.randrange(2, len(_NAT) + 1))
            nats[0] = rng.sample(_NAT[:-1], 1)
    if kind == "Standard" and not public and rng.chance(0.5):
        rules = [_ALL_PORTS]
    return _Balancer(sub.id_of(group, _TYPE, name), group, name, tags, subnet, kind, public, rules, nats)


def _write(sub: Subscription, balancer: _Balancer) -> None:
    front = f"{balancer.id}/frontendIPConfigurations/{_FRONT}"
    pool = f"{balancer.id}/backendAddressPools/{_POOL}"
    rules = [_rule(sub, balancer, one, front, pool) for one in balancer.rules]
    nats = [
        _nat_rule(balancer, machine, number, one, front)
        for number, (machine, one) in enumerate(
            (index, one) for index, found in enumerate(balancer.nats) for one in found
        )
    ]
    refers: Json = {"provisioningState": "Succeeded", "privateIPAllocationMethod": "Dynamic"}
    if balancer.public:
        address = write_public_address(
            sub, balancer.group, balancer.subnet.region, balancer.tags, front, balancer.kind
        )
        refers["publicIPAddress"] = {"id": address}
    else:
        refers["subnet"] = {"id": balancer.subnet.id}
        refers["privateIPAddress"] = f"{balancer.subnet.prefix}.{250 + sub.rng.randrange(4)}"
    refers["loadBalancingRules"] = [{"id": one["id"]} for one in rules]
    refers["inboundNatRules"] = [{"id": one["id"]} for one in nats]
    members = [{"id": one} for one in balancer.configurations]
    in_pool: Json = {
        "provisioningState": "Succeeded",
        "backendIPConfigurations": members,
        "loadBalancingRules": [{"id": one["id"]} for one in rules],
    }
    properties: Json = {
        "provisioningState": "Succeeded",
        "resourceGuid": sub.rng.guid(),
        "frontendIPConfigurations": [_part(front, "frontendIPConfigurations", refers)],
        "backendAddressPools": [_part(pool, "backendAddressPools", in_pool)],
        "loadBalancingRules": rules,
        "probes": [],
        "inboundNatRules": nats,
        "outboundRules": [],
        "inboundNatPools": [],
    }
    sub.write(
        balancer.group,
        _TYPE,
        balancer.name,
        properties,
        location=balancer.subnet.region,
        tags=balancer.tags,
        sku={"name": balancer.kind, "tier": "Regional"},
    )


def _rule(sub: Subscription, balancer: _Balancer, forwarding: Forwarding, front: str, pool: str) -> Json:
    properties: Json = {
        **_forwarded(forwarding, front, forwarding.front or forwarding.port),
        "loadDistribution": "Default",
        "disableOutboundSnat": balancer.kind == "Standard" and sub.rng.chance(0.5),
        "backendAddressPool": {"id": pool},
    }
    identifier = f"{balancer.id}/loadBalancingRules/{forwarding.name}"
    return _part(identifier, "loadBalancingRules", properties)


def _nat_rule(balancer: _Balancer, machine: int, number: int, forwarding: Forwarding, front: str) -> Json:
    properties = {
        **_forwarded(forwarding, front, 50000 + number),
        "backendIPConfiguration": {"id": balancer.configurations[machine]},
    }
    identifier = f"{balancer.id}/inboundNatRules/{forwarding.name}-{machine}"
    return _part(identifier, "inboundNatRules", properties)


def _forwarded(forwarding: Forwarding, front: str, port: int) -> Json:
    return {
        "provisioningState": "Succeeded",
        "frontendIPConfiguration": {"id": front},
        "frontendPort": port,
        "backendPort": forwarding.port,
        "enableFloatingIP": False,
        "idleTimeoutInMinutes": 4,
        "protocol": forwarding.protocol,
        "enableTcpReset": False,
    }


def _part(identifier: str, collection: str, properties: Json) -> Json:
    name = identifier.rpartition("/")[2]
    return {"name": name, "id": identifier, "type": f"{_TYPE}/{collection}", "properties": properties}
