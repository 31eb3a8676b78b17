"""Every table has a level of protection in docs/data-protection.md."""

from __future__ import annotations

import re
from collections import Counter

from django.apps import apps

from portal.settings.env import BASE_DIR


def classified() -> Counter[str]:
    """Return how often each model is named in the table of levels."""
    page = (BASE_DIR / "docs" / "data-protection.md").read_text(encoding="utf-8")
    section = page.split("## Where the data is", 1)[1].split("\n## ", 1)[0]
    return Counter(re.findall(r"`([a-z_]+\.[A-Z]\w+)`", section))


def test_every_model_has_exactly_one_level() -> None:
    models = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    named = classified()
    assert sorted(models - named.keys()) == [], "Add these models to the table of docs/data-protection.md."
    assert sorted(named.keys() - models) == [], "These models no longer exist."
    assert [label for label, count in named.items() if count > 1] == []
