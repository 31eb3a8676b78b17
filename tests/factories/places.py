"""Factories of organizations and tenants."""

from contextlib import AbstractContextManager
from itertools import count
from typing import Any

from tenants.actions import register_organization, register_tenant
from tenants.actors import System
from tenants.models import Organization, Tenant
from tenants.scope import Scope, organization_scope, tenant_scope

BY = System("tests")
_numbers = count(1)


def organization(name: str = "", **given: Any) -> Organization:
    number = next(_numbers)
    return register_organization(by=BY, name=name or f"Provider {number}", **given)


def tenant(owner: Organization | None = None, name: str = "", **given: Any) -> Tenant:
    """Create a tenant of `owner`, or of a new organization."""
    owner = owner or organization()
    with organization_scope(owner):
        return register_tenant(by=BY, organization=owner, name=name or f"Customer {next(_numbers)}", **given)


def in_tenant(place: Tenant) -> AbstractContextManager[Scope]:
    return tenant_scope(place.pk)
