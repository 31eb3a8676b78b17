"""The overview's table of sections: the worst sections are shown first, and the others are folded."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.web.shared.long_lists import split_worst
from portal.web.tenant_overview.page import MAX_SECTIONS
from tenants.ids import uuid7
from tests import factories
from tests.portal.web.random_findings import fail_every_control
from tests.portal.web.requests import page
from tests.portal.web.world import World


@pytest.mark.parametrize(("number", "first"), [(0, 0), (8, 8), (9, 9), (10, 8), (36, 8)])
def test_a_fold_has_at_least_two_rows(number: int, first: int) -> None:
    shown, rest = split_worst(range(number), 8)
    assert [*shown, *rest] == list(range(number))
    assert len(shown) == first


@pytest.mark.slow(seconds=1)
def test_the_worst_sections_are_shown_and_the_others_folded(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        fail_every_control(world.home, timezone.now())
        # Make the section at the end of the list the worst one, with 60 more critical findings.
        last = engineer.get(reverse("tenant", args=[world.home.slug])).context["sections"][-1]["section"]
        of_last = Finding.objects.filter(tenant=world.home, subject_key__startswith="each-", section=last)
        template = of_last.first()
        assert template is not None
        for number in range(60):
            template.pk = None
            template.id = uuid7()
            template.subject_key = f"worst-{number}"
            template.severity, template.severity_rank = "critical", 0
            template._state.adding = True
            template.save()
    answer = engineer.get(reverse("tenant", args=[world.home.slug]))
    rows = answer.context["sections"]
    assert rows[0]["section"] == last
    assert [row["badness"] for row in rows] == sorted((row["badness"] for row in rows), reverse=True)
    html = page(engineer, "tenant", world.home.slug)
    card = html.split(">By section</h2>")[1].split("</section>")[0]
    shown, folded = card.split('<details class="fold"')
    names = [re.findall(r'class="row-link" href="([^"]+)"', part) for part in (shown, folded)]
    assert [len(part) for part in names] == [MAX_SECTIONS, len(rows) - MAX_SECTIONS]
    assert [*names[0], *names[1]] == [row["url"].replace("&", "&amp;") for row in rows]
    # Both tables have column headings. The label of the folded table states its number of sections and open findings.
    assert [part.count('scope="col"') for part in (shown, folded)] == [6, 6]
    rest = rows[MAX_SECTIONS:]
    summary = " ".join(re.sub("<[^>]+>", " ", folded.split("</summary>")[0].split("<summary>")[1]).split())
    critical = sum(row["critical"] for row in rest)
    assert summary == f"{len(rest)} further sections {sum(row['open'] for row in rest)} open" + (
        f", {critical} critical" if critical else ""
    )


def test_sections_without_open_findings_are_sorted_by_share(engineer: Client, world: World) -> None:
    """No section has open findings. A section about which nothing is known comes before sections that passed."""
    with factories.in_tenant(world.home):
        Finding.objects.filter(tenant=world.home).update(outcome="pass", state="passing", failing_since=None)
        one = Finding.objects.filter(tenant=world.home).exclude(section="storage").first()
        assert one is not None
        Finding.objects.filter(tenant=world.home, section=one.section).update(
            outcome="unknown", state="unknown", unknown_because="forbidden"
        )
    rows = engineer.get(reverse("tenant", args=[world.home.slug])).context["sections"]
    assert len(rows) > 1
    assert rows[0]["section"] == one.section


@pytest.mark.slow(seconds=1)
def test_nothing_known_is_not_shown_as_zero(engineer: Client, world: World) -> None:
    """No data of the customer can be read. The test looks at folded sections, open findings and manual controls."""
    with factories.in_tenant(world.home):
        fail_every_control(world.home, timezone.now())
        findings = Finding.objects.filter(tenant=world.home)
        findings.update(
            outcome="unknown", state="unknown", unknown_because="forbidden", failing_since=None, gone_at=None
        )
        number = findings.count()
    fold = page(engineer, "tenant", world.home.slug).split("further sections")[1].split("</summary>")[0]
    assert " ".join(re.sub("<[^>]+>", " ", fold).split()) == "not known"
    html = " ".join(page(engineer, "findings", world.home.slug, query="?state=open").split())
    assert f"not known what fails: {number} checks are unknown." in html
    assert "?state=unknown" in html
    assert "Surety does not know which manual controls apply" in page(
        engineer, "attestations", world.home.slug
    )
