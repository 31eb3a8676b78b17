"""`python -m sandbox act`: changes of the estate of a running sandbox, and their events in the activity log."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox import act
from sandbox.acting.documents import ActError, Estate
from tests.sandbox import estates as e
from tests.sandbox.running import PROJECT, Running, command, running, write_estate

GROUP = f"{e.NET}/providers/Microsoft.Network/networkSecurityGroups/web"
ACCOUNT = f"{e.DATA}/providers/Microsoft.Storage/storageAccounts/account1"
LOCK = f"{e.DATA}/providers/Microsoft.Authorization/locks/keep"
SETTING = f"{ACCOUNT}/providers/Microsoft.Insights/diagnosticSettings/logs"
LOG = f"{e.S}/providers/Microsoft.Insights/eventtypes/management/values"


def _estate(path: Path) -> Path:
    return write_estate(
        path,
        [
            *e.main_estate(),
            e.document(GROUP, location="westeurope", properties={"securityRules": []}),
            e.document(LOCK, properties={"level": "CanNotDelete"}),
            e.document(SETTING, properties={"logs": [{"category": "audit", "enabled": True}]}),
        ],
    )


def _events(sandbox: Running) -> list[dict[str, Any]]:
    start = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    pages = sandbox.pages(LOG, e.TENANT, **{"$filter": f"eventTimestamp ge '{start}'"})
    return [event for page in pages for event in page]


@pytest.mark.slow(seconds=1)
def test_each_act_changes_the_estate_and_leaves_an_event(tmp_path: Path, state: Path) -> None:
    estate = _estate(tmp_path / "main.jsonl")
    with running(state, estate, "--no-throttle") as sandbox:

        def done(*arguments: str) -> dict[str, Any]:
            before = {event["eventDataId"] for event in _events(sandbox)}
            assert act.main([str(estate), "--url", sandbox.url, "--state", str(state), *arguments]) == 0
            new = [event for event in _events(sandbox) if event["eventDataId"] not in before]
            assert len(new) == 1
            return new[0]

        event = done(
            "--user", "anna@contoso.com", "--name", "Anna Berg", "open-port", GROUP.upper(), "--port", "22"
        )
        rules = sandbox.get(GROUP, e.TENANT).json()["properties"]["securityRules"]
        assert [rule["properties"]["destinationPortRange"] for rule in rules] == ["22"]
        assert event["resourceId"] == rules[0]["id"]
        assert (
            event["operationName"]["value"] == "Microsoft.Network/networkSecurityGroups/securityRules/write"
        )
        assert (event["caller"], event["claims"]["name"]) == ("anna@contoso.com", "Anna Berg")
        assert event["correlationId"]
        assert event["status"]["value"] == "Succeeded"
        assert done("delete", rules[0]["id"])["operationName"]["value"].endswith("securityRules/delete")
        assert sandbox.get(GROUP, e.TENANT).json()["properties"]["securityRules"] == []

        event = done("--application", e.ALL, "set", ACCOUNT, "properties.minimumTlsVersion=TLS1_0")
        assert sandbox.get(ACCOUNT, e.TENANT).json()["properties"]["minimumTlsVersion"] == "TLS1_0"
        assert (event["caller"], event["claims"]["idtyp"]) == (e.ALL, "app")
        event = done("--no-caller", "delete", LOCK)
        assert sandbox.get(LOCK, e.TENANT).status_code == 404
        assert "caller" not in event
        assert event["operationName"]["value"] == "Microsoft.Authorization/locks/delete"
        done("switch-off", SETTING)
        logs = sandbox.get(SETTING, e.TENANT).json()["properties"]["logs"]
        assert logs == [{"category": "audit", "enabled": False}]
        event = done("assign-role", e.DATA, "--role", "owner", "--principal", e.PART)
        assigned = sandbox.get(event["resourceId"], e.TENANT).json()["properties"]
        assert (assigned["principalId"], assigned["scope"]) == (e.PART, e.DATA)
        assert assigned["roleDefinitionId"].endswith(e.OWNER_ROLE)
        done("delete", ACCOUNT)
        assert sandbox.get(ACCOUNT, e.TENANT).status_code == sandbox.get(SETTING, e.TENANT).status_code == 404

        # Of the events of these three commands, only the three of the last command are in the answer: the delayed event
        # appears in the log later, and the event of January is older than two days.
        before = len(_events(sandbox))
        options = ["--url", sandbox.url, "--state", str(state)]
        assert act.main([str(estate), *options, "--delay", "900", "touch", GROUP]) == 0
        assert act.main([str(estate), *options, "--at", "2026-01-01T00:00:00Z", "touch", GROUP]) == 0
        assert act.main([str(estate), *options, "--times", "3", "touch", GROUP]) == 0
        assert len(_events(sandbox)) == before + 3
        recorded = [json.loads(line) for line in estate.read_text().splitlines() if "eventDataId" in line]
        assert sum(event["eventTimestamp"].startswith("2026-01-01T00:00:00") for event in recorded) == 1


@pytest.mark.slow(seconds=1)
def test_changes_of_resources_are_rows_of_resource_graph(tmp_path: Path, state: Path) -> None:
    estate = _estate(tmp_path / "main.jsonl")
    query = "resourcechanges | where type =~ 'microsoft.resources/changes' | project properties"
    with running(state, estate, "--no-throttle") as sandbox:
        options = [str(estate), "--url", sandbox.url, "--state", str(state)]

        def rows(number: int = 0) -> list[dict[str, Any]]:
            answer = sandbox.http.post(
                f"{sandbox.url}/providers/Microsoft.ResourceGraph/resources",
                params={"api-version": "2021-03-01"},
                headers={"Authorization": f"Bearer {sandbox.token(e.TENANT, number)}"},
                json={"subscriptions": [e.S.rpartition("/")[2]], "query": query},
            )
            assert answer.status_code == 200, answer.text
            return [row["properties"] for row in answer.json()["data"]]

        who = ["--user", "anna@contoso.com"]
        assert act.main([*options, *who, "set", ACCOUNT, "properties.minimumTlsVersion=TLS1_0"]) == 0
        assert act.main([*options, "--application", e.ALL, "open-port", GROUP, "--port", "22"]) == 0
        assert act.main([*options, "touch", GROUP]) == 0  # This changes nothing.
        assert act.main([*options, "delete", LOCK]) == 0  # Locks are not in the table of changes.
        assert act.main([*options, "--no-caller", "delete", ACCOUNT]) == 0
        # This change is older than 14 days, so Azure no longer lists it.
        assert act.main([*options, "--at", "2026-01-01T00:00:00Z", "delete", GROUP]) == 0
        by_kind = {(row["changeType"], row["targetResourceId"].lower()): row for row in rows()}
        assert set(by_kind) == {
            ("Update", ACCOUNT.lower()),
            ("Update", GROUP.lower()),
            ("Delete", ACCOUNT.lower()),
        }
        changed = by_kind["Update", ACCOUNT.lower()]
        assert changed["targetResourceType"] == "microsoft.storage/storageaccounts"
        assert changed["changes"]["properties.minimumTlsVersion"]["newValue"] == "TLS1_0"
        assert changed["changeAttributes"]["changedBy"] == "anna@contoso.com"
        assert changed["changeAttributes"]["operation"] == "microsoft.storage/storageaccounts/write"
        by_application = by_kind["Update", GROUP.lower()]
        assert by_application["changeAttributes"]["changedBy"] == e.ALL
        assert "22" in by_application["changes"]["properties.securityRules"]["newValue"]
        deleted = by_kind["Delete", ACCOUNT.lower()]
        assert (deleted["changes"], deleted["changeAttributes"]["changedBy"]) == ({}, "System")


@pytest.mark.slow(seconds=1)
def test_an_object_of_the_directory_is_changed_with_an_entry_in_the_audit_log(
    tmp_path: Path, state: Path
) -> None:
    estate = _estate(tmp_path / "main.jsonl")
    user = next(line["value"] for line in e.main_estate() if line.get("graph") == "users")
    path = f"users/{user['id']}"
    with running(state, estate, "--no-throttle", "--page-size", "1") as sandbox:
        options = [str(estate), "--url", sandbox.url, "--state", str(state)]
        who = ["--user", "anna@contoso.com", "--name", "Anna Berg"]
        assert (
            act.main([*options, *who, "set", path.upper().replace("USERS", "users"), "accountEnabled=false"])
            == 0
        )
        assert act.main([*options, "--no-caller", "set", path, "department=Sales"]) == 0
        found = sandbox.get(f"/v1.0/{path}", e.TENANT, **{"$select": "accountEnabled,department"}).json()
        assert (found["accountEnabled"], found["department"]) == (False, "Sales")
        since = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        pages = sandbox.pages(
            "/v1.0/auditLogs/directoryAudits", e.TENANT, **{"$filter": f"activityDateTime ge {since}"}
        )
        nobody, person = [entry for page in pages for entry in page]
        assert person["initiatedBy"]["user"]["userPrincipalName"] == "anna@contoso.com"
        assert (person["activityDisplayName"], person["result"]) == ("Update user", "success")
        assert person["targetResources"][0]["id"].lower() == user["id"].lower()
        changed, included = person["targetResources"][0]["modifiedProperties"]
        assert (changed["displayName"], changed["oldValue"], changed["newValue"]) == (
            "AccountEnabled",
            "[true]",
            "[false]",
        )
        assert (included["oldValue"], included["newValue"]) == (None, '"AccountEnabled"')
        assert nobody["initiatedBy"] == {"user": None, "app": None}
        assert act.main([*options, "set", "users/nobody", "a=1"]) == 2


@pytest.mark.slow(seconds=1)
def test_a_refused_act_changes_nothing(tmp_path: Path, state: Path) -> None:
    estate = _estate(tmp_path / "main.jsonl")
    before = estate.read_bytes()
    with running(state, estate) as sandbox:
        url = sandbox.url

        def refused(*arguments: str) -> str:
            done = subprocess.run(
                command("act", estate, "--state", state, *arguments),
                cwd=PROJECT,
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert (done.returncode, done.stdout) == (2, "")
            assert estate.read_bytes() == before
            return done.stderr

        assert "no object /subscriptions/x" in refused("--url", url, "delete", "/subscriptions/x")
        assert "is not a network security group" in refused("--url", url, "open-port", ACCOUNT)
    assert "does not answer" in refused("--url", url, "delete", LOCK)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("[1, 2]", "expected a JSON object, not a list"),
        ("{", "not JSON"),
        ('{"id": "not an id"}', "line 2 of the estate is invalid"),
    ],
)
def test_lines_that_the_sandbox_cannot_serve_are_refused(line: str, error: str) -> None:
    with pytest.raises(ActError, match=error):
        Estate(f'{{"id": "{GROUP}"}}\n{line}\n')
