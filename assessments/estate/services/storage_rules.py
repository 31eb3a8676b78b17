"""Judge the IP rules of the firewall of a storage account, or of another resource with rules of the same kind. Pure
functions.

Source of `ipv6Rules`: storage/resource-manager/Microsoft.Storage/stable/2025-01-01/storage.json (NetworkRuleSet)
"""

from __future__ import annotations

from typing import Final

from assessments.estate.ranges import INTERNET_IPV4, INTERNET_IPV6, Range, network, ranges, size
from assessments.estate.view import View

RULE_LISTS: Final = ((4, "ipRules", INTERNET_IPV4, 2**16), (6, "ipv6Rules", INTERNET_IPV6, 2**80))
"""For each IP version: (version, name of the list of rules, number of addresses that counts as the Internet, number of
addresses in an IPv4 /16 or IPv6 /48). Rules with more addresses than the last number are wide. If a firewall is open to
the Internet, findings name its wide rules.
"""

IPV4_RULES: Final = RULE_LISTS[:1]
"""The entry of `RULE_LISTS` for IPv4, for resources whose firewall has no rules for IPv6."""


def rules_for_the_internet(
    acls: View, lists: tuple[tuple[int, str, int, int], ...] = RULE_LISTS, address: str = "value"
) -> list[str]:
    """Return the rules that open the firewall to the Internet. For each IP version whose rules together allow enough
    addresses to count as the Internet, return the wide rules or, if no rule is wide, all rules of the version.

    `lists` says what is enough and what is wide, as in `RULE_LISTS`. `address` is the name of the property that
    contains the address or network of a rule. Raise Unreadable if a property is missing or invalid.
    """
    found: list[str] = []
    for version, key, internet, wide in lists:
        allowed = allowed_networks(acls, version, key, address)
        if size(ranges(allowed.values())) >= internet:
            widest = sorted(rule for rule, block in allowed.items() if size((block,)) > wide)
            found += widest or sorted(allowed)
    return found


def allowed_networks(acls: View, version: int, key: str, address: str = "value") -> dict[str, Range]:
    """Return {address or network of a rule: its range} for the rules of one IP version (4 or 6). Raise Unreadable if a
    property is missing or invalid.

    A rule allows a single address, or a network of more than two addresses.
    https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations
    """
    found: dict[str, Range] = {}
    for rule in acls.items(key, default=[]):
        value = rule.text(address)
        try:
            actual, block = network(value)
        except ValueError:
            actual, block = 0, (0, 0)
        if actual != version:
            raise rule.unreadable(address, f"not an IPv{version} address or network ({value!r})")
        found[value] = block
    return found
