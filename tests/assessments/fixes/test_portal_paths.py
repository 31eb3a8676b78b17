"""Every path in the portal was compared with Microsoft's documentation, step by step.

The files of `portal_paths/` have an entry for each path. `page` is the address that the fix shows. `documented` has the
words of Microsoft's documentation by file (repository, path and the commit that was read). `not_in_text` has
the steps that the documentation does not spell out, with what is known about these steps.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from assessments.controls.registry import catalogue
from tests.for_each import for_each

FILES = sorted((Path(__file__).parent / "portal_paths").glob("*.json"))
READ: list[dict[str, dict[str, Any]]] = [json.loads(file.read_text(encoding="utf-8")) for file in FILES]
ENTRIES = {path: entry for entries in READ for path, entry in entries.items()}
# Steps that the documentation need not name: lists of resources and other pages that a reader finds by searching for
# their name, and the portals themselves.
LISTS = {
    "app services", "application gateways", "function app", "public ip addresses",
    "azure portal", "entra admin center", "network interfaces", "network security groups", "policy",
    "sql managed instances", "sql servers",
    "sql servers or sql managed instances", "sql servers, sql managed instances or virtual machines",
    "storage accounts", "subscriptions", "virtual machines", "virtual networks", "entra id", "log analytics workspaces",
}  # fmt: skip


def steps_of(path: str) -> list[str]:
    """Return the steps whose names a reader must find, without variables and without steps that the reader chooses."""
    steps = [step for part in path.split(", or ") for step in part.split(" › ")]
    named = [re.sub(r"\{\w+\}", "", step).rstrip(": ") for step in steps]
    return [step for step in named if step and not step.startswith(("the ", "clear ", "…", "“"))]


def folded(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", text.casefold().replace("+", "").replace("-", " ")).strip()


def undocumented(path: str, entry: dict[str, Any]) -> list[str]:
    words = [folded(text) for texts in entry["documented"].values() for text in texts]
    seen = entry.get("not_in_text", {})
    missing = []
    for step in steps_of(path):
        # A step such as “Type: CustomRole” contains the name of a field and its value, which are looked up separately.
        names = [folded(name) for name in step.split(": ")]
        known = all(any(name in text for text in words) for name in names)
        if step.casefold() not in LISTS and step not in seen and not known:
            missing.append(step)
    return missing


def test_every_path_was_compared() -> None:
    assert sum(map(len, READ)) == len(ENTRIES), "two files have the same path"
    pages = {
        found.path: found.source
        for control in catalogue().values()
        for found in control.fix.portal_paths(None)
    }
    compared = {path: entry["page"] for path, entry in ENTRIES.items()}
    assert compared == pages, "enter each path of a fix in a file of tests/assessments/fixes/portal_paths/"


@for_each("path", ENTRIES)
def test_microsofts_documentation_names_each_step(path: str) -> None:
    assert undocumented(path, ENTRIES[path]) == []


@for_each("path", ENTRIES)
def test_each_comparison_names_the_file_that_was_read(path: str) -> None:
    entry = ENTRIES[path]
    assert entry["documented"]
    for file, words in entry["documented"].items():
        assert re.fullmatch(r"MicrosoftDocs/[\w.-]+/[\w./-]+\.(md|yml)(@[0-9a-f]{40})?", file)
        assert words
    assert set(entry.get("not_in_text", {})) <= set(path.split(" › "))


def test_a_step_that_the_documentation_does_not_name_is_found() -> None:
    path = "Azure portal › Storage accounts › {account} › Settings › Encryption › Customer-managed keys"
    entry = next(entry for path, entry in ENTRIES.items() if path.endswith("Customer-managed keys"))
    assert undocumented(path, entry) == ["Settings"]
    assert undocumented(path.replace("Settings", "Security + networking"), entry) == []
