"""Names of directory objects: batches, deleted objects, limited information, refusals, throttling."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assessments.collect.principals.names import BATCH, read_names
from assessments.collect.session import Session
from assessments.display.names import Kind, Name, Status
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect import azure

ANNA, GROUP, APP, DELETED, ROLE = (azure.guid(number) for number in (1, 2, 3, 4, 5))
WANTED = {ANNA: Kind.USER, GROUP: Kind.GROUP, APP: Kind.OTHER, DELETED: Kind.USER, ROLE: Kind.DIRECTORY_ROLE}
CLIENTS = {
    "everything": ["Directory.Read.All", "RoleManagement.Read.Directory"],
    "users only": ["User.Read.All"],
    "nothing": ["Policy.Read.All"],
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    clients = [
        {"clientId": azure.guid(90 + number), "secret": azure.SECRET, "subscriptions": ["*"], "graph": graph}
        for number, graph in enumerate(CLIENTS.values())
    ]
    many = [{"id": azure.guid(10_000 + n), "displayName": f"User {n}"} for n in range(BATCH + 1)]
    lines = [
        {"directory": {"tenantId": azure.DIRECTORY, "clients": clients}},
        {
            "graph": "users",
            "value": [
                {"id": ANNA, "displayName": "Anna\u202e Berg", "userPrincipalName": "anna@contoso.com"},
                *many,
            ],
        },
        {"graph": "groups", "value": [{"id": GROUP, "displayName": "Admins"}]},
        {"graph": "servicePrincipals", "value": [{"id": APP, "displayName": "Deploy"}]},
        {
            "graph": "roleManagement/directory/roleDefinitions",
            "value": [{"id": azure.guid(6), "templateId": ROLE, "displayName": "Global Administrator"}],
        },
    ]
    path = azure.write(tmp_path_factory.mktemp("names") / "estate.jsonl", lines)
    with serve(path) as served:
        yield served


def session(served: Served, client: str) -> Session:
    return azure.session(served, client_id=azure.guid(90 + list(CLIENTS).index(client)))


def read(served: Served, client: str) -> dict[str, Name]:
    found = read_names(session(served, client), WANTED)
    assert found.gaps == []
    return {name.guid: name for name in found.names}


def test_names_of_all_kinds_are_read_and_cleaned(served: Served) -> None:
    assert read(served, "everything") == {
        ANNA: Name(ANNA, Kind.USER, display_name="Anna Berg", principal_name="anna@contoso.com"),
        GROUP: Name(GROUP, Kind.GROUP, display_name="Admins"),
        APP: Name(APP, Kind.APPLICATION, display_name="Deploy"),
        DELETED: Name(DELETED, Kind.USER, Status.GONE),
        ROLE: Name(ROLE, Kind.DIRECTORY_ROLE, display_name="Global Administrator"),
    }


def test_objects_of_types_without_permission_say_which_is_missing(served: Served) -> None:
    found = read(served, "users only")
    assert found[ANNA].label == "Anna Berg (anna@contoso.com)"
    missing = {guid: found[guid].permission for guid in (GROUP, APP, ROLE)}
    assert missing == {
        GROUP: "GroupMember.Read.All",
        APP: "Application.Read.All",
        ROLE: "RoleManagement.Read.Directory",
    }


def test_a_refused_request_says_for_each_kind_what_is_missing(served: Served) -> None:
    found = read(served, "nothing")
    assert {name.status for name in found.values()} == {Status.NOT_READABLE}
    assert found[ANNA].problem == "name not readable: missing permission User.Read.All"
    assert found[APP].problem == "name not readable: missing permission Directory.Read.All"


def test_a_thousand_ids_are_asked_for_at_once(served: Served) -> None:
    azure.control_plane(served, "POST", "requests/reset")
    wanted = {azure.guid(10_000 + n): Kind.USER for n in range(BATCH + 1)}
    found = read_names(session(served, "everything"), wanted)
    assert {name.display_name for name in found.names} == {f"User {n}" for n in range(BATCH + 1)}
    rows = azure.control_plane(served, "GET", "requests")
    asked = [row["count"] for row in rows if row["path"] == "/v1.0/directoryObjects/getByIds"]
    assert asked == [2]


def test_errors_are_retried_and_then_leave_names_out(served: Served) -> None:
    azure.control_plane(served, "POST", "requests/reset")
    azure.control_plane(served, "POST", "faults", {"503": 1})
    try:
        found = read_names(session(served, "everything"), {ANNA: Kind.USER})
        rows = azure.control_plane(served, "GET", "requests")
    finally:
        azure.control_plane(served, "POST", "faults", {})
    assert found.names == []
    assert [gap.reason for gap in found.gaps] == [Reason.SERVER_ERROR]
    asked = [row["count"] for row in rows if row["path"] == "/v1.0/directoryObjects/getByIds"]
    assert asked == [azure.QUICK.retries + 1]
