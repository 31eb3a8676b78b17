"""Helpers for tests of leases: claim a unit, and let its lease expire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from assessments.actions.units.lease import Lease, claim
from assessments.models import Assessment, Unit
from tenants.scope import tenant_scope
from tests.assessments.collect.azure import guid
from tests.assessments.sandboxed_customer import Customer

FIRST = guid(1)
SCOPE = f"/subscriptions/{FIRST}"
PREPARE, RUN = "assessments.tasks.prepare", "assessments.tasks.run_unit"


def take(customer: Customer, assessment: Assessment, scope: str = SCOPE, worker: str = "w1") -> Lease | None:
    unit = customer.units(assessment)[scope]
    return claim(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker=worker)


def expire(customer: Customer, **where: Any) -> None:
    with tenant_scope(customer.tenant.pk):
        Unit.objects.filter(state=Unit.State.RUNNING, **where).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
