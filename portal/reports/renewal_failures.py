"""Store why archive time stamps were not renewed, so that the pages of the reports show the reason. Notify the
administrators.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import structlog
from django.utils import timezone

from portal import links
from portal.notify.publish import Event, publish
from portal.reports.builds import CUSTOMER_BUILDS, Builds
from portal.reports.models import Report
from portal.reports.signed_build import SignedBuild
from tenants.actors import Actor
from tenants.roles import Capability, roles_with
from tenants.scope import tenant_scope
from tenants.selectors import people_with_role

log = structlog.get_logger(__name__)

# The kind of the event that notifies people of a failed renewal (`portal.notify.kinds`).
NOT_RENEWED: Final = "time_stamp_not_renewed"
_ADMINISTRATORS: Final = roles_with(Capability.ADMINISTER)


def note_failure(*, tenant_id: UUID | str, report_id: UUID | str, reason: str, by: Actor) -> None:
    """Store why the time stamp of a customer's report was not renewed, and notify the administrators.

    Most causes concern all reports of a customer, so administrators and channels get only one notice a week.
    """
    with tenant_scope(tenant_id):
        report = store_failure(CUSTOMER_BUILDS, report_id, reason, by)
        if report is not None:
            _publish(report, reason)


def store_failure(builds: Builds, report_id: UUID | str, reason: str, by: Actor) -> Any:
    """Store why a time stamp was not renewed. Call this in the scope of the report's owner.

    Return the report, or None if the report was deleted meanwhile. The next successful renewal deletes the reason. The
    journal records each new reason.
    """
    log.error("time_stamp_not_renewed", report=str(report_id), reason=reason)
    locked = builds.rows().select_for_update(of=("self",), no_key=True).select_related(*builds.related)
    report = locked.filter(pk=report_id, archive_until__isnull=False).first()
    if report is None:
        return None
    is_new = report.renewal_error != reason
    report.renewal_failed_at, report.renewal_error = timezone.now(), reason
    report.save(update_fields=["renewal_failed_at", "renewal_error"])
    if is_new:
        details = {"until": report.archive_until, "reason": reason}
        builds.record(report, by, "time_stamp_not_renewed", details)
    return report


def failure_event(report: SignedBuild, reason: str, *, owner: Any, path: str, people_only: bool) -> Event:
    """Return the event about a time stamp that was not renewed.

    `owner` is the customer or organization. All events of an owner in one week have the same key, so only the first
    event causes a notice. `path` leads to the list of reports.
    """
    year, week, _ = timezone.now().isocalendar()
    return Event(
        kind=NOT_RENEWED,
        key=f"time-stamps:{owner.pk}:{year}-{week}",
        title=f"Archive time stamps of reports of {owner.name} could not be renewed",
        lines=(
            f"Report {report.number}, whose time stamp ends on {report.archive_until:%Y-%m-%d}: {reason}",
            (
                "Surety tries again every night. Tell the operator of Surety. The list of reports shows all reports"
                " whose time stamp could not be renewed."
            ),
        ),
        path=path,
        people_only=people_only,
    )


def _publish(report: Report, reason: str) -> None:
    tenant = report.tenant
    event = failure_event(report, reason, owner=tenant, path=links.reports(tenant.slug), people_only=False)
    publish(tenant=tenant, event=event, subscribers=people_with_role(tenant, _ADMINISTRATORS))
