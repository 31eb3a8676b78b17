"""The sidebar shows how many findings are open and how many exceptions wait. The linked pages show the same numbers."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.queries.frame.sidebar_numbers import sidebar_numbers
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import FindingException
from portal.treatment.selectors.scores import standing
from portal.treatment.selectors.valid_snapshots import valid_shown_counts
from tests import factories
from tests.portal.web.listed_numbers import listed, tokens
from tests.portal.web.random_findings import populate
from tests.portal.web.requests import page
from tests.portal.web.treatments import ask
from tests.portal.web.world import SignIn, World

__all__ = ["tokens"]  # The fixture `tokens` forgets the API tokens of earlier tests.


def numbers(html: str) -> dict[str, tuple[int, str]]:
    """Return {entry of the sidebar: (number, words after the number)}."""
    rail = html.split('<nav class="rail"')[1].split("</nav>", maxsplit=1)[0]
    found = re.findall(
        r"</svg>\s*([A-Z][\w ]*?)\s*<span class=\"count\">\s*(\d+)\s*<span class=\"visually-hidden\">(.*?)</span>",
        rail,
    )
    return {label: (int(number), words) for label, number, words in found}


@pytest.mark.slow(seconds=1)
def test_open_findings_are_those_of_the_list(engineer: Client, world: World) -> None:
    tenant = world.home
    with factories.in_tenant(tenant):
        populate(tenant, [world.people["owner"]], timezone.now(), seed=3)
        take_snapshot(tenant=tenant)
        assert valid_shown_counts([tenant.pk], timezone.now()).exists()
    number, words = numbers(page(engineer, "assessments", tenant.slug))["Findings"]
    assert (number, words) == (listed(engineer, f"/t/{tenant.slug}/findings/?state=open"), "open")
    assert number > 5


@pytest.mark.slow(seconds=1)
def test_open_findings_are_counted_after_a_change(world: World) -> None:
    tenant = world.home
    with factories.in_tenant(tenant):
        populate(tenant, [world.people["owner"]], timezone.now(), seed=4)
        take_snapshot(tenant=tenant)
        before = sidebar_numbers(tenant, timezone.now()).open
        Assessment.objects.create(
            tenant=tenant, number=9, state="running", catalogue_hash="c" * 64, product_version="1"
        )
        one = Finding.objects.filter(tenant=tenant, state="open", treatment=None)[0]
        Finding.objects.filter(pk=one.pk).update(outcome="pass", state="resolved", failing_since=None)
        assert not valid_shown_counts([tenant.pk], timezone.now()).exists()
        with CaptureQueriesContext(connection) as queries:
            after = sidebar_numbers(tenant, timezone.now()).open
        assert len(queries) == 1
        assert after == before - 1 == standing(tenant).open()


def test_waiting_exceptions_are_shown_to_people_who_see_all(world: World, sign_in: SignIn) -> None:
    ask(world)
    slug = world.home.slug
    with factories.in_tenant(world.home):
        waiting = FindingException.objects.filter(state__in=FindingException.PENDING).count()
    engineer = numbers(page(sign_in(world.people["organization_engineer"]), "assessments", slug))
    assert engineer["Exceptions"] == (waiting, "waiting for approval")
    approver = numbers(page(sign_in(world.people["approver"]), "assessments", slug))
    assert approver["Exceptions"] == (waiting, "waiting for you")
    assert approver["Findings"] == engineer["Findings"]
    # Owners see only their own findings and exceptions.
    assert numbers(page(sign_in(world.people["owner"]), "assessments", slug)) == {}
