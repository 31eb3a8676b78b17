"""The framework report has every requirement of the framework's version, and the numbers in its tables add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessments.frameworks.framework import framework
from portal.queries.frameworks.results import Result
from portal.reports.parts import framework_overview
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World


def test_the_columns_count_every_result_once() -> None:
    columns = [result for _, results in framework_overview._COLUMNS for result in results]
    assert sorted(columns) == sorted(Result)


def test_the_figures_on_the_cover_add_up_to_the_requirements() -> None:
    results = {str(result): 2**position for position, result in enumerate(Result)}
    assert sum(framework_overview.cover_figures(results).values()) == sum(results.values())
    assert framework_overview.cover_figures({"failed": 3})["open"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("key", ["cis-6.0.0", "nist-800-53-r5"])
def test_the_report_has_every_number_of_its_version(world: World, tmp_path: Path, key: str) -> None:
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind="framework", framework=key)
    declared = framework(key)
    assert found.report.title == f"{declared.name} report for {world.home.name}"
    context = framework_overview.PART.context(found.facts)
    assert context["result_total"].total == len(declared.numbers)
    assert sum(row.total for row in context["result_rows"]) == len(declared.numbers)
    assert all(sum(row.counts) == row.total for row in context["result_rows"])
    assert sum(number for _, number, _ in context["coverage_rows"]) == len(declared.numbers)
    text = found.text(tmp_path)
    assert f"{declared.title}: all {declared.published} requirements" in text
    beyond = len(declared.numbers) - declared.published
    assert text.count("Not in this version of the framework") == beyond
    listed = f"This report also lists {beyond} further requirements that controls of Surety check"
    assert (listed in text) is bool(beyond)
    assert f"has {declared.published} requirements" in text
    assert [number for number in declared.numbers if f" {number} " not in text] == []
    for row in found.results["framework_numbers"]:
        if row["coverage"] in ("not_covered", "partly_judged"):
            assert row["missing"], row["number"]
