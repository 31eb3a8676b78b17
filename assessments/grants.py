"""Which rights a service principal lacks, and the az commands that grant them. Pure.

ARM: the built-in role Reader on the subscription holds every action that is read here and no other.
Graph: one application permission each, given to the application and consented to by an administrator. The ids are
well-known constants of Microsoft Graph's service principal (`appRoles`), the same in every directory. They were not
read from a live directory for this release; `az ad sp show --id 00000003-0000-0000-c000-000000000000 --query
appRoles` shows a directory's own.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection, Source
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason

GRAPH = "00000003-0000-0000-c000-000000000000"
APP_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
        "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
        "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
        "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
        "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
        "RoleEligibilitySchedule.Read.Directory": "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
        "Domain.Read.All": "dbb9058a-0e50-45d7-ae91-66909b5d4664",
        "CrossTenantInformation.ReadBasic.All": "cac88765-0581-4025-9725-5ebc13f729ee",
        "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A missing right. `controls` are the slugs that wait for it, `command` is one or more lines for a shell."""

    permission: str
    controls: tuple[str, ...]
    command: str


def is_graph(permission: str) -> bool:
    """Whether a collection's permission is Graph's; ARM actions hold a `/`."""
    return "/" not in permission


def reader_commands(client_id: str, subscriptions: Iterable[str]) -> list[str]:
    """One line per subscription (GUIDs)."""
    return [
        f"az role assignment create --assignee {shlex.quote(client_id)} --role Reader"
        f" --scope {shlex.quote(f'/subscriptions/{guid}')}"
        for guid in subscriptions
    ]


def graph_commands(client_id: str, permissions: Iterable[str]) -> list[str]:
    """The line that adds the permissions to the application, and the one that consents to them."""
    # Of alternatives the first is the least.
    roles = [f"{APP_ROLES[permission.split('|')[0]]}=Role" for permission in permissions]
    if not roles:
        return []
    application = shlex.quote(client_id)
    return [
        f"az ad app permission add --id {application} --api {GRAPH} --api-permissions {' '.join(roles)}",
        f"az ad app permission admin-consent --id {application}",
    ]


def grant_of(permission: str, controls: Iterable[str], client_id: str, subscriptions: Iterable[str]) -> Grant:
    """The grant of one permission."""
    lines = (
        graph_commands(client_id, [permission])
        if is_graph(permission)
        else reader_commands(client_id, subscriptions)
    )
    return Grant(permission, tuple(controls), "\n".join(lines))


def commands_of(grants: Sequence[Grant], client_id: str) -> list[str]:
    """All that has to be run for the grants, each line once; Graph's permissions in one."""
    arm = [line for grant in grants if not is_graph(grant.permission) for line in grant.command.splitlines()]
    graph = [grant.permission for grant in grants if is_graph(grant.permission)]
    return [*dict.fromkeys(arm), *graph_commands(client_id, graph)]


def closure(control: Control) -> dict[str, Collection]:
    """What judging a control takes, by name: its needs and what their targets are found in.

    What it reads only for a remark (`also`) is not in it.
    """
    found: dict[str, Collection] = {}
    waiting = list(control.needs)
    while waiting:
        collection = waiting.pop()
        if found.setdefault(collection.name, collection) is collection and collection.targets is not None:
            waiting.extend(ALL[name] for name in collection.after if name not in found)
    return found


def grants_from_ledger(
    ledger: Mapping[str, Mapping[str, Any]], client_id: str, subscriptions: Iterable[str]
) -> list[Grant]:
    """Each right that an assessment's coverage ledger says was refused, ARM's first, with what waits for it.

    `ledger` is `selectors.ledger(...)` or a unit's `coverage`; `subscriptions` are the GUIDs to grant Reader on.
    Controls that could be judged all the same are left out of a grant.
    """
    refused = {
        name: row["permission"]
        for name, row in ledger.get("collections", {}).items()
        if row.get("gaps", {}).get(str(Reason.FORBIDDEN))
    }
    rows = ledger.get("controls", {})
    waiting: dict[str, list[str]] = {permission: [] for permission in refused.values()}
    for slug, control in catalogue().items():
        if not rows.get(slug, {}).get("unknown", {}).get(str(Reason.FORBIDDEN)):
            continue
        for permission in sorted({refused[name] for name in closure(control) if name in refused}):
            waiting[permission].append(slug)
    scopes = sorted(set(subscriptions))
    order = sorted(waiting, key=lambda permission: (is_graph(permission), permission))
    return [grant_of(permission, waiting[permission], client_id, scopes) for permission in order]


def missing_app_roles() -> list[str]:
    """Graph permissions of collections whose application permission's id is not known here; a test wants none."""
    wanted = {c.permission.split("|")[0] for c in ALL.values() if c.source is Source.GRAPH}
    return sorted(wanted - APP_ROLES.keys())
