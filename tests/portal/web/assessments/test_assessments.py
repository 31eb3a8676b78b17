"""Starting, following, cancelling and retrying assessments."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Unit
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World


def started(world: World) -> list[int]:
    with factories.in_tenant(world.home):
        return list(Assessment.objects.filter(tenant=world.home).values_list("number", flat=True))


def test_starting_twice_reports_the_running_assessment(engineer: Client, world: World) -> None:
    url = reverse("assessment-start", args=[world.home.slug])
    first = engineer.post(url)
    assert first.headers["Location"].startswith(f"/t/{world.home.slug}/assessments/")
    second = engineer.post(url, follow=True)
    assert "is already running. Wait until it ends, or cancel it" in second.content.decode()
    assert started(world) == [3, 2, 1]


def test_only_a_running_assessment_polls(engineer: Client, world: World) -> None:
    done = engineer.get(reverse("assessment", args=[world.home.slug, world.of(world.home)["assessment"].pk]))
    assert "hx-trigger" not in done.content.decode().split('id="progress"')[1].split(">")[0]
    begun = engineer.post(reverse("assessment-start", args=[world.home.slug]), follow=True)
    assert 'hx-trigger="every 2s"' in begun.content.decode().split('id="progress"')[1].split(">")[0]
    waiting = "Units are listed as soon as a worker starts this assessment."
    assert waiting in begun.content.decode()
    assert waiting not in done.content.decode()


def test_cancelling_a_queued_assessment_ends_it(engineer: Client, world: World) -> None:
    begun = engineer.post(reverse("assessment-start", args=[world.home.slug]))
    url = begun.headers["Location"]
    html = engineer.post(f"{url}cancel/", follow=True).content.decode()
    assert 'data-run="cancelled"' in html
    again = engineer.post(f"{url}cancel/", follow=True).content.decode()
    assert "has already ended, so it cannot be cancelled" in again


def test_retrying_starts_the_units_with_gaps_again(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    engineer.post(reverse("assessment-retry", args=[world.home.slug, own["assessment"].pk]))
    with factories.in_tenant(world.home):
        begun = Assessment.objects.get(tenant=world.home, number=3)
    assert begun.trigger == "retry"
    assert begun.only == [f"/subscriptions/{own['subscription'].subscription_id}"]


def test_list_names_who_started_each_assessment(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        for number, trigger, who in (
            (3, "manual", world.people["organization_engineer"]),
            (4, "schedule", None),
            (5, "manual", None),
            (6, "retry", world.people["organization_engineer"]),
        ):
            Assessment.objects.create(
                tenant=world.home,
                number=number,
                trigger=trigger,
                requested_by=who,
                state="finished",
                ended_at=timezone.now(),
                catalogue_hash="c" * 64,
                product_version="1",
            )
        found = {row.number: row.pk for row in Assessment.objects.filter(tenant=world.home)}
    html = page(engineer, "assessments", world.home.slug)
    rows = re.findall(r'class="row-link"[^>]*>\s*(\d+)\s*</a>(.*?)</tr>', html, re.DOTALL)
    cells = {int(number): re.findall(r"<td[^>]*>([^<]*)</td>", row)[-2].strip() for number, row in rows}
    name = world.people["organization_engineer"].get_full_name()
    assert {number: cells[number] for number in (3, 4, 5, 6)} == {
        3: name,
        4: "The schedule",
        5: "A command",
        6: name,
    }
    for number, text in (
        (3, f"Started by {name}."),
        (4, "Started by the schedule."),
        (5, "Started by a command."),
        (6, f"Retry of failed parts. Started by {name}."),
    ):
        assert text in page(engineer, "assessment", world.home.slug, found[number])


def test_list_says_once_that_an_assessment_failed(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        Assessment.objects.create(
            tenant=world.home,
            number=3,
            trigger="manual",
            state="finished",
            summary={"units": {"failed": 3}},
            ended_at=timezone.now(),
            catalogue_hash="c" * 64,
            product_version="1",
        )
    html = page(engineer, "assessments", world.home.slug)
    assert "0 of 3 read" in html
    assert "Failed: 0 of 3 units read" not in html


def test_list_says_how_many_units_were_read_in_part(engineer: Client, world: World) -> None:
    number = world.of(world.home)["assessment"].number
    row = re.search(rf">{number}</a>.*?</tr>", page(engineer, "assessments", world.home.slug), re.DOTALL)
    assert row is not None
    assert re.search(r"1 of 1 read\s*<span class=\"sub\">1 read in part</span>", row[0])


def test_gap_names_the_missing_permission(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    html = engineer.get(reverse("assessment", args=[world.home.slug, own["assessment"].pk])).content.decode()
    assert "Microsoft.Network/networkSecurityGroups/read" in html
    assert "403 AuthorizationFailed" in html
    assert "Missing permission" in html


@pytest.mark.slow(seconds=1)
def test_assessment_and_overview_count_the_same_verdicts(engineer: Client, world: World) -> None:
    html = page(engineer, "assessment", world.home.slug, world.of(world.home)["assessment"].pk)
    overview = page(engineer, "tenant", world.home.slug)
    expected = re.search(r"<dt>Verdicts expected</dt><dd>(\d+)</dd>", overview)[1]
    assert re.search(r"Verdicts.*?>(\d+)<", html, re.DOTALL)[1] == expected
    assessment = world.of(world.home)["assessment"]
    # A unit that could not be read has unknown verdicts. A cancelled unit keeps its earlier verdicts.
    for state, words in (
        ("failed", ""),
        ("cancelled", "; the overview adds earlier findings of 1 unread unit"),
    ):
        with factories.in_tenant(world.home):
            Unit.objects.filter(assessment=assessment).update(state=state)
        html = page(engineer, "assessment", world.home.slug, assessment.pk)
        assert re.search(rf'class="note">\d+ fail, \d+ unknown{words}<', html), state


def test_form_without_csrf_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        world.people["organization_engineer"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.post(reverse("assessment-start", args=[world.home.slug])).status_code == 403
    assert started(world) == [2, 1]
