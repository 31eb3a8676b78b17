"""The page about how long checks failed, and its table."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.queries.audit_room import Period
from portal.queries.exposure import COLUMNS, exposure, totals
from portal.queries.parameters import parse_query_string
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


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


@pytest.mark.parametrize(
    "query",
    ["from=2026-13-01", "from=2026-05-02&to=2026-05-01", "to=9999-12-31", "from=0001-01-01", "from=x"],
)
def test_an_invalid_period_is_explained(engineer: Client, world: World, query: str) -> None:
    assert "The default period is shown." in page(engineer, "exposure", world.home.slug, query=f"?{query}")


def test_the_overview_and_the_audit_room_link_to_the_page(world: World, sign_in: SignIn) -> None:
    auditor = sign_in(world.people["auditor"])
    address = reverse("exposure", args=[world.home.slug])
    assert f'href="{address}"' in page(auditor, "tenant", world.home.slug)
    assert f'"{address}?from=' in page(auditor, "audit-room", world.home.slug)
    owner = sign_in(world.people["owner"])
    assert address not in page(owner, "tenant", world.home.slug)
