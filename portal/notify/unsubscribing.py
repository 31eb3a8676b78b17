"""The links by which mail is switched off without signing in: what they name, signed, and whether they still hold.

Each mail names one kind of notice, or the tenant's digest, of one person. The link carries exactly that and a
number, under Django's signature with a salt of its own, so that nothing else that is signed can pass for it.
It does not expire, since mail does not: a person who wants the links in their old mails to work no longer
raises the number (`MailLinks`). What it names are ids, never a name or an address.

Sources: RFC 2369 3.2 (List-Unsubscribe), RFC 8058 (one click: the header pair, https alone, POST, no cookies).
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


class LinkEnded(NotFound):
    """It was ours once: its person has no access any more, or has ended the links of older mails."""

    default_code = "link_ended"


@dataclass(frozen=True, slots=True)
class MailLink:
    """What a link names. `what` is a kind of notice, or DIGEST: all that now comes in a digest."""

    tenant_id: UUID
    person_id: UUID
    what: str
    series: int

    @property
    def token(self) -> str:
        """The link's text: letters, digits, `-`, `_` and one colon."""
        named = [self.tenant_id.hex, self.person_id.hex, self.what, self.series]
        return Signer(salt=_SALT).sign_object(named)

    @classmethod
    def of(cls, token: str) -> MailLink:
        """NotFound for what we did not sign."""
        try:
            named = Signer(salt=_SALT).unsign_object(token)
        except (BadSignature, ValueError):
            raise NotFound("This is no link of a mail of ours, or a part of it is missing.") from None
        tenant, person, what, series = named
        return cls(UUID(tenant), UUID(person), what, series)


def unsubscribe_link(notices: Sequence[Notice]) -> MailLink:
    """The link for a mail of these notices, of one person and tenant. In the tenant's scope."""
    first = notices[0]
    what = DIGEST if first.delivery in DIGESTS else first.kind
    return MailLink(first.tenant_id, first.person_id, what, _series(first.tenant_id, first.person_id))


def headers(address: str) -> Mapping[str, str]:
    """The two headers of RFC 8058; the second, which promises one click, only where the address is https."""
    found = {"List-Unsubscribe": f"<{address}>"}
    if settings.SURETY_URL.startswith("https://"):
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def resolve_link(link: MailLink) -> tuple[Person, Tenant]:
    """Whose mail it is and of which tenant, in that tenant's scope; LinkEnded where it no longer holds."""
    tenant = Tenant.objects.get(pk=link.tenant_id)
    person = Person.objects.filter(pk=link.person_id, is_active=True).first()
    if person is None or link.series != _series(link.tenant_id, link.person_id):
        raise LinkEnded("This link has ended.")
    held = members(tenant).filter(person=person).order_by().values_list("role", flat=True)
    if Capability.VIEW not in capabilities(Role(role) for role in held):
        raise LinkEnded("This link has ended.")
    return person, tenant


def kinds_mailed(person: Person, tenant: Tenant, what: str) -> list[str]:
    """The kinds that a link switches off and that are mailed now, in the order of the kinds."""
    held = deliveries(person, [tenant])
    if what == DIGEST:
        return [key for key in KINDS if held[key] & set(DIGESTS)]
    return [what] if what in KINDS and held[what] != {"off"} else []


def _series(tenant_id: UUID, person_id: UUID) -> int:
    row = MailLinks.objects.filter(tenant_id=tenant_id, person_id=person_id).first()
    return row.series if row else 0
