"""The framework in reports: every requirement has the same result on the page, in the report and in the attachments."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from assessments.controls.registry import catalogue
from assessments.frameworks.framework import framework
from portal.queries.frameworks.results import count_by_result, tenant_states
from portal.reports.actions import build_report, request_report
from portal.reports.parts.framework import AnswerFact, NumberFact, missing_by_control
from tenants.errors import InvalidInput
from tenants.scope import person_scope
from tests import factories
from tests.portal.reports.conftest import Built, attached, text_of

pytestmark = pytest.mark.slow


def table(data: bytes) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(attached(data, "framework.csv").decode("utf-8-sig")))
    return {row["number"]: row for row in rows}


def test_the_report_lists_every_number_of_its_framework(built: Built, tmp_path: Path) -> None:
    assert built.report.framework == "cis-6.0.0"
    results = json.loads(attached(built.data, "results.json"))
    numbers = list(framework("cis-6.0.0").numbers)
    assert [row["number"] for row in results["framework_numbers"]] == numbers
    assert list(table(built.data)) == numbers
    assert sum(results["framework_results"].values()) == 127
    text = text_of(built.data, tmp_path)
    assert "CIS Microsoft Azure Foundations Benchmark 6.0.0: all 127 requirements" in text
    assert "Databricks workspaces use Unity Catalog" in text
    assert "The control does not check the setting: a person attests that the requirement is met" in text


def test_results_and_degrees_are_those_of_the_page(built: Built) -> None:
    found = framework("cis-6.0.0")
    with person_scope(built.world.people["organization_engineer"]):
        shown = tenant_states(built.world.home, timezone.now()).results(found)
    results = json.loads(attached(built.data, "results.json"))
    assert results["framework_results"] == count_by_result(shown)
    stated = {row["number"]: (row["result"], row["counts"]) for row in results["framework_numbers"]}
    assert stated == {row.covered.number.number: (str(row.result), dict(row.counts)) for row in shown}
    by_number = {row["number"]: row for row in results["framework_numbers"]}
    assert by_number["9.3.4"]["result"] == "failed"
    degrees = {row["control"]: row["degree"] for row in by_number["9.3.4"]["answers"]}
    assert degrees == {"logging-storage-secure-transfer": "partly", "storage-secure-transfer": "full"}
    row = table(built.data)["9.3.4"]
    assert (row["result"], row["failing"], row["passing"]) == ("Failed", "2", "1")


def test_controls_state_the_degree_of_each_reference(built: Built) -> None:
    results = json.loads(attached(built.data, "results.json"))
    controls = {c["slug"]: c for section in results["sections"] for c in section["controls"]}
    assert set(controls) == set(catalogue())
    partly = controls["storage-public-file"]["references_partly"]
    assert partly["CIS Azure 6.0.0"]["9.3.2.3"] == "The control checks only accounts with file shares"
    assert "CIS Azure 6.0.0" not in controls["storage-anonymous-access-disallowed"]["references_partly"]


def test_a_requirement_that_controls_judge_only_partly_is_never_met(built: Built, tmp_path: Path) -> None:
    """The storage accounts pass, but requirement 2.1.1.1.1 of CIS 4.0.0 is also about services that are not checked."""
    world = built.world
    with factories.in_tenant(world.home):
        report = build_report(
            tenant=world.home, by=world.people["organization_engineer"], framework="cis-4.0.0"
        )
        with report.file.open("rb") as file:
            data = file.read()
    row = table(data)["2.1.1.1.1"]
    assert (row["coverage"], row["result"]) == ("Partly judged", "No failure found, partly assessed")
    assert "the data of other services" in row["missing"]
    assert len(table(data)) == 139
    text = text_of(data, tmp_path)
    assert "CIS Microsoft Azure Foundations Benchmark 4.0.0: all 139 requirements" in text
    assert "found, partly assessed" in text


def test_what_is_missing_names_its_controls_unless_it_is_about_all_of_them() -> None:
    answers = (
        AnswerFact("a", "partly", ("Not all users", "Not guests")),
        AnswerFact("b", "partly", ("Not all users",)),
        AnswerFact("c", "fully", ()),
    )
    row = NumberFact(
        "1", "T", "s", "", "", "partly", "failed", ("Not all users", "Not guests"), answers, {"fail": 1}
    )
    assert missing_by_control(row) == (("", "Not all users"), ("a", "Not guests"))
    assert missing_by_control(replace(row, missing=("Not checked",), answers=())) == (("", "Not checked"),)


def test_an_unknown_framework_is_refused(built: Built) -> None:
    world = built.world
    with (
        factories.in_tenant(world.home),
        pytest.raises(InvalidInput, match=r"no framework 'cis-9'.*cis-6\.0\.0"),
    ):
        request_report(tenant=world.home, by=world.people["organization_engineer"], framework="cis-9")
