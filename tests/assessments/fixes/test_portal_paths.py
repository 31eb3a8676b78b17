"""Every path in the portal was compared with Microsoft's documentation, step by step.

`PORTAL_PATHS` of the cases modules has an entry for each path (`tests/assessments/controls/portal_paths.py`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from assessments.controls.registry import catalogue
from tests.assessments.controls.cases import modules, path_of, with_most_cases
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.for_each import for_each

BY_MODULE: dict[str, list[ComparedPath]] = {
    path_of(module): getattr(module, "PORTAL_PATHS", []) for module in modules()
}
ENTRIES = {entry.path: entry for entries in BY_MODULE.values() for entry in entries}
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


def undocumented(path: str, entry: ComparedPath) -> list[str]:
    words = [folded(text) for file in entry.files for text in file.words]
    missing = []
    for step in steps_of(path):
        # A step such as “Type: CustomRole” contains the name of a field and its value, which are looked up separately.
        names = [folded(name) for name in step.split(": ")]
        known = all(any(name in text for text in words) for name in names)
        if step.casefold() not in LISTS and step not in entry.not_in_text and not known:
            missing.append(step)
    return missing


def users() -> dict[str, dict[str, str]]:
    """Return {path of a fix: {slug of a control whose fix has the path: the page that documents the path}}."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for slug, control in catalogue().items():
        for portal in control.fix.portal_paths(None):
            found[portal.path][slug] = portal.source
    return dict(found)


USERS = users()


def test_every_path_was_compared() -> None:
    missing = {
        path: path_of(with_most_cases(next(iter(of)))) for path, of in USERS.items() if path not in ENTRIES
    }
    assert missing == {}, "compare each path with Microsoft's documentation, in PORTAL_PATHS of the module"
    assert sorted(ENTRIES.keys() - USERS.keys()) == [], "no fix has these paths: remove them"


def test_every_path_is_entered_once() -> None:
    counted = Counter(entry.path for entries in BY_MODULE.values() for entry in entries)
    assert [path for path, count in counted.items() if count > 1] == []


def test_each_path_is_beside_the_cases_of_a_control_that_has_it() -> None:
    slugs = {path_of(module): {case.slug for case in module.CASES} for module in modules()}
    elsewhere = [
        (module, entry.path)
        for module, entries in BY_MODULE.items()
        for entry in entries
        if not slugs[module] & USERS.get(entry.path, {}).keys()
    ]
    assert elsewhere == []


@for_each("path", sorted(ENTRIES.keys() & USERS.keys()))
def test_the_documentation_of_the_fix_was_read(path: str) -> None:
    entry, pages = ENTRIES[path], set(USERS[path].values())
    (page,) = pages  # all fixes with this path refer to the same page
    is_read = any(file.is_text_of(page) for file in entry.files)
    assert (entry.page or page) == page
    assert is_read == (not entry.page), (
        "state the page of the fix as `page` only if none of the files is its text"
    )


@for_each("path", ENTRIES)
def test_microsofts_documentation_names_each_step(path: str) -> None:
    assert undocumented(path, ENTRIES[path]) == []


@for_each("path", ENTRIES)
def test_each_comparison_names_the_file_that_was_read(path: str) -> None:
    entry = ENTRIES[path]
    assert entry.files
    assert len({file.file for file in entry.files}) == len(entry.files)
    for file in entry.files:
        assert re.fullmatch(r"MicrosoftDocs/[\w.-]+/[\w./-]+\.(md|yml)", file.file)
        assert re.fullmatch(r"([0-9a-f]{40})?", file.commit)
        assert file.words
    assert set(entry.not_in_text) <= set(path.split(" › "))


def test_a_step_that_the_documentation_does_not_name_is_found() -> None:
    path = "Azure portal › Storage accounts › {account} › Settings › Encryption › Customer-managed keys"
    entry = next(entry for path, entry in ENTRIES.items() if path.endswith("Customer-managed keys"))
    assert undocumented(path, entry) == ["Settings"]
    assert undocumented(path.replace("Settings", "Security + networking"), entry) == []


def test_the_text_of_a_page_has_the_last_two_parts_of_its_address() -> None:
    file = DocsFile("MicrosoftDocs/azure-docs/articles/storage/common/sas-expiration-policy.md", "")
    assert file.is_text_of("https://learn.microsoft.com/azure/storage/common/sas-expiration-policy")
    assert not file.is_text_of("https://learn.microsoft.com/azure/storage/blobs/sas-expiration-policy")
