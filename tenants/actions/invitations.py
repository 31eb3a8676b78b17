"""Invite people, send an invitation again, and withdraw an invitation.

`tenants.actions.acceptance.accept_invitation` accepts an invitation.
"""

import secrets as random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import journal
from tenants.actions.access_periods import check_period, check_review, check_start
from tenants.actions.members import check_place, record, review_detail, to_oneself
from tenants.actors import Actor
from tenants.auditors.review_periods import ReviewPeriod
from tenants.errors import Conflict, invalid
from tenants.journal.batch import NewEntry, record_many
from tenants.models import Invitation, Organization, Person, Tenant
from tenants.people.link_tokens import hash_token
from tenants.roles import Role
from tenants.values.addresses import clean_address

INVITATION_DAYS = 7
# The minimum number of minutes between two mails of an invitation. The owner of the email address may be a stranger who
# never asked for mail. So nobody can make Surety send many mails to the address in a short time.
SEND_AGAIN_MINUTES = 5
SENT_AGAIN = "membership.invitation_sent_again"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """The offer of an invitation: a role in a customer or, if `tenant` is None, in the whole organization.

    Access starts at `access_from`. If `access_from` is None, access starts when the person accepts. `review` is the
    review period of an auditor, who reads only the records of this period.
    """

    email: str
    role: Role
    tenant: Tenant | None = None
    access_until: datetime | None = None
    access_from: datetime | None = None
    review: ReviewPeriod | None = None


@transaction.atomic
def invite(
    *,
    by: Actor,
    organization: Organization,
    email: str,
    role: Role,
    tenant: Tenant | None = None,
    access_until: datetime | None = None,
    access_from: datetime | None = None,
    review: ReviewPeriod | None = None,
    days: int = INVITATION_DAYS,
) -> tuple[Invitation, str]:
    """Create an invitation. Return the invitation and its token.

    The token is not stored, so the caller must put it into the mailed link. Earlier open invitations of the same email
    address to the same role and place (organization or customer) expire.
    """
    token = random.token_urlsafe(32)
    offer = Offer(email, role, tenant, access_until, access_from, review)
    invitation = _invite(by, organization, offer, days, token)
    return invitation, token


@transaction.atomic
def invite_to_customers(
    *,
    by: Actor,
    organization: Organization,
    email: str,
    role: Role,
    tenants: Sequence[Tenant],
    access_until: datetime | None = None,
    access_from: datetime | None = None,
    review: ReviewPeriod | None = None,
) -> tuple[list[Invitation], str]:
    """Create one invitation per customer, all with one token, so that one link accepts all of them.

    Return the invitations and the token, which is not stored. A customer that is listed twice gets one invitation.
    Raise InvalidInput if no customer is given.
    """
    if not tenants:
        raise invalid("place", "Choose at least one customer.")
    token = random.token_urlsafe(32)
    rows = [
        _invite(
            by,
            organization,
            Offer(email, role, tenant, access_until, access_from, review),
            INVITATION_DAYS,
            token,
        )
        for tenant in sorted(set(tenants), key=lambda tenant: tenant.pk)
    ]
    return rows, token


@transaction.atomic
def invite_many(*, by: Actor, organization: Organization, offers: Sequence[Offer]) -> list[Invitation]:
    """Create many invitations with a fixed number of SQL statements. Return one invitation for each mail to send.

    Invitations of one email address with the same role and periods share one token and one mail. An earlier open
    invitation with the same address, role, start and place (organization or customer) expires.

    Raise the error of the first offer that `checked_offer` refuses. Raise ValueError if two offers have the same
    address, role, start and place.
    """
    offers = [checked_offer(by=by, organization=organization, offer=offer) for offer in offers]
    if len({_key(offer) for offer in offers}) < len(offers):
        raise ValueError(
            "Two invitations have the same address, role, start and place (organization or customer). Remove one of"
            " the two."
        )
    now = timezone.now()
    _expire_earlier(organization, offers, now)
    tokens: dict[tuple[object, ...], str] = {}
    rows = [
        Invitation(
            organization=organization,
            tenant=offer.tenant,
            email=offer.email,
            role=offer.role,
            access_from=offer.access_from,
            access_until=offer.access_until,
            **_review_fields(offer),
            token_hash=tokens.setdefault(
                (offer.email, offer.role, offer.access_from, offer.access_until, offer.review),
                hash_token(random.token_urlsafe(32)),
            ),
            expires_at=now + timedelta(days=INVITATION_DAYS),
            invited_by=by if isinstance(by, Person) else None,
        )
        for offer in offers
    ]
    Invitation.objects.bulk_create(rows, batch_size=_BATCH)
    record_many(actor=by, entries=list(_entries(organization, offers, rows)))
    return list({row.token_hash: row for row in reversed(rows)}.values())[::-1]


def checked_offer(*, by: Actor, organization: Organization, offer: Offer) -> Offer:
    """Return the offer with a normalized email address.

    Raise InvalidInput if the offer is invalid, and PermissionDenied if the actor may not make it.
    """
    role = check_place(by, organization, offer.tenant, offer.role)
    email = clean_address(offer.email, "email")
    starts = offer.access_from if offer.access_from and offer.access_from > timezone.now() else None
    check_start(starts or timezone.now(), "access_from")
    check_period(role, starts or timezone.now(), offer.access_until, "access_until")
    check_review(role, offer.review)
    if isinstance(by, Person) and email == by.email:
        raise to_oneself("email")
    return replace(offer, email=email, role=role, access_from=starts)


@transaction.atomic
def renew_token(*, invitation: Invitation) -> str:
    """Replace the token of an open invitation, so that the previous link to this invitation stops working. Return the
    new token, for the worker that mails it.

    Before the first mail, all invitations that share the token get the new token. Later, only this invitation gets the
    new token: somebody who sends one invitation again may have no rights for the customers of the others.

    Neither the inviting person nor somebody with access to the broker learns the token. Raise Conflict if the
    invitation was accepted or withdrawn.
    """
    row = _locked(invitation)
    token = random.token_urlsafe(32)
    renewed = Invitation.objects.filter(pk__in=[one.pk for one in mailed_together(row)])
    renewed.update(token_hash=hash_token(token), expires_at=timezone.now() + timedelta(days=INVITATION_DAYS))
    return token


def mailed_together(invitation: Invitation) -> list[Invitation]:
    """Return the open invitations in the next mail of `invitation`: in the first mail, all with the same token; in
    later mails, only this invitation.
    """
    if invitation.mailed_at is not None:
        return [invitation]
    rows = Invitation.objects.filter(
        token_hash=invitation.token_hash, accepted_at=None, expires_at__gt=timezone.now(), mailed_at=None
    )
    return list(rows.select_related("tenant", "organization", "invited_by").order_by("tenant__name", "pk"))


@transaction.atomic
def record_sending_again(*, by: Actor, invitation: Invitation) -> Invitation:
    """Record that `by` has requested another mail with an open invitation. The caller sends the mail.

    Raise Conflict if the invitation was accepted or withdrawn, or if its last mail was requested or sent less than
    SEND_AGAIN_MINUTES ago.
    """
    row = _locked(invitation)
    check_place(by, row.organization, row.tenant, Role(row.role))
    since = timezone.now() - timedelta(minutes=SEND_AGAIN_MINUTES)
    owner = row.tenant or row.organization
    earlier = journal.entries(owner).filter(action=SENT_AGAIN, target=_target(row), at__gt=since)
    if max(row.created_at, row.mailed_at or row.created_at) > since or earlier.exists():
        raise Conflict(
            f"This invitation was mailed less than {SEND_AGAIN_MINUTES} minutes ago. Wait, then send the invitation"
            " again.",
            code="sent_recently",
        )
    details = {"email": row.email, "role": row.role}
    record(by, row.organization, row.tenant, SENT_AGAIN, _target(row), details)
    return row


@transaction.atomic
def withdraw_invitation(*, by: Actor, invitation: Invitation) -> Invitation:
    """Let an open invitation expire now. Raise Conflict if the invitation was accepted or has expired."""
    row = _locked(invitation)
    check_place(by, row.organization, row.tenant, Role(row.role))
    row.expires_at = max(timezone.now(), row.created_at + timedelta(microseconds=1))
    row.save(update_fields=["expires_at"])
    details = {"email": row.email, "role": row.role}
    record(by, row.organization, row.tenant, "membership.invitation_withdrawn", _target(row), details)
    return row


def _invite(by: Actor, organization: Organization, offer: Offer, days: int, token: str) -> Invitation:
    offer = checked_offer(by=by, organization=organization, offer=offer)
    now = timezone.now()
    earlier = Invitation.objects.filter(
        organization=organization,
        tenant=offer.tenant,
        email=offer.email,
        role=offer.role,
        accepted_at=None,
        expires_at__gt=now,
    )
    earlier.update(expires_at=now)
    invitation = Invitation.objects.create(
        organization=organization,
        tenant=offer.tenant,
        email=offer.email,
        role=offer.role,
        access_from=offer.access_from,
        access_until=offer.access_until,
        **_review_fields(offer),
        token_hash=hash_token(token),
        expires_at=now + timedelta(days=days),
        invited_by=by if isinstance(by, Person) else None,
    )
    record(by, organization, offer.tenant, "membership.invited", _target(invitation), _details(offer))
    return invitation


def _expire_earlier(organization: Organization, offers: Sequence[Offer], now: datetime) -> None:
    replaced = {_key(offer) for offer in offers}
    rows = Invitation.objects.filter(
        organization=organization,
        email__in={offer.email for offer in offers},
        accepted_at=None,
        expires_at__gt=now,
    )
    keys = [
        pk
        for pk, *key in rows.values_list("pk", "email", "role", "tenant_id", "access_from")
        if tuple(key) in replaced
    ]
    if keys:
        Invitation.objects.filter(pk__in=keys, accepted_at=None).update(expires_at=now)


def _key(offer: Offer) -> tuple[str, str, UUID | None, datetime | None]:
    return offer.email, str(offer.role), None if offer.tenant is None else offer.tenant.pk, offer.access_from


def _entries(
    organization: Organization, offers: Sequence[Offer], rows: Sequence[Invitation]
) -> Iterator[NewEntry]:
    """Yield the journal entries that `record` would write for these invitations. For a role in the whole organization,
    yield one entry for the organization's journal and one for the journal of each customer.
    """
    everywhere: list[Organization | Tenant] = []
    if any(offer.tenant is None for offer in offers):
        everywhere = [organization, *Tenant.objects.filter(organization=organization).order_by("pk")]
    for offer, row in zip(offers, rows, strict=True):
        for owner in everywhere if offer.tenant is None else [offer.tenant]:
            yield NewEntry(owner, "membership.invited", _target(row), _details(offer))


def _target(invitation: Invitation) -> str:
    return f"invitation:{invitation.pk}"


def _details(offer: Offer) -> dict[str, object]:
    starts = {"access_from": offer.access_from} if offer.access_from else {}
    return {
        "email": offer.email,
        "role": offer.role,
        **starts,
        "access_until": offer.access_until,
        **review_detail(offer.review),
    }


def _review_fields(offer: Offer) -> dict[str, date | None]:
    first, last = (offer.review.first, offer.review.last) if offer.review else (None, None)
    return {"review_first": first, "review_last": last}


def _locked(invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.accepted_at is not None or row.expires_at <= timezone.now():
        raise Conflict("This invitation is no longer open. Reload the page.", code="invitation_closed")
    return row
