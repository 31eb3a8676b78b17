"""Test modules do not import each other, so that a change of one test does not affect other tests."""

from __future__ import annotations

import re
from typing import Final

import pytest

from portal.settings.env import BASE_DIR

# Matches an import of a module below `tests`, with the names that are imported from it.
_IMPORT: Final = re.compile(
    r"^[ \t]*(?:from (tests[\w.]*) import (\([^)]*\)|.*)|import (tests[\w.]*))", re.MULTILINE
)


def imported_names(source: str) -> set[str]:
    """Return the dotted names of everything that this source imports from `tests`: modules, and names in modules."""
    found: set[str] = set()
    for module, names, imported in _IMPORT.findall(source):
        found |= (
            {imported} if imported else {module, *(f"{module}.{name}" for name in re.findall(r"\w+", names))}
        )
    return found


def is_test_module(name: str) -> bool:
    path = BASE_DIR.joinpath(*name.split(".")).with_suffix(".py")
    return path.name.startswith("test_") and path.is_file()


def test_an_import_of_a_test_module_is_found() -> None:
    for source in (
        "import tests.ci.test_limits",
        "from tests.ci import test_limits",
        "from tests.ci import (\n    test_asvs,\n    test_limits,\n)",
        "def function():\n    from tests.ci.test_limits import name",
    ):
        assert any(map(is_test_module, imported_names(source))), source
    assert not any(map(is_test_module, imported_names("from tests.for_each import test_name")))


@pytest.mark.slow(seconds=1)
def test_no_module_imports_a_test_module() -> None:
    found = {
        str(path.relative_to(BASE_DIR)): sorted(names)
        for path in sorted((BASE_DIR / "tests").rglob("*.py"))
        if (names := set(filter(is_test_module, imported_names(path.read_text(encoding="utf-8")))))
    }
    assert found == {}, "move what these modules import into a module beside the tests"
