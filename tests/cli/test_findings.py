"""Commands for customers and findings print what the API returns on all pages, in each output format."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from assessments.controls.registry import catalogue
from assessments.models import Assessment
from assessments.models import Finding as FindingRow
from surety_cli import connection
from surety_cli.commands import findings as command
from surety_cli.exits import Unreachable
from surety_cli.gate import SEVERITIES, judge
from surety_cli.output.table import write_table
from surety_client.api.controls import list_controls
from surety_client.models import Finding, FindingFields, SeverityEnum
from surety_client.types import Response
from tests import factories
from tests.cli.conftest import Surety
from tests.portal.api.conftest import client_with
from tests.portal.web.world import World

type SignIn = Callable[..., str]


def listed(token: str, address: str) -> list[dict[str, Any]]:
    """Return all items of a list of the API."""
    return client_with(token).get(f"/api/v1/{address}").json()["items"]


def test_customers(world: World, signed_in: SignIn, surety: Surety) -> None:
    token = signed_in()
    as_json, table = surety("customers", "--format", "json"), surety("customers")
    assert json.loads(as_json.out) == listed(token, "customers")
    assert world.home.slug in table.out
    assert world.foreign.slug not in table.out
    assert token not in table.out + table.err + as_json.out


@pytest.mark.slow(seconds=1)
def test_findings_of_all_pages_with_the_filters_of_the_api(
    world: World, signed_in: SignIn, surety: Surety, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, slug = signed_in(), world.home.slug
    size = len(listed(token, f"customers/{slug}/findings?limit=500")) // 3
    monkeypatch.setattr(command, "PAGE", size)
    for words, query in (
        ((), ""),
        (("--verdict", "fail"), "verdict=fail"),
        (
            ("--severity", "critical", "--severity", "high", "--state", "open"),
            "severity=critical&severity=high&state=open",
        ),
        (("--owner", "nobody"), "owner=nobody"),
        (("--search", "storage"), "q=storage"),
        (("--state", "gone"), "state=gone"),
    ):
        expected = listed(token, f"customers/{slug}/findings?limit=500&{query}")
        assert json.loads(surety("findings", slug, *words, "--format", "json").out) == expected, words
        assert len(expected) > 2 * size or words, "the test reads several pages"


def test_order_and_fields_are_those_of_the_api(world: World, signed_in: SignIn, surety: Surety) -> None:
    signed_in()
    slug = world.home.slug
    done = surety(
        "findings", slug, "--sort", "subject", "--format", "json", "--field", "id", "--field", "subject_name"
    )
    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert all(list(one) == ["id", "subject_name"] for one in found)
    with factories.in_tenant(world.home):
        rows = FindingRow.objects.filter(tenant=world.home, gone_at=None).order_by(
            "subject_name", "subject", "control"
        )
        assert [one["id"] for one in found] == [str(pk) for pk in rows.values_list("pk", flat=True)]
    refused = surety("findings", slug, "--field", "id")
    assert (refused.status, "--format json" in refused.err) == (2, True)


def test_items_without_all_fields_are_refused() -> None:
    """The exit status depends on the findings, so an incomplete answer must not count as a list without failures."""
    page: Any = SimpleNamespace(items=[FindingFields()], next_=None)
    answer = Response(HTTPStatus.OK, b'{"items": [{}]}', {"content-type": "application/json"}, page)
    with pytest.raises(Unreachable, match="lack fields"):
        list(connection.pages(lambda cursor: answer, Finding))


@pytest.mark.slow(seconds=1)
def test_each_form_has_the_same_findings(
    world: World, signed_in: SignIn, surety: Surety, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Use smaller pages, so that the catalogue is longer than a page.
    monkeypatch.setitem(list_controls.sync_detailed.__kwdefaults__, "limit", 4)
    monkeypatch.setattr(command, "PAGE", 40)
    token, slug = signed_in(), world.home.slug
    everything = listed(token, f"customers/{slug}/findings?limit=500")
    verdicts = Counter(one["verdict"] for one in everything)
    excepted = sum(one["verdict"] == "fail" and one["exception"] is not None for one in everything)
    assert verdicts["fail"] > excepted

    table = surety("findings", slug).out
    assert len(table.splitlines()) == 1 + len(everything)
    failing = next(one for one in everything if one["verdict"] == "fail")
    assert catalogue()[failing["control"]].problem in table

    path = tmp_path / "surety.sarif"
    done = surety("findings", slug, "--format", "sarif", "--output", path)
    assert (done.status, done.out) == (0, "")
    run = json.loads(path.read_text())["runs"][0]
    Sarif.model_validate_json(path.read_text())
    assert [one["partialFingerprints"]["suretyFinding/v1"] for one in run["results"]] == [
        one["id"] for one in everything if one["verdict"] == "fail"
    ]
    assert sum("suppressions" in one for one in run["results"]) == excepted
    rules = run["tool"]["driver"]["rules"]
    # Each rule has a text from the catalogue: the problem of its control. So the command has read all pages of the
    # catalogue.
    assert all(one["shortDescription"]["text"] == catalogue()[one["id"]].problem for one in rules)
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == verdicts["unknown"]

    root = ET.fromstring(surety("findings", slug, "--format", "junit").out)
    assert [int(root.attrib[name]) for name in ("tests", "failures", "errors")] == [
        len(everything), verdicts["fail"] - excepted, verdicts["unknown"]
    ]  # fmt: skip
    for suite in root:
        cases = list(suite)
        assert int(suite.attrib["tests"]) == len(cases)
        for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))


@pytest.mark.slow(seconds=1)
def test_fail_on_decides_about_the_exit_status(world: World, signed_in: SignIn, surety: Surety) -> None:
    token, slug = signed_in(), world.home.slug
    query = "&".join(f"state={one}" for one in ("open", "acknowledged", "not_met"))
    counted = Counter(
        one["severity"] for one in listed(token, f"customers/{slug}/findings?limit=500&{query}")
    )
    for place, severity in enumerate(SEVERITIES):
        failing = sum(counted[one] for one in SEVERITIES[: place + 1])
        done = surety("findings", slug, "--fail-on", severity, "--allow-unknown")
        assert done.status == (1 if failing else 0), done.err
        assert f"{failing} finding" in done.err
    assert counted


def test_a_token_that_does_not_see_all_findings_cannot_decide(
    world: World, signed_in: SignIn, surety: Surety
) -> None:
    signed_in(capabilities=["view", "assess"])
    slug = world.home.slug
    for words in (("findings", slug), ("assess", slug)):
        done = surety(*words, "--fail-on", "low")
        assert (done.status, "view_all" in done.err) == (3, True), done
    with factories.in_tenant(world.home):
        assert not Assessment.objects.filter(state="queued").exists()


def test_unknown_verdicts_pass_only_if_allowed() -> None:
    assert {one.value for one in SEVERITIES} == {one.value for one in SeverityEnum}
    unknown, failing = (SimpleNamespace(verdict=verdict) for verdict in ("unknown", "fail"))

    def status(*findings: Any, allow_unknown: bool) -> int:
        return judge(findings, allow_unknown=allow_unknown)[0]

    assert status(allow_unknown=False) == 0
    assert status(unknown, allow_unknown=False) == 6
    assert status(unknown, allow_unknown=True) == 0
    assert status(unknown, failing, allow_unknown=True) == 1


@pytest.mark.slow(seconds=1)
def test_refusals_are_sentences(world: World, signed_in: SignIn, surety: Surety) -> None:
    signed_in(capabilities=["view", "report"])
    for words, sentence in (
        (("findings", world.foreign.slug), "does not exist"),
        (
            ("report", "create", world.home.slug, "--assessment", "999"),
            "assessment: The customer has no finished",
        ),
        (("assess", world.home.slug), "not"),
    ):
        done = surety(*words)
        assert (done.status, done.out, sentence in done.err) == (3, "", True), done
        assert len(done.err.splitlines()) <= 2
    assert surety("findings", world.home.slug, "--severity", "worst").status == 2


def test_the_limit_of_requests_is_waited_for(
    world: World, signed_in: SignIn, surety: Surety, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in()
    settings.SURETY_API_REQUESTS_PER_MINUTE = 1
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        cache.clear()  # Reset the limit of requests, as after a minute.

    monkeypatch.setattr(connection, "time", SimpleNamespace(sleep=sleep))
    assert surety("whoami").status == 0
    done = surety("whoami")
    assert (done.status, "limit of requests" in done.err) == (0, True)
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


def test_names_cannot_command_the_terminal() -> None:
    target = StringIO()
    write_table(("Name",), [("a\x1b]0;title\x07[red]b",)], target)
    assert target.getvalue().splitlines()[1].rstrip() == "a\\x1b]0;title\\x07[red]b"


def test_a_filter_with_an_unknown_value_is_refused_instead_of_listing_nothing(surety: Surety) -> None:
    for words in (("--state", "opne"), ("--due", "soon"), ("--age", "old"), ("--section", "nothing")):
        refused = surety("findings", "contoso", *words)
        assert refused.status == 2, words
        assert "invalid choice" in refused.err, words
