"""Customers for the tests of baselines."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.actions.organizations import change_tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY
from tests.portal.treatment.actions.baselines.baseline_customers import BaselineCustomers


@pytest.fixture
def case() -> Any:
    organization = factories.organization()
    plain = factories.tenant(organization, "plain")
    gold = factories.tenant(organization, "gold", labels=["Gold"])
    own = factories.tenant(organization, "own")
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with organization_scope(organization):
        change_tenant(by=BY, tenant=own, exception_cap_days=10)
        yield BaselineCustomers(organization, by, plain, gold, own)
