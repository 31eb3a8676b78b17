"""The organization that manages customers in unusual states, and an engineer of the organization."""

from __future__ import annotations

import pytest

from tenants.models import Organization, Person
from tenants.roles import Role
from tests import factories


@pytest.fixture
def provider(db: None) -> Organization:
    return factories.organization("Northlight")


@pytest.fixture
def engineer(provider: Organization) -> Person:
    return factories.member(Role.ORGANIZATION_ENGINEER, provider)
