"""The sentence on what to fix first, in full reports and executive summaries in German."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from portal.reports.parts.conclusion import first_step
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("kind", "paper"), [("full", "a4"), ("executive", "letter")])
def test_german_reports_say_what_to_fix_first(kind: str, paper: str, world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind=kind, paper=paper, language="de")
    with translation.override("de"):
        sentence = first_step(found.facts)
    assert sentence.startswith("Beheben Sie zuerst „")
    assert "Abweichung" in sentence
    assert sentence in found.text(tmp_path)
