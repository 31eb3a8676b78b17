"""The attached results: spreadsheet programs find no formula in any cell, and the JSON has every field."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

import pytest

from portal.files.spreadsheets import FORMULA_PREFIXES
from portal.reports.attachments import oscal
from portal.reports.attachments.files import _Escaped, write_results_json
from portal.reports.facts.sections import ControlFact, SectionFact
from portal.reports.facts.shared import FindingFact
from portal.reports.parts.part import ReportFacts
from portal.reports.parts.results import ResultsFacts

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FINDING = FindingFact(
    id="1", control="c", severity="high", subject="/s", subject_name="Ünit “1”", subject_type="t",
    resource_group="", unit="/u", unit_name="U", outcome="fail", reason="r", expected="e",
    observed={"b": [1, None], "a": MappingProxyType({"x": 1.5})}, observed_text="", observed_sha256="",
    unknown_because="", remarks=("one",), evidence=(), first_seen_at=NOW, changed_at=NOW, collected_at=None,
    failing_since=NOW, due_at=None, overdue_days=0,
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(FORMULA_PREFIXES)))
def test_a_text_that_begins_like_a_formula_is_escaped(number: int) -> None:
    cells = _Escaped()
    for _ in range(2):  # The second time, the results come from the cache.
        assert cells[f"{FORMULA_PREFIXES[number]}1"] == f"'{FORMULA_PREFIXES[number]}1"
        assert cells[f"a{FORMULA_PREFIXES[number]}1"] == f"a{FORMULA_PREFIXES[number]}1"


def test_results_are_json_with_one_verdict_on_a_line() -> None:
    finding = FINDING
    control = ControlFact(
        slug="c", title="C", section="s", severity="high", judged="", why="", expected="", automated=True,
        references={}, parameters={}, counts={"fail": 2}, not_evaluated="", findings=(finding, finding),
    )  # fmt: skip
    empty = replace(control, findings=())
    section = SectionFact("s", "S", None, None, None, {}, (control, empty))
    facts = ReportFacts({"results": ResultsFacts((section, section), 1.0, None, {}, {})})
    content = write_results_json(facts).attachment("results.json", "", "application/json").content
    assert sum(line.startswith(b'{"acknowledged"') for line in content.splitlines()) == 4
    found = json.loads(content)
    assert list(found) == sorted(found)
    assert found["format"] == "surety-results/1"
    controls = found["sections"][1]["controls"]
    assert [len(row["findings"]) for row in controls] == [2, 0]
    row = controls[0]["findings"][1]
    assert set(row) == {field.name for field in fields(FindingFact)}
    assert row["observed"] == {"a": {"x": 1.5}, "b": [1, None]}
    assert (row["subject_name"], row["first_seen_at"], row["remarks"]) == (
        "Ünit “1”",
        "2026-11-25T12:00:00Z",
        ["one"],
    )


def test_an_observation_was_collected_when_the_verdict_was_confirmed() -> None:
    """An observation in OSCAL has the time at which an assessment last confirmed the verdict. The evidence can be much
    older.
    """
    day = timedelta(days=1)
    fact = replace(FINDING, changed_at=NOW - 90 * day, collected_at=NOW - 90 * day, confirmed_at=NOW)
    for given, expected in ((fact, "2026-11-25"), (replace(fact, confirmed_at=None), "2026-08-27")):
        found = oscal._observation(UUID(int=1), given)
        assert f"{found.collected:%Y-%m-%d}" == expected
