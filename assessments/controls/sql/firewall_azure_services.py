"""sql-firewall-azure-services."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.sql import SQL_FIREWALL_RULES, SQL_SERVERS
from assessments.estate.sql_firewall import is_closed, read_firewall
from assessments.estate.view import View


@per_subject(
    SQL_SERVERS,
    needs=[SQL_FIREWALL_RULES],
    problem="SQL server open to all of Azure",
    severity=Severity.HIGH,
    expected="no rule from 0.0.0.0 to 0.0.0.0 while public network access is on",
    references=References(c2="4.1.2", c3="5.1.2", mcsb="NS-2", nist="SC-7"),
)
def firewall_azure_services(server: View, ctx: Context) -> Verdict:
    """ "Allow Azure services" rule absent.

    Judged: each logical SQL server: a firewall rule from 0.0.0.0 to 0.0.0.0, whatever its name, lets in
    every service in Azure. Without public network access the rule is dormant, which is a remark.
    Why: the rule lets in the machines of every customer of Azure, not just your own.
    Fix: az sql server firewall-rule delete -g RG -s SERVER -n AllowAllWindowsAzureIps
    (use private endpoints or virtual network rules)
    """
    closed = is_closed(server)
    rules, gap = ctx.partial_at(SQL_FIREWALL_RULES, server.id)
    firewall = read_firewall(rules, ())
    found = sorted(rule.name for rule in firewall.rules if rule.lets_azure_in)
    if closed:
        remarks = [f"dormant: {', '.join(found)}"] if found else []
        if gap or firewall.problem:
            remarks.append("some firewall rules, which are dormant, could not be read")
        return passed("public network access is off", remarks=remarks, dormantRules=found)
    if found:
        return failed(f"every service in Azure is let in by {', '.join(found)}", rules=found)
    if gap:
        raise CollectionUnavailable(gap)
    if firewall.problem:
        raise firewall.problem
    return passed("no rule lets all of Azure in", rules=[])
