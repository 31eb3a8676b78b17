"""A customer with a channel and owner rules. Tests export its settings, and change them with configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from portal.configuration.actions import apply, export
from portal.configuration.plan import plan
from portal.configuration.problems import UnusableFile
from portal.configuration.yaml_text import write
from portal.notify.actions.channels import add_channel
from portal.treatment.actions.owners.rules import create_rule
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories

ADDRESS = "https://8.8.8.8/hooks/a-secret-path"


@dataclass
class ConfiguredCustomer:
    organization: Organization
    tenant: Tenant
    admin: Person
    owner: Person

    def file(self, customer: Mapping[str, Any] | None = None, **organization: Any) -> bytes:
        customers = [] if customer is None else [{"short_name": self.tenant.slug, **customer}]
        data = {
            "version": 1,
            "organization": {"short_name": self.organization.slug, **organization},
            "customers": customers,
        }
        return write(data).encode()

    def apply(self, content: bytes, **given: Any) -> list[str]:
        with person_scope(self.admin):
            done = apply(content, organization=self.organization, by=self.admin, **given)
            return [step.text for step in done.steps]

    def problems(self, content: bytes) -> list[str]:
        with person_scope(self.admin), pytest.raises(UnusableFile) as raised:
            plan(content, organization=self.organization, by=self.admin)
        return [str(problem) for problem in raised.value.problems]

    def export(self) -> str:
        with person_scope(self.admin):
            tenants = Tenant.objects.filter(organization=self.organization)
            return export(organization=self.organization, tenants=tenants)


@pytest.fixture
def configured() -> ConfiguredCustomer:
    organization = factories.organization("Northlight")
    tenant = factories.tenant(organization, "Contoso")
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    owner = factories.member(Role.OWNER, tenant)
    with person_scope(admin):
        add_channel(
            tenant=tenant, by=admin, name="Alerts", kind="webhook", address=ADDRESS, kinds=["assigned"]
        )
        create_rule(tenant=tenant, by=admin, name="Storage", owner=owner, section="storage")
        create_rule(tenant=tenant, by=admin, name="Rest", owner=owner)
    return ConfiguredCustomer(organization, tenant, admin, owner)
