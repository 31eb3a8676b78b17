"""Azure documents of SQL servers."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.Sql/servers/Sql1"
MASTER = f"{ID}/databases/master"


def server(**properties: Any) -> dict[str, Any]:
    return doc(ID, {"publicNetworkAccess": "Enabled", **properties}, kind="v12.0")


def v4(name: str, start: Any, end: Any) -> dict[str, Any]:
    return doc(f"{ID}/firewallRules/{name}", {"startIpAddress": start, "endIpAddress": end})


def v6(name: str, start: Any, end: Any) -> dict[str, Any]:
    return doc(f"{ID}/ipv6FirewallRules/{name}", {"startIPv6Address": start, "endIPv6Address": end})


def docs(*rules: dict[str, Any], body: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"sql_servers": [body or server()]}
    for name, part in (
        ("sql_firewall_rules", "/firewallRules/"),
        ("sql_ipv6_firewall_rules", "/ipv6FirewallRules/"),
    ):
        held = [rule for rule in rules if part in rule["id"]]
        if held:
            found[name] = held
    return found


CLOSED = server(publicNetworkAccess="disabled")
PERIMETER = server(publicNetworkAccess="SecuredByPerimeter")
UNSTATED = server(publicNetworkAccess=None)
EVERYONE = v4("everyone", "0.0.0.0", "255.255.255.255")
OFFICE = v4("office", "198.51.100.0", "198.51.100.255")
AZURE = v4("whatever", "0.0.0.0", "0.0.0.0")
BROKEN = v4("broken", "198.51.100", "198.51.100.255")
NO_V4 = {"gaps": [gap("sql_firewall_rules", ID)]}
NO_V6 = {"gaps": [gap("sql_ipv6_firewall_rules", ID)]}
NO_LIST: tuple[Any, ...] = ("the list is forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("sql_servers")]})
NONE: tuple[Any, ...] = ("no server", {}, {SUB: "not_applicable"})
