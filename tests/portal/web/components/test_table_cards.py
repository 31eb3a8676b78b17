"""Cells of tables get labels and roles, so that phones can show a table as a list of cards."""

from __future__ import annotations

import re

import pytest

from portal.web.components.table_cards import as_cards

COLUMNS = ["Customer", "Score", "Assessed"]


def labels(rows: str) -> list[str]:
    return re.findall(r'data-label="([^"]*)"', as_cards(rows, COLUMNS))


def test_cells_have_the_names_of_their_columns_in_every_row() -> None:
    rows = (
        '<tr>\n<th scope="row">A</th><td class="num">1</td><td>now</td></tr>'
        "<tr><th>B</th><td>2</td><td>then</td></tr>"
    )
    assert labels(rows) == ["Score", "Assessed", "Score", "Assessed"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<tr><td colspan="2">both</td><td>now</td></tr>', ["Assessed"]),
        ('<tr><th>A</th><td data-label="Own">1</td><td>now</td></tr>', ["Own", "Assessed"]),
        (
            "<tr><th>A</th><td>1</td><td>now</td><td>more than there are columns</td></tr>",
            ["Score", "Assessed"],
        ),
    ],
)
def test_cells_over_columns_own_labels_and_extra_cells_keep_the_order(rows: str, expected: list[str]) -> None:
    assert labels(rows) == expected


def test_rows_and_cells_have_the_roles_that_their_display_takes_away() -> None:
    marked = as_cards('<tr class="x"><th scope="row">A</th><td>1</td></tr>', COLUMNS)
    assert marked == (
        '<tr role="row" class="x"><th role="rowheader" scope="row">A</th>'
        '<td role="cell" data-label="Score">1</td></tr>'
    )


def test_a_blank_cell_is_marked_and_a_cell_with_text_is_not() -> None:
    marked = as_cards("<tr><th>A</th><td>\n  </td><td>0</td></tr>", COLUMNS)
    assert marked.count("data-blank") == 1
    assert '<td role="cell" data-label="Score" data-blank>' in marked


def test_names_of_columns_are_escaped() -> None:
    assert 'data-label="&lt;b&gt;&quot;"' in as_cards("<tr><td>1</td></tr>", ['<b>"'])
