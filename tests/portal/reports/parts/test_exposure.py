"""Days failing by control are the numbers of the page “How long checks failed”."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from tests import factories
from tests.portal.reports.conftest import Built, attached, text_of
from tests.portal.reports.kinds.rendering import rendered
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


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
        for name in ("title", "severity", "at_start", "began", "ceased", "at_end", "findings"):
            assert getattr(shown, name) == row[name]
        # results.json states the time in whole seconds.
        assert shown.days == pytest.approx(row["days"], abs=shown.findings * 2 / 86_400)
        assert shown.longest == pytest.approx(row["longest"], abs=2 / 86_400)
    assert page.context["totals"].days == pytest.approx(stated["exposure_totals"]["days"], abs=0.01)
    text = text_of(built.data, tmp_path)
    assert "Days failing by control" in text
    assert f"{rows[0].days:.1f}" in text


def test_the_executive_summary_states_the_days_of_its_risks(built: Built, tmp_path: Path) -> None:
    with factories.in_tenant(built.world.home):
        summary = rendered(built.world.home, kind="executive")
    days = {row["control"]: row["days"] for row in summary.results["exposure"]}
    text = summary.text(tmp_path)
    assert "Days failing: the total of all findings of the control, in the 90 days until" in text
    assert sum(days.values()) > 0
    assert summary.pages == 2
