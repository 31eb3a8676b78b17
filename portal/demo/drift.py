"""Change a customer's Azure while the demonstration runs: edit the estate file and have the sandbox reload it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests

from portal.demo.azure import SandboxAddress, SandboxError

TIMEOUT_SECONDS = 30


def open_another_port(estate: Path, group: str) -> str:
    """Add a rule that allows traffic from the Internet to the network security group.

    `group` is the group's ARM id, in any case. Returns the new rule's name. Raises LookupError when the estate file
    has no such group.
    """
    lines = estate.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        document: dict[str, Any] = json.loads(line)
        if str(document.get("id", "")).casefold() != group.casefold():
            continue
        rules = document["properties"].setdefault("securityRules", [])
        rule = open_rule(document, f"allow-for-now-{len(rules) + 1}")
        rules.append(rule)
        lines[number] = json.dumps(document) + "\n"
        partial = estate.with_suffix(".part")
        partial.write_text("".join(lines), encoding="utf-8")
        partial.replace(estate)
        return str(rule["name"])
    raise LookupError(f"{estate} has no network security group {group}.")


def _priority(rule: dict[str, Any]) -> int:
    return int(rule.get("properties", {}).get("priority", 0))


def open_rule(group: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a rule for the network security group that allows all traffic from the Internet."""
    used_priorities = [_priority(existing) for existing in group["properties"].get("securityRules", [])]
    # The lowest free number is evaluated before the existing rules, so that the new rule takes effect.
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


def reload(sandbox: SandboxAddress) -> None:
    """Let the sandbox read its estate files again. Raises `SandboxError` when a file is invalid."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = sandbox.ca
        answer = session.post(f"{sandbox.url}/_sandbox/reload", timeout=TIMEOUT_SECONDS)
    if answer.status_code != 204:
        raise SandboxError(f"The sandbox refused the changed estate file: {answer.text}")
