"""Define the part of an organization in which the signed-in person has a right: the whole organization, or some of
its customers.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from tenants import access
from tenants.errors import PermissionDenied
from tenants.models import Organization, Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class AccessPlace:
    """The part of an organization in which a person has a right.

    If `whole` is true, the part is the whole organization. If `whole` is false, the part consists of the customers in
    `tenants`.
    """

    organization: Organization
    tenants: list[Tenant]
    whole: bool

    @classmethod
    def of(cls, slug: str, *, needs: Capability = Capability.MEMBERS) -> AccessPlace:
        """Return the part of the organization in which the person has the capability.

        Raise NotFound or PermissionDenied if the person does not have the capability anywhere in the organization.
        """
        try:
            organization = access.organization(slug, needs=needs)
        except PermissionDenied:
            tenants = list(access.tenants(needs=needs, archived=None).filter(organization__slug=slug))
            if not tenants:
                raise
            return cls(Organization.objects.get(slug=slug), tenants, whole=False)
        tenants = list(Tenant.objects.filter(organization=organization).order_by("name", "pk"))
        return cls(organization, tenants, whole=True)

    @property
    def rows(self) -> Q:
        """Return a database condition that selects the memberships and invitations that the person may change."""
        return Q() if self.whole else Q(tenant__in=self.tenants)

    @property
    def visible(self) -> Q:
        """Return a database condition that selects the memberships that the page shows.

        Memberships in the whole organization are included, because they give access to all its customers.
        """
        return Q() if self.whole else Q(tenant__in=self.tenants) | Q(tenant__isnull=True)
