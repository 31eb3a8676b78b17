"""A run sends each request once, only reads data, reports its progress, can be cancelled, and ignores case in ids."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from assessments.collect.errors import Cancelled
from assessments.collect.http.transport import transport_for
from assessments.collect.session import discover_subscriptions
from assessments.controls.registry import SECTIONS
from assessments.controls.verdict import Outcome
from assessments.estate.collections.locks import LOCKS
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect import azure

EVERYTHING = tuple(SECTIONS)
UPPER = azure.guid(2)


def shouted(line: azure.Line) -> azure.Line:
    """Return the document with its id in different upper and lower case, as some resource providers of
    Azure return it.
    """
    identifier = str(line["id"]).replace("resourceGroups/rg-data", "RESOURCEGROUPS/RG-Data")
    return {**line, "id": identifier.replace("Microsoft.", "microsoft.")}


GRAPH: list[azure.Line] = [
    {
        "graph": "users",
        "value": [{"id": azure.guid(50 + n), "userType": "Member", "accountEnabled": True} for n in range(5)],
    },
    {
        "graph": "domains",
        "value": [{"id": "fed.test", "authenticationType": "Federated", "isVerified": True}],
    },
    {"graph": "roleManagement/directory/roleAssignments", "value": []},
    {
        "graph": f"groups/{azure.guid(70)}/transitiveMembers",
        "value": [{"id": azure.guid(50), "@odata.type": "#microsoft.graph.user"}],
    },
]
ROLE: azure.Line = {
    "id": f"/subscriptions/{azure.guid(1)}/providers/Microsoft.Authorization/roleAssignments/{azure.guid(80)}",
    "name": azure.guid(80),
    "properties": {
        "principalId": azure.guid(70),
        "principalType": "Group",
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{azure.guid(81)}",
        "scope": f"/subscriptions/{azure.guid(1)}",
    },
}


def _lock(scope: str) -> azure.Line:
    kind = "Microsoft.Authorization/locks"
    return {
        "id": f"{scope}/providers/{kind}/keep",
        "name": "keep",
        "type": kind,
        "properties": {"level": "ReadOnly"},
    }


OTHER_GROUP = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg-other"
LOCKED = (OTHER_GROUP, f"{OTHER_GROUP}/providers/Microsoft.Network/virtualNetworks/v")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        ROLE,
        *map(_lock, LOCKED),
        *GRAPH,
        *map(shouted, azure.subscription(UPPER)[1:]),
    ]
    path = azure.write(tmp_path_factory.mktemp("run") / "estate.jsonl", lines)
    with serve(path, ["--page-size", "2"]) as served:
        yield served


def counts(served: Served) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in azure.control_plane(served, "GET", "requests"):
        found[row["method"], row["path"]] += row["count"]
    return found


@pytest.mark.parametrize("kind", list(UnitKind))
def test_every_request_is_a_read_and_made_once(kind: UnitKind, served: Served) -> None:
    azure.control_plane(served, "POST", "requests/reset")
    unit = azure.guid(1) if kind is UnitKind.SUBSCRIPTION else azure.DIRECTORY
    judged = azure.judge(
        azure.session(served), unit, kind=kind, subscriptions=(azure.guid(1),), sections=EVERYTHING
    )
    asked = counts(served)
    posts = {path for method, path in asked if method != "GET"}
    # Resource Graph accepts its query as a POST, which only reads.
    queries = {"/providers/Microsoft.ResourceGraph/resources"} if kind is UnitKind.SUBSCRIPTION else set()
    assert posts == {f"/{azure.DIRECTORY}/oauth2/v2.0/token"} | queries
    assert sum(asked.values()) == judged.report.requests
    # Pages have two documents, so long lists need several requests. The list of virtual machines is also read a second
    # time, with their statuses.
    twice = {
        path
        for (_, path), count in asked.items()
        if count > 1 and "/oauth2/" not in path and "well-known" not in path
    }
    assert {path.rsplit("/", 1)[-1] for path in twice} <= {
        "storageAccounts",
        "resources",
        "virtualMachines",
        "users",
    }
    # Two collections list all five users, in three pages of two. A third collection lists the guests, in one page.
    assert max(asked.values()) <= 7


def test_pages_are_joined(served: Served) -> None:
    judged = azure.judge(azure.session(served), azure.guid(1))
    assert [view.name for view in judged.estate.documents("storage_accounts")] == ["aplain", "bsafe", "csafe"]
    assert judged.estate.documents("storage_accounts")[0].raw("properties.somethingNew") == 1


def test_one_request_lists_the_locks_of_groups_and_resources(served: Served) -> None:
    estate = azure.collected(azure.session(served), azure.guid(1), LOCKS)
    ids = {view.id for view in estate.documents("locks")}
    assert ids == {f"{scope}/providers/Microsoft.Authorization/locks/keep" for scope in LOCKED}


@pytest.mark.slow(seconds=1)
def test_ids_are_compared_without_case(served: Served) -> None:
    plain, upper = (
        azure.judge(azure.session(served), azure.guid(1)),
        azure.judge(azure.session(served), UPPER),
    )
    assert upper.estate.gaps() == []
    assert {key: str(result.verdict.outcome) for key, result in plain.results.items()} == {
        (slug, subject.replace(UPPER, azure.guid(1))): str(result.verdict.outcome)
        for (slug, subject), result in upper.results.items()
    }
    assert "RESOURCEGROUPS/RG-Data" in next(
        r.subject for r in upper.results.values() if r.subject.endswith("aplain")
    )


def test_a_directory_reads_its_subscriptions_from_arm(served: Served) -> None:
    judged = azure.judge(
        azure.session(served),
        azure.DIRECTORY,
        kind=UnitKind.DIRECTORY,
        subscriptions=(azure.guid(1), UPPER),
        sections=("identity",),
    )
    assert {answer.scope for answer in judged.estate.answers("role_assignments")} == {
        f"/subscriptions/{azure.guid(1)}",
        f"/subscriptions/{UPPER}",
    }
    assert [view.id for view in judged.estate.documents("group_members")] == [azure.guid(50)]
    assert len(judged.estate.documents("users")) == 5
    missing = judged.estate.answer("conditional_access_policies", "")
    assert missing is not None
    assert missing.gap is not None
    assert missing.gap.reason is Reason.NOT_FOUND
    assert missing.gap.permission == "Policy.Read.All"


def test_a_directory_without_subscriptions_is_read(served: Served) -> None:
    judged = azure.judge(
        azure.session(served),
        azure.DIRECTORY,
        kind=UnitKind.DIRECTORY,
        subscriptions=(),
        sections=("identity",),
    )
    assert judged.results
    nowhere = azure.judge(azure.session(served), azure.guid(404), sections=("storage",))
    assert {gap.code for gap in nowhere.estate.gaps()} == {"SubscriptionNotFound"}
    assert {str(result.verdict.outcome) for result in nowhere.results.values()} == {"unknown"}


def test_invisible_subscriptions_are_reported_as_a_gap(tmp_path: Any) -> None:
    lines = [azure.directory(subscriptions=[]), *azure.subscription(azure.guid(1))]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        assert discover_subscriptions(azure.session(served)) == []
        judged = azure.judge(azure.session(served), azure.guid(1), sections=("storage",))
    assert {gap.reason for gap in judged.estate.gaps()} == {Reason.FORBIDDEN}


def test_progress_is_reported(served: Served) -> None:
    seen: list[tuple[int, int, str]] = []
    threads = set()

    def progress(done: int, planned: int, label: str) -> None:
        seen.append((done, planned, label))
        threads.add(threading.get_ident())

    azure.judge(azure.session(served), azure.guid(1), progress=progress)
    assert [done for done, _, _ in seen] == list(range(1, len(seen) + 1))
    assert all(done <= planned for done, planned, _ in seen)
    assert seen[-1][0] == seen[-1][1]
    assert "Storage accounts" in {label for _, _, label in seen}
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("after", [0, 1, 6])
def test_a_run_can_be_cancelled(after: int, served: Served) -> None:
    azure.control_plane(served, "POST", "requests/reset")
    done = 0

    def progress(now: int, planned: int, label: str) -> None:
        nonlocal done
        done = now

    with pytest.raises(Cancelled):
        azure.judge(
            azure.session(served),
            azure.guid(1),
            sections=EVERYTHING,
            progress=progress,
            cancelled=lambda: done >= after,
            threads=2,
        )
    reads = sum(
        count for (method, path), count in counts(served).items() if path.startswith("/subscriptions")
    )
    assert reads <= after + 6


def test_a_gap_of_a_parent_is_a_gap_of_its_children(tmp_path: Any) -> None:
    """If the servers could not be listed, an empty list of their firewall rules must not look complete."""
    path = f"/subscriptions/{azure.guid(1)}/providers/Microsoft.Sql/servers"
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        azure.answer(path, 403, {"error": {"code": "AuthorizationFailed"}}),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        judged = azure.judge(azure.session(served), azure.guid(1))
    inherited = judged.estate.answer("sql_firewall_rules", f"/subscriptions/{azure.guid(1)}")
    assert inherited is not None
    assert inherited.gap is not None
    assert (inherited.gap.collection, inherited.gap.permission) == (
        "sql_firewall_rules",
        "Microsoft.Sql/servers/read",
    )


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("status", [404, 405])
def test_the_newer_resource_of_a_setting_is_read_if_the_older_one_does_not_exist(
    tmp_path: Any, status: int
) -> None:
    """The older resource is the alert policy of a SQL server. The newer one is its threat protection setting."""
    server = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers/Microsoft.Sql/servers/aplain"
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        {"id": server, "name": "aplain", "type": "Microsoft.Sql/servers", "properties": {}},
        {
            "id": f"{server}/advancedThreatProtectionSettings/Default",
            "name": "Default",
            "properties": {"state": "Disabled"},
        },
        azure.answer(
            f"{server}/securityAlertPolicies/Default", status, {"error": {"code": "ResourceNotFound"}}
        ),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        judged = azure.judge(azure.session(served), azure.guid(1))
    assert not judged.estate.gaps_of("sql_atp_settings")
    found = judged.results["sql-threat-detection", server.casefold()].verdict
    assert (found.outcome, found.observed) == (Outcome.FAIL, {"state": "Disabled"})


def test_a_resource_without_an_id_is_a_bad_answer(tmp_path: Any) -> None:
    """A document without an id leaves a gap; the other documents are still judged."""
    path = f"/subscriptions/{azure.guid(1)}/providers/Microsoft.Storage/storageAccounts"
    named = {"id": f"{path}/named", "name": "named", "properties": {}}
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        azure.answer(path, 200, {"value": [named, {"properties": {"supportsHttpsTrafficOnly": True}}]}),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        judged = azure.judge(azure.session(served), azure.guid(1))
    answered = judged.estate.answer("storage_accounts", f"/subscriptions/{azure.guid(1)}")
    assert answered is not None
    assert [document.name for document in answered.documents] == ["named"]
    assert answered.gap is not None
    assert answered.gap.reason is Reason.BAD_ANSWER


def test_cookies_are_not_stored(tmp_path: Any) -> None:
    path = f"/subscriptions/{azure.guid(1)}/providers/Microsoft.Storage/storageAccounts"
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        azure.answer(path, 200, {"value": []}, headers={"Set-Cookie": "who=a; Path=/"}),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        reader = azure.session(served)
        azure.judge(reader, azure.guid(1), sections=("storage",))
        assert list(transport_for(reader.endpoints).session.cookies) == []
