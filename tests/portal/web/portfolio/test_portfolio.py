"""The portfolio: order, counts and trends of tenants."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from assessments.models import Finding
from portal.queries.portfolio import trends
from portal.treatment.models import Snapshot
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.tenant_overview.test_overview import except_one
from tests.portal.web.world import World, make_customer


def test_portfolio_reflects_treatment(engineer: Client, world: World) -> None:
    by = world.people["organization_engineer"]
    late, _ = make_customer(world.organization, "Zebra Late", by)
    with factories.in_tenant(late):
        Finding.objects.filter(outcome="fail").update(severity="critical", severity_rank=0,
                                                      failing_since=timezone.now() - timedelta(days=30))  # fmt: skip
    with factories.in_tenant(world.home):
        Finding.objects.filter(outcome="fail").update(severity="critical", severity_rank=0)
    html = page(engineer, "portfolio")
    # Both customers have the same number of critical findings; the one with overdue findings comes first.
    assert html.index("Zebra Late") < html.index("Alder &amp; Finch Clinics")
    assert re.search(r"<dt>Overdue</dt><dd>6</dd>", html)
    assert html.count("1 to approve") == 2
    except_one(world)
    assert page(engineer, "portfolio").count("1 to approve") == 1


def test_portfolio_trend_is_the_adjusted_score(world: World) -> None:
    today = timezone.now().date()
    with person_scope(world.people["organization_engineer"]):
        (raw,) = trends([world.home.pk])[world.home.pk]
        for days, adjusted in ((2, 61.0), (1, None), (0, 70.0), (91, 5.0)):
            Snapshot.objects.create(
                tenant=world.home, day=today - timedelta(days=days), score=1, adjusted=adjusted
            )
        assert trends([world.home.pk])[world.home.pk] == [61.0, None, 70.0]
    assert raw is not None


def test_portfolio_shows_only_own_tenants(engineer: Client, world: World) -> None:
    html = page(engineer, "portfolio")
    assert "Alder &amp; Finch Clinics" in html
    assert "Foreign Freight" not in html
    assert "9 days" in html or "8 days" in html
