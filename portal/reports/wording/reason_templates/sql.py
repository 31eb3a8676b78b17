"""Templates of the sentences that controls of the section `sql` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Surety ignores rules whose end address is before their start address: {list}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Rules whose end address is before their start address are ignored: {list}",
    "Allowed networks: {networks}",
    "Inactive firewall rules: {list}",
    "The public data endpoint is on and the Internet can reach {port} through {rules} of {group}",
    "The public data endpoint is on and every Azure customer can reach {port} through {rules} of {group}",
    "{group} does not let the Internet reach {port}",
    "The Internet cannot reach {port}",
    (
        "The Internet can reach {port}: no security group protects {interface} or its subnet, and its Basic "
        "public address allows everybody"
    ),
    (
        "The Internet can reach {port}: no security group protects {interface} or its subnet, and the Basic "
        "load balancer {balancers} forwards connections with {rules}"
    ),
    (
        "The Internet can reach {port}: the security groups that apply to {interface} allow it (groups: {list};"
        " rules: {rules})"
    ),
    (
        "Every Azure customer can reach {port}: the security groups that apply to {interface} allow it (groups:"
        " {list}; rules: {rules})"
    ),
    # The next two reasons occur only in findings that earlier versions of Surety stored.
    "The Internet can reach {port}: {interface} through {rules} of {list}",
    "Every Azure customer can reach {port}: {interface} through {rules} of {list}",
    "No security group protects {interface} or its subnet; the interface has no public address",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "No security group protects {interface} or its subnet; it has no public address",
    "No security group protects {interface} or its subnet; its {sku} public address blocks the Internet",
    (
        "No security group protects {interface} or its subnet; its load balancers forward no connection from "
        "the Internet to {port}"
    ),
    "The network security perimeter lets all of Azure in through {list}",
    "Every service in Azure is allowed by {list}",
    (
        "The firewall rules and the network security perimeter together allow too many {list} addresses, so"
        " the server is open to the Internet. Widest rules: {rules}"
    ),
    (
        "The rules allow too many {list} addresses, so the server is open to the Internet. Widest rules:"
        " {rules}"
    ),
    # The next two reasons occur only in findings that earlier versions of Surety stored.
    (
        "The firewall rules and the network security perimeter together allow the {list} Internet, most of "
        "it through {rules}"
    ),
    "The rules allow the {list} Internet, most of it through {rules}",
    "{number} rules are too many for an easy review",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "{number} rules are hard to oversee",
    "Rules wider than allowed: {list}",
    "Public network access is on (rules: {number})",
    "Auditing of the server writes to {place}",
    "Not recorded: {list}",
    "The security alert policy of the server mails alerts to {words}",
    "Defender for Cloud mails alerts to {words}",
    "Threat alerts of this server do not reach {words}",
    "Disabled detection types: {types}",
    "No rule allows more than {words} or {words2}",
)
