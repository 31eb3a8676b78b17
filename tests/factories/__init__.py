"""Objects for tests, made through the product's own actions. Call them without an open scope.

    organization()  tenant()  directory()  service_principal()  subscription()
    person()        member(Role.AUDITOR, tenant)                 certificate_pem()

Each makes what it needs and was not given; `in_tenant(tenant)` opens its scope for what a test does itself.
"""

from tests.factories.azure import certificate_pem, directory, service_principal, subscription
from tests.factories.people import PASSWORD, member, person
from tests.factories.places import BY, in_tenant, organization, tenant

__all__ = [
    "BY",
    "PASSWORD",
    "certificate_pem",
    "directory",
    "in_tenant",
    "member",
    "organization",
    "person",
    "service_principal",
    "subscription",
    "tenant",
]
