"""Vulnerability findings are read by a query of Azure Resource Graph, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assessments.collect import session as module
from assessments.collect.errors import BadAnswer
from assessments.collect.session import RESOURCE_GRAPH
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect import azure

UNIT, OTHER = azure.guid(1), azure.guid(2)
FINDINGS = ALL["security_subassessments"]
UPDATES = ALL["software_updates"]
ASSESSMENTS = f"/subscriptions/{UNIT}/providers/Microsoft.Security/assessments"
COUNT = 7


def machine(guid: str) -> str:
    return f"/subscriptions/{guid}/resourceGroups/rg-data/providers/Microsoft.Compute/virtualMachines/vm1"


def finding(number: int, severity: str = "High", code: str = "Unhealthy", guid: str = UNIT) -> azure.Line:
    return {
        "id": f"{machine(guid)}/providers/Microsoft.Security/assessments/a/subAssessments/{number}",
        "name": str(number),
        "type": "Microsoft.Security/assessments/subAssessments",
        "properties": {
            "id": f"CVE-{number}",
            "status": {"code": code, "severity": severity},
            "timeGenerated": "2026-01-01T00:00:00Z",
            "description": "x" * 500,
            "additionalData": {"publishedTime": "2026-01-01T00:00:00Z", "cve": ["x" * 500]},
        },
    }


def lines(*more: azure.Line) -> list[azure.Line]:
    vm = {"id": machine(UNIT), "name": "vm1", "type": "Microsoft.Compute/virtualMachines", "properties": {}}
    return [azure.directory(), *azure.subscription(UNIT), *azure.subscription(OTHER), vm, *more]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    found = [
        *(finding(n, "Critical" if n % 2 else "high") for n in range(COUNT)),
        finding(90, "Low"),
        finding(91, code="Healthy"),
        finding(92, guid=OTHER),
    ]
    with serve(azure.write(tmp_path_factory.mktemp("graph") / "estate.jsonl", lines(*found))) as served:
        yield served


def asked(served: Served) -> int:
    rows = azure.control_plane(served, "GET", "requests")
    azure.control_plane(served, "POST", "requests/reset")
    return sum(row["count"] for row in rows if row["path"].casefold() == RESOURCE_GRAPH.casefold())


def test_only_severe_findings_of_the_subscription_are_read_with_what_controls_need(served: Served) -> None:
    pages = list(azure.session(served).pages(FINDINGS, f"/subscriptions/{UNIT}"))
    assert [row["name"] for row in pages[0]] == [str(n) for n in range(COUNT)]
    properties: dict[str, Any] = pages[0][0]["properties"]
    assert set(properties) == {"id", "status", "timeGenerated", "additionalData"}
    assert set(properties["additionalData"]) == {"publishedTime"}


def test_pages_follow_the_skip_token(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESOURCE_GRAPH_PAGE", 3)
    asked(served)
    pages = list(azure.session(served).pages(FINDINGS, f"/subscriptions/{UNIT}"))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert asked(served) == 3


def test_the_control_judges_what_the_query_returns(served: Served) -> None:
    judged = azure.judge(azure.session(served), UNIT, sections=("vm",))
    assert judged.verdict("vm-software-patches", "vm1") == "fail"
    result = next(r for r in judged.results.values() if r.control.slug == "vm-software-patches")
    assert len(result.verdict.observed["vulnerabilities"]) == COUNT


def test_software_updates_that_defender_recommends_one_by_one_are_judged(tmp_path: Path) -> None:
    """Since 2026-07-31, each missing update of a machine is a recommendation of its own."""

    def update(
        name: str, severity: str = "High", category: str = "SoftwareUpdate", code: str = "Unhealthy"
    ) -> azure.Line:
        return {
            "id": f"{machine(UNIT)}/providers/Microsoft.Security/assessments/{name}",
            "name": name,
            "type": "Microsoft.Security/assessments",
            "properties": {
                "displayName": f"Update {name}",
                "status": {"code": code, "firstEvaluationDate": "2026-01-01T00:00:00Z"},
                "metadata": {"severity": severity, "recommendationCategory": category},
                "resourceDetails": {
                    "Id": machine(UNIT),
                    "Source": "Azure",
                    "ResourceType": "microsoft.compute/virtualmachines",
                },
                "additionalData": {"CvesDetails": [{"CveId": "CVE-2026-1"}]},
            },
        }

    found = [
        update("openssl"),
        update("curl", "Critical"),
        update("nano", "Low"),
        update("zlib", code="Healthy"),
        update("secret", category="ExposedSecret"),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines(*found))) as served:
        session = azure.session(served)
        judged = azure.judge(session, UNIT, sections=("vm", "operations"))
        pages = list(session.pages(UPDATES, f"/subscriptions/{UNIT}"))
    assert judged.verdict("vm-software-patches", "vm1") == "fail"
    result = next(r for r in judged.results.values() if r.control.slug == "vm-software-patches")
    assert result.verdict.observed["vulnerabilities"] == ["Update curl", "Update openssl"]
    scans = next(r for r in judged.results.values() if r.control.slug == "operations-vulnerability-scans")
    assert scans.verdict.observed["findings"] == 2
    # Controls need the severity of every recommendation. Only this query returns the severity, so the query must also
    # return recommendations of low severity.
    severities = {row["name"]: row["properties"]["metadata"]["severity"] for row in pages[0]}
    assert severities == {"curl": "Critical", "nano": "Low", "openssl": "High", "secret": "High"}
    details = {"Source": "Azure", "ResourceType": "microsoft.compute/virtualmachines"}
    assert [row["properties"]["resourceDetails"] for row in pages[0]] == [details] * 4


@pytest.mark.parametrize(
    ("path", "status", "code", "reason"),
    [
        # Azure Resource Graph leaves out what the principal may not read. So without the right to read Defender's
        # assessments, an empty answer does not prove that there are no findings.
        (ASSESSMENTS, 403, "AuthorizationFailed", Reason.FORBIDDEN),
        (RESOURCE_GRAPH, 400, "BadRequest", Reason.BAD_ANSWER),
        (RESOURCE_GRAPH, 501, "Oops", Reason.SERVER_ERROR),
    ],
)
def test_a_failure_makes_the_control_unknown(
    tmp_path: Path, path: str, status: int, code: str, reason: Reason
) -> None:
    refused = azure.answer(path, status, {"error": {"code": code, "message": "No."}})
    with serve(azure.write(tmp_path / "estate.jsonl", lines(finding(1), refused))) as served:
        judged = azure.judge(azure.session(served), UNIT, sections=("vm",))
    assert judged.verdict("vm-software-patches", "vm1") == "unknown"
    gaps = {gap.reason for gap in judged.estate.gaps() if gap.collection == FINDINGS.name}
    assert gaps == {reason}


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "$skipToken": "again"},
        {"data": [], "resultTruncated": "true"},
        {"data": {"columns": []}},
        [],
    ],
)
def test_a_malformed_answer_is_a_gap(tmp_path: Path, body: Any) -> None:
    lied = azure.answer(RESOURCE_GRAPH, 200, body)
    with serve(azure.write(tmp_path / "estate.jsonl", lines(lied))) as served:
        judged = azure.judge(azure.session(served), UNIT, sections=("vm",))
    (gap,) = [gap for gap in judged.estate.gaps() if gap.collection == FINDINGS.name]
    assert gap.reason is Reason.BAD_ANSWER


def test_a_query_whose_pages_never_end_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessments.collect.session.MAX_PAGES", 3)
    answers = [
        azure.answer(RESOURCE_GRAPH, 200, {"data": [], "$skipToken": f"page {number}"}, times=1)
        for number in range(9)
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines(*answers))) as served:
        reader = azure.session(served)
        with pytest.raises(BadAnswer, match="more than 3 pages"):
            list(reader.query_pages("resources", [UNIT]))
