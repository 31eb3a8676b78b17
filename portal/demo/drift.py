"""A change in a customer's Azure while the demonstration runs: the estate's file, read again by the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests

from portal.demo.azure import SandboxError, Served

TIMEOUT_SECONDS = 30


def open_another_port(estate: Path, group: str) -> str:
    """Give the network security group (by its id, in any case) one more rule that lets the Internet in.

    Returns the rule's name. LookupError when the estate has no such group.
    """
    lines = estate.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        document: dict[str, Any] = json.loads(line)
        if str(document.get("id", "")).casefold() != group.casefold():
            continue
        rules = document["properties"].setdefault("securityRules", [])
        rule = _rule(document["id"], f"allow-for-now-{len(rules) + 1}", taken=[_priority(r) for r in rules])
        rules.append(rule)
        lines[number] = json.dumps(document) + "\n"
        partial = estate.with_suffix(".part")
        partial.write_text("".join(lines), encoding="utf-8")
        partial.replace(estate)
        return str(rule["name"])
    raise LookupError(f"{estate} has no network security group {group}.")


def _priority(rule: dict[str, Any]) -> int:
    return int(rule.get("properties", {}).get("priority", 0))


def _rule(group: str, name: str, taken: list[int]) -> dict[str, Any]:
    # Before the rules that are there, so that it is the one that decides.
    priority = next(number for number in range(100, 4096) if number not in taken)
    return {
        "id": f"{group}/securityRules/{name}",
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


def reload(served: Served) -> None:
    """Have the sandbox serve the estates as their files are now."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = served.ca
        answer = session.post(f"{served.url}/_sandbox/reload", timeout=TIMEOUT_SECONDS)
    if answer.status_code != 204:
        raise SandboxError(f"The changed estate cannot be served: {answer.text}")
