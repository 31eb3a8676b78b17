"""Hostile names in Azure cannot give commands to a pipeline that prints them, or to a viewer of SARIF files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from surety_cli.output.sarif import write_sarif
from surety_client.models import Finding
from tests.cli.conftest import Surety
from tests.local_server import QuietHandler, local_server
from tests.pipeline_agents import AZURE, FORMAT, GITHUB, HOSTILE, commands

NOW = "2026-11-28T06:00:00Z"
LINK = "[portal](https://example.com)"


def finding(**values: Any) -> dict[str, Any]:
    """Return the JSON of a failing finding."""
    missing = (
        "acknowledged_by", "attested_until", "due", "exception", "exception_until", "failing_since", "known_with",
        "owner", "owner_email", "plan", "planned_for", "unit_read",
    )  # fmt: skip
    return {
        **dict.fromkeys(missing),
        "id": str(uuid4()), "control": "storage-sas-https-only", "title": "Title", "section": "storage",
        "severity": "high", "verdict": "fail", "verdict_since": NOW, "first_seen": NOW, "state": "open",
        "subject": "/subscriptions/1", "subject_name": "name", "resource_group": "", "resource_type": "",
        "unit_name": "unit", "expected": "expected", "observed": "observed", "found": "found", "evidence": [],
        "requirements": [], "remarks": [], "fix": "az x",
        **values,
    }  # fmt: skip


def hostile(name: str) -> dict[str, Any]:
    """Return a finding in which this name replaces every text that comes from Azure."""
    texts = ("subject", "subject_name", "unit_name", "expected", "observed", "found", "fix")
    return finding(**dict.fromkeys(texts, name))


FINDINGS = [*map(hostile, HOSTILE), {**hostile(AZURE), "verdict": "unknown", "known_with": GITHUB}]
FOUND = {"items": FINDINGS, "next": None, "next_cursor": None}
CUSTOMER = {
    "short_name": "contoso", "name": FORMAT, "labels": [AZURE], "archived_at": None, "capabilities": ["view_all"],
}  # fmt: skip


class Portal(QuietHandler):
    """A server that answers as Surety does, with hostile names in the answers."""

    def do_GET(self) -> None:
        match urlsplit(self.path).path.removeprefix("/api/v1/"):
            case "customers/contoso/findings":
                self.reply(FOUND)
            case "controls":
                self.reply({"items": [], "next": None, "next_cursor": None})
            case "customers/damaged/findings":
                self.reply({"detail": "No", "errors": ["x", {"field": "a", "message": "b"}]}, 400)
            case "customers/stranger/findings":
                self.reply({"detail": "No", "errors": {"field": "a"}}, 400)
            case _:
                detail = f"There is no {AZURE}.\n{GITHUB}"
                self.reply(
                    {"code": "not_found", "status": 404, "title": "x", "type": "x", "detail": detail}, 404
                )

    def reply(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def portal(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SURETY_TOKEN", "surety_pat_0123456789")
    with local_server(Portal) as url:
        monkeypatch.setenv("SURETY_SERVER", url)
        yield url


def test_printed_findings_contain_no_commands_in_any_format(
    portal: str, surety: Surety, tmp_path: Path
) -> None:
    printed = {}
    for form in ("table", "json", "sarif", "junit"):
        done = surety("findings", "contoso", "--format", form)
        assert (done.status, done.err) == (0, ""), done
        assert commands(done.out) == [], form
        path = tmp_path / form
        written = surety("findings", "contoso", "--format", form, "--output", path)
        assert (written.status, written.out, written.err) == (0, "", "")
        assert commands(path.read_text()), "the file is for a program, not for a log"
        printed[form] = (done.out, path.read_text())
    assert "##_vso[task.prependpath]/tmp/x" in printed["table"][0]
    assert json.loads(printed["json"][0]) == json.loads(printed["json"][1]) == FINDINGS
    assert json.loads(printed["sarif"][0]) == json.loads(printed["sarif"][1])
    trees = [ET.canonicalize(text) for text in printed["junit"]]
    assert trees[0] == trees[1]


def test_printed_errors_contain_no_commands(portal: str, surety: Surety) -> None:
    for words in (
        ("findings", "other"),
        ("findings", "contoso", "--severity", AZURE),
        ("findings", "contoso", "--output", f"/nonexistent/{AZURE}"),
        ("whoami", "--server", AZURE),
    ):
        done = surety(*words)
        assert done.status in (2, 3)
        assert "##_vso[task" in done.err
        assert commands(done.err + done.out) == []


def test_malformed_problem_details_are_printed_as_far_as_possible(portal: str, surety: Surety) -> None:
    assert surety("findings", "damaged").err.splitlines() == ["surety: No", "  a: b"]
    assert surety("findings", "stranger").err.splitlines() == ["surety: No"]


def test_sarif_has_neither_control_characters_nor_links(tmp_path: Path) -> None:
    name = f"\x9b8m{LINK} x\\](https://example.com)"
    path = tmp_path / "surety.sarif"
    unknown = {**hostile(name), "verdict": "unknown", "known_with": name}
    with path.open("w") as target:
        write_sarif([Finding.from_dict(one) for one in (hostile(name), unknown)], {}, "contoso", target)
    text = path.read_text()
    assert "\x9b" not in text
    run = json.loads(text)["runs"][0]
    (result,), (notification,) = run["results"], run["invocations"][0]["toolExecutionNotifications"]
    assert result["properties"]["unit"] == f"\\x9b8m{LINK} x\\](https://example.com)"
    escaped = "\\x9b8m[portal\\](https://example.com) x\\\\\\](https://example.com)"
    assert result["message"]["text"] == f"{escaped}: {escaped}"
    assert notification["message"]["text"].endswith(f"{escaped}: {escaped} {escaped}")


def test_no_proxy_sees_the_token_on_its_way_to_this_machine(
    portal: str, surety: Surety, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Proxy(QuietHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            self.answer(b"{}", "application/json")

    with local_server(Proxy) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert surety("findings", "contoso").status == 0
    assert seen == []
