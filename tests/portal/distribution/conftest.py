"""The fixture `world` without its report schedules and runs, so that a test has only its own schedules and runs."""

from __future__ import annotations

import pytest

from portal.distribution.models import OrganizationReportSchedule, PortfolioRun, ReportRun, ReportSchedule
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.world import World


@pytest.fixture
def world(world: World) -> World:
    for tenant in (world.home, world.foreign):
        with organization_scope(tenant.organization):
            PortfolioRun.objects.all().delete()  # This deletes their deliveries too.
            OrganizationReportSchedule.objects.all().delete()
        with factories.in_tenant(tenant):
            ReportRun.objects.all().delete()  # This deletes their deliveries too.
            ReportSchedule.objects.all().delete()
    return world
