"""The auditor's room: until when access lasts, frameworks, and everything of a period."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def test_room_says_until_when_access_lasts(world: World, sign_in: SignIn) -> None:
    who = world.people["auditor"]
    html = page(sign_in(who), "audit-room", world.home.slug)
    assert re.search(r"Auditor: ?<strong>access until <time", html), re.findall("Auditor.{0,200}", html)
    assert reverse("tenant-framework", args=[world.home.slug, "cis-6.0.0"]) in html


def test_room_has_everything_of_the_period_and_nothing_else(world: World, sign_in: SignIn) -> None:
    own, client = world.of(world.home), sign_in(world.people["auditor"])
    html = page(client, "audit-room", world.home.slug)
    for name, key in (
        ("assessment", "assessment"),
        ("report-download", "report"),
        ("exception", "exception"),
        ("attest", "manual"),
    ):
        assert reverse(name, args=[world.home.slug, own[key].pk]) in html, name
    today = timezone.now().date()
    before = f"?from={today - timedelta(days=40)}&to={today - timedelta(days=30)}"
    empty = page(client, "audit-room", world.home.slug, query=before)
    assert "No assessment ended in this period." in empty
    assert "No report was built in this period." in empty
    assert "No exception concerns this period." in empty
    assert "No attestation was given in this period." in empty
    assert "0 entries in this period" in empty


@pytest.mark.parametrize("query", ["?from=2026-13-01", "?from=yesterday", "?from=2026-11-02&to=2026-11-01"])
def test_wrong_period_is_explained(world: World, sign_in: SignIn, query: str) -> None:
    html = page(sign_in(world.people["auditor"]), "audit-room", world.home.slug, query=query)
    assert "The default period is shown." in html


def test_partial_assessment_is_marked(world: World, sign_in: SignIn) -> None:
    with factories.in_tenant(world.home):
        row = Assessment.objects.get(pk=world.of(world.home)["assessment"].pk)
        row.summary = {**row.summary, "units": {"done": 1, "failed": 2}}
        row.save(update_fields=["summary"])
    html = page(sign_in(world.people["auditor"]), "audit-room", world.home.slug)
    assert html.count("Partial: 1 of 3 units read") == 2  # the assessment, and the report on it
