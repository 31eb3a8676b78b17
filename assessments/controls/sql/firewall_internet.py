"""sql-firewall-internet."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import Context
from assessments.controls.declare import References, each_subject, judgements
from assessments.controls.sql._firewall import RULE_LISTS, dormant, read
from assessments.controls.sql._instance import instance_open_to_internet
from assessments.controls.sql._machine import machine_open_to_internet
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.network import NICS, NSGS
from assessments.estate.collections.sql import (
    MANAGED_INSTANCES,
    SQL_NETWORKS,
    SQL_PUBLIC_ADDRESSES,
    SQL_SERVERS,
    SQL_VIRTUAL_MACHINES,
)
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, size
from assessments.estate.sql_firewall import Rule
from assessments.estate.view import View

_NETWORK = (NSGS, NICS, VIRTUAL_MACHINES, SQL_NETWORKS, SQL_PUBLIC_ADDRESSES)


@judgements(
    needs=(SQL_SERVERS, *RULE_LISTS, MANAGED_INSTANCES, SQL_VIRTUAL_MACHINES, *_NETWORK),
    problem="SQL server open to the Internet",
    severity=Severity.CRITICAL,
    expected="fewer than 2^24 IPv4 and 2^96 IPv6 addresses are let in",
    subject_type=(
        "Microsoft.Sql/servers, Microsoft.Sql/managedInstances, Microsoft.SqlVirtualMachine/sqlVirtualMachines"
    ),
    empty_reason="no SQL server, managed instance or SQL virtual machine",
    references=References(c2="4.1.2", c3="5.1.2", mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
)
def firewall_internet(ctx: Context) -> Iterator[Judgement]:
    """SQL server firewall not open to the Internet.

    Judged: each logical SQL server (Synapse's as well), managed instance and SQL virtual machine.

    A server without public network access passes, its rules are dormant. Otherwise all its firewall rules
    together are summed up, so that the Internet in pieces is found too. Database-level rules are visible
    only in T-SQL and are not judged.

    A managed instance whose public data endpoint is off passes; otherwise its subnet's network security
    group must not let the Internet reach tcp/3342.

    A SQL virtual machine (one that the SQL Server IaaS agent extension has registered) is open where the
    network security groups of an interface and of its subnet let the Internet reach tcp/1433 of its
    address, each where there is one. Without any group it is open where the interface has a Basic public
    address, and unknown behind a load balancer. Security admin rules of Virtual Network Manager and the
    machine's own firewall are not seen.
    Why: a database server that the whole Internet reaches is one guessed or leaked password from a breach.
    Fix: az sql server firewall-rule delete -g RG -s SERVER -n RULE
    az sql mi update -g RG -n INSTANCE --public-data-endpoint-enabled false
    az network nsg rule update -g RG --nsg-name NSG -n RULE --source-address-prefixes CORPORATE_CIDR
    """
    yield from each_subject(_server, SQL_SERVERS, ctx)
    yield from each_subject(instance_open_to_internet, MANAGED_INSTANCES, ctx)
    yield from each_subject(machine_open_to_internet, SQL_VIRTUAL_MACHINES, ctx)


def _server(server: View, ctx: Context) -> Verdict:
    if verdict := dormant(server, ctx):
        return verdict
    reading = read(server, ctx)
    ipv4, ipv6 = size(reading.firewall.addresses(4)), size(reading.firewall.addresses(6))
    # As text: IPv6 counts are beyond what JSON readers keep exactly.
    observed = {"ipv4Addresses": str(ipv4), "ipv6Addresses": str(ipv6)}
    open_to = [
        v for v, count, limit in ((4, ipv4, INTERNET_IPV4), (6, ipv6, INTERNET_IPV6)) if count >= limit
    ]
    if open_to:
        rules = sorted(rule.name for rule in reading.firewall.rules if rule.version in open_to)
        wide = sorted(
            {max((r for r in reading.firewall.rules if r.version == v), key=Rule.count).name for v in open_to}
        )
        versions = " and ".join(f"IPv{version}" for version in open_to)
        return failed(
            f"the rules let the {versions} Internet in, most of it through {', '.join(wide)}",
            remarks=reading.remarks,
            rules=rules,
            **observed,
        )
    reading.require_complete()
    return passed(
        "the rules let in single networks only",
        remarks=reading.remarks,
        rules=reading.firewall.names(),
        **observed,
    )
