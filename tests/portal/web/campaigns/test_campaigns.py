"""The pages of campaigns."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.treatment.models import Campaign
from tenants.scope import organization_scope
from tests.portal.web.requests import page
from tests.portal.web.world import World

CONTROL = "storage-anonymous-access-disallowed"


def test_a_campaign_starts_from_an_open_control(engineer: Client, world: World) -> None:
    slug = world.organization.slug
    start = f"{reverse('campaign-start', args=[slug])}?control={CONTROL}&amp;customer={world.home.slug}"
    assert start in page(engineer, "all-findings", query=f"?state=open&open={CONTROL}")
    answer = engineer.post(
        start.replace("&amp;", "&"),
        {
            "owner": world.people["organization_engineer"].pk,
            "due_on": (timezone.now() + timedelta(days=20)).date(),
            "note": "Close them.",
            "customers": [str(world.home.pk)],
        },
        follow=True,
    )
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Close them." in html
    assert f"/t/{world.home.slug}/findings/?control={CONTROL}&amp;state=open" in html
    with organization_scope(world.organization):
        assert Campaign.objects.filter(note="Close them.").count() == 1


def test_errors_keep_what_was_entered(engineer: Client, world: World) -> None:
    url = f"{reverse('campaign-start', args=[world.organization.slug])}?control={CONTROL}"
    values = {"owner": world.people["organization_engineer"].pk, "due_on": "2020-01-01", "note": "Kept."}
    html = engineer.post(url, {**values, "customers": [str(world.home.pk)]}).content.decode()
    assert "Choose a day that is not in the past." in html
    assert "Kept." in html
    html = engineer.post(url, {**values, "customers": [str(world.foreign.pk)]}).content.decode()
    assert "is not one of the available choices" in html


def test_an_ended_campaign_moves_to_the_ended_ones(engineer: Client, world: World) -> None:
    campaign = world.of(world.home)["campaign"]
    slug = world.organization.slug
    assert "No campaign is running" not in page(engineer, "campaigns", slug)
    engineer.post(reverse("campaign-end", args=[slug, campaign.pk]))
    html = page(engineer, "campaigns", slug)
    assert "No campaign is running" in html
    assert "Ended" in html
    assert "End the campaign" not in page(engineer, "campaign", slug, campaign.pk)
