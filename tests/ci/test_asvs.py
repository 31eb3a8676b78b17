"""docs/asvs.md has every requirement of levels 1 and 2 of ASVS 5.0.0 once, with its status and its tests."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from portal.settings.env import BASE_DIR
from tests.for_each import for_each

PAGE = (BASE_DIR / "docs" / "asvs.md").read_text(encoding="utf-8")
MET, NOT_APPLICABLE, NOT_MET = "Met", "Not applicable", "Not met"
# Files that docs/asvs.md may name instead of a test, because a step of `make check` proves the requirement.
CHECKS = ("pyproject.toml", "biome.jsonc", "Makefile")

# {section: (numbers of its requirements of level 1, numbers of its requirements of level 2)}
# Source: ASVS 5.0.0, May 2025.
SECTIONS: dict[str, tuple[str, str]] = {
    "1.1": ("", "1 2"),
    "1.2": ("1 2 3 4 5", "6 7 8 9"),
    "1.3": ("1 2", "3 4 5 6 7 8 9 10 11"),
    "1.4": ("", "1 2 3"),
    "1.5": ("1", "2"),
    "2.1": ("1", "2 3"),
    "2.2": ("1 2", "3"),
    "2.3": ("1", "2 3 4"),
    "2.4": ("", "1"),
    "3.2": ("1 2", ""),
    "3.3": ("1", "2 3 4"),
    "3.4": ("1 2", "3 4 5 6"),
    "3.5": ("1 2 3", "4 5"),
    "3.7": ("", "1 2"),
    "4.1": ("1", "2 3"),
    "4.2": ("", "1"),
    "4.3": ("", "1 2"),
    "4.4": ("1", "2 3 4"),
    "5.1": ("", "1"),
    "5.2": ("1 2", "3"),
    "5.3": ("1 2", ""),
    "5.4": ("", "1 2 3"),
    "6.1": ("1", "2 3"),
    "6.2": ("1 2 3 4 5 6 7 8", "9 10 11 12"),
    "6.3": ("1 2", "3 4"),
    "6.4": ("1 2", "3 4"),
    "6.5": ("", "1 2 3 4 5"),
    "6.6": ("", "1 2 3"),
    "6.8": ("", "1 2 3 4"),
    "7.1": ("", "1 2 3"),
    "7.2": ("1 2 3 4", ""),
    "7.3": ("", "1 2"),
    "7.4": ("1 2", "3 4 5"),
    "7.5": ("", "1 2"),
    "7.6": ("", "1 2"),
    "8.1": ("1", "2"),
    "8.2": ("1 2", "3"),
    "8.3": ("1", ""),
    "8.4": ("", "1"),
    "9.1": ("1 2 3", ""),
    "9.2": ("1", "2 3 4"),
    "10.1": ("", "1 2"),
    "10.2": ("", "1 2"),
    "10.3": ("", "1 2 3 4"),
    "10.4": ("1 2 3 4 5", "6 7 8 9 10 11"),
    "10.5": ("", "1 2 3 4 5"),
    "10.6": ("", "1 2"),
    "10.7": ("", "1 2 3"),
    "11.1": ("", "1 2"),
    "11.2": ("", "1 2 3"),
    "11.3": ("1 2", "3"),
    "11.4": ("1", "2 3 4"),
    "11.5": ("", "1"),
    "11.6": ("", "1"),
    "12.1": ("1", "2 3"),
    "12.2": ("1 2", ""),
    "12.3": ("", "1 2 3 4"),
    "13.1": ("", "1"),
    "13.2": ("", "1 2 3 4 5"),
    "13.3": ("", "1 2"),
    "13.4": ("1", "2 3 4 5"),
    "14.1": ("", "1 2"),
    "14.2": ("1", "2 3 4"),
    "14.3": ("1", "2 3"),
    "15.1": ("1", "2 3"),
    "15.2": ("1", "2 3"),
    "15.3": ("1", "2 3 4 5 6 7"),
    "16.1": ("", "1"),
    "16.2": ("", "1 2 3 4 5"),
    "16.3": ("", "1 2 3 4"),
    "16.4": ("", "1 2 3"),
    "16.5": ("", "1 2 3"),
    "17.1": ("", "1"),
    "17.2": ("", "1 2 3 4"),
    "17.3": ("", "1 2"),
}
LEVELS = {
    f"{section}.{number}": str(level)
    for section, levels in SECTIONS.items()
    for level, numbers in enumerate(levels, start=1)
    for number in numbers.split()
}


class Row(NamedTuple):
    number: str
    level: str
    asks: str
    status: str
    by: str
    tested: str


ROWS = [
    Row(*(cell.strip() for cell in line.strip("|").split(" | ")))
    for line in PAGE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \| \d \|", line)
]


def test_the_list_of_numbers_is_that_of_the_standard() -> None:
    assert Counter(LEVELS.values()) == {"1": 70, "2": 183}


def test_every_requirement_is_listed_once_with_its_level() -> None:
    found = Counter(row.number for row in ROWS)
    assert sorted(LEVELS.keys() - found.keys()) == [], "These requirements are missing."
    assert sorted(found.keys() - LEVELS.keys()) == [], "The standard has no such requirements."
    assert [number for number, count in found.items() if count > 1] == []
    assert {row.number: row.level for row in ROWS} == LEVELS


@for_each("row", ROWS, ids=[row.number for row in ROWS])
def test_a_requirement_has_a_status_and_names_its_tests_or_a_reason(row: Row) -> None:
    assert row.status in (MET, NOT_APPLICABLE, NOT_MET)
    assert len(row.asks) > 5
    named = re.findall(r"`([\w./-]+)`", row.tested)
    if row.status == MET:
        assert row.by, "Say by what it is met."
        assert named, "Name the tests that prove it."
    else:
        assert len(row.by) > 5, "Give the reason."
    for path in named:
        assert path in CHECKS or path.startswith("tests/"), path
        assert (BASE_DIR / path).is_file(), path
        if path.startswith("tests/"):
            assert re.search(
                r"^    ?def test_|^def test_", (BASE_DIR / path).read_text(encoding="utf-8"), re.MULTILINE
            )


def test_the_summary_counts_the_rows() -> None:
    counts = Counter(row.status for row in ROWS)
    summary = re.sub(r"\s+", " ", PAGE.partition("\n## ")[0])
    assert f"Of {len(ROWS)} requirements, {counts[MET]} are met" in summary
    assert f"{counts[NOT_APPLICABLE]} are not applicable and {counts[NOT_MET]} are not met" in summary
    listed = re.findall(r"^\| (\d+\.\d+\.\d+) \| [^|]+ \|$", PAGE.partition("\n## ")[0], re.MULTILINE)
    assert listed == [row.number for row in ROWS if row.status == NOT_MET]


def test_the_source_and_its_licence_are_named() -> None:
    assert "OWASP Application Security Verification Standard" in re.sub(r"\s+", " ", PAGE)
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in PAGE
