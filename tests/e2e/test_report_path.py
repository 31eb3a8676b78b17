"""The build of a report in a browser: progress, cancel, and the page of the finished report."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.reports.actions import build_requested, request_report
from portal.reports.models import Report
from tests import factories
from tests.e2e.conftest import picture
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e]


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send no messages to workers, because the tests do the work themselves."""
    monkeypatch.setattr("tenants.dispatch._send", lambda task, arguments: None)


def requested(world: World) -> Report:
    with factories.in_tenant(world.home):
        return request_report(tenant=world.home, by=world.people["organization_engineer"])


def test_progress_and_cancel(world: World, signed_in: Callable[..., Page]) -> None:
    first, second = requested(world), requested(world)
    page = signed_in(world.people["organization_engineer"])
    address = reverse("report", args=[world.home.slug, first.number])
    page.goto(address)
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    with factories.in_tenant(world.home):
        Report.objects.filter(pk=first.pk).update(step="rendering")
    expect(page.get_by_text("Step 2 of 4: Rendering pages")).to_be_visible()
    for theme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        shown = signed_in(world.people["organization_engineer"], theme=theme, width=width)
        shown.goto(address)
        picture(shown, f"report-progress-{theme}-{width}")
        shown.goto(reverse("reports", args=[world.home.slug]))
        picture(shown, f"reports-building-{theme}-{width}")
    page.get_by_role("button", name="Cancel report").click()
    expect(page.get_by_text(f"Report {first.number} was cancelled.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Cancelled")
    expect(row).to_have_count(1)
    picture(page, "reports-cancelled")
    page.get_by_role("button", name=f"Cancel report {second.number}").click()
    expect(page.get_by_role("row").filter(has_text="Cancelled")).to_have_count(2)
    page.goto(address)
    expect(page.get_by_text("no file was stored")).to_be_visible()
    picture(page, "report-cancelled")


def test_the_page_of_a_build_becomes_the_report(world: World, signed_in: Callable[..., Page]) -> None:
    report = requested(world)
    page = signed_in(world.people["organization_engineer"])
    page.goto(reverse("report", args=[world.home.slug, report.number]))
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    build_requested(tenant_id=world.home.pk, report_id=report.pk)
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()
