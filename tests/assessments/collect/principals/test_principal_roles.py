"""The roles of the service principal itself: roles in Azure, roles through groups, application permissions, and gaps if
a request is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assessments.collect.principals.principal_roles import read_roles
from assessments.estate.gaps import Reason
from assessments.estate.identity.principal_roles import (
    ApplicationRole,
    AzureRole,
    PrincipalRoles,
    Unread,
    as_plain,
    from_plain,
    more_than_reading,
    role_lines,
)
from assessments.management.sandboxed import Served, serve
from sandbox.own_roles import READER
from sandbox.stores.registry import own_id
from tests.assessments.collect import azure
from tests.for_each import for_each

CLIENTS = {
    "all": ["Application.Read.All", "Policy.Read.All"],
    "no Graph": ["Policy.Read.All"],
    "directory": ["Application.Read.All", "RoleManagement.Read.Directory"],
}
DIRECTORY_ROLES: dict[str, dict[str, Any]] = {
    "Global Administrator": {"isBuiltIn": True},
    "Global Reader": {"isBuiltIn": True},
    "Auditor": {
        "isBuiltIn": False,
        "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/groups/Read"]}],
    },
    "Reset Reader": {
        "isBuiltIn": False,
        "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/users/password/update"]}],
    },
    "Empty": {"isBuiltIn": False, "rolePermissions": []},
}
PLAIN, GROUPED, REFUSED, DAMAGED, SLOW = (azure.guid(number) for number in (1, 2, 3, 4, 5))
CUSTOM, GROUP = azure.guid(70), azure.guid(71)
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/contoso"


def assignments(guid: str) -> str:
    return f"/subscriptions/{guid}/providers/Microsoft.Authorization/roleAssignments"


def assignment(scope: str, role: str, principal: str) -> dict[str, Any]:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{azure.guid(80)}",
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "scope": scope,
        },
    }


# The object id of the service principal of the last client in CLIENTS.
OWN = own_id(azure.DIRECTORY, azure.guid(92))


def directory_role(number: int, principal: str, **more: Any) -> dict[str, Any]:
    """The assignment of a directory role. `number` is the position of the role in DIRECTORY_ROLES."""
    return {
        "id": f"assignment-{number}",
        "roleDefinitionId": azure.guid(60 + number),
        "principalId": principal,
        "directoryScopeId": "/",
        **more,
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    clients = [
        {"clientId": azure.guid(90 + n), "secret": azure.SECRET, "subscriptions": ["*"], "graph": graph}
        for n, graph in enumerate(CLIENTS.values())
    ]
    definition = {
        "id": f"/subscriptions/{GROUPED}/providers/Microsoft.Authorization/roleDefinitions/{CUSTOM}",
        "properties": {"roleName": "Auditor of\x00 Contoso", "type": "CustomRole"},
    }
    lines = [
        {"directory": {"tenantId": azure.DIRECTORY, "clients": clients}},
        {"graph": "users", "value": []},
        {"graph": "roleManagement/directory/roleDefinitions", "value": [
            {"id": azure.guid(60 + n), "displayName": name, **facts}
            for n, (name, facts) in enumerate(DIRECTORY_ROLES.items())
        ]},
        {"graph": "roleManagement/directory/roleAssignments", "value": [
            *(directory_role(n, OWN) for n in range(len(DIRECTORY_ROLES))),
            directory_role(9, OWN, directoryScopeId="/administrativeUnits/au1"),
            directory_role(8, GROUP),
        ]},
        *({"id": f"/subscriptions/{guid}", "subscriptionId": guid, "displayName": "One"}
          for guid in (PLAIN, GROUPED, REFUSED, DAMAGED, SLOW)),
        definition,
        azure.answer(
            assignments(GROUPED), 200, {"value": [assignment(MANAGEMENT_GROUP, CUSTOM, GROUP)]}
        ),
        azure.answer(assignments(REFUSED), 403, {"error": {"code": "AuthorizationFailed", "message": "no"}}),
        azure.answer(assignments(DAMAGED), 200, {"value": [{"id": "x", "properties": {"scope": "/"}}]}),
        {"answer": {"path": assignments(SLOW), "status": 200, "body": {"value": []}, "delay_ms": 1000}},
    ]  # fmt: skip
    path = azure.write(tmp_path_factory.mktemp("roles") / "estate.jsonl", lines)
    with serve(path) as served:
        yield served


def read(served: Served, client: str, *subscriptions: str) -> PrincipalRoles:
    client_id = azure.guid(90 + list(CLIENTS).index(client))
    return read_roles(azure.session(served, client_id=client_id), client_id, subscriptions)


def test_roles_at_subscriptions_and_application_permissions(served: Served) -> None:
    found = read(served, "all", PLAIN, GROUPED)
    assert found == PrincipalRoles(
        azure=(
            AzureRole(
                "Auditor of\ufffd Contoso", CUSTOM, MANAGEMENT_GROUP, is_custom=True, through_group=True
            ),
            AzureRole("Reader", READER, f"/subscriptions/{PLAIN}"),
        ),
        applications=(
            ApplicationRole("Application.Read.All", "Microsoft Graph"),
            ApplicationRole("Policy.Read.All", "Microsoft Graph"),
        ),
        directory_unread=Unread("", Reason.FORBIDDEN, "RoleManagement.Read.Directory"),
    )
    assert from_plain(json.loads(json.dumps(as_plain(found)))) == found


def test_a_refusal_or_damaged_answer_is_unknown_with_its_reason(served: Served) -> None:
    found = read(served, "all", PLAIN, REFUSED, DAMAGED)
    permission = "Microsoft.Authorization/roleAssignments/read"
    assert found.azure == (AzureRole("Reader", READER, f"/subscriptions/{PLAIN}"),)
    assert found.azure_unread == (
        Unread(f"/subscriptions/{REFUSED}", Reason.FORBIDDEN, permission),
        Unread(f"/subscriptions/{DAMAGED}", Reason.BAD_ANSWER, permission),
    )
    assert found.azure_unread[0].label == "Missing permission"
    assert from_plain(json.loads(json.dumps(as_plain(found)))) == found


def test_without_graph_nothing_is_known_and_nothing_is_asked_of_azure(served: Served) -> None:
    azure.control_plane(served, "POST", "requests/reset")
    found = read(served, "no Graph", PLAIN)
    unread = Unread("", Reason.FORBIDDEN, "Application.Read.All")
    assert found == PrincipalRoles(
        azure_unread=(unread,), applications_unread=unread, directory_unread=unread
    )
    asked = [row["path"] for row in azure.control_plane(served, "GET", "requests")]
    assert not [path for path in asked if "roleAssignments" in path]


def test_an_unanswered_subscription_is_a_timeout(served: Served) -> None:
    client = azure.guid(90)
    found = read_roles(azure.session(served, client_id=client), client, [SLOW], seconds=0.1)
    assert [(one.scope, one.reason) for one in found.azure_unread] == [
        (f"/subscriptions/{SLOW}", Reason.TIMEOUT)
    ]


@for_each(
    ("permission", "resource", "shown"),
    [
        ("Policy.Read.PermissionGrant", "Microsoft Graph", []),
        ("User.ReadBasic.All", "Microsoft Graph", []),
        ("Application.ReadWrite.OwnedBy", "Microsoft Graph", ["Application.ReadWrite.OwnedBy"]),
        ("Directory.Write.Restricted", "Microsoft Graph", ["Directory.Write.Restricted"]),
        ("Sites.FullControl.All", "Microsoft Graph", ["Sites.FullControl.All"]),
        ("Exchange.ManageAsApp", "Office 365 Exchange Online", ["Exchange.ManageAsApp of Office 365 Exchange Online"]),
        ("00000000-0000-0000-0000-000000000000", "An app of Contoso", []),
    ],
)  # fmt: skip
def test_permissions_that_permit_more_than_reading(permission: str, resource: str, shown: list[str]) -> None:
    roles = PrincipalRoles(applications=(ApplicationRole(permission, resource),))
    assert more_than_reading(roles) == shown


def test_directory_roles_of_the_principal_itself(served: Served) -> None:
    found = read(served, "directory", PLAIN)
    roles = [(one.role or one.role_id, one.scope, one.only_reads) for one in found.directory]
    assert roles == [
        (azure.guid(69), "/administrativeUnits/au1", False),
        ("Auditor", "/", True),
        ("Empty", "/", False),
        ("Global Administrator", "/", False),
        ("Global Reader", "/", True),
        ("Reset Reader", "/", False),
    ]
    assert found.directory_unread is None
    assert from_plain(json.loads(json.dumps(as_plain(found)))) == found
    assert more_than_reading(found) == [
        f"directory role {azure.guid(69)}",
        "directory role Empty",
        "directory role Global Administrator",
        "directory role Reset Reader",
    ]
    lines = role_lines(found)
    assert "Directory role Global Reader" in lines
    assert f"Directory role {azure.guid(69)} at /administrativeUnits/au1" in lines
    assert not [line for line in lines if "unknown" in line]


def test_rows_of_earlier_versions_have_no_directory_roles() -> None:
    stored = as_plain(PrincipalRoles(applications=(ApplicationRole("Policy.Read.All", "Microsoft Graph"),)))
    del stored["directory"], stored["directory_unread"]
    assert from_plain(stored).directory == ()
    assert from_plain(stored).directory_unread is None


def test_refused_directory_roles_are_unknown_with_their_permission() -> None:
    unread = Unread("", Reason.FORBIDDEN, "RoleManagement.Read.Directory")
    assert role_lines(PrincipalRoles(directory_unread=unread)) == [
        "Directory roles are unknown: missing permission (RoleManagement.Read.Directory)"
    ]
