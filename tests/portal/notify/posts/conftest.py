"""A tenant."""

from __future__ import annotations

import pytest

from tenants.models import Tenant
from tests import factories


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()
