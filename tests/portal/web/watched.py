"""Add assessments by the watch, which read only what somebody changed, to the customers of a world."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from assessments.models import Assessment, Unit
from tests import factories
from tests.portal.web.world import World


def watched_unit(world: World, at: datetime) -> Unit:
    """Add a watch assessment that ended at `at`, and return its unit.

    The unit covers the subscription of the home customer's assessment in the test data.
    """
    tenant = world.home
    with factories.in_tenant(tenant):
        last = world.of(tenant)["assessment"].units.get()
        newest = Assessment.objects.filter(tenant=tenant).aggregate(number=Max("number"))["number"]
        assessment = Assessment.objects.create(
            tenant=tenant, number=newest + 1, trigger=Assessment.Trigger.WATCH, state=Assessment.State.FINISHED,
            started_at=at, ended_at=at, only=[last.scope_id], catalogue_hash=last.assessment.catalogue_hash,
            product_version="1", units_total=1, units_ended=1, summary={"units": {"done": 1}},
        )  # fmt: skip
        return Unit.objects.create(
            tenant=tenant, assessment=assessment, kind=last.kind, azure_id=last.azure_id, name=last.name,
            directory_id=last.directory_id, subscription_id=last.subscription_id, state=Unit.State.DONE,
            started_at=at, ended_at=at,
        )  # fmt: skip
