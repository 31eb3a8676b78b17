"""Import a vulnerability scan in a browser: the script shows errors in place and opens the page of the import."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from assessments.models import ScanImport
from tests import factories
from tests.assessments.scan_files import examples
from tests.e2e.pages import check_pages
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=15)]


def test_a_scan_is_corrected_and_imported(signed_in: Callable[..., Page], world: World) -> None:
    slug, own = world.home.slug, world.of(world.home)["scan_import"].pk
    page = signed_in(world.people["organization_engineer"])
    check_pages(page, {"scans": reverse("scans", args=[slug]), "scan": reverse("scan", args=[slug, own])})
    page.goto(reverse("scans", args=[slug]))
    page.set_input_files(
        "input[type=file]", {"name": "w.xml", "mimeType": "text/xml", "buffer": examples.IP360}
    )
    page.click("form[data-upload] button")
    page.wait_for_selector("text=Enter the time of the scan")
    page.set_input_files(
        "input[type=file]", {"name": "w.nessus", "mimeType": "text/xml", "buffer": examples.NESSUS}
    )
    page.click("form[data-upload] button")
    page.wait_for_selector("text=Scan imported")
    assert page.locator("h1").inner_text() == "w.nessus"
    with factories.in_tenant(world.home):
        assert ScanImport.objects.count() == 2
