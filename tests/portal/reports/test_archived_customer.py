"""A report on an archived customer says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessments.actions.archive import archive_customer
from tenants.scope import organization_scope
from tests.portal.reports.conftest import Built, build, text_of


@pytest.mark.slow(seconds=1)
def test_the_summary_says_that_the_customer_is_archived(built: Built, tmp_path: Path) -> None:
    assert "This customer was archived" not in text_of(built.data, tmp_path)
    world = built.world
    with organization_scope(world.organization):
        archive_customer(
            tenant=world.home, by=world.people["organization_administrator"], reason="The contract has ended."
        )
        world.home.refresh_from_db()
    day = world.home.archived_at
    assert day is not None
    later = build(world)
    text = " ".join(text_of(later.data, tmp_path).split())
    assert f"This customer was archived on {day:%-d %B %Y}." in text
    number = later.report.assessment.number
    assert (
        f"This report describes assessment {number}, which started before the customer was archived." in text
    )
