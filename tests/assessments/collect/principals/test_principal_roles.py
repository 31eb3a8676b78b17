"""The roles of the service principal itself: in Azure, through groups, application permissions, and refusals."""

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
)
from assessments.management.sandboxed import Served, serve
from sandbox.own_roles import READER
from tests.assessments.collect import azure
from tests.for_each import for_each

CLIENTS = {"all": ["Application.Read.All", "Policy.Read.All"], "no Graph": ["Policy.Read.All"]}
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
    assert found == PrincipalRoles(azure_unread=(unread,), applications_unread=unread)
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
