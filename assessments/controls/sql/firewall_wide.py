"""The control sql-firewall-wide: No SQL firewall rule is wider than needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import References
from assessments.controls.shared.perimeters import FIX_PERIMETER, PERIMETER_VARIABLES
from assessments.controls.sql._firewall import RULE_LISTS, judge_firewall, read_server_firewall
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import SQL_PERIMETERS, SQL_SERVERS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

MANY_RULES = 50


def _rules(is_ipv6: bool) -> Callable[[Facts], list[dict[str, str]]]:
    """Return a function that reads the wide rules of one IP version from a finding. Findings that older versions of
    Surety stored contain no wide rules.
    """

    def rows(facts: Facts) -> list[dict[str, str]]:
        return [
            {"rule": str(row.get("rule", ""))}
            for row in facts.rows("wideRules")
            if (row.get("ipVersion") == 6) is is_ipv6
        ]

    return rows


FIX = Fix(
    command(
        "az sql server firewall-rule update --resource-group {group} --server {server} --name {rule}"
        " --start-ip-address {first} --end-ip-address {last} --subscription {subscription}",
        "Narrow the rule to the addresses that need access.",
        when=lambda facts: bool(_rules(False)(facts)),
        each=_rules(False),
    ),
    command(
        "az sql server ipv6-firewall-rule update --resource-group {group} --server {server} --name {rule}"
        " --start-ipv6-address {first_ipv6} --end-ipv6-address {last_ipv6} --subscription {subscription}",
        "Narrow the IPv6 rule to the addresses that need access.",
        when=lambda facts: bool(_rules(True)(facts)),
        each=_rules(True),
    ),
    FIX_PERIMETER,
    portal="Azure portal › SQL servers › {server} › Security › Networking › Public access › Firewall rules",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/firewall-create-server-level-portal-quickstart",
    effects="Clients outside the narrower range can no longer connect.",
    variables=[
        Variable("rule", "Name of the firewall rule", "office"),
        Variable("first", "First address that may connect", "203.0.113.10"),
        Variable("last", "Last address that may connect", "203.0.113.20"),
        Variable("first_ipv6", "First IPv6 address that may connect", "2001:db8::10"),
        Variable("last_ipv6", "Last IPv6 address that may connect", "2001:db8::20"),
        *PERIMETER_VARIABLES,
    ],
)


@per_subject(
    SQL_SERVERS,
    needs=(*RULE_LISTS, SQL_PERIMETERS),
    fix=FIX,
    severity=Severity.HIGH,
    labels={"wideRules": "Rules wider than allowed"},
    references=References(mcsb="NS-2", nist="SC-7 AC-4"),
    parameters=[
        Parameter(
            "max_range",
            256,
            "Maximum number of IPv4 addresses that one rule may allow",
            label="Maximum IPv4 addresses of a rule",
            minimum=1,
            maximum=2**32,
        ),
        Parameter(
            "max_range_ipv6",
            2**64,
            "Maximum number of IPv6 addresses that one rule may allow",
            label="Maximum IPv6 addresses of a rule",
            minimum=1,
            maximum=2**128,
        ),
    ],
)
def firewall_wide(server: View, ctx: Context) -> Verdict:
    """No SQL firewall rule is wider than needed.

    Problem: SQL firewall rule wider than needed
    Expected: No rule allows more than {max_range:ipv4} or {max_range_ipv6:ipv6}
    Judged: Each logical SQL server. No firewall rule may allow more addresses than `max_range` (IPv4) or
    `max_range_ipv6`. If the server belongs to a network security perimeter, this applies to the perimeter's inbound
    access rules too; rules for service tags need an attestation. The firewall rules of a server have no effect if
    public network access is off or the perimeter is enforced.

    Whether a narrow rule is needed is left to a review. More than 50 rules add a remark. IPv6 rules count even if IPv6
    is off for the server (`isIPv6Enabled`), with a remark. A server does not pass if the last address of a firewall
    rule is before its first address, because it is not documented which addresses such a rule allows. Database-level
    rules are visible only in T-SQL and are not judged.
    Why: Each additional address is one more place from which passwords can be tried.
    """
    limits = {4: ctx.params["max_range"], 6: ctx.params["max_range_ipv6"]}
    return judge_firewall(
        server,
        ctx,
        lambda perimeter: perimeter.rules_wider_than(limits),
        lambda: _judge_rules(server, ctx, limits),
    )


def _judge_rules(server: View, ctx: Context, limits: Mapping[int, int]) -> Verdict:
    reading = read_server_firewall(server, ctx)
    wide = sorted(
        (rule.name, rule.version, rule.count())
        for rule in reading.firewall.rules
        if rule.count() > limits[rule.version]
    )
    remarks = reading.remarks
    if len(reading.firewall.rules) > MANY_RULES:
        remarks.append(f"{len(reading.firewall.rules):,} rules are too many for an easy review")
    if wide:
        remarks += reading.network_remarks()
        return failed(
            f"Rules wider than allowed: {', '.join(name for name, _, _ in wide)}",
            remarks=remarks,
            # Counts are text, because JSON readers lose precision on counts of IPv6 addresses.
            wideRules=[
                {"rule": name, "ipVersion": version, "addresses": str(count)} for name, version, count in wide
            ],
        )
    reading.require_complete()
    return passed("No rule is wider than allowed", remarks=remarks, rules=reading.firewall.names())
