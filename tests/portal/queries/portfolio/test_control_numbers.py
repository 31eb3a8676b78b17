"""Counts of verdicts by control and customer: read from snapshots or, if a snapshot is outdated, from findings."""

from __future__ import annotations

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.queries.portfolio.control_numbers import tenants_failing_by_control, verdicts_by_tenant
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import ControlCount
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.assessments import store_ended_assessment
from tests.portal.web.random_findings import CONTROLS, populate
from tests.portal.web.world import World, make_customer


@pytest.mark.slow(seconds=1)
def test_stored_numbers_equal_counting(world: World) -> None:
    engineer, now = world.people["organization_engineer"], timezone.now()
    other, _ = make_customer(world.organization, "Sister Shipping", engineer)
    for tenant, seed in ((world.home, 1), (other, 2)):
        with factories.in_tenant(tenant):
            populate(tenant, [engineer], now, seed)
            store_ended_assessment(tenant, 50)
    ids = [world.home.pk, other.pk]
    slugs = [slug for slug, *_ in CONTROLS]

    def numbers() -> tuple[dict[str, int], list[dict[object, dict[str, int]]]]:
        with person_scope(engineer):
            failing = tenants_failing_by_control(ids)
            return failing, [
                {pk: dict(sorted(n.items())) for pk, n in verdicts_by_tenant(slug, ids).items()}
                for slug in slugs
            ]

    counted = numbers()
    assert counted[0][slugs[0]] == 2
    for tenant in (world.home, other):
        with factories.in_tenant(tenant):
            take_snapshot(tenant=tenant)
            assert ControlCount.objects.filter(tenant=tenant).exists()
    assert numbers() == counted
    # A new assessment makes the snapshot of one customer outdated.
    with factories.in_tenant(other):
        store_ended_assessment(other, 51)
        Finding.objects.filter(tenant=other, state="open", control=slugs[0]).update(
            outcome="pass", state="resolved", failing_since=None
        )
    failing, verdicts = numbers()
    assert failing[slugs[0]] == 1
    assert "fail" not in verdicts[0][other.pk]
    assert verdicts[0][world.home.pk] == counted[1][0][world.home.pk]
