"""Report schedules of an organization, and their copies for its customers."""

from __future__ import annotations

from typing import Any

from portal.distribution.actions.schedules import (
    add_schedule,
)
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from tenants.models import Tenant
from tenants.scope import person_scope
from tests import factories
from tests.portal.distribution.schedules import choices
from tests.portal.web.world import World

CFO = "cfo@fabrikam.example"


def all_customers(world: World, **given: Any) -> OrganizationReportSchedule:
    """Add a schedule of the organization as its administrator, who confirms the addresses by entering them."""
    administrator = world.people["organization_administrator"]
    with person_scope(administrator):
        row = add_schedule(place=world.organization, by=administrator, choices=choices(**given))
    assert isinstance(row, OrganizationReportSchedule)
    return row


def copy_of(origin: OrganizationReportSchedule, tenant: Tenant) -> ReportSchedule:
    with factories.in_tenant(tenant):
        return ReportSchedule.objects.get(origin=origin.pk)
