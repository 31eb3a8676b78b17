"""Control characters in texts from Azure do not reverse the order of the words in a report."""

from __future__ import annotations

import pytest

from assessments.models import Finding
from tests import factories
from tests.portal.reports.kinds.printed_words import printed_words
from tests.portal.web.world import World


@pytest.mark.slow(seconds=1)
def test_characters_that_reorder_text_are_printed_as_replacement(world: World) -> None:
    finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(subject_name="rg-\u202edorp")
        text = printed_words(world, "full")
    assert "rg-\ufffddorp" in text
    assert "\u202e" not in text
