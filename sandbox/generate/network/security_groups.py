"""Generate security rules as ARM documents, and find the ports that they open. `nsg_recipes` has the rule sets, called
recipes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.generate.network.nsg_recipes import (
    BENIGN,
    CLOSED,
    NARROW,
    OPEN,
    OPEN_ALL,
    OPEN_BY_UDP,
    OPEN_WHOLLY,
    UDP_CLOSED,
    UDP_OPEN,
    WEB,
    Recipe,
    Rule,
)
from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource

_TYPE = "Microsoft.Network/networkSecurityGroups"

# The rules that Azure adds to every group: (name, priority, access, direction, source, destination).
_DEFAULTS = (
    ("AllowVnetInBound", 65000, "Allow", "Inbound", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Allow", "Inbound", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Deny", "Inbound", "*", "*"),
    ("AllowVnetOutBound", 65000, "Allow", "Outbound", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Allow", "Outbound", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Deny", "Outbound", "*", "*"),
)


@dataclass
class RuleSet:
    """Security rules as ARM documents, with the ports that are open to the Internet.

    `udp_open` says whether a UDP port that network-udp-from-internet judges is open. `http_open` says whether a port of
    a website is open.
    """

    custom: list[Json]
    default: list[Json]
    ssh_open: bool
    rdp_open: bool
    sql_open: bool
    udp_open: bool
    http_open: bool


def rule_set(rng: RandomSource, group_id: str, sql_port: int | None) -> RuleSet:
    """Return random rules for the ports of SSH, RDP and, if `sql_port` is given, SQL Server, and sometimes for other
    ports.

    As a random fault, the rules open some or all ports to the Internet. If `sql_port` is None, the result's `sql_open`
    is True only if all ports are open.
    """
    ssh_open, rdp_open = rng.faulty(), rng.faulty()
    opens_all = ssh_open and rdp_open and rng.chance(0.5)
    if opens_all:
        chosen: list[tuple[Recipe, int]] = [(rng.pick(OPEN_ALL), 0)]
        sql_open = True
    else:
        ssh = rng.pick(OPEN if ssh_open else CLOSED + OPEN_BY_UDP)
        rdp = rng.pick(OPEN + OPEN_BY_UDP if rdp_open else CLOSED)
        chosen = [(ssh, 22), (rdp, 3389)]
        sql_open = sql_port is not None and rng.faulty()
        if sql_port is not None:
            chosen.append((rng.pick(OPEN_WHOLLY if sql_open else CLOSED + OPEN_BY_UDP), sql_port))
    services = rng.branch(f"services/{group_id}")
    publishes = services.often_faulty()
    http_open = opens_all
    if rng.chance(0.6):
        benign = rng.sample(BENIGN, rng.randrange(1, len(BENIGN) + 1))
        if any(rule in WEB for rule in benign):
            http_open = http_open or publishes
            if not publishes:
                benign = [
                    replace(rule, source=services.pick(NARROW)) if rule in WEB else rule for rule in benign
                ]
        chosen.append((tuple(benign), 0))
    rng.shuffle(chosen)  # The order of the recipes does not matter, because they are about different ports.
    custom: list[Json] = []
    for block, (recipe, port) in enumerate(chosen):
        for step, rule in enumerate(recipe):
            custom.append(_wire(rule, port, 100 + block * 1000 + step * 10, f"rule-{block}{step}", group_id))
    udp_open = services.faulty()
    if udp_open or services.chance(0.1):
        recipe = services.pick(UDP_OPEN if udp_open else UDP_CLOSED)
        custom += [
            _wire(rule, 0, 4000 + step, f"rule-udp-{step}", group_id) for step, rule in enumerate(recipe)
        ]
    return RuleSet(
        custom,
        [_default(d, group_id) for d in _DEFAULTS],
        ssh_open,
        rdp_open,
        sql_open,
        udp_open or opens_all,
        http_open,
    )


def _fill(field: str, plural: str, value: str | Sequence[str]) -> Json:
    if isinstance(value, str):
        return {field: value, plural: []}
    return {plural: list(value)}


def _ports(rule: Rule, port: int) -> str | list[str]:
    def one(text: str) -> str:
        return text.format(p=port, lo=port - 2, hi=port + 11)

    return one(rule.ports) if isinstance(rule.ports, str) else [one(p) for p in rule.ports]


def _wire(rule: Rule, port: int, priority: int, name: str, group_id: str) -> Json:
    properties: Json = {
        "provisioningState": "Succeeded",
        "protocol": rule.protocol,
        "sourcePortRange": "*",
        "sourcePortRanges": [],
        "destinationAddressPrefix": rule.destination,
        "destinationAddressPrefixes": [],
        "access": rule.access,
        "priority": priority,
        "direction": rule.direction,
        **_fill("destinationPortRange", "destinationPortRanges", _ports(rule, port)),
    }
    if rule.application_group:
        asg = group_id.replace("networkSecurityGroups", "applicationSecurityGroups") + "-jump"
        properties["sourceApplicationSecurityGroups"] = [{"id": asg}]
        properties["sourceAddressPrefixes"] = []
    else:
        properties |= _fill("sourceAddressPrefix", "sourceAddressPrefixes", rule.source)
    return _document(name, group_id, "securityRules", properties)


def _default(default: tuple[str, int, str, str, str, str], group_id: str) -> Json:
    name, priority, access, direction, source, destination = default
    properties: Json = {
        "provisioningState": "Succeeded",
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": direction,
        "sourcePortRanges": [],
        "destinationPortRanges": [],
        "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": [],
    }
    return _document(name, group_id, "defaultSecurityRules", properties)


def _document(name: str, group_id: str, collection: str, properties: Json) -> Json:
    return {
        "name": name,
        "id": f"{group_id}/{collection}/{name}",
        "type": f"{_TYPE}/{collection}",
        "properties": properties,
    }
