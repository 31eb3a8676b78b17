"""Notifications by mail, Teams, Slack and signed webhooks. Notifications are sent after the commit, once per event and
recipient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessments.models import Assessment
    from tenants.models import Tenant


def assessment_ended(tenant: Tenant, assessment: Assessment) -> int:
    """Notify subscribers that an assessment has ended. Calls `portal.notify.events.assessment_ended`."""
    # Imported here, because Django imports this package before the models are loaded.
    from portal.notify import events

    return events.assessment_ended(tenant, assessment)
