"""Coverage by control on the page of an assessment and in reports: resources that a control does not judge, and
verdicts that are not expected.
"""

from __future__ import annotations

from django.template.loader import render_to_string

from assessments.models import Unit
from assessments.selectors import ledger
from portal.reports.parts import coverage
from portal.web.assessments import page

ROW = {"subjects": 2, "outcomes": {"pass": 2}, "unknown": {}}


def units() -> list[Unit]:
    """Two subscriptions: the first has a scale set and three Arc machines, the second has one Arc machine."""
    first = {**ROW, "not_covered": {"scale set": 1, "Arc machine": 3}}
    second = {**ROW, "not_covered": {"Arc machine": 1}}
    return [
        Unit(coverage={"controls": {"vm-os-patches": row, "vm-agent-running": row}})
        for row in (first, second)
    ]


def test_the_coverage_of_an_assessment_names_resources_that_are_not_judged() -> None:
    rows = {row["slug"]: row for row in page._ledger(units())[0]}
    assert rows["vm-os-patches"]["not_covered"] == "4 × Arc machine; 1 × scale set"
    html = render_to_string("assessments/_ledger.html", {"ledger": list(rows.values())})
    assert "Not covered: 4 × Arc machine; 1 × scale set" in html
    plain, _ = page._ledger([Unit(coverage={"controls": {"vm-os-patches": ROW}})])
    assert "Not covered" not in render_to_string("assessments/_ledger.html", {"ledger": plain})


def test_verdicts_that_are_not_applicable_are_not_expected() -> None:
    mixed = {
        "subjects": 5,
        "outcomes": {"not_applicable": 3, "fail": 1, "unknown": 1},
        "unknown": {"forbidden": 1},
    }
    none = {"subjects": 4, "outcomes": {"not_applicable": 4}, "unknown": {}}
    rows, without = page._ledger(
        [Unit(coverage={"controls": {"storage-min-tls": mixed, "vm-os-patches": none}})] * 2
    )
    [row] = rows
    assert (row["slug"], row["expected"], row["evaluated"], row["unknown"]) == ("storage-min-tls", 4, 2, 2)
    assert without == 1
    html = render_to_string("assessments/_ledger.html", {"ledger": rows, "without_verdicts": without})
    assert (
        "1 more control has no verdicts, because it does not apply to the resources, is outside"
        in " ".join(html.split())
    )


def test_a_report_counts_each_resource_once() -> None:
    rows = ledger(units())["controls"]
    assert coverage._not_covered(rows) == {"Arc machine": 4, "scale set": 1}
