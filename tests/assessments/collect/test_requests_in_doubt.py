"""Requests whose documented answers are unusual, each sent to a sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.http.transport import transport_for
from assessments.collect.session import Session, path_of
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from assessments.management.sandboxed import serve
from assessments.permissions.grants import graph_commands
from tests.assessments.collect import azure

UNIT = azure.guid(1)
SCOPE = f"/subscriptions/{UNIT}"
REGISTRATIONS = "reports/authenticationMethods/userRegistrationDetails"
ELIGIBILITIES = "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
GROUP, ADA = azure.guid(70), azure.guid(50)


def graph(path: str, *value: Any) -> azure.Line:
    return {"graph": path, "value": list(value)}


def refusal(status: int, code: str, path: str, **more: Any) -> azure.Line:
    return azure.answer(path, status, {"error": {"code": code, "message": "No."}}, **more)


def watch(session: Session) -> list[str]:
    """Return the list to which the URLs of the session's requests will be added."""
    asked: list[str] = []

    def note(response: requests.Response, *args: Any, **kwargs: Any) -> None:
        asked.append(str(response.request.url))

    transport = transport_for(session.endpoints)
    assert transport.session is not None
    transport.session.hooks["response"].append(note)
    return asked


def gap_at(session: Session, collection: Collection, scope: str) -> tuple[Gap | None, list[Any]]:
    """Read a collection at a scope. Return its gap, or None, and the documents that were read."""
    found: list[Any] = []
    try:
        for page in session.pages(collection, scope):
            found += page
    except EXPECTED as error:
        return gap_of(error, collection, scope, path_of(collection, scope)), found
    return None, found


def test_a_link_without_api_version_leads_to_the_next_page(tmp_path: Path) -> None:
    """Microsoft.Synapse sends links without api-version: https://github.com/Azure/azure-sdk-for-js/issues/11913"""
    path = f"{SCOPE}/providers/Microsoft.Synapse/workspaces"
    group = f"{SCOPE}/resourceGroups/rg/providers/Microsoft.Synapse/workspaces"
    workspaces: list[azure.Line] = [
        {"id": f"{group}/{name}", "name": name, "type": "Microsoft.Synapse/workspaces", "properties": {}}
        for name in ("first", "second")
    ]
    page = azure.answer(path, 200, {"value": workspaces[:1], "nextLink": f"{path}?page=2"}, times=1)
    lines = [azure.directory(), *azure.subscription(UNIT), workspaces[1], page]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, found = gap_at(azure.session(served), ALL["synapse_workspaces"], SCOPE)
    assert gap is None
    assert [one["name"] for one in found] == ["first", "second"]


def test_registrations_are_asked_without_top_after_a_400(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(UNIT),
        graph(REGISTRATIONS, *({"id": azure.guid(100 + n), "isMfaCapable": True} for n in range(120))),
        refusal(400, "BadRequest", f"/v1.0/{REGISTRATIONS}", times=1),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        session = azure.session(served)
        asked = watch(session)
        gap, found = gap_at(session, ALL["mfa_registrations"], "")
    assert (gap, len(found)) == (None, 120)
    queries = [parse_qs(urlsplit(url).query) for url in asked if REGISTRATIONS in url]
    assert [query.get("$top") for query in queries] == [["999"], None, None]


def test_another_400_of_registrations_stays_a_gap(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(UNIT),
        graph("users"),
        refusal(400, "BadRequest", f"/v1.0/{REGISTRATIONS}"),
        refusal(400, "BadRequest", "/v1.0/users", times=1),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        session = azure.session(served)
        registrations, _ = gap_at(session, ALL["mfa_registrations"], "")
        users, _ = gap_at(session, ALL["users"], "")
    assert registrations is not None
    assert registrations.reason is Reason.BAD_ANSWER
    # `$top` is documented for users, so the request for users is not repeated without `$top`. One refusal leaves a gap.
    assert users is not None
    assert users.reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "granted", [["AuditLog.Read.All"], ["User.Read.All"], ["AuditLog.Read.All", "User.Read.All"]]
)
def test_sign_in_activity_needs_both_permissions(tmp_path: Path, granted: list[str]) -> None:
    lines = [
        azure.directory(graph=granted),
        *azure.subscription(UNIT),
        graph("users", {"id": ADA, "userType": "Guest", "signInActivity": {}}),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, found = gap_at(azure.session(served), ALL["guest_sign_ins"], "")
    if len(granted) == 2:
        assert (gap, len(found)) == (None, 1)
    else:
        assert gap is not None
        assert gap.reason is Reason.FORBIDDEN
        assert describe_gap(gap).startswith("Missing permission AuditLog.Read.All, and User.Read.All (")


def test_sign_in_activity_of_external_members_is_requested(tmp_path: Path) -> None:
    """Cross-tenant synchronization creates external accounts of type Member. Their creation type is Invitation."""
    guest, synchronized, own = (azure.guid(number) for number in (11, 12, 13))
    lines = [
        azure.directory(),
        *azure.subscription(UNIT),
        graph(
            "users",
            # Not all guests have the creation type Invitation: some signed up themselves, others were converted.
            {"id": guest, "userType": "Guest", "creationType": None, "signInActivity": {}},
            {"id": synchronized, "userType": "Member", "creationType": "Invitation", "signInActivity": {}},
            {"id": own, "userType": "Member", "creationType": None, "signInActivity": {}},
        ),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, found = gap_at(azure.session(served), ALL["guest_sign_ins"], "")
    assert gap is None
    assert {body["id"] for body in found} == {guest, synchronized}


def test_sign_in_activity_without_a_premium_licence(tmp_path: Path) -> None:
    code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    lines = [azure.directory(), *azure.subscription(UNIT), graph("users"), refusal(403, code, "/v1.0/users")]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, _ = gap_at(azure.session(served), ALL["guest_sign_ins"], "")
    assert gap is not None
    assert gap.reason is Reason.LICENCE_MISSING


@pytest.mark.parametrize("granted", ["GroupSettings.Read.All", "Directory.Read.All", "Group.ReadWrite.All"])
def test_group_settings_need_their_own_permission_at_least(tmp_path: Path, granted: str) -> None:
    lines = [azure.directory(graph=[granted]), *azure.subscription(UNIT), graph("groupSettings")]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, _ = gap_at(azure.session(served), ALL["group_settings"], "")
    if granted == "Group.ReadWrite.All":
        assert gap is not None
        text = "Missing permission GroupSettings.Read.All or Directory.Read.All (Directory settings"
        assert describe_gap(gap).startswith(text)
    else:
        assert gap is None


def test_the_least_of_two_alternatives_is_granted() -> None:
    add, _ = graph_commands(azure.guid(1), ["GroupSettings.Read.All|Directory.Read.All", "User.Read.All"])
    assert "f3c4f514-c65a-43f5-bfce-1735872258dd=Role df021288-bdef-4463-88db-98f22de89214=Role" in add


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "TenantNotOnboarded", None),
        (404, "ResourceNotOnboarded", None),
        (400, "AadPremiumLicenseRequired", Reason.LICENCE_MISSING),
        (500, "InternalServerError", Reason.SERVER_ERROR),
        (500, "TenantNotOnboarded", Reason.SERVER_ERROR),
        (403, "AuthorizationFailed", Reason.FORBIDDEN),
    ],
)
def test_eligible_assignments_where_pim_is_not_used(
    tmp_path: Path, status: int, code: str, reason: Reason | None
) -> None:
    path = f"{SCOPE}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances"
    lines = [azure.directory(), *azure.subscription(UNIT), refusal(status, code, path)]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, found = gap_at(azure.session(served), ALL["role_eligibilities"], SCOPE)
    assert (gap.reason if gap else None, found) == (reason, [])


@pytest.mark.parametrize(
    ("name", "scope", "permission"),
    [
        ("directory_role_eligibilities", "", "RoleEligibilitySchedule.Read.Directory"),
        ("group_eligibilities", GROUP, "PrivilegedEligibilitySchedule.Read.AzureADGroup"),
    ],
)
def test_privileged_identity_management_says_which_permission_is_missing(
    tmp_path: Path, name: str, scope: str, permission: str
) -> None:
    lines = [azure.directory(graph=["User.Read.All"]), *azure.subscription(UNIT), graph("users")]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        gap, _ = gap_at(azure.session(served), ALL[name], scope)
    assert gap is not None
    assert (gap.reason, gap.code) == (Reason.FORBIDDEN, "PermissionScopeNotGranted")
    assert describe_gap(gap).startswith(f"Missing permission {permission} (")


def test_no_content_means_no_machine_configuration_assignment(tmp_path: Path) -> None:
    # The specification documents the status 204 in addition to 200: guestconfiguration.json, 2022-01-25,
    # GuestConfigurationAssignments_SubscriptionList.
    path = f"{SCOPE}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments"
    lines = [azure.directory(), *azure.subscription(UNIT), azure.answer(path, 204)]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        assert gap_at(azure.session(served), ALL["guest_configuration"], SCOPE) == (None, [])


def test_a_400_of_security_contacts_is_unknown_never_a_failure(tmp_path: Path) -> None:
    path = f"{SCOPE}/providers/Microsoft.Security/securityContacts"
    lines = [azure.directory(), *azure.subscription(UNIT), refusal(400, "BadRequest", path)]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), UNIT, sections=("defender",))
    for control in ("defender-contact-email", "defender-contact-phone"):
        assert found.verdict(control, UNIT) == "unknown"
    result = found.results["defender-contact-email", SCOPE]
    assert "400 BadRequest, api-version 2023-12-01-preview" in result.verdict.reason


def test_eligible_members_of_groups_with_roles_are_read(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(UNIT),
        graph(
            "users",
            {"id": ADA, "userType": "Member", "accountEnabled": True, "userPrincipalName": "ada@example.com"},
        ),
        graph("domains", {"id": "example.com", "authenticationType": "Managed", "isVerified": True}),
        graph(REGISTRATIONS, {"id": ADA, "isMfaCapable": False}),
        graph(
            "roleManagement/directory/roleAssignments",
            {
                "id": "a",
                "principalId": GROUP,
                "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10",
                "directoryScopeId": "/",
                "principal": {"@odata.type": "#microsoft.graph.group", "id": GROUP},
            },
        ),
        graph("roleManagement/directory/roleEligibilityScheduleInstances"),
        graph(f"groups/{GROUP}/transitiveMembers"),
        graph(
            ELIGIBILITIES,
            {"id": "1", "groupId": GROUP, "principalId": ADA, "accessId": "member"},
            {"id": "2", "groupId": azure.guid(71), "principalId": azure.guid(51), "accessId": "member"},
        ),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        session = azure.session(served)
        found = azure.judge(
            session, azure.DIRECTORY, kind=UnitKind.DIRECTORY, subscriptions=(UNIT,), sections=("identity",)
        )
        assert found.verdict("identity-mfa-privileged", ADA) == "fail"
        assert [d.body["id"] for d in found.estate.documents("group_eligibilities")] == ["1"]
        # Graph refuses to list eligibilities without a filter.
        unfiltered, _ = gap_at(session, replace(ALL["group_eligibilities"], query={}), GROUP)
        assert unfiltered is not None
        assert unfiltered.status == 400
    control = catalogue()["identity-mfa-privileged"]
    assert "PrivilegedEligibilitySchedule.Read.AzureADGroup" in control.permissions


@pytest.mark.parametrize("granted", [False, True])
def test_members_of_a_group_with_hidden_membership_are_unknown_without_a_permission(
    tmp_path: Path, granted: bool
) -> None:
    permissions = [
        "User.Read.All",
        "GroupMember.Read.All",
        "AuditLog.Read.All",
        "Policy.Read.All",
        "RoleManagement.Read.Directory",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        "Domain.Read.All",
        *(["Member.Read.Hidden"] if granted else []),
    ]
    writer = {
        "principalId": GROUP,
        "principalType": "Group",
        "roleDefinitionId": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/writer",
        "scope": SCOPE,
    }
    role = {
        "roleName": "writer",
        "type": "BuiltInRole",
        "assignableScopes": ["/"],
        "permissions": [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}],
    }
    providers = f"{SCOPE}/providers/Microsoft.Authorization"
    lines = [
        azure.directory(graph=permissions),
        *azure.subscription(UNIT),
        {"id": f"{providers}/roleAssignments/a", "name": "a", "properties": writer},
        {"id": f"{providers}/roleDefinitions/writer", "name": "writer", "properties": role},
        graph(
            "users", {"id": ADA, "userType": "Member", "accountEnabled": True, "userPrincipalName": "a@b.c"}
        ),
        graph("domains", {"id": "example.com", "authenticationType": "Managed", "isVerified": True}),
        graph(REGISTRATIONS, {"id": ADA, "isMfaCapable": False}),
        graph("groups", {"id": GROUP, "groupTypes": ["Unified"], "visibility": "HiddenMembership"}),
        graph(f"groups/{GROUP}/transitiveMembers", {"@odata.type": "#microsoft.graph.user", "id": ADA}),
        graph(
            ELIGIBILITIES, {"id": "1", "groupId": azure.guid(71), "principalId": ADA, "accessId": "member"}
        ),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(
            azure.session(served),
            azure.DIRECTORY,
            kind=UnitKind.DIRECTORY,
            subscriptions=(UNIT,),
            sections=("identity",),
        )
    verdicts = {
        subject.rpartition("/")[2]: str(result.verdict.outcome)
        for (slug, subject), result in found.results.items()
        if slug == "identity-mfa-azure-writers"
    }
    whole = f"directory:{azure.DIRECTORY}"
    if granted:
        assert verdicts == {ADA: "fail"}
    else:
        assert verdicts == {whole: "unknown"}
        reason = found.results["identity-mfa-azure-writers", whole].verdict.reason
        assert reason.startswith(
            f"The membership of group {GROUP}, which has a role, is hidden, and Surety sees no members. Grant the"
            " permission"
        )


@pytest.mark.parametrize("address", ["auditingSettings", "extendedAuditingSettings"])
def test_the_predicate_of_an_audit_is_read(tmp_path: Path, address: str) -> None:
    server = f"{SCOPE}/resourceGroups/rg-data/providers/Microsoft.Sql/servers/sql1"
    policy = {
        "state": "Enabled",
        "storageEndpoint": "https://logs.blob.core.windows.net",
        "isAzureMonitorTargetEnabled": False,
        "predicateExpression": "object_name = 'SensitiveData'",
    }
    audit = {"id": f"{server}/{address}/Default", "name": "Default", "properties": policy}
    lines = [azure.directory(), *azure.subscription(UNIT), audit]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), UNIT, sections=("sql",))
    result = found.results["sql-server-auditing", server.casefold()]
    assert str(result.verdict.outcome) == "pass"
    assert "A predicate excludes some events" in result.verdict.remarks
