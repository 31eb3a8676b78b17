"""The parts of the export: answers that the sandbox can derive from documents, answers that cause the same gaps again,
and documents that are merged from several answers.
"""

from __future__ import annotations

from typing import Any

from assessments.collect.failures import reason_of
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.estate.redact import redact
from assessments.export.derivable import is_derivable
from assessments.export.gap_answers import scripted
from assessments.export.lines import EstateLines, Recorded, merged
from tests.assessments.collect.azure import DIRECTORY, guid
from tests.for_each import for_each

S, OTHER = f"/subscriptions/{guid(1)}", f"/subscriptions/{guid(2)}"
G = f"{S}/resourceGroups/rg"
SQL = f"{G}/providers/Microsoft.Sql/servers/sql1"

DERIVED = [
    ("in a group", "sql_servers", f"{S}/providers/Microsoft.Sql/servers", [SQL], True),
    ("other spelling", "sql_servers", f"{S}/providers/Microsoft.Sql/servers", [SQL.upper()], True),
    ("nothing", "sql_servers", f"{S}/providers/Microsoft.Sql/servers", [], True),
    ("child", "sql_databases", f"{SQL}/databases", [f"{SQL}/databases/one"], True),
    ("child of another", "sql_databases", f"{SQL}/databases", [f"{SQL}x/databases/one"], False),
    ("grandchild", "sql_databases", f"{SQL}/databases", [f"{SQL}/databases/one/x/y"], False),
    ("without id", "sql_servers", f"{S}/providers/Microsoft.Sql/servers", [""], False),
    ("no ARM id", "sql_servers", f"{S}/providers/Microsoft.Sql/servers", ["subscriptions/x"], False),
    (
        "single",
        "sql_alert_policies",
        f"{SQL}/securityAlertPolicies/Default",
        [f"{SQL}/securityAlertPolicies/default"],
        True,
    ),
    ("single by another id", "sql_alert_policies", f"{SQL}/securityAlertPolicies/Default", [SQL], False),
    ("elsewhere", "workspaces", f"{OTHER}/resourceGroups/rg/providers/M.O/workspaces/w", [], False),
    (
        "inherited",
        "role_assignments",
        f"{S}/providers/Microsoft.Authorization/roleAssignments",
        [
            "/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/roleAssignments/a"
        ],
        True,
    ),
    (
        "listed from elsewhere",
        "role_assignments",
        f"{S}/providers/Microsoft.Authorization/roleAssignments",
        [f"{OTHER}/providers/Microsoft.Authorization/roleAssignments/a"],
        False,
    ),
]


@for_each(("name", "path", "ids", "expected"), [row[1:] for row in DERIVED], ids=[row[0] for row in DERIVED])
def test_derivable_answers_are_recognized(name: str, path: str, ids: list[str], expected: bool) -> None:
    assert is_derivable(ALL[name], path, ids, frozenset({guid(1)})) is expected


# Reasons of gaps for which no request was sent or no answer arrived. So no answer of the sandbox can cause such a gap.
WITHOUT_ANSWER = (Reason.CONNECTION, Reason.NOT_COLLECTED, Reason.NOT_DELEGATED, Reason.PARTLY_DELEGATED)


@for_each("reason", [r for r in Reason if r not in (Reason.MISSING_FIELD, Reason.UNDECIDED)])
def test_the_answer_for_a_gap_without_status_causes_the_same_reason_or_names_the_loss(reason: Reason) -> None:
    answer = scripted({"reason": str(reason), "status": None})
    if answer.status != 200:
        error = answer.body["error"]
        again = reason_of(answer.status, error["code"], error["message"])
        assert again is (Reason.SERVER_ERROR if answer.loss else reason)
    else:
        assert reason in (Reason.BAD_ANSWER, Reason.FOREIGN_HOST)
    assert bool(answer.loss) is (reason in WITHOUT_ANSWER)


def test_a_gap_keeps_status_and_code() -> None:
    answer = scripted({"reason": "forbidden", "status": 403, "code": "LinkedAuthorizationFailed"})
    assert (answer.status, answer.body["error"]["code"], answer.loss) == (
        403,
        "LinkedAuthorizationFailed",
        "",
    )


MERGED: list[tuple[Any, Any, Any]] = [
    ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ({"p": {"a": 1}}, {"p": {"b": None}}, {"p": {"a": 1, "b": None}}),
    ({"p": {"a": [1]}}, {"p": {"a": [1, 2]}}, {"p": {"a": [1, 2]}}),
    ({"p": None}, {"p": {"a": 1}}, {"p": {"a": 1}}),
    (None, {"a": 1}, {"a": 1}),
]


@for_each(("into", "other", "expected"), MERGED)
def test_projections_of_one_document_are_merged(into: Any, other: Any, expected: Any) -> None:
    assert merged(into, other) == expected


def lines(
    answers: dict[str, Any], gaps: tuple[dict[str, Any], ...] = (), content: Any = None
) -> tuple[Any, list[str]]:
    manifest = {"unit": S, "subscriptions": [guid(1)], "answers": answers}
    estate = EstateLines(DIRECTORY, [Recorded(S, "One", manifest, gaps)], content or {})
    return list(estate.lines()), estate.remarks


def gap(collection: Collection, path: str = "", reason: str = "forbidden") -> dict[str, Any]:
    return {"collection": collection.name, "scope": S, "reason": reason, "status": 403, "path": path}


def test_graph_objects_and_empty_collections() -> None:
    found, _ = lines(
        {
            "users": {"": [["u1", ["a"]], ["u2", []]]},
            "guest_sign_ins": {"": [["u1", ["b"]]]},
            "domains": {"": []},
            "authorization_policy": {"": [["authorizationPolicy", ["c"]]]},
            "group_members": {"": []},
        },
        content={"a": {"id": "u1", "accountEnabled": True}, "b": {"signInActivity": None}, "c": {"x": 1}},
    )
    graph = {line["graph"]: line["value"] for line in found if "graph" in line}
    assert graph["users"] == [
        {"id": "u1", "accountEnabled": True, "signInActivity": None, "creationType": "Invitation"},
        {"id": "u2"},
    ]
    assert graph["domains"] == []
    assert graph["policies/authorizationPolicy"] == {"id": "authorizationPolicy", "x": 1}
    # Members of groups were not requested, so the file has no answer about them.
    assert set(graph) == {"users", "domains", "policies/authorizationPolicy"}


def test_shared_evidence_is_not_changed() -> None:
    content = {"a": {"id": SQL, "properties": {"x": 1}}, "b": {"properties": {"y": 2}}}
    lines({"sql_servers": {S: [[SQL, ["a", "b"]]]}}, content=content)
    assert content["a"] == {"id": SQL, "properties": {"x": 1}}


def test_a_unit_that_was_never_read_is_exported_as_its_gap() -> None:
    found, remarks = lines({}, (gap(ALL["sql_servers"]), gap(ALL["sql_databases"]), gap(ALL["users"])))
    assert [line["answer"]["path"] for line in found if "answer" in line] == [
        f"{S}/providers/Microsoft.Sql/servers",
        "/v1.0/users",
    ]
    assert remarks == []


def test_unread_sign_ins_become_a_missing_permission() -> None:
    answered = {"users": {"": [["u1", []]]}, "mfa_registrations": {"": [["u1", []]]}}
    found, remarks = lines(answered, (gap(ALL["guest_sign_ins"], "users"),))
    client = found[0]["directory"]["clients"][0]
    assert "AuditLog.Read.All" not in client["graph"]
    assert "User.Read.All" in client["graph"]
    # Registrations of MFA require the missing permission too. But they were read, so the file contains their answer.
    assert [line["answer"] for line in found if "answer" in line] == [
        {"path": f"/v1.0/{ALL['mfa_registrations'].path}", "status": 200, "body": {"value": [{"id": "u1"}]}}
    ]
    assert remarks == []


def test_gaps_that_the_file_cannot_express_are_reported() -> None:
    path = f"{S}/providers/Microsoft.Compute/virtualMachines"
    vm = f"{G}/providers/Microsoft.Compute/virtualMachines/vm"
    found, remarks = lines(
        {"virtual_machines": {S: [[vm, []]]}}, (gap(ALL["virtual_machine_statuses"], path),)
    )
    assert len(remarks) == 1
    assert "virtual_machine_statuses" in remarks[0]
    assert [line["answer"]["status"] for line in found if "answer" in line] == [403]


MASKED = [
    ({"userPrincipalName": "jo@example.com"}, False),
    ({"userPrincipalName": "jo_gmail.com#EXT#@example.com"}, False),
    ({"displayName": "Jo"}, True),
    ({"mail": "jo@example.com", "surname": "Doe"}, True),
    ({"properties": {"emails": "a@example.com;b@example.com", "phone": "+49 123"}}, False),
    ({"properties": {"administratorLogin": "sa", "serviceUri": "https://x.example/?sig=abc"}}, False),
]


@for_each(("document", "person"), MASKED)
def test_masking_twice_changes_nothing_more(document: dict[str, Any], person: bool) -> None:
    once = redact(document, person=person)
    assert once != document
    assert redact(once, person=person) == once
