"""Microsoft Graph: collections, single objects, options, permissions."""

import pytest

from sandbox.graph.rules import has_own_rule, rule_for
from tests.for_each import for_each
from tests.sandbox import estates as e
from tests.sandbox.running import Running

USERS = "/v1.0/users"


def names(served: Running, **options: str) -> list[str]:
    return [user["displayName"] for page in served.pages(USERS, e.TENANT, **options) for user in page]


def test_a_collection_is_paged(served: Running) -> None:
    pages = served.pages(USERS, e.TENANT)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [user["displayName"] for page in pages for user in page] == [f"User {n}" for n in range(1, 8)]


def test_links_keep_filter_and_select(served: Running) -> None:
    options = {"$filter": "userType ne 'Guest'", "$select": "id,userType", "$top": "2"}
    pages = served.pages(USERS, e.TENANT, **options)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert all(user.keys() == {"id", "userType"} for page in pages for user in page)


def test_query_options_are_applied(served: Running) -> None:
    assert names(served, **{"$filter": "userType eq 'Guest'"}) == ["User 3", "User 6"]
    assert names(served, **{"$filter": "userType eq 'Guest' and accountEnabled eq true"}) == ["User 6"]
    assert names(served, **{"$orderby": "displayName desc"})[0] == "User 7"
    body = served.get(USERS, e.TENANT, **{"$count": "true", "$top": "1"}).json()
    assert (body["@odata.count"], len(body["value"])) == (7, 1)


def test_users_have_default_properties_without_select(served: Running) -> None:
    user = served.get(USERS, e.TENANT).json()["value"][0]
    assert user.keys() == {"id", "displayName", "userPrincipalName"}


@for_each(
    "options", [{"$top": "0"}, {"$top": "1000"}, {"$filter": "x"}, {"$search": "x"}, {"$skiptoken": "x"}]
)
def test_invalid_options_are_refused(served: Running, options: dict[str, str]) -> None:
    answer = served.get(USERS, e.TENANT, **options)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "innerError"}


@for_each(
    ("path", "found"),
    [
        ("policies/authorizationPolicy", "authorizationPolicy"),
        ("/policies//AuthorizationPolicy", "authorizationPolicy"),
        ("users/a0000000-0000-0000-0000-000000000001", "a0000000-0000-0000-0000-000000000001"),
        ("users/user2@example.org", "a0000000-0000-0000-0000-000000000002"),
        ("domains/example.org", "example.org"),
    ],
)
def test_single_objects_are_served(served: Running, path: str, found: str) -> None:
    answer = served.get(f"/v1.0/{path}", e.TENANT)
    assert (answer.status_code, answer.json()["id"]) == (200, found)


def test_one_line_or_an_empty_list_is_a_collection(served: Running) -> None:
    assert [d["id"] for d in served.get("/v1.0/domains", e.TENANT).json()["value"]] == ["example.org"]
    assert served.get("/v1.0/identity/conditionalAccess/policies", e.TENANT).json()["value"] == []


@for_each("path", ["groups", "users/nobody", "reports/authenticationMethods/userRegistrationDetails", "x/y"])
def test_objects_missing_from_the_estate_are_not_found(served: Running, path: str) -> None:
    answer = served.get(f"/v1.0/{path}", e.TENANT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_a_directory_without_service_principals_lists_the_client_itself(served: Running) -> None:
    listed = served.get("/v1.0/servicePrincipals", e.TENANT).json()["value"]
    assert [one["servicePrincipalType"] for one in listed] == ["Application"]
    assert served.get(f"/v1.0/servicePrincipals/{listed[0]['id']}", e.TENANT).json()["id"] == listed[0]["id"]


def test_principal_is_expanded(served: Running) -> None:
    path = "/v1.0/roleManagement/directory/roleAssignments"
    assert "principal" not in served.get(path, e.TENANT).json()["value"][0]
    expanded = served.get(path, e.TENANT, **{"$expand": "principal"}).json()["value"][0]["principal"]
    assert (expanded["displayName"], expanded["@odata.type"]) == ("User 1", "#microsoft.graph.user")


@for_each(
    ("path", "options", "status"),
    [
        ("users", {}, 200),
        ("users", {"$select": "id,signInActivity"}, 403),
        ("users/user2@example.org", {}, 200),
        ("domains", {}, 403),
        ("groups", {}, 403),
        ("policies/authorizationPolicy", {}, 403),
        ("identity/conditionalAccess/policies", {}, 403),
        ("roleManagement/directory/roleAssignments", {}, 403),
        ("reports/authenticationMethods/userRegistrationDetails", {}, 403),
        ("new/readable", {}, 200),
        ("new/forbidden", {}, 403),
    ],
)
def test_missing_permissions_are_forbidden(
    served: Running, path: str, options: dict[str, str], status: int
) -> None:
    """The client has only the permission User.Read.All."""
    answer = served.get(f"/v1.0/{path}", e.TENANT, 1, **options)
    assert answer.status_code == status
    if status == 403:
        assert set(answer.json()["error"]) == {"code", "message", "innerError"}


@for_each("path", ["users", "domains", "policies/authorizationPolicy", "nothing"])
def test_without_graph_lines_everything_is_forbidden(served: Running, path: str) -> None:
    assert served.get(f"/v1.0/{path}", e.OTHER_TENANT).status_code == 403


def test_a_scripted_answer_is_served_by_graph(served: Running) -> None:
    answer = served.get("/v1.0/groupSettings", e.TENANT)
    assert (answer.status_code, answer.json()) == (403, {"error": {"code": "Licence"}})
    assert "innerError" in served.get("/v1.0/groupSettings", e.OTHER_TENANT).json()["error"]


@for_each(
    ("path", "permission"),
    [
        ("policies/identitysecuritydefaultsenforcementpolicy", "Policy.Read.All"),
        ("identity/conditionalaccess/policies", "Policy.Read.All"),
        ("policies/authorizationpolicy", "Policy.Read.All"),
        ("reports/authenticationmethods/userregistrationdetails", "AuditLog.Read.All"),
        ("users", "User.Read.All"),
        ("groups/x/transitivemembers", "GroupMember.Read.All"),
        ("rolemanagement/directory/roleassignments", "RoleManagement.Read.Directory"),
        ("rolemanagement/directory/roledefinitions", "RoleManagement.Read.Directory"),
        (
            "rolemanagement/directory/roleeligibilityscheduleinstances",
            "RoleEligibilitySchedule.Read.Directory",
        ),
        ("domains", "Domain.Read.All"),
        ("domains/example.org/federationconfiguration", "Domain.Read.All"),
        ("groupsettings", "Directory.Read.All"),
    ],
)
def test_documented_permission_is_sufficient(path: str, permission: str) -> None:
    assert permission in rule_for(path).permissions


def test_a_path_without_its_own_rule_needs_the_permissions_for_everything() -> None:
    assert has_own_rule("users")
    assert not has_own_rule("new/readable")
    assert rule_for("new/readable").permissions == ("Directory.Read.All", "Directory.ReadWrite.All")


@pytest.mark.parametrize(
    ("cast", "ids"), [("", ["m1", "m2"]), ("/microsoft.graph.user", ["m1"]), ("/microsoft.graph.device", [])]
)
def test_members_can_be_limited_to_one_type(served: Running, cast: str, ids: list[str]) -> None:
    body = served.get(f"/v1.0/groups/g1/transitiveMembers{cast}", e.TENANT).json()
    assert [item["id"] for item in body["value"]] == ids


def test_beta_is_not_served(served: Running) -> None:
    headers = {"Authorization": f"Bearer {served.token(e.TENANT)}"}
    answer = served.http.get(f"{served.url}/beta/users", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ResourceNotFound")
