"""Change a customer's Azure while the demonstration runs: edit the estate file and have the sandbox reload it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import requests

from portal.demo.azure import SandboxAddress, SandboxError

TIMEOUT_SECONDS = 30
ACTOR: Final = ("Robin Hale", "robin.hale@contractor.example")
"""Name and user name of the person who changes the security group."""


def open_another_port(estate: Path, group: str, now: datetime) -> str:
    """Add a rule that allows traffic from the Internet to the network security group, as ACTOR.

    `group` is the group's ARM id, in any case. The activity log gets an event of this operation at the time `now`.
    Returns the new rule's name. Raises LookupError when the estate file has no such group.
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
        lines.append(json.dumps(_event(rule, now)) + "\n")
        partial = estate.with_suffix(".part")
        partial.write_text("".join(lines), encoding="utf-8")
        partial.replace(estate)
        return str(rule["name"])
    raise LookupError(f"{estate} has no network security group {group}.")


def _event(rule: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the event with which Azure's activity log records that a rule was written."""
    event_id, (name, user_name) = str(uuid4()), ACTOR
    operation = f"{rule['type']}/write"
    return {
        "id": f"{rule['id']}/events/{event_id}/ticks/{int(now.timestamp() * 10**7)}",
        "eventDataId": event_id,
        "eventTimestamp": f"{now:%Y-%m-%dT%H:%M:%S.%f}0Z",
        "submissionTimestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "resourceId": rule["id"],
        "operationName": {"value": operation, "localizedValue": "Create or Update Security Rule"},
        "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
        "correlationId": str(uuid4()),
        "caller": user_name,
        "claims": {"name": name, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": user_name},
        "httpRequest": {"clientIpAddress": "203.0.113.24", "method": "PUT"},
    }


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
