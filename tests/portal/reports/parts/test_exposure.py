"""How many days each control failed: reports state the same numbers as the page “How long checks failed”."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.template.loader import render_to_string
from django.urls import reverse

from portal.queries.audit_room import Period
from portal.queries.tenant_overview.exposure import ControlExposure, Known
from portal.reports.parts import exposure as part
from tests import factories
from tests.portal.reports.conftest import Built, attached, text_of
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.reports.schemas import problems_of_attachments
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


@pytest.mark.slow(seconds=1)
def test_the_full_report_states_the_days_of_the_page(built: Built, tmp_path: Path) -> None:
    stated = json.loads(attached(built.data, "results.json"))
    assert stated["exposure"], "the sample has failures"
    url = reverse("exposure", args=[built.world.home.slug])
    period = {"from": stated["exposure_first"], "to": stated["exposure_last"]}
    with time_machine.travel(datetime.fromisoformat(stated["treated_at"]), tick=False):
        client = signed_in_client(built.world.people["organization_engineer"])
        page = client.get(url, period)
    rows = page.context["page"].paginator.object_list
    assert [row.control for row in rows] == [row["control"] for row in stated["exposure"]]
    for shown, row in zip(rows, stated["exposure"], strict=True):
        for name in ("title", "severity", "began", "ceased", "at_end", "findings"):
            assert getattr(shown, name) == row[name]
        assert row["at_start"] == (shown.at_start if page.context["known"].start else None)
        # The tolerance is for rounding: results.json states the time in whole seconds.
        assert shown.days == pytest.approx(row["days"], abs=shown.findings * 2 / 86_400)
        assert shown.longest == pytest.approx(row["longest"], abs=2 / 86_400)
    assert page.context["totals"].days == pytest.approx(stated["exposure_totals"]["days"], abs=0.01)
    text = text_of(built.data, tmp_path)
    assert "Days failing by control" in text
    assert f"{rows[0].days:.1f}" in text


@pytest.mark.slow(seconds=1)
def test_the_executive_summary_states_the_days_of_its_risks(built: Built, tmp_path: Path) -> None:
    with factories.in_tenant(built.world.home):
        summary = rendered(built.world.home, kind="executive")
    days = {row["control"]: row["days"] for row in summary.results["exposure"]}
    text = summary.text(tmp_path)
    assert "Days failing: how many days the findings of the control failed in the 90 days until" in text
    assert sum(days.values()) > 0
    assert summary.pages == 2


@pytest.mark.slow(seconds=2)
def test_numbers_that_are_not_known_are_not_stated_as_zero(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "_known", lambda *_: Known(start=False, end=False))
    with factories.in_tenant(world.home):
        found = rendered(world.home)
    rows = found.results["exposure"]
    assert rows, "the sample has failures"
    assert {(row["at_start"], row["at_end"]) for row in rows} == {(None, None)}
    sums = found.results["exposure_totals"]
    assert (sums["at_start"], sums["at_end"]) == (None, None)
    text = found.text(tmp_path)
    assert "not known" in text[text.rindex("Days failing by control") :]
    assert problems_of_attachments(found.files, tmp_path) == []


@pytest.mark.parametrize(
    ("score", "states", "at_end", "is_known"),
    [
        (None, {"unknown": 5}, 0, False),
        (None, {"unknown": 5}, 1, True),
        (50.0, {"unknown": 5}, 0, True),
        (None, {"not_applicable": 5}, 0, True),
        (None, {}, 0, False),
    ],
)
def test_the_end_is_known_if_a_check_had_a_result(
    world: World, score: float | None, states: dict[str, int], at_end: int, is_known: bool
) -> None:
    source: Any = SimpleNamespace(
        tenant=world.home,
        assessment=SimpleNamespace(only=[]),
        summaries={"raw": {"score": score}, "states": states},
    )
    row = ControlExposure("c", "C", "high", 0, 1, 1 - at_end, at_end, 1, 2.0, 2.0)
    with factories.in_tenant(world.home):
        found = part._known(source, [row], Period(date(2001, 1, 1), date(2001, 1, 2)))
    # Nothing was recorded before the period, so the failures at its start are unknown.
    assert found == Known(start=False, end=is_known)


def test_without_any_failure_the_sums_are_not_zero_if_nothing_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a customer whose checks never had a result, “No verdict failed” would look like a pass."""
    source: Any = SimpleNamespace(
        tenant=world.home,
        treatment=SimpleNamespace(at=datetime(2001, 1, 2, tzinfo=UTC)),
        report=SimpleNamespace(period_first=None, period_last=None),
        summaries={"raw": {"score": None}, "states": {"unknown": 5}},
    )
    monkeypatch.setattr(part, "exposure", lambda *_: [])
    with factories.in_tenant(world.home):
        facts = part._gather(source)
        source.summaries["raw"]["score"] = 100.0
        passed = part._gather(source)
    assert (facts.exposure_totals.at_start, facts.exposure_totals.at_end) == (None, None)
    assert (passed.exposure_totals.at_start, passed.exposure_totals.at_end) == (None, 0)
    assert "No verdict failed in this period." in _printed(passed)
    assert "It is not known what failed in this period" in _printed(facts)
    assert "No verdict failed" not in _printed(facts)


def _printed(facts: part.ExposureFacts) -> str:
    context = {"part": SimpleNamespace(key="part", title="Part"), "rows": (), "facts": facts}
    return " ".join(render_to_string("reports/pdf/exposure.html", context).split())
