"""docs/controls matches the controls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessments.controls.registry import SECTIONS, catalogue
from assessments.estate.collections import ALL
from assessments.fixes.render import render
from assessments.generated_docs.catalogue_pages import INDEX, pages, stale, write
from tests.for_each import for_each

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "controls"


def test_the_pages_are_up_to_date() -> None:
    assert stale(FOLDER, pages(catalogue().values())) == {}, "run make docs"


def test_the_pages_are_deterministic() -> None:
    assert pages(catalogue().values()) == pages(list(catalogue().values()))


def test_index_names_every_control_by_section_and_framework() -> None:
    text = pages(catalogue().values())[INDEX]
    by_section, by_framework = text.split("## By framework")
    for slug, control in catalogue().items():
        assert by_section.count(f"[{slug}]({slug}.md)") == 1
        assert by_framework.count(f"[{slug}]({slug}.md)") == sum(
            len(ids) for ids in control.references.by_framework().values()
        )
    assert all(f"### {SECTIONS[c.section]}\n" in by_section for c in catalogue().values())


def test_a_page_lists_references_with_their_degree() -> None:
    text = pages([catalogue()["logging-storage-encryption"]])["logging-storage-encryption.md"]
    missing = (
        "The requirement asks for customer-managed keys; the control also accepts Microsoft-managed keys"
    )
    assert f"| CIS Azure 6.0.0 | 6.1.1.3 | partly | {missing} |" in text.splitlines()
    text = pages([catalogue()["storage-anonymous-access-disallowed"]])[
        "storage-anonymous-access-disallowed.md"
    ]
    assert "| CIS Azure 6.0.0 | 9.3.8 | full |  |" in text.splitlines()


def test_a_page_names_side_effects_of_reading() -> None:
    shown = pages(catalogue().values())
    named = {slug for slug in catalogue() if "**Side effect of reading:**" in shown[f"{slug}.md"]}
    assert {"sql-tde", "logging-sql-db-auditing", "logging-retention-sql", "sql-server-auditing"} <= named
    assert "sql-threat-detection" not in named
    effect = ALL["sql_database_auditing"].side_effect
    assert f"\n\n**Side effect of reading:** {effect}\n" in shown["logging-sql-db-auditing.md"]


def test_a_page_says_that_optional_data_can_affect_the_verdict() -> None:
    """The compliance states of Azure Policy are optional data. Without them, a person has to decide the verdict."""
    text = pages([catalogue()["keyvault-certificate-validity"]])["keyvault-certificate-validity.md"]
    states = "| What Azure Policy says about certificates of key vaults |"
    assert "makes the verdict more accurate:" in text[: text.index(states)]


@for_each("slug", list(catalogue()))
def test_a_page_documents_its_control(slug: str) -> None:
    control, text = catalogue()[slug], pages([catalogue()[slug]])[f"{slug}.md"]
    assert text.startswith("# ")
    for collection in (*control.needs, *control.optional):
        assert collection.permission.split("|")[0] in text
    for parameter in control.parameters:
        default = {True: "on", False: "off", "": "none"}.get(parameter.default, f"`{parameter.default}`")
        # In Python, 1 == True and 0 == False, so the dictionary would show the numbers 1 and 0 as “on” and “off”.
        if isinstance(parameter.default, int | float) and not isinstance(parameter.default, bool):
            default = f"`{parameter.default}`"
        assert f"| `{parameter.name}` | {default} |" in text
    for step in render(control.fix).commands:
        assert f"```{step.language}\n{step.text}\n```" in text
    # Code blocks are closed, and table rows have as many cells as the table's header.
    assert text.count("```") % 2 == 0
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table


@pytest.mark.slow(seconds=1)
def test_stale_names_the_problems(tmp_path: Path) -> None:
    wanted = pages(catalogue().values())
    assert set(write(tmp_path, wanted).values()) == {"written"}
    assert stale(tmp_path, wanted) == {}
    slug = next(iter(catalogue()))
    (tmp_path / f"{slug}.md").write_text("# Old\n", encoding="utf-8")
    (tmp_path / "retired.md").write_text("# Gone\n", encoding="utf-8")
    (tmp_path / INDEX).unlink()
    expected = {
        INDEX: "is missing",
        f"{slug}.md": "differs from the code",
        "retired.md": "belongs to no control",
    }
    assert stale(tmp_path, wanted) == expected
    with pytest.raises(CommandError, match="out of date") as error:
        call_command("generate_control_docs", check=True, folder=tmp_path)
    assert error.value.returncode == 1
    call_command("generate_control_docs", folder=tmp_path)
    call_command("generate_control_docs", check=True, folder=tmp_path)
    assert not (tmp_path / "retired.md").exists()
