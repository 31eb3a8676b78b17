"""Signed links in mails, with which recipients unsubscribe without signing in.

A link contains the ids of person and tenant, a kind of event or "digest", and a number. A link contains no name or
email address. Django signs the link, with a salt that only these links have. Links do not expire, because old mails
stay in mailboxes. The number comes from the person's row in `MailLinks`. When the person invalidates all earlier links,
this number is increased.

Sources: RFC 2369 3.2 (List-Unsubscribe), RFC 8058 (one-click: two headers, HTTPS only, POST, no cookies).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from portal.notify.kinds import DIGESTS, KINDS
from portal.notify.models import MailLinks, Notice
from portal.notify.selectors import deliveries
from tenants.errors import NotFound
from tenants.models import Person, Tenant
from tenants.roles import Capability, Role, capabilities
from tenants.selectors import members

DIGEST: Final = "digest"
_SALT: Final = "portal.notify.unsubscribing"


class LinkEnded(NotFound, code="link_ended"):
    """The link is no longer valid: the person lost access or invalidated earlier links."""


@dataclass(frozen=True, slots=True)
class MailLink:
    """The content of a link.

    `what` is a kind of event, or DIGEST for all kinds that are now mailed in a digest.
    """

    tenant_id: UUID
    person_id: UUID
    what: str
    series: int

    @property
    def token(self) -> str:
        """The signed text of the link: letters, digits, `-`, `_` and one colon."""
        content = [self.tenant_id.hex, self.person_id.hex, self.what, self.series]
        return Signer(salt=_SALT).sign_object(content)

    @classmethod
    def parse(cls, token: str) -> MailLink:
        """Verify and parse a token. Raise NotFound for a token that Surety did not sign."""
        try:
            content = Signer(salt=_SALT).unsign_object(token)
        except (BadSignature, ValueError):
            raise NotFound("This unsubscribe link is invalid or incomplete.") from None
        tenant, person, what, series = content
        return cls(UUID(tenant), UUID(person), what, series)


def unsubscribe_link(notices: Sequence[Notice]) -> MailLink:
    """Return the unsubscribe link of a mail with these notices, which belong to one person and tenant.

    Needs the tenant's scope.
    """
    first = notices[0]
    what = DIGEST if first.delivery in DIGESTS else first.kind
    return MailLink(first.tenant_id, first.person_id, what, _series(first.tenant_id, first.person_id))


def headers(address: str) -> Mapping[str, str]:
    """Return the headers with which mail programs offer to unsubscribe with the link `address` (RFC 8058).

    The second header, which permits unsubscribing with one click, requires HTTPS.
    """
    fields = {"List-Unsubscribe": f"<{address}>"}
    if settings.SURETY_URL.startswith("https://"):
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return fields


def resolve_link(link: MailLink) -> tuple[Person, Tenant]:
    """Return the link's person and tenant. Needs the tenant's scope; raises LinkEnded if the link is no
    longer valid."""
    tenant = Tenant.objects.get(pk=link.tenant_id)
    person = Person.objects.filter(pk=link.person_id, is_active=True).first()
    if person is None or link.series != _series(link.tenant_id, link.person_id):
        raise LinkEnded("This unsubscribe link no longer works.")
    roles = members(tenant).filter(person=person).order_by().values_list("role", flat=True)
    if Capability.VIEW not in capabilities(Role(role) for role in roles):
        raise LinkEnded("This unsubscribe link no longer works.")
    return person, tenant


def kinds_mailed(person: Person, tenant: Tenant, what: str) -> list[str]:
    """Return the kinds of event that `what` covers and that are mailed now, in the order of KINDS."""
    current = deliveries(person, [tenant])
    if what == DIGEST:
        return [key for key in KINDS if current[key] & set(DIGESTS)]
    return [what] if what in KINDS and current[what] != {"off"} else []


def _series(tenant_id: UUID, person_id: UUID) -> int:
    row = MailLinks.objects.filter(tenant_id=tenant_id, person_id=person_id).first()
    return row.series if row else 0
