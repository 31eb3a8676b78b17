"""docs/limits.md has the same numbers as the code."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module

from portal.settings.env import BASE_DIR
from tests.for_each import for_each

UNITS = {"MiB": 2**20, "KiB": 2**10}
ROWS: list[tuple[str, str, str]] = re.findall(
    r"^\| ([^|]+) \| (\d+(?: \w+)?) \| `([\w.]+)` \|$",
    (BASE_DIR / "docs" / "limits.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_the_table_is_read() -> None:
    assert len(ROWS) > 20


@for_each(("limit", "value", "name"), ROWS, ids=[row[2] for row in ROWS])
def test_a_documented_limit_is_the_constant(limit: str, value: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    actual = getattr(import_module(module), constant)
    number, _, unit = value.partition(" ")
    assert (actual.days if isinstance(actual, timedelta) else actual) == int(number) * UNITS.get(unit, 1), (
        limit
    )
