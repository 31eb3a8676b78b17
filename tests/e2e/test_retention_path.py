"""Retention in a browser: preview, save a shorter period, place a hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import EvidenceItem
from portal.retention.actions.runs import carry_out
from portal.retention.models import RetentionRun
from tests import factories
from tests.as_owner import change_as_owner
from tests.e2e.conftest import picture
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e]


def work(world: World) -> None:
    """Carry out the waiting preview, as a worker does."""
    with factories.in_tenant(world.home):
        run = RetentionRun.objects.get(state=RetentionRun.State.WAITING)
    carry_out(tenant_id=world.home.pk, run_id=run.pk)


def test_preview_shorter_period_and_hold(world: World, signed_in: Callable[..., Page]) -> None:
    administrator, slug = world.people["organization_administrator"], world.home.slug
    old = timezone.now() - timedelta(days=200)
    change_as_owner(
        "assessments_evidenceitem",
        world.home,
        "UPDATE assessments_evidenceitem SET collected_at = collected_at - interval '200 days'",
    )
    with factories.in_tenant(world.home):
        EvidenceItem.objects.create(
            tenant=world.home, sha256="f" * 64, source="arm", collection="accounts", document_id="/old",
            collected_at=old, content={"old": True},
        )  # fmt: skip
    page = signed_in(administrator)
    page.goto(reverse("retention", args=[slug]))
    page.get_by_label("Keep evidence").select_option("days")
    page.get_by_label("Days since the last assessment that used a document").fill("100")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Kinds counted")).to_be_visible()
    work(world)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Evidence", exact=True))
    expect(row).to_contain_text("100 days")
    expect(row.get_by_role("link", name="Used by an open finding")).to_be_visible()
    assert row.get_by_role("cell").nth(1).inner_text() == "1"
    page.get_by_role("button", name="Save periods").click()
    expect(page.get_by_text("Shorter periods take effect in 7 days")).to_be_visible()
    work(world)
    page.get_by_label("Reason").fill("Litigation 4711")
    page.get_by_role("button", name="Place hold").click()
    expect(page.get_by_text("Legal hold: old data is not deleted.")).to_be_visible()
    picture(page, "retention")
    dark = signed_in(administrator, theme="dark", width=390)
    dark.goto(reverse("retention", args=[slug]))
    picture(dark, "retention-dark-phone")
    page.goto(reverse("organization-retention", args=[world.organization.slug]))
    picture(page, "retention-organization")
