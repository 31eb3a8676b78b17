"""A tenant with people and findings for tests of owners and other treatments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessments.models import Finding
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.treatment.findings import FAILING, MANUAL, make


@dataclass
class CustomerWithOwners:
    """A tenant and people. `engineer` sees all findings, `owner` and `other` see only their own. `auditor` may only
    read, and `stranger` has no access.
    """

    tenant: Tenant
    engineer: Person
    owner: Person
    other: Person
    auditor: Person
    stranger: Person

    def failing(self, number: int = 0, **given: Any) -> Finding:
        return make(self.tenant, {**FAILING, **given}, number)

    def manual(self, number: int = 0, **given: Any) -> Finding:
        return make(self.tenant, {**MANUAL, **given}, number)


def customer_with_owners() -> CustomerWithOwners:
    tenant = factories.tenant()
    return CustomerWithOwners(
        tenant=tenant,
        engineer=factories.member(Role.TENANT_ADMINISTRATOR, tenant, factories.person(name="Mira Okafor")),
        owner=factories.member(Role.OWNER, tenant, factories.person(name="Lin Baker")),
        other=factories.member(Role.OWNER, tenant, factories.person(name="Noor Haddad")),
        auditor=factories.member(Role.AUDITOR, tenant),
        stranger=factories.person(),
    )
