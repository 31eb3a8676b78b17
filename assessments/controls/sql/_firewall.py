"""How the firewall controls read a server: what could be read, and what could not."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.verdict import Verdict, passed
from assessments.estate.collections.sql import SQL_FIREWALL_RULES, SQL_IPV6_FIREWALL_RULES
from assessments.estate.gaps import Gap
from assessments.estate.sql_firewall import Firewall, is_closed, read_firewall
from assessments.estate.view import View

RULE_LISTS = (SQL_FIREWALL_RULES, SQL_IPV6_FIREWALL_RULES)


@dataclass(frozen=True, slots=True)
class Reading:
    """A server's firewall as far as it could be read."""

    firewall: Firewall
    gap: Gap | None

    def require_complete(self) -> None:
        """Raise for what could not be read: nothing but a failure may be said without it."""
        if self.gap:
            raise CollectionUnavailable(self.gap)
        if self.firewall.problem:
            raise self.firewall.problem

    @property
    def remarks(self) -> list[str]:
        """What is worth knowing whatever the verdict."""
        if not self.firewall.ignored:
            return []
        return [f"rules that end before they start are ignored: {', '.join(sorted(self.firewall.ignored))}"]


def read(server: View, ctx: Context) -> Reading:
    """The rules of both IP versions."""
    ipv4, gap4 = ctx.partial_at(SQL_FIREWALL_RULES, server.id)
    ipv6, gap6 = ctx.partial_at(SQL_IPV6_FIREWALL_RULES, server.id)
    return Reading(read_firewall(ipv4, ipv6), gap4 or gap6)


def dormant(server: View, ctx: Context) -> Verdict | None:
    """The pass of a server without public network access, its rules listed; None where rules count."""
    if not is_closed(server):
        return None
    access = server.raw("properties.publicNetworkAccess")
    reading = read(server, ctx)
    names = reading.firewall.names()
    remarks = [f"dormant firewall rules: {', '.join(names)}"] if names else []
    if reading.gap or reading.firewall.problem:
        remarks.append("some firewall rules, which are dormant, could not be read")
    return passed(
        "public network access is off", remarks=remarks, publicNetworkAccess=access, dormantRules=names
    )
