"""Every measure of the threat model names the tests that prove it."""

from __future__ import annotations

import re
from pathlib import Path

from portal.settings.env import BASE_DIR

PAGE = BASE_DIR / "docs" / "threat-model.md"


def measures() -> list[tuple[str, str]]:
    """Return (measure, last column) of each row of the table “Measures”."""
    section = PAGE.read_text(encoding="utf-8").split("## Measures", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [(" | ".join(row[1:-1]), row[-1]) for row in rows[2:]]


def named_tests(cell: str) -> list[Path]:
    return [BASE_DIR / path for path in re.findall(r"`(tests/[\w/]+\.py)`", cell)]


def test_every_measure_names_existing_tests() -> None:
    found = measures()
    assert len(found) > 25
    without = [measure for measure, cell in found if not named_tests(cell)]
    assert without == []
    missing = [str(path) for _, cell in found for path in named_tests(cell) if not path.is_file()]
    assert missing == []


def test_the_last_column_names_tests_only() -> None:
    """The last column may not name modules of the product, because only a test shows that a measure is effective."""
    others = [
        (measure, path)
        for measure, cell in measures()
        for path in re.findall(r"`([^`]+)`", cell)
        if not path.startswith("tests/") and not is_function_of(path, named_tests(cell))
    ]
    assert others == []


def is_function_of(name: str, files: list[Path]) -> bool:
    return any(
        re.search(rf"^def {re.escape(name)}\(", file.read_text(encoding="utf-8"), re.MULTILINE)
        for file in files
    )


def test_named_files_contain_tests() -> None:
    for _, cell in measures():
        for path in named_tests(cell):
            assert re.search(r"^def test_", path.read_text(encoding="utf-8"), re.MULTILINE), path
