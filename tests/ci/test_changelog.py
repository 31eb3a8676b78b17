"""The changelog lists the controls that the last release did not have (`.ci/changelog.py`)."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from assessments.controls.registry import catalogue
from portal.settings.env import BASE_DIR

TITLES = {"redis": "Redis", "mysql": "MySQL servers", "vm": "Virtual machines", "new": "Anything new"}
CONTROLS = {"redis-pna": "redis", "redis-tls": "redis", "vm-jit": "vm", "vm-sku": "vm", "new-thing": "new"}
RELEASED = ["redis-pna", "vm-sku"]
LIST = [
    "<!-- Written by make docs: the controls that the last release did not have. -->",
    "- **Anything new**: `new-thing`.",
    "- **Databases**: `redis-tls`.",
    "- **Virtual machines**: `vm-jit`.",
    "<!-- End of the list. -->",
]


@pytest.fixture(scope="module")
def changelog() -> ModuleType:
    spec = importlib.util.spec_from_file_location("changelog", BASE_DIR / ".ci" / "changelog.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_changelog_is_up_to_date(changelog: ModuleType) -> None:
    text = (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changelog.present(text) == text, "run make docs"


def test_only_the_first_sentence_has_the_number_of_controls() -> None:
    text = (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = text.partition("## Unreleased\n")[2].partition("\n## ")[0]
    numbers = re.findall(r"\b(\d{3,}) (?:\[?new )?controls\b", unreleased)
    assert numbers in ([], [str(len(catalogue()))]), "leave other numbers out: they would become wrong"


def test_the_list_and_the_number_are_replaced(changelog: ModuleType) -> None:
    old = [
        "",
        "Surety judges 4 controls instead of 2.",
        "",
        "### New",
        "#### Controls",
        "Text.",
        LIST[0],
        LIST[-1],
        "Rest.",
    ]
    before, after = "# Changelog\n\n## Unreleased\n", "\n## 0.1.0\nSurety judges 4 controls instead of 2.\n"
    new = [
        "",
        "Surety judges 5 controls instead of 2.",
        "",
        "### New",
        "#### Controls",
        "Text.",
        *LIST,
        "Rest.",
    ]
    wanted = before + "\n".join(new) + after
    assert changelog.updated(before + "\n".join(old) + after, CONTROLS, RELEASED, TITLES) == wanted
    assert changelog.updated(wanted, CONTROLS, RELEASED, TITLES) == wanted


@pytest.mark.parametrize(
    "unreleased",
    ["", "## Unreleased\n\n", "## Unreleased\n\n### New\n\n", "## Unreleased\n\n### New\n\n#### Controls\n"],
)
def test_the_first_new_control_after_a_release_adds_what_is_missing(
    changelog: ModuleType, unreleased: str
) -> None:
    text = f"# Changelog\n\n{unreleased}## 0.2.0\nOld.\n"
    found = changelog.updated(text, CONTROLS, RELEASED, TITLES)
    listed = "\n".join(LIST)
    assert found == f"# Changelog\n\n## Unreleased\n\n### New\n\n#### Controls\n{listed}\n\n## 0.2.0\nOld.\n"
    assert changelog.updated(found, CONTROLS, RELEASED, TITLES) == found
    assert changelog.updated(text, CONTROLS, CONTROLS, TITLES) == text


def test_headings_are_added_below_what_is_unreleased(changelog: ModuleType) -> None:
    text = "# Changelog\n\n## Unreleased\n\n### Corrected\n- One.\n\n## 0.2.0\n"
    found = changelog.updated(text, {"redis-tls": "redis"}, [], TITLES)
    assert found == (
        "# Changelog\n\n## Unreleased\n\n### Corrected\n- One.\n\n### New\n\n#### Controls\n"
        f"{LIST[0]}\n{LIST[2]}\n{LIST[-1]}\n\n## 0.2.0\n"
    )


def test_a_common_beginning_is_written_once(changelog: ModuleType) -> None:
    assert changelog.shortened(["vm-jit"]) == "`vm-jit`"
    assert changelog.shortened(["vm-backup", "vm-backup-retention"]) == "`vm-` `backup`, `backup-retention`"
    assert changelog.shortened(["ai-services-pe", "ai-services-pna"]) == "`ai-services-` `pe`, `pna`"
