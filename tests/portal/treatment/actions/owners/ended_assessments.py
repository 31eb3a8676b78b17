"""Assessments in which the verdict of a finding changes."""

from __future__ import annotations

from datetime import datetime

from assessments.models import Assessment, Finding, FindingChange
from tests.portal.treatment.owner_cases import CustomerWithOwners


def assess_change(customer: CustomerWithOwners, row: Finding, before: str, now: datetime) -> Assessment:
    assessment = Assessment.objects.create(
        tenant=customer.tenant,
        number=2,
        catalogue_hash="0" * 64,
        product_version="1",
        state=Assessment.State.FINISHED,
        ended_at=now,
    )
    FindingChange.objects.create(
        tenant=customer.tenant,
        finding=row,
        assessment=assessment,
        at=now,
        before_outcome=before,
        after_outcome="fail",
        reason="r",
    )
    return assessment
