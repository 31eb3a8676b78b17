"""The Azure roles, application permissions and directory roles of a service principal. Pure functions.

    as_plain(roles) -> dict                 what `tenants.ServicePrincipal.roles` stores
    from_plain(value) -> PrincipalRoles
    role_lines(roles) -> [str]              for pages and commands
    more_than_reading(roles) -> [str]       application permissions and directory roles that permit more than reading

The stored form is

    {"azure": [{"role": "Reader", "role_id": "<guid>", "scope": "/subscriptions/<guid>", "is_custom": false,
                "through_group": false}],
     "azure_unread": [{"scope": "/subscriptions/<guid>", "reason": "timeout", "permission": "…"}],
     "applications": [{"permission": "Policy.Read.All", "resource": "Microsoft Graph"}],
     "applications_unread": {"scope": "", "reason": "forbidden", "permission": "Application.Read.All"} or null,
     "directory": [{"role": "Global Reader", "role_id": "<guid>", "scope": "/", "only_reads": true}],
     "directory_unread": {"scope": "", "reason": "forbidden", "permission": "RoleManagement.Read.Directory"} or null}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from assessments.estate.gaps import Reason

DIRECTORY_ROLE: Final = "directory role "
"""The beginning of each text about a directory role that `more_than_reading` returns."""
_GRAPH: Final = "Microsoft Graph"
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class AzureRole:
    """A role at a scope. `scope` is an ARM id such as `/subscriptions/<guid>`, or `/` for the whole directory.

    `role` is the name of the role, or empty if the role definition could not be read. `role_id` is the GUID of the
    definition. `through_group` is true if the principal has the role as a member of a group.
    """

    role: str
    role_id: str
    scope: str
    is_custom: bool = False
    through_group: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationRole:
    """An application permission of the API `resource`. `permission` is the name of the permission, or the id of its app
    role if the name is unknown.
    """

    permission: str
    resource: str


@dataclass(frozen=True, slots=True)
class DirectoryRole:
    """A role of Microsoft Entra that is assigned to the service principal itself. `role` is the name of the role, or
    empty if Graph states no name.

    `scope` is `/` for the whole directory. `only_reads` is true if the role certainly permits reading only.
    """

    role: str
    role_id: str
    scope: str
    only_reads: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """Roles or permissions that could not be read. `scope` is the id of the subscription whose roles could not be read.
    `scope` is empty for application permissions and for directory roles. `scope` is also empty if Surety could not
    request the roles of any subscription.
    """

    scope: str
    reason: Reason
    permission: str = ""

    @property
    def label(self) -> str:
        """The reason in words, with a capital first letter: “Missing permission”."""
        return self.reason.label[0].upper() + self.reason.label[1:]


@dataclass(frozen=True, slots=True)
class PrincipalRoles:
    """The roles of a service principal, and the roles that could not be read.

    `applications_unread` is None if the application permissions are known. `directory_unread` is None if the directory
    roles are known. `directory_unread` is also None in rows that were stored before Surety read directory roles.
    """

    azure: tuple[AzureRole, ...] = ()
    azure_unread: tuple[Unread, ...] = ()
    applications: tuple[ApplicationRole, ...] = ()
    applications_unread: Unread | None = None
    directory: tuple[DirectoryRole, ...] = ()
    directory_unread: Unread | None = None


def as_plain(roles: PrincipalRoles) -> dict[str, Any]:
    """Return the stored form, which can be written as JSON."""
    return asdict(roles)


def from_plain(value: Mapping[str, Any]) -> PrincipalRoles:
    """Return the roles for a stored form that `as_plain` returned."""
    unread, hidden = value["applications_unread"], value.get("directory_unread")
    return PrincipalRoles(
        tuple(AzureRole(**row) for row in value["azure"]),
        tuple(_unread(row) for row in value["azure_unread"]),
        tuple(ApplicationRole(**row) for row in value["applications"]),
        None if unread is None else _unread(unread),
        # Rows that earlier versions of Surety stored lack the directory roles.
        tuple(DirectoryRole(**row) for row in value.get("directory", ())),
        None if hidden is None else _unread(hidden),
    )


def _unread(row: Mapping[str, Any]) -> Unread:
    return Unread(row["scope"], Reason(row["reason"]), row["permission"])


def role_lines(roles: PrincipalRoles) -> list[str]:
    """Return the roles, and the roles that could not be read, as lines of text: “Role Reader at /subscriptions/…”."""
    lines = []
    for one in roles.azure:
        through = ", through a group" if one.through_group else ""
        lines.append(f"Role {one.role or one.role_id} at {one.scope}{through}")
    lines += [f"Application permission {one.permission} of {one.resource}" for one in roles.applications]
    for held in roles.directory:
        at = "" if held.scope == "/" else f" at {held.scope}"
        lines.append(f"Directory role {held.role or held.role_id}{at}")
    for gap in roles.azure_unread:
        where = f" at {gap.scope}" if gap.scope else ""
        lines.append(f"Roles in Azure{where} are unknown: {gap.reason.label} ({gap.permission})")
    unread = roles.applications_unread
    if unread is not None:
        lines.append(f"Application permissions are unknown: {unread.reason.label} ({unread.permission})")
    if (hidden := roles.directory_unread) is not None:
        lines.append(f"Directory roles are unknown: {hidden.reason.label} ({hidden.permission})")
    return lines


def more_than_reading(roles: PrincipalRoles) -> list[str]:
    """Return a list of the application permissions that permit more than reading, followed by the directory roles that
    permit more than reading.

    An application permission is listed by its name, such as “Mail.Send” for Microsoft Graph, or “NAME of API” for
    another API. A directory role is listed as “directory role Global Administrator”. Permissions whose name is unknown
    are left out.
    """
    permissions = [
        one.permission if one.resource == _GRAPH else f"{one.permission} of {one.resource}"
        for one in roles.applications
        if not _ID.fullmatch(one.permission) and not _only_reads(one.permission)
    ]
    names = {held.role or held.role_id for held in roles.directory if not held.only_reads}
    return [*permissions, *(f"{DIRECTORY_ROLE}{name}" for name in sorted(names))]


def _only_reads(permission: str) -> bool:
    """Return whether a permission permits reading only. Its name decides: one of the words between the dots starts with
    `Read`, and the name does not contain `Write`.

    All 703 application permissions of Microsoft Graph follow this rule: permissions/new/permissions.json (6cbd6bbd) in
    https://github.com/microsoftgraph/microsoft-graph-devx-content
    """
    return "Write" not in permission and any(word.startswith("Read") for word in permission.split("."))
