"""The declarations of the kinds of reports, and what all kinds have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.management.report_parts_table import replace_parts_table
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.kinds.kind import SCOPE_FIELDS, Kind
from portal.reports.models import Report
from portal.reports.parts import PARTS, PARTS_BY_KIND
from portal.reports.parts.part import part_numbers
from tenants.errors import InvalidInput
from tests import factories
from tests.portal.reports.conftest import attachments_of
from tests.portal.reports.schemas import problems_of_attachments
from tests.portal.web.world import World

TEMPLATES = Path(settings.BASE_DIR) / "templates"
EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def test_the_default_kind_is_the_default_of_stored_reports() -> None:
    assert DEFAULT_KIND in KINDS
    field = Report._meta.get_field("kind")
    assert field.default == DEFAULT_KIND
    assert str(field.db_default) == DEFAULT_KIND
    assert field.max_length is not None
    assert max(map(len, KINDS)) <= field.max_length


def test_every_part_is_in_a_kind() -> None:
    assert {part.key for part in PARTS} == {part.key for parts in PARTS_BY_KIND.values() for part in parts}


@EACH
def test_a_kind_has_parts_and_names_existing_fields(kind: Kind) -> None:
    keys = [part.key for part in PARTS_BY_KIND[kind.key]]
    assert keys
    assert len(set(keys)) == len(keys)
    assert set(kind.asks) <= set(SCOPE_FIELDS)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.file_word)
    assert kind.purpose.endswith(".")


@EACH
def test_the_document_lists_the_kind_with_its_attachments(kind: Kind) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "reports.md").read_text()
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {kind.name} | `{kind.key}` |")]
    *_, attachments, _ = row.split("|")
    assert kind.purpose.rstrip(".") in row
    assert {"results.json", *re.findall(r"`([^`]+)`", attachments)} == set(kind.attachments)


def test_the_document_lists_the_parts_of_each_kind() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "reports.md").read_text()
    assert page == replace_parts_table(page), "run make docs"
    for title, key in (("Days failing by control", "exposure"), ("Conclusion", "comparison")):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {title} |")]
        cells = dict(zip(KINDS, [cell.strip() for cell in row.split("|")[2:-1]], strict=True))
        for kind, cell in cells.items():
            found = [part for part in PARTS_BY_KIND[kind] if part.title == title]
            assert bool(cell) == bool(found)
            assert cell in ("", "•", str(part_numbers(PARTS_BY_KIND[kind]).get(key)))
    assert cells["executive"] == "•"


def templates_of(name: str) -> Iterator[Path]:
    """Yield the template and those that it includes."""
    path = TEMPLATES / name
    yield path
    for included in set(re.findall(r'{% include "(reports/pdf/\w+\.html)"', path.read_text())):
        yield from templates_of(included)


@EACH
def test_references_to_parts_that_a_kind_lacks_are_conditional(kind: Kind) -> None:
    """Without a condition, a sentence that refers to a missing part would say “part ” without a number."""
    keys = {part.key for part in PARTS_BY_KIND[kind.key]}
    unconditional = {
        (path.name, key)
        for part in PARTS_BY_KIND[kind.key]
        for path in templates_of(part.template)
        for key in re.findall(r"numbers\.(\w+)", path.read_text())
        if key not in keys and not re.search(rf"{{% if [^%]*numbers\.{key}\b", path.read_text())
    }
    assert unconditional == set()


@pytest.mark.slow
@EACH
def test_a_report_of_each_kind_attaches_the_files_of_its_kind(
    world: World, kind: Kind, tmp_path: Path
) -> None:
    with factories.in_tenant(world.home):
        found = attachments_of(world.home, kind=kind.key)
        row = Report.objects.select_related("tenant").get(tenant=world.home, number=2)
    assert set(found) == set(kind.attachments)
    assert "results.json" in found
    assert problems_of_attachments(found, tmp_path) == []
    assert json.loads(found["results.json"])["identity"]["kind"] == kind.key
    assert row.title == f"{kind.title.format(framework='CIS Azure 6.0.0')} for {world.home.name}"
    assert row.file_name == f"surety-{world.home.slug}-{kind.file_word}-2.pdf"


def test_a_kind_that_does_not_exist_is_refused(world: World) -> None:
    with (
        factories.in_tenant(world.home),
        pytest.raises(InvalidInput, match=r"no kind of report 'novel'.*full"),
    ):
        attachments_of(world.home, kind="novel")
