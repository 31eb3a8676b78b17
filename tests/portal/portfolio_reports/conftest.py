"""An organization whose customers were read in part, long ago or never, and its portfolio report, built once."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from assessments.models import Assessment
from portal.portfolio_reports.actions import build_portfolio
from portal.portfolio_reports.models import PortfolioReport
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.databases import databases
from tests.portal.reports.conftest import own_home, pki
from tests.portal.web.world import World

__all__ = ["own_home", "pki"]


@dataclass
class Portfolio:
    """A built report, its bytes, and the customers by their state."""

    world: World
    report: PortfolioReport
    data: bytes
    customers: dict[str, Tenant]


OFF = {
    "storage-min-tls": {"switched_off": {"reason": "Replaced", "by": "", "at": "2026-11-28T10:00:00+00:00"}}
}


def _build(world: World, home: Path) -> Portfolio:
    provider = world.organization
    never = factories.tenant(provider, name="Never & Sons")
    stale = factories.tenant(provider, name="Stale Traders")
    refused = factories.tenant(provider, name="Refused Rail")
    for tenant, days, units in ((stale, 20, {"done": 2}), (refused, 1, {"failed": 2})):
        with factories.in_tenant(tenant):
            at = timezone.now() - timedelta(days=days)
            Assessment.objects.create(
                tenant=tenant, number=1, state=Assessment.State.FINISHED, started_at=at, ended_at=at,
                summary={"units": units, "score": 50.0}, parameters=OFF if tenant is stale else {},
            )  # fmt: skip
    with override_settings(SURETY_HOME=home), organization_scope(provider):
        report = build_portfolio(organization=provider, by=world.people["organization_engineer"])
        connection.run_on_commit.clear()
        with report.file.open("rb") as source:
            return Portfolio(
                world,
                report,
                source.read(),
                {"home": world.home, "never": never, "stale": stale, "refused": refused},
            )


@pytest.fixture(scope="session")
def stored_portfolio(
    stored_world: bytes, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[bytes, Path]]:
    home = tmp_path_factory.mktemp("portfolio")
    with django_db_blocker.unblock():
        yield (
            databases.make("portfolio", lambda: _build(pickle.loads(stored_world), home), based_on="world"),
            home,
        )


@pytest.fixture
def portfolio(stored_portfolio: tuple[bytes, Path], own_home: Path, db: None) -> Portfolio:
    """A report for this test; the test's changes to the database are rolled back."""
    made, home = stored_portfolio
    shutil.copytree(home, own_home, dirs_exist_ok=True)
    found: Portfolio = pickle.loads(made)
    return found
