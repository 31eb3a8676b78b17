"""The declarations of the parts: order, numbers, keys and templates."""

from __future__ import annotations

import re
import typing
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from portal.reports.kinds import KINDS
from portal.reports.parts import PARTS, PARTS_BY_KEY, limitations, scope
from portal.reports.parts.part import part_numbers

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "reports" / "pdf"


def test_numbers_follow_the_order_and_skip_unnumbered_parts() -> None:
    parts = [PARTS_BY_KEY[key] for key in KINDS["full"].parts]
    numbers = part_numbers(parts)
    assert list(numbers) == [part.key for part in parts if part.is_numbered]
    assert list(numbers.values()) == list(range(1, len(parts)))
    assert "summary" not in numbers
    added = replace(limitations.PART, key="added")
    after = part_numbers((parts[0], added, *parts[1:]))
    assert after["added"] == 1
    assert after["scope"] == numbers["scope"] + 1


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
