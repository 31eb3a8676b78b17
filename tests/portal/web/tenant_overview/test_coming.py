"""The overview's card “Coming up”, and how the failures in each section changed in 30 days."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.actions.schedules import set_schedule
from assessments.models import Assessment, FindingChange
from portal.distribution.models import ReportSchedule
from portal.queries.tenant_overview.section_changes import PERIOD, section_changes
from portal.treatment.actions.exceptions import approve
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import Treatment
from portal.web.tenant_overview.views import tenant as tenant_view
from tenants.models import ServicePrincipal, Subscription
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, account, assess


def coming(html: str) -> str:
    """Return the text of the card “Coming up”, without markup."""
    card = re.search(r"<h2>Coming up</h2>.*?</section>", html, re.DOTALL)
    assert card is not None
    return " ".join(re.sub(r"<[^>]+>", " ", card[0]).split())


@pytest.mark.slow(seconds=1)
def test_the_card_names_what_is_known(engineer: Client, world: World) -> None:
    own, now = world.of(world.home), timezone.now()
    with factories.in_tenant(world.home):
        exception = approve(
            exception=own["exception"],
            by=world.people["approver"],
            note="Fine.",
            ends_at=now + timedelta(days=4),
        )
        apply_transitions(tenant=world.home)
        Treatment.objects.filter(attested_until__isnull=False).update(attested_until=now + timedelta(days=6))
        ReportSchedule.objects.filter(tenant=world.home).update(next_at=now + timedelta(days=40))
        set_schedule(tenant=world.home, by=world.people["organization_administrator"], wanted="daily 02:00")
    html = page(engineer, "tenant", world.home.slug)
    text = coming(html)
    assert re.search(r"Credential of “[^”]*” expires", text)
    assert "Scheduled assessment" in text
    assert f"Exception {exception.number} ends" in text
    assert "1 answer ends within 30 days" in text
    assert f"Report “{own['report_schedule'].name}”" in text
    found = re.search(r"(\d+) findings? due within 30 days", text)
    assert found is not None
    # The number equals the number of findings in the list to which it links.
    listed = engineer.get(reverse("findings", args=[world.home.slug]) + "?due=7&due=30")
    assert int(found[1]) == listed.context["count"]
    assert text.index("Exception") < text.index("1 answer ends")


def test_people_see_no_links_to_pages_that_they_may_not_open(world: World, sign_in: SignIn) -> None:
    html = page(sign_in(world.people["owner"]), "tenant", world.home.slug)
    card = html.split("<h2>Coming up</h2>")[1].split("</section>")[0]
    with factories.in_tenant(world.home):
        principals = list(ServicePrincipal.objects.values_list("pk", flat=True))
    assert reverse("tenant-settings", args=[world.home.slug]) not in card
    assert reverse("report-schedules", args=[world.home.slug]) not in card
    for pk in principals:
        assert reverse("service-principal", args=[world.home.slug, pk]) not in card


@pytest.mark.slow(seconds=1)
def test_sections_show_how_failures_changed(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Failing, 30-day change" not in page(engineer, "tenant", world.home.slug)
    with factories.in_tenant(world.home):
        first = Assessment.objects.get(tenant=world.home, number=1)
        assert first.ended_at is not None
        # At this moment, the first assessment is 30 days old, and later assessments are younger.
        now = first.ended_at + PERIOD
        assert section_changes(world.home, now - timedelta(microseconds=1)) is None
        changes = section_changes(world.home, now)
        rows = FindingChange.objects.filter(tenant=world.home, assessment__number__gt=1)
        began = rows.filter(after_outcome="fail").exclude(before_outcome="fail")
        ceased = rows.filter(before_outcome="fail").exclude(after_outcome="fail")
        assert changes is not None
        assert sum(changes.values()) == began.count() - ceased.count()
        assert changes["storage"] > 0
        subscription = Subscription.objects.get(display_name="Production")
    # When failures end, the number of their section decreases.
    names = [f"{world.home.slug.replace('-', '')[:12]}{number}" for number in range(3)]
    fixed = [account(subscription.subscription_id, name, safe=True) for name in names]
    assess(world.home, subscription, fixed, by=world.people["organization_engineer"])
    with factories.in_tenant(world.home):
        after = section_changes(world.home, now)
        assert after is not None
        assert after.get("storage", 0) < changes["storage"]
    for change, shown in ((-2, 'role-pass">−2'), (1302, r'role-fail">\+1,302')):
        monkeypatch.setattr(tenant_view, "section_changes", lambda tenant, now, n=change: {"storage": n})
        html = page(engineer, "tenant", world.home.slug)
        assert "Failing, 30-day change" in html
        assert re.search(rf'{shown} <span class="visually-hidden">failing findings in 30 days', html)
