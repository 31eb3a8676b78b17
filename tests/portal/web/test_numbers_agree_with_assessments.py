"""Assessments, the overview, past findings, the exposure, the audit room and the register show the same number for the
same fact.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import FindingException
from portal.web.shared.credentials import expiry
from tests import factories
from tests.portal.web.listed_numbers import in_api, listed, tokens
from tests.portal.web.page_numbers import number_in, words_of_page
from tests.portal.web.random_findings import populate
from tests.portal.web.requests import page
from tests.portal.web.treatments import approved, ask
from tests.portal.web.world import SignIn, World

__all__ = ["tokens"]


@pytest.fixture
def treated(world: World) -> World:
    """The world's customer with findings of every state and exceptions of several states."""
    with factories.in_tenant(world.home):
        populate(world.home, [world.people["owner"]], timezone.now(), seed=21)
        take_snapshot(tenant=world.home)
    ask(world)
    approved(world, findings=2)
    return world


def column(html: str, title: str, place: int) -> list[int]:
    """Return the numbers in a column of the tables in the card with this title.

    `place` is the index of the column, from 0, among the cells with the class `num`.
    """
    card = html.split(f">{title}</h2>")[1].split("</section>", maxsplit=1)[0]
    rows = [re.findall(r'class="num[^"]*"[^>]*>(.*?)</td>', row) for row in card.split("<tr")[1:]]
    return [int(re.sub("[^0-9]", "", words_of_page(row[place])) or 0) for row in rows if len(row) > place]


@pytest.mark.slow(seconds=1)
def test_coverage_by_control_adds_up_to_the_verdicts_of_the_assessment(
    engineer: Client, world: World
) -> None:
    with factories.in_tenant(world.home):
        last = Assessment.objects.filter(tenant=world.home).latest("number")
    html = page(engineer, "assessment", world.home.slug, last.pk)
    expected, decided, unknown = (column(html, "Coverage by control", place) for place in range(3))
    assert sum(expected) == number_in(r"Verdicts (\d+)", words_of_page(html)) > 0
    assert sum(unknown) == number_in(r"(\d+) unknown", words_of_page(html))
    assert [a - b for a, b in zip(expected, decided, strict=True)] == unknown
    assert min(expected) > 0
    overview = words_of_page(page(engineer, "tenant", world.home.slug))
    assert sum(expected) == number_in(r"Verdicts expected (\d+)", overview)
    assert sum(unknown) == number_in(r"Unknown (\d+) Coverage", overview)


@pytest.mark.slow(seconds=1)
def test_the_sections_add_up(engineer: Client, treated: World) -> None:
    slug = treated.home.slug
    html = page(engineer, "tenant", slug)
    base = f"/t/{slug}/findings/?"
    assert sum(column(html, "By section", 1)) == listed(engineer, f"{base}state=open")
    assert sum(column(html, "By section", 2)) == listed(engineer, f"{base}state=open&severity=critical")
    assert sum(column(html, "By section", 3)) == listed(engineer, f"{base}state=unknown")


@pytest.mark.slow(seconds=1)
def test_states_are_the_same_in_the_scores_and_in_the_list(engineer: Client, treated: World) -> None:
    slug = treated.home.slug
    overview = words_of_page(page(engineer, "tenant", slug))
    scores = overview[overview.index("The raw score reflects only the verdicts") :]
    for state in ("open", "excepted", "unknown"):
        shown = listed(engineer, f"/t/{slug}/findings/?state={state}")
        assert shown > 0, state
        assert number_in(rf"(\d+) {state}\b(?! fail)", scores) == shown, state


@pytest.mark.slow(seconds=1)
def test_the_past_day_and_the_exposure_end_with_today(engineer: Client, world: World) -> None:
    slug = world.home.slug
    past = words_of_page(page(engineer, "findings-past", slug))
    tabs = past[past.index("Current findings") :]
    for state, label in (("open", "Open"), ("unknown", "Unknown"), ("passing", "Passing")):
        shown = listed(engineer, f"/t/{slug}/findings/?state={state}")
        assert number_in(rf"\b{label} (\d+)", tabs) == shown > 0, state
    failing = listed(engineer, f"/t/{slug}/findings/?verdict=fail")
    assert number_in(r"Failing at the end (\d+)", words_of_page(page(engineer, "exposure", slug))) == failing


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("is_open", [True, False])
def test_the_numbers_of_the_audit_rooms_headline_lead_to_lists_with_as_many_findings(
    world: World, sign_in: SignIn, is_open: bool
) -> None:
    """The headline counts open and overdue findings. If nothing is open, it counts unknown findings."""
    home, slug = world.home, world.home.slug
    with factories.in_tenant(home):
        populate(home, [world.people["owner"]], timezone.now(), seed=21)
        if not is_open:
            Finding.objects.filter(tenant=home, outcome="fail").update(
                outcome="pass", state="passing", failing_since=None
            )
        take_snapshot(tenant=home)
    client = sign_in(world.people["auditor"])
    headline = page(client, "audit-room", slug).split('class="headline">')[1].split("</p>")[0]
    links = re.findall(r'<a href="([^"]+)">(\d+) ([^<]+)</a>', headline)
    words = [label.split()[-1] for _, _, label in links]
    assert words == (["open", "overdue"] if is_open else ["unknown"])
    for url, count, label in links:
        assert listed(client, unescape(url)) == int(count) > 0, label


def test_manual_checks_that_need_an_answer(engineer: Client, treated: World) -> None:
    slug = treated.home.slug
    needed = number_in(r"need an answer: (\d+) of \d+", words_of_page(page(engineer, "attestations", slug)))
    assert (
        number_in(
            r"(\d+) of \d+ manual checks? needs? an answer", words_of_page(page(engineer, "tenant", slug))
        )
        == needed
    )


def test_exceptions_in_force_are_in_the_register(engineer: Client, treated: World) -> None:
    slug = treated.home.slug
    overview = page(engineer, "tenant", slug)
    url = f"{reverse('exceptions', args=[slug])}?state=active&state=returned"
    assert url.replace("&", "&amp;") in overview
    in_force = number_in(r"(\d+) in force", words_of_page(overview))
    assert in_force == in_api(engineer, slug, "exceptions?state=active&state=returned") > 0
    with factories.in_tenant(treated.home):
        rows = FindingException.objects.filter(tenant=treated.home, state__in=FindingException.IN_FORCE)
        assert rows.count() == in_force


def test_a_credential_ends_in_as_many_days_everywhere(engineer: Client, world: World) -> None:
    principal = world.of(world.home)["principal"]
    with factories.in_tenant(world.home):
        principal.refresh_from_db()
        now = timezone.now()
        type(principal).objects.filter(pk=principal.pk).update(expires_at=now + timedelta(days=11, hours=23))
    found = expiry(now + timedelta(days=11, hours=23), now)
    assert found is not None
    assert found.text == "12 days"
    assert "expires in 12 days" in words_of_page(page(engineer, "tenant", world.home.slug))
    assert "12 days" in words_of_page(page(engineer, "tenant-settings", world.home.slug))
