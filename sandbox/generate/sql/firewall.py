"""Generate firewalls of SQL servers. Expected verdicts: sql-firewall-*, sql-public-network-access."""

from __future__ import annotations

from sandbox.generate.subscription import Subscription

_SERVERS = "Microsoft.Sql/servers"
_ANY = "0.0.0.0"  # noqa: S104 - an address in a rule, nothing listens here
_OPEN_RANGES = (
    (("everyone", _ANY, "255.255.255.255"),),
    (("lower", "0.0.0.1", "127.255.255.255"), ("upper", "128.0.0.0", "255.255.255.255")),
    (("provider", "81.0.0.0", "81.255.255.255"),),
)
_WIDE_RANGES = (("branch", "198.51.100.0", "198.51.101.255"), ("carrier", "84.16.0.0", "84.31.255.255"))
_NARROW_RANGES = (
    ("office", "203.0.113.16", "203.0.113.31"),
    ("vpn", "198.51.100.7", "198.51.100.7"),
    ("partner", "192.0.2.0", "192.0.2.255"),
)


def write_firewall(sub: Subscription, group: str, name: str, server_id: str, access: str) -> None:
    """Write a server's firewall rules. `access` is the public network access of the server. The rules have an effect
    only if `access` is `Enabled`.

    No generated server belongs to a network security perimeter, so `SecuredByPerimeter` closes a server.
    """
    rng = sub.rng
    enabled = access == "Enabled"
    # If the cloud offers no api-version with perimeters, Surety asks people to attest whom the perimeter lets in.
    attested = access == "SecuredByPerimeter" and sub.without_perimeters
    opened, wide, services = rng.faulty(), rng.faulty(), rng.faulty()
    rules = list(rng.sample(_NARROW_RANGES, rng.randrange(0, 4)))
    by_ipv6 = opened and rng.chance(0.25)
    if opened and not by_ipv6:
        rules += rng.pick(_OPEN_RANGES)
    if by_ipv6:
        properties = {
            "startIPv6Address": "2000::",
            "endIPv6Address": "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        }
        sub.write(group, f"{_SERVERS}/ipv6FirewallRules", f"{name}/everyone6", properties)
    if wide:
        rules.append(rng.pick(_WIDE_RANGES))
    if services:
        rules.append((rng.pick(("AllowAllWindowsAzureIps", "AllowAllAzureIPs", "azure")), _ANY, _ANY))
    for rule, start, end in rules:
        properties = {"startIpAddress": start, "endIpAddress": end}
        sub.write(group, f"{_SERVERS}/firewallRules", f"{name}/{rule}", properties)
    sub.expect(
        "sql-firewall-internet",
        server_id,
        "manual" if attested else "fail" if opened and enabled else "pass",
    )
    sub.expect_failure_if("sql-firewall-azure-services", server_id, services and enabled)
    # Without public network access, firewall rules have no effect. Whether wide or open rules should then still fail
    # sql-firewall-wide is a matter of definition, so expect no verdict.
    dormant = (opened or wide) and not enabled
    wide_verdict = "fail" if opened or wide else "pass"
    sub.expect("sql-firewall-wide", server_id, "manual" if attested else None if dormant else wide_verdict)
    # Unless its parameter `strict` is on, this control passes with every firewall rule. Public access adds a remark.
    sub.expect("sql-public-network-access", server_id, "pass")
