"""Renew archive time stamps of portfolio reports. `portal.reports.renewal` renews the time stamps of customers'
reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal import links
from portal.notify.publish import publish
from portal.portfolio_reports.actions import BUILDS
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.renewal import due, renew_file
from portal.reports.renewal_failures import failure_event, store_failure
from tenants.actors import Actor
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import ORGANIZATION_ROLES, Capability, roles_with

_ADMINISTRATORS: Final = tuple(
    role for role in roles_with(Capability.ADMINISTER) if role in ORGANIZATION_ROLES
)


def due_reports(organization: Organization) -> Sequence[PortfolioReport]:
    """Return the reports whose last archive time stamp must be renewed. Needs the organization's scope."""
    return due(BUILDS, organization)


def renew(*, organization_id: UUID | str, report_id: UUID | str, by: Actor) -> PortfolioReport | None:
    """Append a new archive time stamp to the report's file. Return None if the report does not exist any more.

    Raises CannotRenew or SigningUnavailable.
    """
    report: PortfolioReport | None = renew_file(BUILDS, organization_id, report_id, by)
    return report


def note_failure(*, organization_id: UUID | str, report_id: UUID | str, reason: str, by: Actor) -> None:
    """Store why a time stamp was not renewed. A renewal that succeeds deletes the reason.

    Administrators of the whole organization get one notice a week, even if the renewal of several reports fails.
    """
    with BUILDS.open_scope(organization_id):
        report = store_failure(BUILDS, report_id, reason, by)
        if report is not None:
            _publish(report, reason)


def _publish(report: PortfolioReport, reason: str) -> None:
    """Notify the administrators. A notice must belong to a customer, so this notice belongs to the organization's first
    customer. The channels of this customer do not get the notice.
    """
    organization = report.organization
    tenants = Tenant.objects.filter(organization=organization, archived_at=None).order_by("created_at", "pk")
    tenant = tenants.first()
    if tenant is None:
        # Nobody can be notified. The page of the report shows why the renewal failed.
        return
    tenant.organization = organization
    held = Membership.objects.filter(
        Membership.valid_at(timezone.now()), organization=organization, tenant=None, role__in=_ADMINISTRATORS
    )
    people = Person.objects.filter(is_active=True, pk__in=held.order_by().values("person"))
    path = links.portfolio_reports(organization.slug)
    event = failure_event(report, reason, owner=organization, path=path, people_only=True)
    publish(tenant=tenant, event=event, subscribers=people.order_by("email"))
