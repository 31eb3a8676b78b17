"""Pages, exports, the API and the trend show the same number for the same fact."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from assessments.models import Finding
from portal.queries.tenant_overview.daily_scores import open_on
from portal.reports.actions import request_report
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.parts import results
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.due_dates import past_due
from portal.treatment.models import Snapshot
from portal.treatment.selectors.policy import preview_policy
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tests import factories
from tests.portal.web.listed_numbers import listed, tokens
from tests.portal.web.random_findings import populate
from tests.portal.web.requests import page
from tests.portal.web.world import World

__all__ = ["tokens"]
_STAT = re.compile(r'<a class="stat" href="([^"]+)">(.*?)</a>')
_VALUE = re.compile(r'<span class="value[^"]*">(\d+)')


@pytest.fixture
def treated(world: World) -> World:
    """The world's customer with findings of every state, half of them treated."""
    with factories.in_tenant(world.home):
        populate(world.home, [world.people["owner"], world.people["approver"]], timezone.now(), seed=12)
        take_snapshot(tenant=world.home)
    return world


@pytest.mark.slow(seconds=1)
def test_each_figure_of_the_overview_is_the_length_of_the_list_it_links_to(
    engineer: Client, treated: World
) -> None:
    html = page(engineer, "tenant", treated.home.slug)
    figures = [
        (unescape(url), int(_VALUE.search(inner)[1]))
        for url, inner in _STAT.findall(html)
        if "/findings/" in url
    ]
    assert len(figures) == 3
    assert {url: listed(engineer, url) for url, _ in figures} == dict(figures)
    assert all(number > 0 for _, number in figures)


@pytest.mark.slow(seconds=1)
def test_open_is_one_number_on_all_pages(engineer: Client, treated: World) -> None:
    tenant, now = treated.home, timezone.now()
    base = f"/t/{tenant.slug}/findings/?state="
    number = {state: listed(engineer, base + state) for state in ("open", "acknowledged", "excepted")}
    by_severity = {key: listed(engineer, f"{base}open&severity={key}") for key in ("critical", "high")}
    with factories.in_tenant(tenant):
        snapshot = Snapshot.objects.filter(tenant=tenant).latest("day")
        assert open_on(snapshot) == number["open"]
        preview = preview_policy(tenant, due_days=tenant.due_days, cap_days=180, now=now).by_severity
    assert sum(row.failing for row in preview) == number["open"] + number["acknowledged"]
    assert listed(engineer, f"/t/{tenant.slug}/findings/?verdict=fail") == sum(number.values())
    export = engineer.get(f"/t/{tenant.slug}/findings/export.csv?state=open")
    rows = list(csv.DictReader(io.StringIO(b"".join(export.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == number["open"]
    assert {row["State"] for row in rows} == {"Open"}
    portfolio = page(engineer, "portfolio", query=f"?q={tenant.name[:5]}")
    for severity, count in by_severity.items():
        assert count > 0
        assert f'aria-label="{count} {severity}"' in portfolio
    figure = re.search(r'\?show=critical">.*?<span class="value[^"]*">(\d+)<', portfolio)
    assert figure
    assert int(figure[1]) == by_severity["critical"]


@pytest.mark.slow(seconds=1)
def test_scores_and_coverage_are_one_number_on_pages_in_exports_and_in_reports(
    engineer: Client, treated: World
) -> None:
    tenant = treated.home
    open_, unknown = (
        listed(engineer, f"/t/{tenant.slug}/findings/?state={state}") for state in ("open", "unknown")
    )
    with factories.in_tenant(tenant):
        snapshot = Snapshot.objects.filter(tenant=tenant).latest("day")
        report = request_report(tenant=tenant, by=factories.BY, kind="executive")
        verdicts = gather_facts(report, ensure_signing_identity()).of(results.PART)
        # A report counts the findings that were overdue at the time of the report, not the ones that are overdue now.
        at = report.created_at
        due = Finding.objects.filter(past_due(tenant.due_days, at), tenant=tenant, state="open")
        late = due.annotate(shown=shown_state(timezone.now())).filter(shown__in=WITH_DUE_DATE).count()
    assert (verdicts.score, verdicts.adjusted, verdicts.coverage) == (
        snapshot.score,
        snapshot.adjusted,
        snapshot.coverage,
    )
    assert (verdicts.states["open"], verdicts.counts["unknown"], len(verdicts.overdue)) == (
        open_,
        unknown,
        late,
    )
    overview = page(engineer, "tenant", tenant.slug)
    for word, score in (("Adjusted", snapshot.adjusted), ("Raw", snapshot.score)):
        assert f'aria-label="{word} score: {score:.0f} percent"' in overview
    assert f"{snapshot.coverage} %" in overview
    portfolio = " ".join(page(engineer, "portfolio", query=f"?q={tenant.name[:5]}").split())
    assert f"{snapshot.coverage} %" in portfolio
    assert re.search(rf"Adjusted score\b.{{0,80}}\b{snapshot.adjusted:.0f}\b", portfolio)
    book = engineer.get(f"/t/{tenant.slug}/findings/export.xlsx?state=open")
    sheet = load_workbook(io.BytesIO(b"".join(book.streaming_content))).active  # type: ignore[attr-defined]
    rows = [row for row in sheet.iter_rows(values_only=True) if "Open" in row]
    assert len(rows) == open_
