"""Define the owner of the journal that a page shows: a customer, or an organization as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse

from portal.web.journal.targets import Target, resolve, resolve_in_organization
from tenants import access, journal, scope
from tenants.auditors.review_periods import in_words
from tenants.models import Organization, Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """The owner of a chain, with the URLs of its pages.

    The URL of an entry is `base` followed by the entry's number and a slash.
    """

    owner: Tenant | Organization
    prefix: str = ""

    @classmethod
    def of_tenant(cls, slug: str) -> JournalPlace:
        return cls(access.tenant(slug, needs=Capability.JOURNAL))

    @classmethod
    def of_organization(cls, slug: str) -> JournalPlace:
        """Return the journal of an organization. Raise PermissionDenied if the person is not an administrator of the
        organization.

        Only administrators may read this journal, because it contains IP addresses of sign-ins.
        """
        return cls(access.organization(slug, needs=Capability.ORGANIZATION), "organization-")

    @property
    def context(self) -> dict[str, Any]:
        """Return the variables that every template of the journal needs. The sidebar reads
        `tenant` or `organization`.
        """
        kind = "tenant" if isinstance(self.owner, Tenant) else "organization"
        return {"place": self, kind: self.owner}

    @property
    def entries(self) -> QuerySet[Any]:
        """Return all entries of the chain, in no particular order."""
        return journal.entries(self.owner).order_by()

    @property
    def review(self) -> str:
        """Return the person's review periods for this journal in words. Return an empty text if there are none."""
        return in_words(scope.current().review_periods.get(self.owner.pk, ()))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.owner.timezone if isinstance(self.owner, Tenant) else "UTC")

    @property
    def base(self) -> str:
        return self._url("journal")

    @property
    def verify_url(self) -> str:
        return self._url("journal-verify")

    @property
    def csv_url(self) -> str:
        return self._url("journal-csv")

    @property
    def chain_url(self) -> str:
        return self._url("journal-chain")

    @property
    def home_url(self) -> str:
        """The page to which an empty journal links."""
        name = "tenant" if isinstance(self.owner, Tenant) else "organization-people"
        if self.review:
            name = "audit-room"
        return reverse(name, args=[self.owner.slug])

    def entry_url(self, sequence: int) -> str:
        return reverse(f"{self.prefix}journal-entry", args=[self.owner.slug, sequence])

    def resolve(self, targets: Iterable[str]) -> dict[str, Target]:
        """Return {target as the journal records it: target as pages show it}."""
        if isinstance(self.owner, Tenant):
            found = resolve(self.owner, targets)
            # People with a review period may not open most of the pages of targets. So these people get no links.
            return {key: one._replace(url="") for key, one in found.items()} if self.review else found
        return resolve_in_organization(self.owner, targets)

    def _url(self, name: str) -> str:
        return reverse(f"{self.prefix}{name}", args=[self.owner.slug])
