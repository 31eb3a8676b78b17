"""The lines of controls in the list of findings. Functions build these lines without templates."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from portal.web.templatetags.findings import group_cells, group_head

GROUP: dict[str, Any] = {
    "control": "storage-secure-transfer",
    "title": "Storage & <transfer>",
    "severity": "critical",
    "open": False,
    "url": "?open=storage-secure-transfer&state=open",
    "rows_url": "/rows/?a=1&b=2",
    "control_url": "/controls/storage-secure-transfer/",
    "number": 3,
    "number_word": "",
    "facts": SimpleNamespace(judged=9, unassigned=2, overdue=1),
    "bar": "",
    "owners": ["Eve <script>"],
    "more_owners": 1,
    "due_label": "",
}


def test_names_and_addresses_are_escaped() -> None:
    html = group_head(GROUP, 3)
    assert "Storage &amp; &lt;transfer&gt;" in html
    assert "?open=storage-secure-transfer&amp;state=open" in html
    assert "/rows/?a=1&amp;b=2" in html
    assert "Eve &lt;script&gt;" in html
    assert "<script>" not in html


def test_a_closed_group_has_an_empty_body_that_loads_its_findings() -> None:
    closed, opened = group_head(GROUP, 3), group_head({**GROUP, "open": True}, 3)
    assert 'aria-expanded="false"' in closed
    assert '<tbody id="rows-storage-secure-transfer" role="rowgroup" hidden></tbody>' in closed
    assert 'hx-target="#rows-storage-secure-transfer"' in closed
    assert 'aria-expanded="true"' in opened
    assert "hx-get" not in opened
    assert "<tbody id=" not in opened


def test_numbers_that_are_still_counted_are_empty_and_then_replaced() -> None:
    waiting = group_cells({**GROUP, "facts": None})
    assert "overdue" not in waiting
    assert "unassigned" not in waiting
    assert "<b>3</b>" in waiting
    assert "hx-swap-oob" not in waiting
    counted = group_cells(GROUP, oob=True)
    assert counted.count('hx-swap-oob="true"') == 4
    for text in ("of 9", "1 overdue", "2 unassigned", "+1"):
        assert text in counted
