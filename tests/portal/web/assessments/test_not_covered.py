"""Resources that a control does not judge are listed on its page and in reports."""

from __future__ import annotations

from django.template.loader import render_to_string

from assessments.models import Unit
from assessments.selectors import ledger
from portal.reports.parts import coverage
from portal.web.assessments import page

ROW = {"subjects": 2, "outcomes": {"pass": 2}, "unknown": {}}


def units() -> list[Unit]:
    """Two subscriptions; the first has a scale set and three Arc machines, the second one more Arc machine."""
    first = {**ROW, "not_covered": {"scale set": 1, "Arc machine": 3}}
    second = {**ROW, "not_covered": {"Arc machine": 1}}
    return [
        Unit(coverage={"controls": {"vm-os-patches": row, "vm-agent-running": row}})
        for row in (first, second)
    ]


def test_the_coverage_of_an_assessment_names_them() -> None:
    rows = {row["slug"]: row for row in page._ledger(units())}
    assert rows["vm-os-patches"]["not_covered"] == "4 × Arc machine; 1 × scale set"
    html = render_to_string("assessments/_ledger.html", {"ledger": list(rows.values())})
    assert "Not covered: 4 × Arc machine; 1 × scale set" in html
    plain = page._ledger([Unit(coverage={"controls": {"vm-os-patches": ROW}})])
    assert "Not covered" not in render_to_string("assessments/_ledger.html", {"ledger": plain})


def test_a_report_counts_each_resource_once() -> None:
    rows = ledger(units())["controls"]
    assert coverage._not_covered(rows) == {"Arc machine": 4, "scale set": 1}
