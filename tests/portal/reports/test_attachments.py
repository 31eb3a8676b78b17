"""No cell of the attached results table is a formula to a spreadsheet."""

from __future__ import annotations

import pytest

from portal.reports.attachments import _cell
from portal.spreadsheets import FORMULA_PREFIXES


@pytest.mark.parametrize("number", range(len(FORMULA_PREFIXES)))
def test_a_text_that_begins_like_a_formula_is_escaped(number: int) -> None:
    assert _cell(f"{FORMULA_PREFIXES[number]}1") == f"'{FORMULA_PREFIXES[number]}1"
    assert _cell(f"a{FORMULA_PREFIXES[number]}1") == f"a{FORMULA_PREFIXES[number]}1"
