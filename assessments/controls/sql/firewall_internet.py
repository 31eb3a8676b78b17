"""sql-firewall-internet."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.sql._firewall import RULE_LISTS, dormant, read
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections import SQL_SERVERS
from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, size
from assessments.estate.sql_firewall import Rule
from assessments.estate.view import View


@per_subject(
    SQL_SERVERS,
    needs=RULE_LISTS,
    severity=Severity.CRITICAL,
    expected="the rules together let in fewer than 2^24 IPv4 and 2^96 IPv6 addresses",
    references=References(c2="4.1.2", c3="5.1.2", mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"),
)
def firewall_internet(server: View, ctx: Context) -> Verdict:
    """SQL server firewall not open to the Internet.

    Judged: each logical SQL server (Synapse's as well). Without public network access it passes, its
    rules are dormant. Otherwise all its firewall rules together are summed up, so that the Internet in
    pieces is found too. Database-level rules are visible only in T-SQL and are not judged.
    Why: a database server that the whole Internet reaches is one guessed or leaked password from a breach.
    Fix: az sql server firewall-rule delete -g RG -s SERVER -n RULE
    """
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
