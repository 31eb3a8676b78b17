"""The control sql-firewall-internet: No SQL server is open to the Internet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assessments.controls.context import Context
from assessments.controls.declare import each_subject, judgements
from assessments.controls.references import Partly, References
from assessments.controls.shared.perimeters import FIX_PERIMETER, PERIMETER_VARIABLES, opens_by_perimeter
from assessments.controls.sql._firewall import RULE_LISTS, judge_firewall, read_server_firewall
from assessments.controls.sql._instance import instance_open_to_internet
from assessments.controls.sql._machine import machine_open_to_internet
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.network import FOREIGN_LOAD_BALANCERS, LOAD_BALANCERS, NICS, NSGS
from assessments.estate.collections.sql import (
    MANAGED_INSTANCES,
    SQL_NETWORKS,
    SQL_PERIMETERS,
    SQL_PUBLIC_ADDRESSES,
    SQL_SERVERS,
    SQL_VIRTUAL_MACHINES,
)
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.ids import name_of, resource_group_of
from assessments.estate.network.perimeters import AccessRule, Perimeter
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, size, widest_above
from assessments.estate.sql.firewall import Rule
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import SOURCE, Variable

_LIMITS = {4: INTERNET_IPV4, 6: INTERNET_IPV6}
_NETWORK = (
    NSGS,
    NICS,
    VIRTUAL_MACHINES,
    SQL_NETWORKS,
    SQL_PUBLIC_ADDRESSES,
    LOAD_BALANCERS,
    FOREIGN_LOAD_BALANCERS,
)


def _rules(version: int) -> Callable[[Facts], list[dict[str, str]]]:
    """Return a function that lists, for one IP version, the rules that let the Internet in."""

    def rows(facts: Facts) -> list[dict[str, str]]:
        return [
            {"rule": str(row.get("rule", ""))}
            for row in facts.rows("openingRules")
            if row.get("ipVersion") == version
        ]

    return rows


def _machine_rules(facts: Facts) -> list[dict[str, str]]:
    """Return each rule that lets the Internet reach a SQL virtual machine, with the security group of the rule."""
    found = []
    for interface in facts.rows("interfaces"):
        for row in interface.get("openingRules") or []:
            group = str(row["group"])
            names = {"nsg_name": name_of(group), "nsg_group": resource_group_of(group)}
            entry = {"rule": str(row["rule"]), **names}
            if entry not in found:
                found.append(entry)
    return found


_SERVERS = ("microsoft.sql/servers",)

FIX = Fix(
    command(
        "az sql server firewall-rule delete --resource-group {group} --server {server} --name {rule}"
        " --subscription {subscription}",
        "SQL server: delete the rules that let the Internet in. Rules for single networks stay.",
        kinds=_SERVERS,
        when=lambda facts: bool(_rules(4)(facts)),
        each=_rules(4),
    ),
    command(
        "az sql server ipv6-firewall-rule delete --resource-group {group} --server {server} --name {rule}"
        " --subscription {subscription}",
        "SQL server: delete the IPv6 rules that let the Internet in.",
        kinds=_SERVERS,
        when=lambda facts: bool(_rules(6)(facts)),
        each=_rules(6),
    ),
    advice(
        "SQL server: of the rules in the finding, delete those that let the Internet in.",
        kinds=_SERVERS,
        when=lambda facts: not facts.rows("openingRules") and not opens_by_perimeter(facts),
    ),
    FIX_PERIMETER,
    command(
        "az sql mi update --resource-group {group} --name {instance} --public-data-endpoint-enabled false"
        " --subscription {subscription}",
        "Managed instance: switch the public endpoint off.",
        kinds=("microsoft.sql/managedinstances",),
    ),
    command(
        "az network nsg rule update --resource-group {nsg_group} --nsg-name {nsg_name} --name {rule}"
        " --source-address-prefixes {source} --subscription {subscription}",
        "SQL Server on a virtual machine: allow only your own networks to reach port 1433.",
        kinds=("microsoft.sqlvirtualmachine/sqlvirtualmachines",),
        when=lambda facts: bool(_machine_rules(facts)),
        each=_machine_rules,
    ),
    advice(
        "If no network security group protects the machine, create one, allow your own networks in it, and assign it to"
        " the subnet: Azure portal › Virtual networks › the network › Subnets › the subnet › Network security group.",
        kinds=("microsoft.sqlvirtualmachine/sqlvirtualmachines",),
        when=lambda facts: not _machine_rules(facts),
    ),
    portal="Azure portal › SQL servers, SQL managed instances or Virtual machines › the resource › Networking",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/firewall-create-server-level-portal-quickstart",
    effects="Clients that are not in the remaining networks can no longer connect.",
    variables=[
        Variable("rule", "Rule in the finding", "AllowAll"),
        Variable("nsg_group", "Resource group of the network security group", "rg-network"),
        Variable("nsg_name", "Network security group in the finding", "nsg-sql"),
        SOURCE,
        *PERIMETER_VARIABLES,
    ],
)


@judgements(
    needs=(SQL_SERVERS, *RULE_LISTS, SQL_PERIMETERS, MANAGED_INSTANCES, SQL_VIRTUAL_MACHINES, *_NETWORK),
    fix=FIX,
    severity=Severity.CRITICAL,
    labels={"interfaces": "Network interfaces"},
    expects={"openingRules": ()},
    subject_type=(
        "Microsoft.Sql/servers, Microsoft.Sql/managedInstances, Microsoft.SqlVirtualMachine/sqlVirtualMachines"
    ),
    empty_reason="No SQL server, managed instance or SQL virtual machine",
    references=References(
        c2="4.1.2",
        c3="5.1.2",
        mcsb="NS-2",
        nist="AC-4 SC-7 SC-7(3)",
        partly=(
            Partly(
                "c2 c3",
                "The control passes if the rules allow fewer addresses than an IPv4 network of size /8, and does not"
                " read database-level rules",
            ),
        ),
    ),
)
def firewall_internet(ctx: Context) -> Iterator[Judgement]:
    """No SQL server is open to the Internet.

    Problem: SQL server open to the Internet
    Expected: Fewer addresses are allowed than in an IPv4 network of size /8 and an IPv6 network of size /32
    Judged: Each logical SQL server (including those of Synapse), managed instance and SQL virtual machine.

    The addresses of all rules that apply are added up, so several rules that together let the Internet in fail too. The
    server's own firewall rules apply if public network access is on and no network security perimeter is enforced. If
    the server belongs to a perimeter, the inbound access rules of the perimeter apply; rules for service tags need an
    attestation. Without public network access and without a perimeter, a
    server passes. IPv6 rules count even if IPv6 is off for the server (`isIPv6Enabled`), with a remark. A server does
    not pass if the last address of a firewall rule is before its first address, because it is not documented which
    addresses such a rule allows. Database-level rules are visible only in T-SQL and are not judged.

    A managed instance passes if its public data endpoint is off. Otherwise the network security group of its subnet
    must not let the Internet reach tcp/3342.

    A SQL virtual machine is one that the SQL Server IaaS agent extension has registered. It is open if the Internet
    reaches tcp/1433 of one of its interfaces through the network security groups of the interface and of its subnet. If
    neither has a group, the machine is open if the interface has a public address of the Basic SKU, or if a public load
    balancer of the Basic SKU forwards connections to this port. A load balancer in another subscription is read if that
    subscription is assessed for the same customer. Security admin rules of Virtual Network Manager and the firewall
    inside the machine are not read.
    Why: A database server that the whole Internet reaches is one leaked password away from a breach.
    """
    yield from each_subject(_judge_server, SQL_SERVERS, ctx)
    yield from each_subject(instance_open_to_internet, MANAGED_INSTANCES, ctx)
    yield from each_subject(machine_open_to_internet, SQL_VIRTUAL_MACHINES, ctx)


def _judge_server(server: View, ctx: Context) -> Verdict:
    return judge_firewall(
        server,
        ctx,
        lambda perimeter: perimeter.rules_for_the_internet(_LIMITS),
        lambda: _judge_rules(server, ctx),
        lambda perimeter: _judge_together(server, ctx, perimeter),
    )


def _judge_together(server: View, ctx: Context, perimeter: Perimeter) -> Verdict | None:
    """Return a failure if the firewall rules, together with a perimeter that is not enforced, let the Internet in."""
    firewall = read_server_firewall(server, ctx).firewall
    opening: list[Rule | AccessRule] = []
    versions = []
    for version, limit in _LIMITS.items():
        rules: list[Rule | AccessRule] = [*firewall.rules, *perimeter.rules]
        if found := widest_above((r for r in rules if r.version == version), lambda rule: rule.range, limit):
            versions.append(f"IPv{version}")
            opening += found
    if not opening:
        return None
    opening.sort(key=lambda rule: (rule.version, rule.name))
    names = ", ".join(dict.fromkeys(rule.name for rule in opening))
    return failed(
        "The firewall rules and the network security perimeter together allow too many"
        f" {' and '.join(versions)} addresses, so the server is open to the Internet. Widest rules: {names}",
        perimeterRules=[rule.name for rule in opening if isinstance(rule, AccessRule)],
        openingRules=[
            {"rule": rule.name, "ipVersion": rule.version} for rule in opening if isinstance(rule, Rule)
        ],
        **perimeter.observed(),
    )


def _judge_rules(server: View, ctx: Context) -> Verdict:
    reading = read_server_firewall(server, ctx)
    ipv4, ipv6 = size(reading.firewall.addresses(4)), size(reading.firewall.addresses(6))
    # Counts are text, because JSON readers lose precision on counts of IPv6 addresses.
    observed = {"ipv4Addresses": str(ipv4), "ipv6Addresses": str(ipv6)}
    remarks = [*reading.remarks, *reading.network_remarks()]
    open_versions = [version for version, count in ((4, ipv4), (6, ipv6)) if count >= _LIMITS[version]]
    if open_versions:
        rules = sorted(rule.name for rule in reading.firewall.rules if rule.version in open_versions)
        opening = [
            rule
            for version in open_versions
            for rule in reading.firewall.opening_rules(version, _LIMITS[version])
        ]
        opening.sort(key=lambda rule: (rule.version, rule.name))
        names = ", ".join(dict.fromkeys(rule.name for rule in opening))
        versions = " and ".join(f"IPv{version}" for version in open_versions)
        return failed(
            f"The rules allow too many {versions} addresses, so the server is open to the Internet. Widest rules:"
            f" {names}",
            remarks=remarks,
            rules=rules,
            openingRules=[{"rule": rule.name, "ipVersion": rule.version} for rule in opening],
            **observed,
        )
    reading.require_complete()
    if not reading.firewall.rules:
        return passed("No firewall rule allows access", remarks=remarks, rules=[], **observed)
    return passed(
        "The rules allow only specific networks",
        remarks=remarks,
        rules=reading.firewall.names(),
        **observed,
    )
