"""Telling people and systems: e-mail, Teams, Slack, signed webhooks. On commit, and nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessments.models import Assessment
    from tenants.models import Tenant


def assessment_ended(tenant: Tenant, assessment: Assessment) -> int:
    """`portal.notify.events.assessment_ended`."""
    from portal.notify import events  # this package is imported before the models are

    return events.assessment_ended(tenant, assessment)
