"""Every table has a level of protection in docs/data-protection.md."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.apps import apps

from portal.files.generated_part import END
from portal.management.protection_table import START, replace_protection_table
from portal.settings.env import BASE_DIR

PAGE = BASE_DIR / "docs" / "data-protection.md"


def classified() -> Counter[str]:
    """Return how often each model is named in the table of docs/data-protection.md with the levels of protection."""
    page = PAGE.read_text(encoding="utf-8")
    section = page.split("## Where the data is", 1)[1].split("\n## ", 1)[0]
    return Counter(re.findall(r"`([a-z_]+\.[A-Z]\w+)`", section))


def test_every_model_has_exactly_one_level() -> None:
    models = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    named = classified()
    assert sorted(models - named.keys()) == [], "docs/data-protection.md is outdated: run make docs."
    assert sorted(named.keys() - models) == [], "These models no longer exist."
    assert [label for label, count in named.items() if count > 1] == []


def test_page_has_the_levels_of_the_models() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == replace_protection_table(page), "docs/data-protection.md is outdated: run make docs."
    for marker in (START, END):
        with pytest.raises(ValueError, match="exactly one pair of markers"):
            replace_protection_table(page.replace(marker, ""))
