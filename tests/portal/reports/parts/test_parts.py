"""The declarations of the parts of reports: order, numbers, keys and templates."""

from __future__ import annotations

import re
import subprocess
import typing
from collections import Counter
from dataclasses import fields, replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

from portal.reports.parts import PARTS, PARTS_BY_KIND, by_kind, limitations, scope
from portal.reports.parts.part import part_numbers

# The number of characters of a command that fit on a line of an A4 page.
WIDEST_COMMAND = 105
TEMPLATES = Path(settings.BASE_DIR) / "templates" / "reports" / "pdf"


def test_numbers_follow_the_order_and_skip_unnumbered_parts() -> None:
    parts = PARTS_BY_KIND["full"]
    numbers = part_numbers(parts)
    assert list(numbers) == [part.key for part in parts if part.is_numbered]
    assert list(numbers.values()) == list(range(1, len(parts)))
    assert "summary" not in numbers
    added = replace(limitations.PART, key="added")
    after = part_numbers((parts[0], added, *parts[1:]))
    assert after["added"] == 1
    assert after["scope"] == numbers["scope"] + 1


def test_parts_stand_in_the_order_of_their_positions() -> None:
    for parts in PARTS_BY_KIND.values():
        positions = [part.position for part in parts]
        assert positions == sorted(positions)
    invented = [
        replace(limitations.PART, key="last", position=30, kinds=("full", "changes")),
        replace(limitations.PART, key="first", position=10, kinds=("changes",)),
        replace(limitations.PART, key="middle", position=20, kinds=("full", "changes")),
    ]
    found = {kind: [part.key for part in of_kind] for kind, of_kind in by_kind(invented).items()}
    assert found["changes"] == ["first", "middle", "last"]
    assert found["full"] == ["middle", "last"]
    assert found["executive"] == []


def test_a_position_or_kind_that_does_not_fit_is_refused() -> None:
    added = replace(limitations.PART, key="added", position=scope.PART.position)
    with pytest.raises(
        ValueError, match=r"The parts scope and added of reports have the same position, 120\."
    ):
        by_kind((scope.PART, added))
    novel = replace(scope.PART, kinds=("full", "novel"))
    with pytest.raises(
        ValueError, match=r"The part scope names a kind .* does not exist: novel\. Use full, period"
    ):
        by_kind((novel,))


def test_keys_and_fields_are_unique() -> None:
    assert len({part.key for part in PARTS}) == len(PARTS)
    names = Counter(
        field.name for part in PARTS for field in fields(typing.get_type_hints(part.gather)["return"])
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.key)
def test_template_exists_and_uses_the_common_heading(part: typing.Any) -> None:
    get_template(part.template)
    assert "reports/pdf/_heading.html" in (TEMPLATES / Path(part.template).name).read_text()


def test_cross_references_name_numbered_parts() -> None:
    references = {
        key
        for template in TEMPLATES.glob("*.html")
        for key in re.findall(r"numbers\.(\w+)", template.read_text())
    }
    assert references
    assert references <= set(part_numbers(PARTS))
    assert scope.PART.key in references


def test_no_template_writes_a_part_number_by_hand() -> None:
    assert [
        template.name
        for template in TEMPLATES.glob("*.html")
        if re.search(r"\bparts? \d", template.read_text())
    ] == []


def test_the_command_that_hashes_all_attachments_can_be_copied_from_a_page(tmp_path: Path) -> None:
    """A line that is wider than the page would be copied as two commands."""
    names = ["results.json", "results.csv", "framework.csv", "period.csv", "resource-changes.csv"]
    names += ["evidence-manifest.json", "oscal-assessment-results.json"]
    for name in names:
        (tmp_path / name).write_text(name)
    context = {
        "report": SimpleNamespace(level="B-B", signer_fingerprint="", provider=""),
        "attachments": [SimpleNamespace(name=name, description="", sha256="") for name in names],
    }
    text = render_to_string("reports/pdf/_verify_offline.html", context)
    command = unescape(text[text.index("sha256sum") :].partition("</pre>")[0])
    assert max(map(len, command.splitlines())) <= WIDEST_COMMAND
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in done.stdout.splitlines()] == names
