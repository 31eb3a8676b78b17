"""No cell of a report's table is a formula to a spreadsheet."""

from __future__ import annotations

import pytest

from portal.reports.attachments import _cell
from portal.reports.formulas import FORMULA


@pytest.mark.parametrize("number", range(len(FORMULA)))
def test_what_begins_like_a_formula_is_text(number: int) -> None:
    assert _cell(f"{FORMULA[number]}1") == f"'{FORMULA[number]}1"
    assert _cell(f"a{FORMULA[number]}1") == f"a{FORMULA[number]}1"
