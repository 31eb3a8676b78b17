"""The changes in the customers' Azure environments, as data.

The estate file has today's documents, so changes are undone to go back in time. Each change has two functions: `today`
returns whether today's document can be the result of the change. `earlier` returns the document as it was before the
change, or None if the document did not exist yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

type Document = dict[str, Any]

REGISTRATIONS = "reports/authenticationMethods/userRegistrationDetails"
_ANYWHERE = {"*", "0.0.0.0/0", "internet", "any", "::/0"}


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change. The module's docstring describes `today` and `earlier`.

    - `kind`: a resource type, or the path of a collection of Microsoft Graph
    - `share`: the fraction of the documents selected by `today` that had the change
    - `late`: most documents changed in the second half of the history, so most failures are recent
    """

    name: str
    kind: str
    today: Callable[[Document], bool]
    earlier: Callable[[Document], Document | None]
    share: float
    late: bool = False

    def step_of(self, key: str, steps: int) -> int | None:
        """Return the step (1 to `steps` - 1) at which the document with this key changed, or None if the document never
        changed.
        """
        if steps < 2 or _fraction(f"{self.name}/share/{key}") >= self.share:
            return None
        at = _fraction(f"{self.name}/step/{key}")
        if self.late:
            at = 1 - (1 - at) ** 2
        return 1 + int(at * (steps - 1))


def _fraction(text: str) -> float:
    """Return a number from 0 to 1 that depends only on the text, so that every demonstration has the same history."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def _value(name: str, kind: str, path: str, today: Any, earlier: Any, share: float) -> Change:
    """Return the change of one property from `earlier` to `today`."""
    *parents, last = path.split(".")

    def holder(document: Document) -> Document:
        for parent in parents:
            document = document.get(parent, {})
        return document

    def before(document: Document) -> Document:
        holder(document)[last] = earlier
        return document

    return Change(name, kind, lambda document: holder(document).get(last) == today, before, share)


def _is_open(rule: Document) -> bool:
    properties = rule.get("properties", {})
    return (
        properties.get("access") == "Allow"
        and properties.get("direction") == "Inbound"
        and str(properties.get("sourceAddressPrefix", "")).casefold() in _ANYWHERE
    )


def _rules(group: Document) -> list[Document]:
    rules: list[Document] = group.get("properties", {}).get("securityRules", [])
    return rules


def _without_open_rules(group: Document) -> Document:
    group["properties"]["securityRules"] = [rule for rule in _rules(group) if not _is_open(rule)]
    return group


def open_rule(group: Document, name: str) -> Document:
    """Return a rule that allows all traffic from the Internet, for the network security group `group`."""
    used_priorities = [int(rule.get("properties", {}).get("priority", 0)) for rule in _rules(group)]
    # Of all rules that match, Azure applies the one with the lowest priority number. So the new rule gets the lowest
    # free number.
    priority = next(number for number in range(100, 4096) if number not in used_priorities)
    return {
        "id": f"{group['id']}/securityRules/{name}",
        "name": name,
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": "*",
            "sourcePortRange": "*",
            "destinationPortRange": "*",
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*",
            "access": "Allow",
            "priority": priority,
            "direction": "Inbound",
        },
    }


def _with_open_rule(group: Document) -> Document:
    group["properties"]["securityRules"] = [*_rules(group), open_rule(group, "allow-migration")]
    return group


def _with_other_names(group: Document) -> Document:
    for rule in filter(_is_open, _rules(group)):
        rule["name"] = f"{rule['name']}-old"
        rule["id"] = f"{rule['id']}-old"
    return group


def _absent(_document: Document) -> None:
    return None


def _always(_document: Document) -> bool:
    return True


def _has_open_rule(group: Document) -> bool:
    return any(map(_is_open, _rules(group)))


def _has_no_open_rule(group: Document) -> bool:
    return not _has_open_rule(group)


STORAGE = "Microsoft.Storage/storageAccounts"
GROUPS = "Microsoft.Network/networkSecurityGroups"

CHANGES = (
    _value("HTTPS required", STORAGE, "properties.supportsHttpsTrafficOnly", True, False, 0.3),
    _value("HTTPS no longer required", STORAGE, "properties.supportsHttpsTrafficOnly", False, True, 0.5),
    _value("anonymous access closed", STORAGE, "properties.allowBlobPublicAccess", False, True, 0.3),
    _value("anonymous access opened", STORAGE, "properties.allowBlobPublicAccess", True, False, 1),
    _value("alert enabled", "Microsoft.Insights/activityLogAlerts", "properties.enabled", True, False, 0.2),
    _value("methods registered", REGISTRATIONS, "isMfaCapable", True, False, 0.15),
    Change("ports closed", GROUPS, _has_no_open_rule, _with_open_rule, 0.4),
    Change("ports opened", GROUPS, _has_open_rule, _without_open_rules, 0.75, late=True),
    Change("rules replaced", GROUPS, _has_open_rule, _with_other_names, 0.5, late=True),
    Change("firewall opened", "Microsoft.Sql/servers/firewallRules", _always, _absent, 0.5, late=True),
    Change("account created", STORAGE, _always, _absent, 0.1),
)
