"""`manage.py assess_estate` run as a program: output, order of lines and exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments.controls.registry import catalogue
from assessments.management.commands import export_evidence
from tests.assessments.collect.assess_estate import NOW, assessed_rows
from tests.assessments.collect.azure import DIRECTORY, Line, directory, guid, subscription, write
from tests.factories.azure import certificate_pem
from tests.fresh import MANAGE, run_fresh
from tests.pipeline_agents import AZURE, commands
from tests.recorded_estates import recorded_estate

ROOT = Path(__file__).resolve().parents[3]
KEYS = ["control", "subject", "verdict", "reason", "observed", "expected", "remarks", "evidence"]
VERDICTS = {"pass", "fail", "not_applicable", "unknown", "manual"}


def run(*arguments: str | Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    # No database or broker is configured. The command cannot start embedded ones either, because it could store their
    # files only in the state directory, which does not exist.
    environment = {"SURETY_HOME": str(home or "/nonexistent/home")}
    return run_fresh(MANAGE, ["assess_estate", *map(str, arguments)], environment, with_azure=True)


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refusal(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Call the command in this process, and return the errors that it and its sandbox report.

    The command must fail with exit status 2 and write no rows.
    """
    out = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("assess_estate", *map(str, arguments), stdout=out, stderr=io.StringIO())
    assert refused.value.returncode == 2
    assert out.getvalue() == ""
    return f"{refused.value}\n{capfd.readouterr().err}"


def two_customers() -> list[Line]:
    other = {**subscription(guid(3))[0], "tenantId": guid(900)}
    second = {
        "tenantId": guid(900),
        "clients": [{"clientId": guid(901), "secret": "s-2", "subscriptions": ["*"], "graph": []}],
    }
    return [
        directory(),
        *subscription(guid(2)),
        *subscription(guid(1)),
        {"directory": second},
        other,
        *subscription(guid(3))[1:],
    ]


@pytest.mark.slow(seconds=6)
def test_each_line_has_one_verdict(tmp_path: Path) -> None:
    estate = write(tmp_path / "estate.jsonl", subscription(guid(2)) + subscription(guid(1)) + [directory()])
    first, second = (run(estate, "--now", NOW, home=tmp_path / "home") for _ in range(2))
    found = rows(first)
    assert first.stdout == second.stdout
    # None of the embedded servers was started.
    assert not [
        path
        for path in (tmp_path / "home").rglob("*")
        if path.name in ("PG_VERSION", "valkey.conf", "valkey.pid")
    ]
    assert [list(row) for row in found] == [KEYS] * len(found)
    assert {row["verdict"] for row in found} <= VERDICTS
    order = list(catalogue())
    place = [(order.index(row["control"]), row["subject"].casefold()) for row in found]
    assert place == sorted(place)
    assert len(set(place)) == len(place)
    plain = [
        row
        for row in found
        if row["control"] == "storage-secure-transfer" and row["subject"].endswith("/aplain")
    ]
    assert [row["verdict"] for row in plain] == ["fail", "fail"]
    assert all(len(sha) == 64 for row in plain for sha in row["evidence"])
    # Every control of the catalogue has a result.
    for control in catalogue().values():
        said = {row["subject"] for row in found if row["control"] == control.slug}
        assert said, control.slug
    assert "verdicts from" in first.stderr


@pytest.mark.slow(seconds=1)
def test_the_command_can_judge_one_control(tmp_path: Path) -> None:
    estate = write(tmp_path / "estate.jsonl", subscription(guid(1)))
    found = assessed_rows(
        estate, "--control", "storage-secure-transfer", "--control", "network-ssh-from-internet"
    )
    assert {row["control"] for row in found} == {"storage-secure-transfer", "network-ssh-from-internet"}
    assert [row["control"] for row in found] == sorted(
        (row["control"] for row in found), key=list(catalogue()).index
    )


@pytest.mark.slow(seconds=1)
def test_several_directories_are_judged(tmp_path: Path) -> None:
    found = assessed_rows(write(tmp_path / "estate.jsonl", two_customers()), "--now", NOW)
    assert {row["subject"] for row in found if row["control"] == "identity-guests-limited"} == {
        f"directory:{DIRECTORY}",
        f"directory:{guid(900)}",
    }
    plain = [
        row
        for row in found
        if row["control"] == "storage-secure-transfer" and row["subject"].endswith("/aplain")
    ]
    assert [row["verdict"] for row in plain] == ["fail"] * 3


def test_a_deleted_subscription_is_not_assessed(tmp_path: Path) -> None:
    kept, (deleted, *resources) = subscription(guid(1)), subscription(guid(2))
    lines = [directory(), *kept, {**deleted, "state": "Deleted"}, *resources]
    found = assessed_rows(write(tmp_path / "estate.jsonl", lines), "--control", "storage-secure-transfer")
    assert {row["subject"].split("/")[2] for row in found} == {guid(1)}


def test_ages_are_measured_from_now(tmp_path: Path) -> None:
    lines = subscription(guid(1))
    properties = lines[1]["properties"]
    properties["keyCreationTime"] = {"key1": "2026-11-01T00:00:00Z", "key2": "2026-11-01T00:00:00Z"}
    estate = write(tmp_path / "estate.jsonl", lines)
    verdicts = []
    for now in ("2026-11-02T00:00:00", "2028-11-02T00:00:00+02:00"):
        found = assessed_rows(estate, "--control", "storage-key-rotation", "--now", now)
        verdicts += [row["verdict"] for row in found if row["subject"].endswith("/aplain")]
    assert verdicts == ["pass", "fail"]


UNUSABLE = [
    ("absent file", None, [], "could not open"),
    ("no JSON", b'{"id": "/subscriptions/10000000-0000-0000-0000-000000000001"}\n{"id"', [], ":2: not JSON"),
    ("no UTF-8", b'{"id": "\xff"}\n', [], ":1: not UTF-8"),
    ("no estate", b'{"a": 1}\n', [], ":1: "),
    ("unknown control", b"", ["--control", "storage-secure-transfr"], "Did you mean storage-secure-transfer"),
    (
        "nobody can sign in",
        b'{"directory": {"tenantId": "%s", "clients": []}}\n' % DIRECTORY.encode(),
        [],
        "has a secret",
    ),
]


@pytest.mark.parametrize(
    ("content", "more", "says"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE]
)
def test_unusable_estates_are_refused(
    content: bytes | None, more: list[str], says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    estate = tmp_path / "given.jsonl"
    if content is not None:
        estate.write_bytes(content)
    assert says in refusal(capfd, estate, *more)


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(
    ("content", "more", "says"),
    [(b'{"id"', [], ":1: not JSON"), (b"", ["--now", "yesterday"], "not an ISO 8601 time")],
    ids=["no JSON", "no time"],
)
def test_the_program_reports_errors_without_a_traceback(
    content: bytes, more: list[str], says: str, tmp_path: Path
) -> None:
    estate = tmp_path / "given.jsonl"
    estate.write_bytes(content)
    done = run(estate, *more)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["example.jsonl", "recorded-lab.jsonl"])
def test_example_estates_are_assessed_reproducibly(name: str) -> None:
    estate = recorded_estate(name)
    first, second = (run(estate, "--now", NOW) for _ in range(2))
    assert first.stdout == second.stdout
    found = rows(first)
    accounts = {
        line["id"]: line["properties"].get("supportsHttpsTrafficOnly")
        for line in map(json.loads, estate.read_text(encoding="utf-8").splitlines())
        if str(line.get("type")).casefold() == "microsoft.storage/storageaccounts" and "id" in line
    }
    judged = {row["subject"]: row["verdict"] for row in found if row["control"] == "storage-secure-transfer"}
    assert accounts
    assert set(judged) == set(accounts)
    for subject, https in accounts.items():
        assert https is not True or judged[subject] == "pass"


@pytest.mark.slow(seconds=4)
def test_a_closed_output_is_no_error(tmp_path: Path) -> None:
    estate = write(tmp_path / "estate.jsonl", [line for n in range(1, 9) for line in subscription(guid(n))])
    command = [sys.executable, str(ROOT / "manage.py"), "assess_estate", str(estate)]
    environment = {**os.environ, "SURETY_HOME": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait() == 0
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_a_directory_without_a_usable_client_is_an_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The key of a certificate is not in the estate, so a client with only a certificate cannot sign in."""
    lines = two_customers()
    for line in lines:
        if line.get("directory", {}).get("tenantId") == guid(900):
            client = line["directory"]["clients"][0]
            del client["secret"]
            client["certificate"] = "-----BEGIN CERT" + certificate_pem().partition("-----BEGIN CERT")[2]
    said = refusal(capfd, write(tmp_path / "estate.jsonl", lines))
    assert f"No client of {guid(900)} has a secret" in said


def test_names_are_not_commands_of_pipelines(tmp_path: Path) -> None:
    lines = json.loads(json.dumps(subscription(guid(1))).replace("aplain", "##vso[task.x]"))
    out = io.StringIO()
    estate = str(write(tmp_path / "estate.jsonl", lines))
    call_command(
        "assess_estate", estate, "--control", "storage-secure-transfer", stdout=out, stderr=io.StringIO()
    )
    assert any(json.loads(line)["subject"].endswith("/##vso[task.x]") for line in out.getvalue().splitlines())
    assert commands(out.getvalue()) == []
    printed = io.StringIO()
    export_evidence.Command(stdout=printed)._write([{"name": AZURE}], None)
    assert (json.loads(printed.getvalue()), commands(printed.getvalue())) == ({"name": AZURE}, [])
