"""The page of a baseline's profile of controls."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.profiles import profile_part, set_profile
from portal.treatment.models import Baseline
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.web.forms import filled
from tests.portal.web.requests import page
from tests.portal.web.world import World

CONTROL = "storage-secure-transfer"


@pytest.mark.slow(seconds=1)
def test_a_profile_is_set_shown_compared_and_left_to_customers(
    engineer: Client, world: World, baseline: Baseline
) -> None:
    slug = world.organization.slug
    place = ("baseline-profile", slug, baseline.pk)
    url = reverse(place[0], args=place[1:])
    assert "Each customer’s own" in page(engineer, "baseline", slug, baseline.pk)
    opened = filled(page(engineer, *place))
    answer = engineer.post(url, {**opened, "profile": "mcsb-1"}, follow=True)
    assert (
        "Customers now have this profile, except those that have chosen another profile."
        in answer.content.decode()
    )
    with factories.in_tenant(world.home):
        assert profile_part(world.home) == {"profile": "mcsb-1", "controls": []}
    with factories.in_tenant(world.foreign):
        assert profile_part(world.foreign)["profile"] == "everything"
    # A form that was opened before the change is not saved, and the page names what has changed meanwhile.
    late = engineer.post(url, {**opened, "profile": "own", "controls": [CONTROL]})
    html = unescape(late.content.decode())
    assert late.status_code == 409
    assert "the baseline was changed while you edited it" in " ".join(html.split())
    again = engineer.post(url, filled(late.content.decode()))
    assert again.status_code == 302
    assert "Own choice (1 control)" in page(engineer, "baseline", slug, baseline.pk)
    with organization_scope(world.organization):
        set_profile(tenant=world.home, by=BY, profile="own", controls=["storage-min-tls"])
    listed = page(engineer, "baselines", slug)
    assert f"Own choice (1 control); also storage-min-tls; without {CONTROL}" in listed
    assert reverse("profile", args=[world.home.slug]) in listed
    engineer.post(url, {**filled(page(engineer, *place)), "remove": "1"})
    assert "No customer deviates" in page(engineer, "baselines", slug)
    with organization_scope(world.organization):
        baseline.refresh_from_db()
        assert baseline.profile == {}


@pytest.mark.slow(seconds=1)
def test_an_own_choice_without_controls_is_refused_at_the_field(
    engineer: Client, world: World, baseline: Baseline
) -> None:
    url = reverse("baseline-profile", args=[world.organization.slug, baseline.pk])
    opened = filled(engineer.get(url).content.decode())
    opened.pop("controls", None)
    answer = engineer.post(url, {**opened, "profile": "own"})
    assert answer.status_code == 400
    assert "Choose at least one control." in answer.content.decode()
    with organization_scope(world.organization):
        baseline.refresh_from_db()
        assert baseline.profile == {}
