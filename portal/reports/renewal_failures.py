"""Failed renewals of archive time stamps: the pages of the report show them, and administrators are notified."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone

from portal import links
from portal.notify.publish import Event, publish
from portal.reports.models import Report
from tenants import journal
from tenants.actors import Actor
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import tenant_scope
from tenants.selectors import people_with_role

log = structlog.get_logger(__name__)

# The event of `portal.notify.kinds`.
NOT_RENEWED: Final = "time_stamp_not_renewed"
_ADMINISTRATORS: Final = tuple(role for role in Role if Capability.ADMINISTER in CAPABILITIES[role])


def note_failure(*, tenant_id: UUID | str, report_id: UUID | str, reason: str, by: Actor) -> None:
    """Store why a time stamp was not renewed. A renewal that succeeds deletes the reason.

    The journal records the first failure and each other reason. Administrators of the customer, and its channels, get
    one notice a week, however many reports are concerned, because the cause is usually the same.
    """
    log.error("time_stamp_not_renewed", report=str(report_id), reason=reason)
    with tenant_scope(tenant_id):
        row = Report.objects.select_related("tenant").select_for_update(of=("self",), no_key=True)
        report = row.filter(pk=report_id, archive_until__isnull=False).first()
        if report is None:
            return  # deleted meanwhile
        is_new = report.renewal_error != reason
        report.renewal_failed_at, report.renewal_error = timezone.now(), reason
        report.save(update_fields=["renewal_failed_at", "renewal_error"])
        if is_new:
            journal.record(
                tenant=report.tenant,
                actor=by,
                action="report.time_stamp_not_renewed",
                target=f"report:{report.number}",
                details={"report": report.pk, "until": report.archive_until, "reason": reason},
            )
        _publish(report, reason)


def _publish(report: Report, reason: str) -> None:
    tenant = report.tenant
    year, week, _ = timezone.now().isocalendar()
    event = Event(
        kind=NOT_RENEWED,
        key=f"time-stamps:{tenant.pk}:{year}-{week}",
        title=f"Archive time stamps of reports of {tenant.name} could not be renewed",
        lines=(
            f"Report {report.number}, whose time stamp ends on {report.archive_until:%Y-%m-%d}: {reason}",
            "Surety tries again every night. Tell the operator. The list of reports shows all reports concerned.",
        ),
        path=links.reports(tenant.slug),
    )
    publish(tenant=tenant, event=event, subscribers=people_with_role(tenant, _ADMINISTRATORS))
