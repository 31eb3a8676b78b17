"""Links have existing targets, documentation and comments name existing code, and the changelog stays readable."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from portal.settings.env import BASE_DIR
from tests.for_each import for_each

PACKAGES = "tenants|assessments|portal|sandbox|tests|benchmarks"
# Packages whose names Django prescribes. docs/architecture.md does not describe them.
OF_DJANGO = {"management", "migrations"}
CHANGELOG = BASE_DIR / "CHANGELOG.md"
# People would not read more lines about one version. The generated list of new controls does not count.
MAX_LINES_OF_A_VERSION = 504
# The generated pages of docs/controls/ are not in this list, because the tests of their generator check them.
PAGES = [
    page
    for folder in (
        BASE_DIR,
        BASE_DIR / "docs",
        BASE_DIR / "docs" / "adr",
        BASE_DIR / "docs" / "operations",
        BASE_DIR / "docs" / "recipes",
        BASE_DIR / "sandbox",
        BASE_DIR / "benchmarks",
    )
    for page in sorted(folder.glob("*.md"))
]
pages = for_each("page", PAGES, ids=lambda page: str(page.relative_to(BASE_DIR)))
# The changelog is left out, because its entries about earlier versions name modules that no longer exist.
pages_about_present_code = for_each(
    "page",
    [page for page in PAGES if page != CHANGELOG],
    ids=lambda page: str(page.relative_to(BASE_DIR)),
)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def module_exists(name: str) -> bool:
    """Return whether a dotted name is a package, a module, a model's label, or a name that occurs in a module."""
    if name in {model._meta.label for model in apps.get_models()}:
        return True
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = BASE_DIR.joinpath(*parts[:length])
        source = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        if source.is_file() or path.is_dir():
            return length == len(parts) or (
                source.is_file() and parts[length] in source.read_text(encoding="utf-8")
            )
    return False


@pages
def test_links_lead_to_existing_pages_and_headings(page: Path) -> None:
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        if not target.startswith(("http:", "https:")) and not (
            linked.exists() and (not anchor or anchor in anchors(linked))
        ):
            missing.append(target)
    assert missing == []


@pages_about_present_code
def test_code_paths_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = re.findall(rf"`((?:{PACKAGES}|templates|docs|\.ci)/[\w./-]*)`", text)
    modules = re.findall(rf"`((?:{PACKAGES})\.\w[\w.]*)(?:\([^`]*)?`", text)
    assert [path for path in paths if not (BASE_DIR / path).exists()] == []
    assert [name for name in modules if not module_exists(name)] == []


def test_the_architecture_names_every_package() -> None:
    text = (BASE_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {
        f"{folder}/{path.parent.name}"
        for folder in ("portal", "assessments")
        for path in BASE_DIR.glob(f"{folder}/*/__init__.py")
        if path.parent.name not in OF_DJANGO
    }
    assert {"portal/reports", "assessments/fixes"} <= packages
    assert sorted(name for name in packages if f"`{name}/`" not in text) == []


def test_the_architecture_names_every_command() -> None:
    text = (BASE_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")
    commands = {
        path.stem
        for folder in ("portal", "assessments", "tenants")
        for path in (BASE_DIR / folder).rglob("management/commands/*.py")
        if not path.stem.startswith(("_", "generate_"))
    }
    assert {"serve", "rotate_keys"} <= commands
    assert sorted(name for name in commands if f"`{name}`" not in text) == []


def comments(path: Path) -> Iterator[str]:
    """Yield the comments and the docstrings of a file."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT or (
            token.type == tokenize.STRING and token.string.startswith('"""')
        ):
            yield token.string


@pytest.mark.slow(seconds=2)
def test_files_that_comments_name_exist() -> None:
    roots = [BASE_DIR / name for name in (*PACKAGES.split("|"), "cli/src/surety_cli")]
    files = {str(path.relative_to(BASE_DIR)) for root in roots for path in root.rglob("*.py")}
    assert "portal/reports/render.py" in files
    missing = [
        (file, name)
        for file in sorted(files)
        for text in comments(BASE_DIR / file)
        for name in re.findall(
            r"(?<![\w./<*-])[\w/]*\btest_\w+\.py|(?<![\w./-])(?:" + PACKAGES + r")/[\w/]+\.py", text
        )
        if not any(f"/{one}".endswith(f"/{name}") for one in files)
    ]
    assert missing == []


@pytest.mark.slow(seconds=1)
def test_documentation_that_pages_and_messages_name_exists() -> None:
    """Code and templates name a page of docs/ by its path, sometimes followed by a comma and the title of a section in
    quotation marks. Both must exist.
    """
    sources = [
        *(path for name in PACKAGES.split("|") for path in (BASE_DIR / name).rglob("*.py")),
        *(BASE_DIR / "templates").rglob("*.html"),
    ]
    named = {
        (str(path.relative_to(BASE_DIR)), page, title)
        for path in sources
        for page, title in re.findall(
            r"(?<![\w/-])(docs/[\w/-]+\.md)(?:, “([^”]+)”)?", path.read_text(encoding="utf-8")
        )
    }
    assert any(title for _, _, title in named)
    missing = [
        (path, page, title)
        for path, page, title in sorted(named)
        if not (BASE_DIR / page).is_file()
        or (title and title.lower().replace(" ", "-") not in anchors(BASE_DIR / page))
    ]
    assert missing == []


@for_each(
    ("index", "folder"),
    [
        ("CONTRIBUTING.md", "docs/recipes"),
        ("docs/adr/README.md", "docs/adr"),
        ("docs/operations/README.md", "docs/operations"),
    ],
)
def test_the_list_of_a_folder_names_each_page(index: str, folder: str) -> None:
    page = BASE_DIR / index
    links = re.findall(r"\]\(([\w./-]+\.md)", page.read_text(encoding="utf-8"))
    listed = {(page.parent / link).resolve() for link in links}
    assert sorted(set((BASE_DIR / folder).glob("*.md")) - listed - {page}) == []


@for_each("page", sorted((BASE_DIR / "docs" / "operations").glob("*.md")), ids=lambda page: page.name)
def test_topics_of_a_page_on_operations_are_headings_that_links_can_name(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    topics = re.findall(r"^\*\*[^*]+\*\*", text, re.MULTILINE)
    assert not topics or re.search("^## ", text, re.MULTILINE), topics


RECIPES = [BASE_DIR / "CONTRIBUTING.md", *sorted((BASE_DIR / "docs" / "recipes").glob("*.md"))]


@for_each("page", RECIPES, ids=lambda page: page.name)
def test_the_prose_for_contributors_fits_in_a_terminal(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 125 and not line.startswith("|")] == []


def run_by(recipe: Path) -> list[str]:
    """Return the paths of the tests in the pytest commands of a recipe."""
    commands = re.findall(r"`([^`]*-m\s+pytest\s[^`]*)`", recipe.read_text(encoding="utf-8"))
    return [word for command in commands for word in command.split() if re.fullmatch(r"tests/[\w./-]+", word)]


@for_each("page", RECIPES, ids=lambda page: page.name)
def test_the_tests_that_recipes_run_exist(page: Path) -> None:
    assert [path for path in run_by(page) if not (BASE_DIR / path).exists()] == []


# These tests read all collections, but a new collection needs no entry in them. So the recipe for adding a collection
# does not have to name them.
WITHOUT_ENTRIES = {
    "tests/assessments/collect/test_plan.py",
    "tests/assessments/estate/test_touched.py",
    "tests/faults/test_every_collection.py",
}


def reads_all_collections(test: Path) -> bool:
    text = test.read_text(encoding="utf-8")
    imported = re.search(r"^from assessments\.estate\.collections import .*\bALL\b", text, re.MULTILINE)
    return imported is not None and re.search(r"\bin ALL\b", text) is not None


def test_the_recipe_for_collections_runs_the_tests_that_read_all_collections() -> None:
    tests = (BASE_DIR / "tests").rglob("test_*.py")
    reading = {str(test.relative_to(BASE_DIR)) for test in tests if reads_all_collections(test)}
    assert "tests/assessments/official/test_official_bodies.py" in reading
    assert WITHOUT_ENTRIES - reading == set(), "these tests no longer read all collections"
    run = run_by(BASE_DIR / "docs" / "recipes" / "collection.md")
    unnamed = {name for name in reading if not any(f"{name}/".startswith(f"{path}/") for path in run)}
    assert sorted(unnamed - WITHOUT_ENTRIES) == [], "add these tests to docs/recipes/collection.md"


def test_the_changelog_has_few_lines_for_each_version() -> None:
    text = re.sub(
        r"<!-- Written by .*?<!-- End [^\n]*\n", "", CHANGELOG.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    versions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    lines = {version.split("\n", 1)[0]: version.count("\n") for version in versions}
    assert "0.1.0" in lines
    assert {name: count for name, count in lines.items() if count > MAX_LINES_OF_A_VERSION} == {}
