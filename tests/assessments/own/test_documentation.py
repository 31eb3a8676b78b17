"""The example of docs/own-controls.md is followed literally."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from assessments.controls.verdict import Outcome
from assessments.own.conditions import OPERATORS
from assessments.own.definition import _KNOWN, cases_of
from portal.configuration.own_controls import problems_of_cases, read_control
from tenants.models import Organization

PAGE = Path(__file__).resolve().parents[3] / "docs" / "own-controls.md"


def test_the_example_can_be_saved_and_all_its_cases_pass() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    text = textwrap.dedent("   " + block if not block.startswith(" ") else block)
    organization = Organization(name="Northlight", slug="northlight")
    data = read_control(text, organization)
    assert problems_of_cases(text, data) == []
    assert {case.verdict for case in cases_of(data)} == set(Outcome) - {Outcome.MANUAL}


def test_all_fields_and_conditions_are_documented() -> None:
    text = PAGE.read_text()
    missing = [
        name for name in (*_KNOWN, *OPERATORS, "all_of", "any_of", "not", "absent") if f"`{name}" not in text
    ]
    assert missing == []
