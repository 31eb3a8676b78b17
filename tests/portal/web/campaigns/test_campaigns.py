"""The pages of campaigns."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.queries.campaigns import progress_of
from portal.treatment.actions.campaign_notices import announce_campaign
from portal.treatment.actions.campaigns import MAX_CUSTOMERS
from portal.treatment.models import Campaign, CampaignCustomer
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World

CONTROL = "storage-anonymous-access-disallowed"


def link_to_start(client: Client, query: str = "") -> str:
    """Return the link "Start a campaign" of the opened control."""
    html = page(client, "all-findings", query=f"?state=open&open={CONTROL}{query}")
    found = re.search(r'href="([^"]+)">Start a campaign<', html)
    assert found
    return unescape(found[1])


def checked(html: str) -> set[str]:
    """Return the ids of the preselected customers."""
    return set(re.findall(r'name="customers" value="([^"]+)"[^>]* checked', html))


@pytest.mark.slow(seconds=1)
def test_an_open_control_names_its_running_campaigns(engineer: Client, world: World) -> None:
    campaign = world.of(world.home)["campaign"]
    assert campaign.control == CONTROL
    link = reverse("campaign", args=[world.organization.slug, campaign.pk])
    query = f"?state=open&open={CONTROL}"
    assert f'href="{link}">Show the campaign of ' in page(engineer, "all-findings", query=query)
    engineer.post(reverse("campaign-end", args=[world.organization.slug, campaign.pk]))
    assert link not in page(engineer, "all-findings", query=query)


def test_a_campaign_starts_from_an_open_control(engineer: Client, world: World) -> None:
    start = link_to_start(engineer)
    assert (
        start == f"{reverse('campaign-start', args=[world.organization.slug])}?control={CONTROL}&state=open"
    )
    answer = engineer.post(
        start,
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


def test_findings_that_can_no_longer_be_read_are_not_done(engineer: Client, world: World) -> None:
    campaign = world.of(world.home)["campaign"]
    with factories.in_tenant(world.home):
        failing = Finding.objects.filter(
            tenant=world.home, control=campaign.control, outcome="fail", gone_at=None
        )
        number = failing.update(outcome="unknown", state="unknown", unknown_because="forbidden")
    assert number
    with organization_scope(world.organization):
        (found,) = progress_of([campaign], timezone.now())
    assert (found.open, found.unknown, found.customers_done) == (0, number, 0)
    assert found.done == found.open_at_start - number
    html = " ".join(
        engineer.get(reverse("campaign", args=[world.organization.slug, campaign.pk]))
        .content.decode()
        .split()
    )
    assert "unknown now, and may still fail" in html
    assert f"{number} unknown" in html


def test_owner_and_date_of_a_campaign_are_changed(engineer: Client, world: World) -> None:
    campaign = world.of(world.home)["campaign"]
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    due = (timezone.now() + timedelta(days=40)).date()
    url = reverse("campaign", args=[world.organization.slug, campaign.pk])
    assert engineer.post(url, {"owner": leader.pk, "due_on": due}).status_code == 302
    with organization_scope(world.organization):
        row = CampaignCustomer.objects.get(campaign=campaign)
    assert (row.owner, row.due_on) == (leader, due)


@pytest.mark.slow(seconds=1)
def test_the_filters_of_the_findings_choose_the_customers(engineer: Client, world: World) -> None:
    other = make_customers(world, 1, labels=["platinum"])[0]
    both, one = {str(world.home.pk), str(other.pk)}, {str(other.pk)}
    for query, expected in (("", both), ("&label=platinum", one), (f"&customer={other.slug}", one)):
        html = engineer.get(link_to_start(engineer, query)).content.decode()
        assert checked(html) == expected, query
        # Other customers can still be chosen.
        assert set(re.findall(r'name="customers" value="([^"]+)"', html)) == both


@pytest.mark.slow(seconds=25)
def test_a_campaign_can_have_as_many_customers_as_allowed(engineer: Client, world: World) -> None:
    """The address of the form does not name the customers: the web server refuses addresses of more than 8 kB."""
    make_customers(world, MAX_CUSTOMERS - 1)
    start = link_to_start(engineer)
    assert len(start) < 200
    chosen = checked(engineer.get(start).content.decode())
    assert len(chosen) == MAX_CUSTOMERS
    leader = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    with CaptureQueriesContext(connection) as queries:
        answer = engineer.post(
            start,
            {
                "owner": leader.pk,
                "due_on": (timezone.now() + timedelta(days=20)).date(),
                "customers": sorted(chosen),
            },
        )
    assert answer.status_code == 302
    # A worker notifies the owners, because the notices of so many customers take most of a minute.
    assert len(queries) < 60
    with organization_scope(world.organization):
        pk = UUID(answer.headers["Location"].rstrip("/").rpartition("/")[2])
        assert CampaignCustomer.objects.filter(campaign=pk).count() == MAX_CUSTOMERS


def test_the_page_shows_how_many_customers_are_notified(engineer: Client, world: World) -> None:
    campaign = world.of(world.home)["campaign"]
    with organization_scope(world.organization):
        CampaignCustomer.objects.filter(campaign=campaign).update(notices_due=True)
    slug = world.organization.slug
    html = page(engineer, "campaign", slug, campaign.pk)
    assert "Notifying owners" in html
    assert "0 of 1" in " ".join(html.split())
    url = reverse("campaign", args=[slug, campaign.pk])
    part = engineer.get(url, headers={"X-Surety-Refresh": "1"}).content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part
    announce_campaign(organization_id=world.organization.pk, campaign_id=campaign.pk)
    part = engineer.get(url, headers={"X-Surety-Refresh": "1"}).content.decode()
    assert "Notifying" not in part
    assert "hx-trigger" not in part
    assert "Notifying owners" not in page(engineer, "campaign", slug, campaign.pk)


def make_customers(world: World, count: int, **fields: Any) -> list[Tenant]:
    """Create customers with an open finding each."""
    organization, since = world.organization, timezone.now() - timedelta(days=3)
    with organization_scope(organization):
        tenants = Tenant.objects.bulk_create(
            Tenant(organization=organization, name=f"Customer {n:04}", slug=f"of-many-{n}", **fields)
            for n in range(count)
        )
    with organization_scope(organization):
        Finding.objects.bulk_create(
            Finding(
                tenant=tenant,
                control=CONTROL,
                section="storage",
                severity="high",
                severity_rank=1,
                subject="/subscriptions/x",
                subject_key="0" * 64,
                subject_name="x",
                subject_type="account",
                unit="/subscriptions/x",
                outcome="fail",
                state="open",
                reason="r",
                expected="e",
                observed_sha256="a" * 64,
                first_seen_at=since,
                changed_at=since,
                failing_since=since,
            )
            for tenant in tenants
        )
    return tenants


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
    assert "An ended campaign cannot be resumed." in page(engineer, "campaign", slug, campaign.pk)
    engineer.post(reverse("campaign-end", args=[slug, campaign.pk]))
    html = page(engineer, "campaigns", slug)
    assert "No campaign is running" in html
    assert "Ended" in html
    assert "End the campaign" not in page(engineer, "campaign", slug, campaign.pk)


def test_an_ended_campaign_keeps_the_numbers_of_its_end(engineer: Client, world: World) -> None:
    """After the end, findings are fixed, fail again and become unknown, and customers are archived."""
    campaign, slug = world.of(world.home)["campaign"], world.organization.slug
    url = reverse("campaign", args=[slug, campaign.pk])
    with factories.in_tenant(world.home):
        failing = Finding.objects.filter(
            tenant=world.home, control=campaign.control, outcome="fail", gone_at=None
        )
        ids = list(failing.order_by("pk").values_list("pk", flat=True))
        Finding.objects.filter(pk=ids[0]).update(
            outcome="unknown", state="unknown", unknown_because="forbidden"
        )
    engineer.post(reverse("campaign-end", args=[slug, campaign.pk]))

    def numbers() -> tuple[int, int, int, int]:
        with organization_scope(world.organization):
            (found,) = progress_of([Campaign.objects.get(pk=campaign.pk)], timezone.now())
        return found.open, found.unknown, found.done, len(found.customers)

    def shown() -> str:
        main = re.search(r"<main.*</main>", page(engineer, "campaign", slug, campaign.pk), re.DOTALL)
        assert main
        return " ".join(main[0].split())

    at_end, before = numbers(), shown()
    assert at_end == (len(ids) - 1, 1, max(0, 2 - len(ids)), 1)
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk__in=ids).update(
            outcome="pass", state="resolved", failing_since=None, unknown_because=""
        )
    assert numbers() == at_end
    assert shown() == before
    assert "open at the end, 2 at the start" in before
    assert "Open at the end" in before
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(archived_at=timezone.now())
    assert numbers() == at_end
    assert engineer.get(url).status_code == 200


def test_a_campaign_that_an_earlier_version_ended_says_that_its_numbers_are_of_today(
    engineer: Client, world: World
) -> None:
    campaign, slug = world.of(world.home)["campaign"], world.organization.slug
    engineer.post(reverse("campaign-end", args=[slug, campaign.pk]))
    with organization_scope(world.organization):
        CampaignCustomer.objects.filter(campaign=campaign).update(open_at_end=None, unknown_at_end=None)
    assert re.search(
        r"(is|are) open today, 2 were", " ".join(page(engineer, "campaign", slug, campaign.pk).split())
    )
