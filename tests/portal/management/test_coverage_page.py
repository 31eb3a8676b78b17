"""docs/coverage.md is up to date. Each requirement of CIS and check of Prowler has a row with controls or a reason."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from assessments.equivalents.equivalents import product
from portal.management.coverage_page import coverage_page


def test_the_page_is_up_to_date() -> None:
    assert (Path(settings.BASE_DIR) / "docs" / "coverage.md").read_text() == coverage_page(), "run: make docs"


def test_each_requirement_and_each_check_has_a_row_with_a_control_or_a_reason() -> None:
    benchmark, prowler = coverage_page().split("## Prowler")
    rows = [line.strip("| ").split(" | ") for line in benchmark.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == 127
    assert all(row[3] or row[4] for row in rows)
    without = 0
    for name, check in product("prowler").checks.items():
        row = next(line for line in prowler.splitlines() if line.startswith(f"| [`{name}`]"))
        assert all(f"[{slug}](controls/{slug}.md)" in row for slug in check.controls)
        assert check.missing in row
        without += bool(check.missing)
    assert (
        f"191 checks. For {191 - without} of them, a control of Surety checks at least the same." in prowler
    )
