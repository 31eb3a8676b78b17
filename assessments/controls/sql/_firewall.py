"""Read the firewall of a SQL server for the firewall controls. The result has the rules, and the gap if some rules
could not be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.shared.perimeters import (
    PublicAccess,
    join_verdicts,
    judge_perimeter,
    read_public_access,
)
from assessments.controls.verdict import Verdict, passed
from assessments.estate.collections.sql import (
    SQL_FIREWALL_RULES,
    SQL_IPV6_FIREWALL_RULES,
    SQL_PERIMETERS,
)
from assessments.estate.gaps import Gap
from assessments.estate.network.perimeters import Perimeter
from assessments.estate.ranges import few_networks, subtract
from assessments.estate.sql.firewall import AZURE_SERVICES, Firewall, is_closed, read_firewall
from assessments.estate.view import View

RULE_LISTS = (SQL_FIREWALL_RULES, SQL_IPV6_FIREWALL_RULES)


@dataclass(frozen=True, slots=True)
class FirewallReading:
    """The readable firewall rules of a server, and the gap if some rules could not be read. `without_ipv6` is True if
    Azure states that the server does not support IPv6 at the moment.
    """

    firewall: Firewall
    gap: Gap | None
    without_ipv6: bool = False

    def require_complete(self) -> None:
        """Raise CollectionUnavailable or Unreadable if rules could not be read, and Undecided if the last address of a
        rule is before the first one. A server cannot pass if the addresses that some of its rules allow are not known.
        """
        if self.gap:
            raise CollectionUnavailable(self.gap)
        self.firewall.require_known_addresses()

    @property
    def remarks(self) -> list[str]:
        """Remarks on the firewall, which are added to every verdict on the server."""
        found = []
        if self.firewall.reversed:
            found.append(self.firewall.reversed_reason)
        if self.without_ipv6 and any(rule.version == 6 for rule in self.firewall.rules):
            found.append("IPv6 is off for the server, but its IPv6 rules are judged as if IPv6 were on")
        return found

    def network_remarks(self) -> list[str]:
        """Return a remark that names the allowed networks, if they are few.

        The networks are not part of the observed value: adding them would change the hash to which approved exceptions
        are bound.
        """
        v4 = subtract(self.firewall.addresses(4), (AZURE_SERVICES,))
        names = few_networks(v4, self.firewall.addresses(6))
        return [f"Allowed networks: {', '.join(names)}"] if names else []


def read_server_firewall(server: View, ctx: Context) -> FirewallReading:
    """Read the IPv4 and IPv6 rules of a server."""
    ipv4, gap4 = ctx.partial_at(SQL_FIREWALL_RULES, server.id)
    ipv6, gap6 = ctx.partial_at(SQL_IPV6_FIREWALL_RULES, server.id)
    # Microsoft does not document whether IPv6 rules have an effect while `isIPv6Enabled` is Disabled. So the property
    # affects no verdict, only a remark.
    without_ipv6 = str(server.raw("properties.isIPv6Enabled")).casefold() == "disabled"
    return FirewallReading(read_firewall(ipv4, ipv6), gap4 or gap6, without_ipv6)


def judge_firewall(
    server: View,
    ctx: Context,
    too_open: Callable[[Perimeter], list[str]],
    judge_rules: Callable[[], Verdict],
    judge_together: Callable[[Perimeter], Verdict | None] | None = None,
) -> Verdict:
    """Judge the rules that let public networks reach a server. Raise CollectionUnavailable or Unreadable if needed data
    could not be read.

    - `judge_rules`: judges the firewall rules, if they apply
    - `too_open`: returns access rules of a network security perimeter that let too many addresses in
    - `judge_together`: returns a failure if the firewall rules and the access rules together let too many addresses in
    """
    access = read_server_access(server, ctx)
    if access.by_own_rules:
        perimeter = access.perimeter
        return join_verdicts(
            judge_perimeter(access, too_open, what="server"),
            judge_rules,
            lambda: judge_together(perimeter) if judge_together and perimeter else None,
        )
    reading = read_server_firewall(server, ctx)
    names = reading.firewall.names()
    remarks = [f"Inactive firewall rules: {', '.join(names)}"] if names else []
    if reading.gap or reading.firewall.problem:
        remarks.append("Some of the inactive firewall rules could not be read")
    return judge_perimeter(access, too_open, what="server", remarks=remarks, dormantRules=names) or passed(
        "Public network access is off", remarks=remarks, publicNetworkAccess=access.value, dormantRules=names
    )


def read_server_access(server: View, ctx: Context) -> PublicAccess:
    """Read which rules decide about public access to a server: its firewall rules, its network security perimeter, or
    both. Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    return read_public_access(server, SQL_PERIMETERS, ctx, is_closed=is_closed(server))
