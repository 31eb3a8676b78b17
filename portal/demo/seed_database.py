"""Register the demonstration's organization, customers and people in the database, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal.demo.azure import SandboxAddress
from portal.demo.people import ORGANIZATION, PEOPLE, Customer
from portal.demo.state import DemoState
from tenants.actions.directories import add_directory
from tenants.actions.members import grant_membership
from tenants.actions.organizations import register_organization, register_tenant
from tenants.actions.service_principals import add_service_principal
from tenants.actors import System
from tenants.clouds import CUSTOM
from tenants.models import Organization, Person, Tenant
from tenants.scope import organization_scope

DEMO = System("demonstration")
# The outdated secret of the customer that has replaced its secret in Azure, but not in Surety.
FORMER_CREDENTIAL = "not-the-secret-any-more"


def ensure_organization(state: DemoState) -> UUID:
    """Return the id of the demonstration's organization. Register the organization if the state has no id yet."""
    if "organization" not in state.values:
        organization = register_organization(by=DEMO, name=ORGANIZATION)
        state.update(organization=str(organization.pk))
    return UUID(state.values["organization"])


def register_customers(
    state: DemoState,
    customers: list[tuple[Customer, dict[str, Any]]],
    sandbox: SandboxAddress,
    now: datetime,
) -> None:
    """Register a tenant with its directory and service principal for each customer.

    `now` is the real time, from which the expiry dates of client secrets are computed. It is passed, because the clock
    of this process may be set back.
    """
    settings = {"authority": sandbox.url, "arm": sandbox.url, "graph": sandbox.url, "ca": sandbox.ca}
    with organization_scope(ensure_organization(state)) as scope:
        organization = Organization.objects.get(pk=next(iter(scope.organization_ids)))
        for customer, directory in customers:
            if Tenant.objects.filter(slug=customer.slug).exists():
                continue
            tenant = register_tenant(
                by=DEMO,
                organization=organization,
                name=customer.name,
                slug=customer.slug,
                labels=["demo"],
            )
            row = add_directory(
                by=DEMO,
                tenant=tenant,
                directory_id=directory["tenantId"],
                name=f"{customer.name} (Entra)",
                cloud=CUSTOM,
                cloud_settings=settings,
            )
            client = directory["clients"][0]
            add_service_principal(
                by=DEMO,
                directory=row,
                client_id=client["clientId"],
                secret=FORMER_CREDENTIAL if customer.wrong_secret else client["secret"],
                name="surety-reader",
                expires_at=now + timedelta(days=customer.secret_days),
            )


def register_people(state: DemoState, now: datetime) -> None:
    """Register a person for each role, with the password from the demonstration's state. `now` is the present time."""
    with organization_scope(ensure_organization(state)) as scope:
        organization = Organization.objects.get(pk=next(iter(scope.organization_ids)))
        for demo_person in PEOPLE:
            person = Person.objects.filter(email=demo_person.email).first()
            if person is not None:
                continue
            person = Person.objects.create_user(
                demo_person.email, state.password(demo_person.email), name=demo_person.name
            )
            _add_verified_address(person)
            until = now + timedelta(days=demo_person.days) if demo_person.days else None
            tenants: list[Tenant | None] = list(Tenant.objects.filter(slug__in=demo_person.customers)) or [
                None
            ]
            for tenant in tenants:
                grant_membership(
                    by=DEMO,
                    person=person,
                    organization=organization,
                    role=demo_person.role,
                    tenant=tenant,
                    valid_until=until,
                )


def _add_verified_address(person: Person) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.get_or_create(user=person, email=person.email, verified=True, primary=True)
