"""Change the documents of an estate in the name of a person or application, and record the operation in a log.

An operation on an object of the directory is recorded in the audit log, any other operation in the activity log. An
event of the activity log has the properties of the category Administrative:
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema

All functions compare ids without regard to case.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

from sandbox.acting.directory import Updated, audit_entry, initiator, is_directory_object, parse_value, set_in
from sandbox.arm.change_table import change_of
from sandbox.estate import LineError, parse
from sandbox.paths import NOT_RESOURCES, is_change, is_event, root_resource, split_path, subscription_of

Document = dict[str, Any]

_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_USER_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
}
"""Built-in roles by name: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""


class ActError(Exception):
    """The requested change of the estate is impossible. The message says why."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of an operation. `user` is a user name. If `is_application` is True, `user` is the object id of an
    application's service principal.

    If `user` is empty, the event has neither a caller nor claims. Azure has such events too.
    """

    user: str
    name: str = ""
    is_application: bool = False
    address: str = "203.0.113.24"

    def properties(self) -> Document:
        """Return the part of an event's properties that names the actor."""
        if not self.user:
            return {}
        claims = {"name": self.name} if self.name else {}
        if self.is_application:
            claims |= {"idtyp": "app", _OBJECT_ID: self.user}
        else:
            claims[_USER_NAME] = self.user
        return {
            "caller": self.user,
            "claims": claims,
            "httpRequest": {"clientIpAddress": self.address, "method": "PUT"},
        }

    def initiator(self) -> Document:
        """Return the value of `initiatedBy` for an entry of the directory's audit log. The actor's object id is
        derived from the user name.
        """
        guid = str(uuid5(NAMESPACE_DNS, self.user))
        return initiator(self.user, guid, self.name, self.address, is_application=self.is_application)


@dataclass(frozen=True, slots=True)
class Occasion:
    """The time of an operation. The activity log shows the event of the operation only after `delay`."""

    at: datetime
    delay: timedelta = timedelta()
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on an ARM resource or on an object of the directory.

    - ARM: the resource's id, and an action such as `Microsoft.Storage/storageAccounts/write`
    - directory: a path such as `users/<id>`, an activity such as `Update user`, and the changed properties in `updated`
    """

    target: str
    action: str
    updated: Updated | None = None


class Estate:
    """An estate file in memory, as a list of lines that can be changed."""

    def __init__(self, text: str) -> None:
        """Parse the lines. Raise ActError for a line that the sandbox could not serve."""
        self.lines: list[Document] = [
            _parsed(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        ]

    def text(self) -> str:
        """Return the content of the changed file."""
        return "".join(json.dumps(line) + "\n" for line in self.lines)

    def get(self, identifier: str) -> Document | None:
        """Return the document with this id, or None if the estate has no such document."""
        wanted = _folded(identifier)
        return next((line for line in self.lines if _key(line) == wanted), None)

    def find(self, identifier: str) -> Document:
        """Return the document with this id. Raise ActError if the estate has no such document."""
        if (found := self.get(identifier)) is not None:
            return found
        raise ActError(f"the estate has no object {identifier}")

    def add(self, document: Document) -> None:
        """Add a document. Raise ActError if the estate already has a document with its id."""
        if any(_key(line) == _key(document) for line in self.lines):
            raise ActError(f"the estate already has an object {document['id']}")
        self.lines.append(document)

    def record(self, operation: Operation, actor: Actor, occasion: Occasion) -> None:
        """Record an operation. An operation on an ARM resource is recorded in the activity log. An operation on an
        object of the directory is recorded in the audit log, which shows the operation immediately.
        """
        event_id, at = str(uuid4()), occasion.at.astimezone(UTC)
        if operation.updated is not None:
            line = audit_entry(
                operation.target, operation.updated, actor.initiator(), at, occasion.correlation_id
            )
            self.lines.append(line)
            return
        seen = at + occasion.delay
        self.lines.append(
            {
                "id": f"{operation.target}/events/{event_id}/ticks/{int(at.timestamp() * 10**7)}",
                "eventDataId": event_id,
                "eventTimestamp": f"{at:%Y-%m-%dT%H:%M:%S.%f}0Z",
                "submissionTimestamp": f"{seen:%Y-%m-%dT%H:%M:%SZ}",
                "resourceId": operation.target,
                "operationName": {"value": operation.action, "localizedValue": operation.action},
                "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
                "correlationId": occasion.correlation_id or str(uuid4()),
                **actor.properties(),
            }
        )


def _parsed(line: str, number: int) -> Document:
    try:
        parse(line.encode())
    except LineError as error:
        raise ActError(f"line {number} of the estate is invalid: {error}") from None
    document: Document = json.loads(line)
    return document


def open_port(estate: Estate, group: str, port: str) -> Operation:
    """Add a rule to the network security group. The rule allows traffic from the Internet to the port (`*` for all
    ports).
    """
    document = estate.find(group)
    if _type(document["id"]).lower() != "microsoft.network/networksecuritygroups":
        raise ActError(f"{group} is not a network security group")
    rules: list[Document] = document.setdefault("properties", {}).setdefault("securityRules", [])
    used = {rule.get("properties", {}).get("priority") for rule in rules}
    names = {str(rule.get("name", "")).lower() for rule in rules}
    name = next(name for n in range(1, len(rules) + 2) if (name := f"opened-{n}") not in names)
    rule = {
        "id": f"{document['id']}/securityRules/{name}",
        "name": name,
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "protocol": "*",
            "sourcePortRange": "*",
            "destinationPortRange": port,
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*",
            "access": "Allow",
            # Azure applies the matching rule with the lowest priority number. So the new rule gets the lowest free
            # number.
            "priority": next(number for number in range(100, 4097) if number not in used),
            "direction": "Inbound",
        },
    }
    rules.append(rule)
    return Operation(str(rule["id"]), f"{rule['type']}/write")


def set_property(estate: Estate, identifier: str, assignment: str) -> Operation:
    """Set a property of an object. In `assignment`, such as `properties.minimumTlsVersion="TLS1_0"`, the value is JSON.
    A value that is not valid JSON is taken as a text.

    `identifier` can be the path of an object of the directory, such as `users/<id>`.
    """
    path, found, text = assignment.partition("=")
    if not path or not found:
        raise ActError(f"expected PATH=VALUE, not {assignment!r}")
    value = parse_value(text)
    if is_directory_object(identifier):
        updated = set_in(estate.lines, identifier, path, value)
        if updated is None:
            raise ActError(f"the estate has no object {identifier}")
        return Operation(identifier, updated.activity, updated)
    document = estate.find(identifier)
    *parents, last = path.split(".")
    if path.split(".")[0].lower() == "id":
        raise ActError("the id cannot be changed")
    inner = document
    for name in parents:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ActError(f"{name} of {identifier} is not an object")
    inner[last] = value
    return Operation(document["id"], f"{_type(document['id'])}/write")


def switch_off(estate: Estate, identifier: str) -> Operation:
    """Disable all logs and metrics of a diagnostic setting."""
    document = estate.find(identifier)
    if _type(document["id"]).lower() != "microsoft.insights/diagnosticsettings":
        raise ActError(f"{identifier} is not a diagnostic setting")
    properties = document.get("properties", {})
    for entry in (*(properties.get("logs") or ()), *(properties.get("metrics") or ())):
        entry["enabled"] = False
    return Operation(document["id"], f"{_type(document['id'])}/write")


def assign_role(estate: Estate, scope: str, role: str, principal: str) -> Operation:
    """Assign a role at the scope to a user. `role` is a name in ROLES or the GUID of a role definition. `principal` is
    the user's object id.
    """
    if subscription_of(_folded(scope)) is None:
        raise ActError(f"{scope} is not in a subscription")
    definition = next((guid for name, guid in ROLES.items() if name.lower() == role.lower()), role.lower())
    name = str(uuid4())
    document = {
        "id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"/subscriptions/{scope.split('/')[2]}/providers/Microsoft.Authorization"
            f"/roleDefinitions/{definition}",
            "principalId": principal,
            "principalType": "User",
            "scope": scope.rstrip("/"),
        },
    }
    estate.add(document)
    return Operation(str(document["id"]), "Microsoft.Authorization/roleAssignments/write")


def delete(estate: Estate, identifier: str) -> Operation:
    """Delete an object with everything below it. An object without a document of its own, such as a security rule, is
    deleted from the document of its parent.
    """
    wanted = _folded(identifier)
    kept = [line for line in estate.lines if not _is_below(line, wanted)]
    if len(kept) < len(estate.lines):
        found = next(line["id"] for line in estate.lines if _is_below(line, wanted))
        exact = next((line["id"] for line in estate.lines if _key(line) == wanted), found[: len(wanted)])
        estate.lines = kept
        return Operation(exact, f"{_type(exact)}/delete")
    for line in estate.lines:
        if wanted.startswith(f"{_key(line)}/") and (inner := _remove_inner(line, wanted)):
            return Operation(inner, f"{_type(inner)}/delete")
    raise ActError(f"the estate has no object {identifier}")


def touch(estate: Estate, identifier: str) -> Operation:
    """Return a write operation that changes nothing. A deployment causes such operations if resources are already
    configured as intended.
    """
    document = estate.find(identifier)
    return Operation(document["id"], f"{_type(document['id'])}/write")


def act(
    text: str, change: Callable[[Estate], Operation], actor: Actor, occasion: Occasion, times: int = 1
) -> tuple[str, Operation]:
    """Apply a change to an estate file with the content `text`. Return the new content and the operation of the change.

    The operation is recorded `times` times. Raise ActError if the change is impossible.
    """
    estate, before = Estate(text), Estate(text)
    operation = change(estate)
    occasion = replace(occasion, correlation_id=occasion.correlation_id or str(uuid4()))
    for _ in range(times):
        estate.record(operation, actor, occasion)
    _record_change(before, estate, operation, actor, occasion)
    return estate.text(), operation


def _record_change(
    before: Estate, estate: Estate, operation: Operation, actor: Actor, occasion: Occasion
) -> None:
    """If the document of the resource has changed, add the change to Resource Graph's table of changes."""
    root = root_resource(_folded(operation.target))
    if operation.updated is not None or root is None or subscription_of(root) is None:
        return
    if split_path(root).type.startswith(NOT_RESOURCES):
        return
    found = change_of(
        before.get(root),
        estate.get(root),
        actor=actor.user,
        is_application=actor.is_application,
        operation=operation.action,
        at=occasion.at,
        correlation_id=occasion.correlation_id,
        guid=str(uuid4()),
    )
    if found is not None:
        estate.lines.append(found)


def _is_below(line: Document, wanted: str) -> bool:
    key = _key(line)
    return (key == wanted or key.startswith(f"{wanted}/")) and not (is_event(key) or is_change(key))


def _remove_inner(document: Document, wanted: str) -> str:
    """Remove the object with this id from a list in the document's properties. Return the object's id, or an empty
    text if no list contains the object.
    """
    for entries in document.get("properties", {}).values():
        if not isinstance(entries, list):
            continue
        for entry in entries:
            if isinstance(entry, dict) and _key(entry) == wanted:
                entries.remove(entry)
                return str(entry["id"])
    return ""


def _type(identifier: str) -> str:
    if found := split_path(identifier).type.strip("/"):
        return found
    # An id without `/providers/` is the id of a subscription or a resource group.
    return "Microsoft.Resources/subscriptions" + ("/resourceGroups" if identifier.count("/") > 2 else "")


def _key(line: Document) -> str:
    identifier = line.get("id")
    return _folded(identifier) if isinstance(identifier, str) else ""


def _folded(identifier: str) -> str:
    return identifier.rstrip("/").lower()
