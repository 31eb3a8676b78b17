"""sql-firewall-wide."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import References
from assessments.controls.sql._firewall import RULE_LISTS, pass_if_closed, read_server_firewall
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import SQL_SERVERS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import Variable

MANY_RULES = 50


FIX = Fix(
    command(
        "az sql server firewall-rule update --resource-group {group} --server {server} --name {rule}"
        " --start-ip-address {first} --end-ip-address {last} --subscription {subscription}",
        "For an IPv6 rule, the command is `az sql server ipv6-firewall-rule update` with --start-ipv6-address and"
        " --end-ipv6-address.",
        each=lambda facts: [{"rule": str(row.get("rule", ""))} for row in facts.rows("wideRules")],
    ),
    portal="Azure portal › SQL servers › {server} › Security › Networking › Public access › Firewall rules",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/firewall-create-server-level-portal-quickstart",
    effects="Clients outside the narrower range can no longer connect.",
    variables=[
        Variable("rule", "Name of the firewall rule", "office"),
        Variable("first", "First address that may connect", "203.0.113.10"),
        Variable("last", "Last address that may connect", "203.0.113.20"),
    ],
)


@per_subject(
    SQL_SERVERS,
    needs=RULE_LISTS,
    fix=FIX,
    severity=Severity.HIGH,
    references=References(mcsb="NS-2", nist="SC-7 AC-4"),
    parameters=[
        Parameter(
            "max_range", 256, "Maximum IPv4 addresses that one rule may allow", minimum=1, maximum=2**32
        ),
        Parameter(
            "max_range_ipv6",
            2**64,
            "Maximum IPv6 addresses that one rule may allow",
            minimum=1,
            maximum=2**128,
        ),
    ],
)
def firewall_wide(server: View, ctx: Context) -> Verdict:
    """No SQL firewall rule is wider than needed.

    Problem: SQL firewall rule wider than needed
    Expected: No rule allows more than {max_range:ipv4} or {max_range_ipv6:ipv6}
    Judged: Each logical SQL server with public network access. No firewall rule may allow more addresses
    than `max_range` (IPv4) or `max_range_ipv6`. Whether a narrow rule is needed is left to a review. More
    than 50 rules add a remark. Database-level rules are visible only in T-SQL and are not judged.
    Why: Each additional address is one more place from which passwords can be tried.
    """
    if verdict := pass_if_closed(server, ctx):
        return verdict
    reading = read_server_firewall(server, ctx)
    limits = {4: ctx.params["max_range"], 6: ctx.params["max_range_ipv6"]}
    wide = sorted(
        (rule.name, rule.count()) for rule in reading.firewall.rules if rule.count() > limits[rule.version]
    )
    remarks = reading.remarks
    if len(reading.firewall.rules) > MANY_RULES:
        remarks.append(f"{len(reading.firewall.rules):,} rules are hard to oversee")
    if wide:
        remarks += reading.network_remarks()
        return failed(
            f"Rules wider than allowed: {', '.join(name for name, _ in wide)}",
            remarks=remarks,
            # Counts are text, because JSON readers lose precision on counts of IPv6 addresses.
            wideRules=[{"rule": name, "addresses": str(count)} for name, count in wide],
        )
    reading.require_complete()
    return passed("No rule is wider than allowed", remarks=remarks, rules=reading.firewall.names())
