"""The page that shows how long checks failed, and its export as CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from html import escape, unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.controls.registry import known_controls
from portal.queries.audit_room import Period
from portal.queries.parameters import parse_query_string
from portal.queries.tenant_overview import exposure as queries
from portal.queries.tenant_overview.exposure import COLUMNS, ControlExposure, exposure, standings, totals
from portal.treatment.models import Snapshot
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def exposed(control: str, severity: str, at_end: int) -> ControlExposure:
    """Return the figures of a control: one finding failed at the start of the period, and two began to fail in it."""
    title = known_controls()[control].problem
    return ControlExposure(control, title, severity, 1, 2, 3 - at_end, at_end, 3, 10.0 * at_end, 9.0)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[ControlExposure]:
    """Sixty controls that failed, in order of severity. Every third one no longer fails at the end of the period."""
    slugs = sorted(known_controls())[:60]
    severities = ("critical", "high", "medium", "low")
    rows = [exposed(slug, severities[place // 15], place % 3) for place, slug in enumerate(slugs)]
    monkeypatch.setattr(queries, "exposure", lambda *_: rows)
    return rows


def listed(html: str) -> list[str]:
    """Return the names of the problems that the page lists."""
    return [unescape(name) for name in re.findall(r'class="row-link"[^>]*>([^<]+)<', html)]


def values(html: str) -> list[int]:
    return [int(value) for value in re.findall(r'<span class="value">(\d+)</span>', html)]


def test_the_problems_are_in_pages_with_the_most_severe_first(
    engineer: Client, world: World, many: list[ControlExposure]
) -> None:
    pages = [page(engineer, "exposure", world.home.slug, query=f"?page={number}") for number in (1, 2, 3)]
    titles = [row.title for row in many]
    assert [listed(html) for html in pages] == [titles[:25], titles[25:50], titles[50:]]
    # `many[0]` does not fail at the end, so the headline names `many[1]`.
    headline = " ".join(pages[0].split('<p class="headline">')[1].split("</p>")[0].split())
    assert headline.startswith("Of the critical problems that remain at the end, “<a ")
    assert headline.endswith(
        f'control={many[1].control}">{escape(many[1].title)}</a>” lasted the longest:'
        " 10.0 days in total (added up over 3 findings)"
    )
    sums = totals(many)
    for html in pages:
        assert values(html) == [sums.at_start, sums.began, sums.ceased, sums.at_end, round(sums.days)]
    assert "1–25 of 60" in pages[0]


def test_filters_choose_the_rows_the_totals_and_the_export(
    engineer: Client, world: World, many: list[ControlExposure]
) -> None:
    matching = [row for row in many if row.severity == "high" and row.at_end]
    query = "?severity=high&end=failing"
    html = page(engineer, "exposure", world.home.slug, query=query)
    assert listed(html) == [row.title for row in matching]
    assert values(html)[3] == totals(matching).at_end
    assert f"match {len(matching)} of 60 problems." in html
    assert re.search(rf"Failing<span[^>]*>{len(matching)}</span>", html), "the facet counts the rows"
    export = re.search(r'href="([^"]+/exposure/export.csv[^"]+)"', html)
    assert export
    answer = engineer.get(unescape(export[1]))
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Control"] for row in found] == [row.control for row in matching]


def test_the_period_and_the_filters_are_kept(
    engineer: Client, world: World, many: list[ControlExposure]
) -> None:
    query = "?from=2026-05-01&to=2026-05-31&severity=low&page=1"
    html = page(engineer, "exposure", world.home.slug, query=query)
    period, search = re.findall(r"<form class=\"toolbar.*?</form>", html)
    assert '<input type="hidden" name="severity" value="low">' in period
    for name, value in (("from", "2026-05-01"), ("to", "2026-05-31"), ("severity", "low")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in search
    assert 'name="page"' not in html
    assert 'href="?from=2026-05-01&amp;to=2026-05-31">Clear filters' in html


def test_a_search_without_a_match_says_so(
    engineer: Client, world: World, many: list[ControlExposure]
) -> None:
    html = page(engineer, "exposure", world.home.slug, query="?q=nosuchproblem")
    assert "No problems match" in html
    assert "for the longest time in total" not in html
    assert listed(html) == []
    word = many[-1].control
    assert listed(page(engineer, "exposure", world.home.slug, query=f"?q={word}")) == [many[-1].title]


def test_the_page_and_the_table_have_the_figures_of_the_query(engineer: Client, world: World) -> None:
    now = timezone.now()
    with factories.in_tenant(world.home):
        rows = exposure(world.home, Period.parse(parse_query_string(""), now, None), now)
    assert rows
    html = page(engineer, "exposure", world.home.slug)
    assert all(row.title in html for row in rows)
    assert f'<span class="value">{totals(rows).at_end}</span>' in html
    answer = engineer.get(reverse("exposure-csv", args=[world.home.slug]))
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert list(found[0]) == list(COLUMNS)
    assert [(row["Control"], int(row["Failing at the end"])) for row in found] == [
        (row.control, row.at_end) for row in rows
    ]


def test_a_period_without_failures_says_so(engineer: Client, world: World) -> None:
    html = page(engineer, "exposure", world.home.slug, query="?from=2001-01-01&to=2001-01-31")
    assert "No results in this period" in html
    assert "not known what failed" in html
    assert "Nothing failed" not in html
    assert "not recorded" in html


@pytest.mark.parametrize("score", [None, 70.0])
def test_what_nobody_could_read_is_not_shown_as_zero(
    engineer: Client, world: World, monkeypatch: pytest.MonkeyPatch, score: float | None
) -> None:
    """The control failed only within the period. At the start and at the end of the period, either all checks are
    unknown (the score is None), or only some of them.
    """
    row = replace(exposed("storage-secure-transfer", "high", 0), at_start=0)
    monkeypatch.setattr(queries, "exposure", lambda *_: [row])
    states = {"unknown": 9} if score is None else {"unknown": 9, "passing": 40}
    with factories.in_tenant(world.home):
        for day in (date(2026, 4, 30), date(2026, 5, 31)):
            Snapshot.objects.create(
                tenant=world.home,
                day=day,
                score=score,
                adjusted=score,
                states=states,
                coverage=0,
                opened=0,
                closed=0,
            )
    query = "?from=2026-05-01&to=2026-05-31"
    html = " ".join(page(engineer, "exposure", world.home.slug, query=query).split())
    shown = "not known" if score is None else "0"
    assert html.count('<span class="value unknown">not known</span>') == (2 if score is None else 0)
    assert ("the failure counts as ended" in html) is (score is None)
    assert ("At the end, 9 checks were unknown: they count neither" in html) is (score is not None)
    figures = {label: (first, last) for label, first, last in _standings(engineer, world, query)}
    assert figures["Unknown"] == (9, 9)
    unread = 0 if score is not None else "not known"
    assert figures["Open"] == figures["Overdue"] == (unread, unread)
    answer = engineer.get(reverse("exposure-csv", args=[world.home.slug]) + query)
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["Failing at the start"], line["Failing at the end"]) == (shown, shown)
    monkeypatch.setattr(queries, "exposure", lambda *_: [])
    html = page(engineer, "exposure", world.home.slug, query=query)
    assert ("Nothing failed in this period" in html) is (score is not None)
    assert ("so it is not known what failed" in html) is (score is None)


def test_figures_of_the_days_have_separators(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        Snapshot.objects.create(
            tenant=world.home,
            day=date(2026, 5, 31),
            score=None,
            adjusted=None,
            states={"unknown": 1345},
            coverage=0,
            opened=0,
            closed=0,
        )
    html = page(engineer, "exposure", world.home.slug, query="?from=2026-05-01&to=2026-05-31")
    assert ">1,345</td>" in html


@pytest.mark.parametrize(
    ("states", "is_known"), [({}, False), ({"not_applicable": 3}, True), ({"unknown": 3}, False)]
)
def test_a_day_on_which_no_control_had_judged_anything_is_not_known(
    world: World, states: dict[str, int], is_known: bool
) -> None:
    """No control has judged anything if, for example, Microsoft refused the first sign-in, so that Surety found no
    subscription.
    """
    day = date(2026, 4, 30)
    with factories.in_tenant(world.home):
        Snapshot.objects.create(
            tenant=world.home,
            day=day,
            score=None,
            adjusted=None,
            states=states,
            coverage=0,
            opened=0,
            closed=0,
        )
        before, _ = standings(world.home, Period(date(2026, 5, 1), date(2026, 5, 31)))
    assert before.day == day
    assert before.is_known is is_known


def _standings(client: Client, world: World, query: str) -> list[tuple[str, object, object]]:
    """Return the rows of the card “Before and after”."""
    rows: list[tuple[str, object, object]] = client.get(
        reverse("exposure", args=[world.home.slug]) + query
    ).context["standings"]
    return rows


@pytest.mark.parametrize(
    "query",
    ["from=2026-13-01", "from=2026-05-02&to=2026-05-01", "to=9999-12-31", "from=0001-01-01", "from=x"],
)
def test_an_invalid_period_is_explained(engineer: Client, world: World, query: str) -> None:
    assert "The default period is shown." in page(engineer, "exposure", world.home.slug, query=f"?{query}")


@pytest.mark.slow(seconds=1)
def test_the_overview_and_the_audit_room_link_to_the_page(world: World, sign_in: SignIn) -> None:
    auditor = sign_in(world.people["auditor"])
    address = reverse("exposure", args=[world.home.slug])
    assert f'href="{address}"' in page(auditor, "tenant", world.home.slug)
    assert f'"{address}?from=' in page(auditor, "audit-room", world.home.slug)
    owner = sign_in(world.people["owner"])
    assert address not in page(owner, "tenant", world.home.slug)
