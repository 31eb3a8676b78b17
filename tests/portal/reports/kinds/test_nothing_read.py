"""Reports about an assessment that could read nothing say so on the cover, in words that fit their kind."""

from __future__ import annotations

import re

import pytest

from assessments.models import Assessment, Unit
from portal.reports.kinds import KINDS
from tests import factories
from tests.portal.reports.kinds.printed_words import printed_words
from tests.portal.web.world import World

COVER = "This report confirms nothing about the configuration."
ERROR = "AADSTS7000222: The client secret has expired."


@pytest.mark.slow(seconds=2)
def test_each_kind_says_that_nothing_was_read_and_where_the_reasons_are(world: World) -> None:
    """Kinds of report differ in their parts, so the cover must refer to a part that the report has."""
    with factories.in_tenant(world.home):
        assert all(COVER not in printed_words(world, kind) for kind in ("framework", "changes"))
        Unit.objects.filter(assessment__tenant=world.home).update(
            state=Unit.State.FAILED, error_code="AADSTS7000222", error="The client secret has expired."
        )
        number = Assessment.objects.filter(tenant=world.home).order_by("-number")[0].number
        text = {kind: printed_words(world, kind) for kind, one in KINDS.items() if one.has_cover}
        german = printed_words(world, "framework", "de")
    assert set(text) == {"full", "period", "framework", "changes", "exceptions"}
    for kind, words in text.items():
        assert f"any subscription or directory of {world.home.name}. {COVER}" in words, kind
        assert "No result: nothing could be read" in words, kind
        assert ("The summary gives the reasons." in words) is (kind in ("full", "period")), kind
    for kind in ("framework", "changes"):
        part = re.search(r"Part (\d+) gives the reasons", text[kind])
        assert part is not None, kind
        # A part's number is printed before its title.
        assert f"{part[1]} Scope" in text[kind], kind
        assert ERROR in text[kind], kind
    assert "A full report gives the reasons." in text["exceptions"]
    assert "No control was judged, because nothing could be read." in text["full"]
    assert not any("of the catalogue were judged" in words for words in text.values())
    assert not any("all data that the controls needed was read" in words for words in text.values())
    assert (
        f"any subscription or directory of {world.home.name} in assessment {number}. {COVER}"
        " All results below, except “Unknown” and “Not covered”, come from earlier assessments or from answers of"
        " people."
    ) in text["framework"]
    assert "requirements failed." not in text["framework"]
    assert (
        f"Assessment {number} could not read any subscription or directory. Unchanged verdicts are therefore not"
        " confirmed."
    ) in text["changes"]
    assert "nennt die Gründe." in german
    assert "Dieser Bericht bestätigt nichts über die Konfiguration." in german
