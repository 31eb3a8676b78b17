"""The page of an organization's report branding: preview, save, remove, and what it refuses."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.reports.branding.selectors import current, logo_of
from portal.reports.branding.slots import SLOTS
from tenants.locks import Lock
from tenants.scope import organization_scope
from tests.concurrency import held_elsewhere
from tests.portal.reports.branding.pictures import GOOD_SVG
from tests.portal.web.world import SignIn, World

VALUES = {"name": "Northwind Audit", "accent": "#8a1538", "contact": "", "cover_text": "", "logo_data": ""}


def logo(content: bytes = GOOD_SVG) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.svg", content, "image/svg+xml")


@pytest.mark.slow(seconds=1)
def test_a_previewed_logo_is_saved_without_choosing_the_file_again(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.people["organization_administrator"])
    address = reverse("organization-report-branding", args=[world.organization.slug])
    assert "data:image/png;base64," in browser.get(address).content.decode()
    shown = browser.post(address, {**VALUES, "version": "0", "do": "preview", "logo_file": logo()})
    assert shown.status_code == 200
    assert "data:image/png;base64," in shown.content.decode()
    with organization_scope(world.organization):
        assert current(world.organization) is None, "a preview saves nothing"
    data = re.search(r'name="logo_data" value="([^"]+)"', shown.content.decode())
    assert data is not None
    saved = browser.post(address, {**VALUES, "version": "0", "do": "save", "logo_data": data[1]}, follow=True)
    assert "Branding saved" in saved.content.decode()
    with organization_scope(world.organization):
        row = current(world.organization)
        assert row is not None
        found = logo_of(row)
        assert found is not None
        assert (row.name, row.accent, found.kind) == ("Northwind Audit", "#8a1538", "svg")
    stale = browser.post(address, {**VALUES, "name": "Other", "version": "0", "do": "save"})
    assert stale.status_code == 400
    assert "Somebody else has changed this branding" in stale.content.decode()
    browser.post(address, {**VALUES, "version": "1", "do": "save", "without_logo": "on"})
    with organization_scope(world.organization):
        assert getattr(current(world.organization), "logo_kind", "none") == ""
    browser.post(address, {**VALUES, "version": "2", "do": "remove"})
    with organization_scope(world.organization):
        assert current(world.organization) is None


@pytest.mark.slow(seconds=1)
def test_refusals_stand_at_their_fields(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.people["organization_administrator"])
    address = reverse("organization-report-branding", args=[world.organization.slug])
    hostile = logo(GOOD_SVG.replace(b"<rect", b"<script>alert(1)</script><rect"))
    for change, text in (
        ({"logo_file": hostile}, "The logo contains a script."),
        ({"accent": "#ffcc00"}, "would be hard to read on white"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"logo_data": "aGVsbG8="}, "neither a PNG nor an SVG"),
    ):
        answer = browser.post(address, {**VALUES, "version": "0", "do": "save", **change})
        assert answer.status_code == 400
        assert text in answer.content.decode()
    with organization_scope(world.organization):
        assert current(world.organization) is None


@pytest.mark.slow(seconds=1)
def test_a_label_has_a_branding_of_its_own(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.people["organization_administrator"])
    address = reverse("organization-report-branding", args=[world.organization.slug])
    assert '<option value="gold">' in browser.get(address).content.decode()
    saved = browser.post(f"{address}?label=gold", {**VALUES, "version": "0", "do": "save"}, follow=True)
    assert saved.redirect_chain[0][0].endswith("?label=gold")
    assert "With label gold" in saved.content.decode()
    with organization_scope(world.organization):
        assert current(world.organization) is None
        assert getattr(current(world.organization, "gold"), "name", "") == "Northwind Audit"


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("occupied", ["the organization", "the installation"])
def test_logos_are_drawn_a_few_at_a_time(world: World, sign_in: SignIn, occupied: str) -> None:
    """Each preview needs seconds of processor time, and many at once must not occupy the web server."""
    browser = sign_in(world.people["organization_administrator"])
    address = reverse("organization-report-branding", args=[world.organization.slug])
    names = [str(world.organization.pk)] if occupied == "the organization" else map(str, range(SLOTS))
    with held_elsewhere(Lock.DRAWING_SLOT, *names):
        shown = browser.get(address)
        assert shown.status_code == 200
        assert "Other logos are being drawn at the moment" in shown.content.decode()
        assert "data:image/png" not in shown.content.decode()
        for do in ("preview", "save"):
            refused = browser.post(address, {**VALUES, "version": "0", "do": do, "logo_file": logo()})
            assert refused.status_code == 400
            assert "Other logos are being drawn at the moment" in refused.content.decode()
    assert "data:image/png" in browser.get(address).content.decode()
