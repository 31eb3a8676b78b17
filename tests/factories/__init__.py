"""Factories that create objects through Surety's own actions. Call them without an open scope.

    organization()  tenant()  directory()  service_principal()  subscription()  foreign_subscription(principal)
    managing_principal(organization)                          delegation(managing_principal)
    person()        member(Role.AUDITOR, tenant)                 certificate_pem()

Each factory also creates the objects that it needs and that the caller does not pass. `in_tenant(tenant)` opens a
tenant's scope.
"""

from tests.factories.azure import (
    certificate_pem,
    delegation,
    directory,
    foreign_subscription,
    managing_principal,
    service_principal,
    subscription,
)
from tests.factories.people import PASSWORD, member, person
from tests.factories.places import BY, in_tenant, organization, tenant

__all__ = [
    "BY",
    "PASSWORD",
    "certificate_pem",
    "delegation",
    "directory",
    "foreign_subscription",
    "in_tenant",
    "managing_principal",
    "member",
    "organization",
    "person",
    "service_principal",
    "subscription",
    "tenant",
]
