"""SQL Server on virtual machines: whether the Internet can reach port 1433."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.network.cases_from_internet import (
    NAT,
    POOL,
    behind,
    forwarding,
    nat,
    rule,
)
from tests.assessments.controls.sql.network_documents import (
    ADDRESS,
    NIC,
    SQL_VM,
    VM,
    VNET,
    address,
    allow,
    interface,
    machine_docs,
    nsg,
)

CLOSED, OPEN = nsg("closed"), nsg("open", allow(1433))
OPEN_TOO = nsg("open2", allow(1433, "Internet"))
V4, V6 = nsg("v4", allow(1433, "0.0.0.0/0")), nsg("v6", allow(1433, "::/0"))
UNREADABLE = nsg("odd", rule(100, source=..., ports="1433"))
OTHER = NIC.replace("vm1-nic", "vm1-nic2")
STANDARD, BASIC = address({"name": "Standard"}), address({"name": "basic", "tier": "Regional"})
BEHIND = {"loadBalancerBackendAddressPools": [{"id": f"{VNET}/x"}]}
NO_GROUPS = {"gaps": [gap("network_security_groups")]}


def public(*addresses: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine without security groups, whose interface has a public address."""
    return machine_docs(nics=[interface(public=True)], sql_public_addresses=list(addresses), **more)


ASG = f"{VNET}/asg".replace("virtualNetworks", "applicationSecurityGroups")


def host(*rules: dict[str, Any], **configuration: Any) -> dict[str, Any]:
    """A machine, by default at 10.0.0.4, whose subnet has a security group with these rules."""
    at = {"privateIPAddress": "10.0.0.4"} | configuration
    return machine_docs(nsg("g", *rules), nics=[interface(**{k: v for k, v in at.items() if v is not ...})])


def to(destination: str, access: str = "Allow", priority: int = 90, **more: Any) -> dict[str, Any]:
    return rule(priority, access, ports="1433", destinationAddressPrefix=destination, **more)


def to_group(identifier: str, access: str = "Allow") -> dict[str, Any]:
    groups = [{"id": identifier}]
    return rule(
        90, access, ports="1433", destinationAddressPrefix=..., destinationApplicationSecurityGroups=groups
    )


MEMBER = {"applicationSecurityGroups": [{"id": ASG.upper()}]}


def without(docs: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: bodies for name, bodies in docs.items() if name not in names}


def balanced(
    *rules: dict[str, Any],
    nats: tuple[dict[str, Any], ...] = (),
    sku: Any = "Basic",
    public: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """A machine without security groups behind a load balancer with these rules."""
    names = {
        "loadBalancerBackendAddressPools": [{"id": POOL.upper()}],
        "loadBalancerInboundNatRules": [{"id": NAT}],
    }
    found = behind(*rules, nats=nats, sku=sku)["load_balancers"]
    return machine_docs(nics=[interface(public=public, **names)], load_balancers=found, **more)


_NOTHING = "forward no connection from the Internet to tcp/1433"
# (name, documents, outcome, "reason" or "remark", text that the reason or a remark contains)
BALANCED: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "Basic, rule",
        balanced(forwarding(1433)),
        "fail",
        "reason",
        "balancer lb1 forwards connections with to-1433",
    ),
    ("Basic, NAT rule", balanced(nats=(nat(1433),)), "fail", "reason", "forwards connections with admin"),
    ("Basic, all ports", balanced(forwarding(0, "All")), "fail", "reason", "to-0"),
    ("Basic, other port", balanced(forwarding(443), nats=(nat(3389),)), "pass", "remark", _NOTHING),
    ("Basic, other protocol", balanced(forwarding(1433, "Udp")), "pass", "remark", _NOTHING),
    ("Basic, internal", balanced(forwarding(1433, front="inside")), "pass", "remark", _NOTHING),
    ("Basic, other pool", balanced(forwarding(1433, pool=f"{POOL}2")), "pass", "remark", _NOTHING),
    ("Standard", balanced(forwarding(1433), sku="Standard"), "pass", "remark", _NOTHING),
    (
        "Standard, with a Standard address",
        balanced(forwarding(1433), sku="Standard", public=True, sql_public_addresses=[STANDARD]),
        "pass",
        "remark",
        "Standard public address",
    ),
    (
        "Basic, rule, with a Standard address",
        balanced(forwarding(1433), public=True, sql_public_addresses=[STANDARD]),
        "fail",
        "reason",
        "forwards connections",
    ),
    ("unknown kind", balanced(sku="Gold"), "unknown", "reason", "sku.name"),
    ("no kind", balanced(sku=None), "unknown", "reason", "sku"),
    ("unknown protocol", balanced(forwarding(1433, "Sctp")), "unknown", "reason", "protocol"),
    ("not listed", balanced() | {"load_balancers": []}, "unknown", "reason", "lb1 is not in the list"),
]


CASES = [
    *rows(
        "sql-firewall-internet",
        ("machine, both closed", machine_docs(CLOSED, nsg("closed2")), {SQL_VM: "pass"}),
        (
            "machine, both open",
            machine_docs(OPEN, OPEN_TOO),
            {SQL_VM: "fail"},
            {"reason": "open2 and open", "remark": "No public address"},
        ),
        (
            "machine, subnet group open, no interface group",
            machine_docs(OPEN),
            {SQL_VM: "fail"},
            {"reason": "(groups: open; rules: r100)"},
        ),
        ("machine, interface group open, no subnet group", machine_docs(None, OPEN), {SQL_VM: "fail"}),
        ("machine, subnet closed, interface open", machine_docs(CLOSED, OPEN), {SQL_VM: "pass"}),
        ("machine, subnet open, interface closed", machine_docs(OPEN, CLOSED), {SQL_VM: "pass"}),
        ("machine, one group allows IPv4, the other IPv6", machine_docs(V4, V6), {SQL_VM: "pass"}),
        ("machine, other port", machine_docs(nsg("g", allow(3342))), {SQL_VM: "pass"}),
        (
            "machine, office range",
            machine_docs(nsg("g", allow(1433, "198.51.100.0/22"))),
            {SQL_VM: "pass"},
            {"remark": "The rules allow more than 256"},
        ),
        (
            "machine, AzureCloud tag",
            machine_docs(nsg("g", allow(1433, "AzureCloud"))),
            {SQL_VM: "fail"},
            {"reason": "Every Azure customer can reach", "remark": "Only Azure customers can connect"},
        ),
        (
            "machine, AzureCloud tag of a region",
            machine_docs(nsg("g", allow(1433, "AzureCloud.WestEurope"))),
            {SQL_VM: "pass"},
            {"remark": "Any Azure customer"},
        ),
        (
            "machine, AzureCloud tag behind an open group",
            machine_docs(nsg("g", allow(1433, "AzureCloud")), OPEN),
            {SQL_VM: "fail"},
        ),
        (
            "machine, AzureCloud tag behind a closed group",
            machine_docs(nsg("g", allow(1433, "AzureCloud")), CLOSED),
            {SQL_VM: "pass"},
        ),
        (
            "machine, second interface open",
            machine_docs(None, OPEN, nics=[interface(CLOSED), interface(OPEN, identifier=OTHER)])
            | {"network_security_groups": [CLOSED, OPEN]},
            {SQL_VM: "fail"},
            {"reason": "apply to vm1-nic2 allow it"},
        ),
        ("machine, no group, no address", machine_docs(), {SQL_VM: "pass"}, {"remark": "no public address"}),
        (
            "machine, no group, Standard address",
            public(STANDARD),
            {SQL_VM: "pass"},
            {"remark": "Standard public address"},
        ),
        ("machine, no group, Basic address", public(BASIC), {SQL_VM: "fail"}, {"reason": "Basic"}),
        ("machine, no group, address kind absent", public(address(None)), {SQL_VM: "unknown"}),
        ("machine, no group, unknown address kind", public(address({"name": "Gold"})), {SQL_VM: "unknown"}),
        (
            "machine, no group, address forbidden",
            without(public(), "sql_public_addresses"),
            {SQL_VM: "unknown"},
            {"gaps": [gap("sql_public_addresses", ADDRESS)]},
        ),
        (
            "machine, no group, behind something else",
            machine_docs(nics=[interface(**BEHIND)]),
            {SQL_VM: "unknown"},
            {"reason": "load balancer"},
        ),
        *(
            (f"machine, no group, behind a load balancer, {name}", docs, {SQL_VM: outcome}, {key: text})
            for name, docs, outcome, key, text in BALANCED
        ),
        (
            "machine, no group, behind a load balancer, load balancers forbidden",
            without(balanced(), "load_balancers"),
            {SQL_VM: "unknown"},
            {"gaps": [gap("load_balancers")]},
        ),
        (
            "machine, no group, behind a load balancer, Basic address, load balancers forbidden",
            without(balanced(public=True, sql_public_addresses=[BASIC]), "load_balancers"),
            {SQL_VM: "fail"},
            {"gaps": [gap("load_balancers")]},
        ),
        (
            "machine, no group, behind an open load balancer, address forbidden",
            balanced(forwarding(1433), public=True),
            {SQL_VM: "fail"},
            {"gaps": [gap("sql_public_addresses", ADDRESS)]},
        ),
        (
            "machine, no group, behind a closed load balancer, address forbidden",
            balanced(public=True),
            {SQL_VM: "unknown"},
            {"gaps": [gap("sql_public_addresses", ADDRESS)]},
        ),
        (
            "machine, group closed, behind a load balancer",
            machine_docs(CLOSED, nics=[interface(**BEHIND)]),
            {SQL_VM: "pass"},
        ),
        ("machine, open and public", machine_docs(OPEN, nics=[interface(public=True)]), {SQL_VM: "fail"}),
        (
            "machine, network forbidden, interface closed",
            without(machine_docs(None, CLOSED), "sql_networks"),
            {SQL_VM: "pass"},
            {"gaps": [gap("sql_networks", VNET)]},
        ),
        (
            "machine, network forbidden, interface open",
            without(machine_docs(None, OPEN), "sql_networks"),
            {SQL_VM: "unknown"},
            {"gaps": [gap("sql_networks", VNET)]},
        ),
        (
            "machine, network forbidden, no group",
            without(machine_docs(), "sql_networks"),
            {SQL_VM: "unknown"},
            {"gaps": [gap("sql_networks", VNET)]},
        ),
        (
            "machine, groups forbidden",
            without(machine_docs(CLOSED), "network_security_groups"),
            {SQL_VM: "unknown"},
            NO_GROUPS,
        ),
        (
            "machine, groups incomplete, known one closed",
            machine_docs(OPEN, CLOSED) | {"network_security_groups": [CLOSED]},
            {SQL_VM: "pass"},
            NO_GROUPS,
        ),
        (
            "machine, groups incomplete, known one open",
            machine_docs(CLOSED, OPEN) | {"network_security_groups": [OPEN]},
            {SQL_VM: "unknown"},
            NO_GROUPS,
        ),
        (
            "machine, group not listed",
            machine_docs(CLOSED) | {"network_security_groups": []},
            {SQL_VM: "unknown"},
        ),
        ("machine, unreadable rule", machine_docs(UNREADABLE), {SQL_VM: "unknown"}),
        (
            "machine, unreadable rule behind a closed group",
            machine_docs(UNREADABLE, CLOSED),
            {SQL_VM: "pass"},
        ),
        (
            "machine, unreadable rule behind an open group",
            machine_docs(UNREADABLE, OPEN),
            {SQL_VM: "unknown"},
        ),
        ("machine, not listed", without(machine_docs(CLOSED), "virtual_machines"), {SQL_VM: "unknown"}),
        (
            "machine, machines forbidden",
            without(machine_docs(CLOSED), "virtual_machines"),
            {SQL_VM: "unknown"},
            {"gaps": [gap("virtual_machines")]},
        ),
        (
            "machine, interface not listed",
            without(machine_docs(CLOSED), "network_interfaces"),
            {SQL_VM: "unknown"},
        ),
        (
            "machine, interfaces forbidden",
            without(machine_docs(CLOSED), "network_interfaces"),
            {SQL_VM: "unknown"},
            {"gaps": [gap("network_interfaces")]},
        ),
        (
            "machine, one interface open, one unreadable",
            machine_docs(
                OPEN,
                virtual_machines=[
                    doc(VM, {"networkProfile": {"networkInterfaces": [{"id": NIC}, {"id": OTHER}]}})
                ],
            ),
            {SQL_VM: "fail"},
        ),
        (
            "machine, no interface named",
            machine_docs(CLOSED, virtual_machines=[doc(VM, {"networkProfile": {"networkInterfaces": []}})]),
            {SQL_VM: "unknown"},
        ),
        ("host, its address denied", host(to("10.0.0.4", "Deny"), allow(1433)), {SQL_VM: "pass"}),
        ("host, its range denied", host(to("10.0.0.0/28", "Deny"), allow(1433)), {SQL_VM: "pass"}),
        ("host, another address denied", host(to("10.0.0.5", "Deny"), allow(1433)), {SQL_VM: "fail"}),
        ("host, denied by a later rule", host(to("10.0.0.4", "Deny", 110), allow(1433)), {SQL_VM: "fail"}),
        (
            "host, denied from one source port",
            host(to("10.0.0.4", "Deny", sourcePortRange="1024"), allow(1433)),
            {SQL_VM: "fail"},
        ),
        (
            "host, address absent, address denied",
            host(to("10.0.0.4", "Deny"), allow(1433), privateIPAddress=...),
            {SQL_VM: "fail"},
        ),
        (
            "host, invalid address, address denied",
            host(to("10.0.0.4", "Deny"), allow(1433), privateIPAddress="ten"),
            {SQL_VM: "fail"},
        ),
        (
            "host, address is a range",
            host(to("10.0.0.4", "Deny"), allow(1433), privateIPAddress="10.0.0.4/31"),
            {SQL_VM: "fail"},
        ),
        (
            "host, its address denied, load balanced",
            host(to("10.0.0.4", "Deny"), allow(1433), **BEHIND),
            {SQL_VM: "fail"},
        ),
        ("host, its address allowed", host(to("10.0.0.4")), {SQL_VM: "fail"}),
        ("host, its subnet allowed", host(to("10.0.0.0/24")), {SQL_VM: "fail"}),
        ("host, another address allowed", host(to("10.0.0.5")), {SQL_VM: "pass"}),
        ("host, another address allowed, load balanced", host(to("10.0.0.5"), **BEHIND), {SQL_VM: "fail"}),
        ("host, a tag allowed", host(to("Sql.WestEurope")), {SQL_VM: "fail"}),
        ("host, a tag denied", host(to("Sql.WestEurope", "Deny"), allow(1433)), {SQL_VM: "fail"}),
        ("host with IPv4, IPv6 allowed", host(allow(1433, "::/0")), {SQL_VM: "pass"}),
        (
            "host with IPv6, IPv6 allowed",
            host(allow(1433, "::/0"), privateIPAddress="fd00::4"),
            {SQL_VM: "fail"},
        ),
        (
            "host with IPv6, IPv4 allowed",
            host(allow(1433, "0.0.0.0/0"), privateIPAddress="fd00::4"),
            {SQL_VM: "pass"},
        ),
        ("host, its application group allowed", host(to_group(ASG), **MEMBER), {SQL_VM: "fail"}),
        ("host, another application group allowed", host(to_group(f"{ASG}2"), **MEMBER), {SQL_VM: "pass"}),
        ("host, in no application security group", host(to_group(ASG)), {SQL_VM: "pass"}),
        (
            "host, its application group denied",
            host(to_group(ASG, "Deny"), allow(1433), **MEMBER),
            {SQL_VM: "pass"},
        ),
        (
            "host, another application group denied",
            host(to_group(f"{ASG}2", "Deny"), allow(1433), **MEMBER),
            {SQL_VM: "fail"},
        ),
        (
            "host, destination absent",
            host(rule(90, ports="1433", destinationAddressPrefix=...)),
            {SQL_VM: "unknown"},
        ),
        (
            "virtual machine id absent",
            machine_docs(CLOSED, sql_virtual_machines=[doc(SQL_VM, {"sqlManagement": "Full"})]),
            {SQL_VM: "unknown"},
        ),
        ("SQL machines forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("sql_virtual_machines")]}),
    ),
]

_NO_GROUP = "ARM omits a missing group; the other group or the public address decides then"
ABSENCE_PASSES = [
    (r"sql-firewall-internet", r"properties\.networkSecurityGroup", _NO_GROUP),
    (r"sql-firewall-internet", r"properties\.subnets\[\]\.properties\.networkSecurityGroup", _NO_GROUP),
    (
        r"sql-firewall-internet",
        r"properties\.ipConfigurations\[\]\.properties\.publicIPAddress",
        "ARM omits a missing public address, and without one the Internet cannot connect",
    ),
    (
        r"sql-firewall-internet",
        r"properties\.ipConfigurations\[\]\.properties\.(loadBalancerBackendAddressPools|loadBalancerInboundNatRules|applicationSecurityGroups)",
        "ARM omits the pools and groups that an interface does not belong to",
    ),
    (
        r"sql-firewall-internet",
        (
            r"properties\.(frontendIPConfigurations\[\]\.properties\.publicIPAddress"
            r"|loadBalancingRules\[\]\.properties\.backendAddressPool(\.id)?)"
        ),
        "Azure leaves out what a front end or a rule does not have",
    ),
]
