"""Invite people, and let a worker mail the invitations.

The page People, the API, the command `invite` and configuration files call this module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from portal.members.tasks import SEND_INVITATION
from tenants.actions import invite, invite_to_customers
from tenants.actions.invitations import SENT_AGAIN, Offer, invite_many, record_sending_again
from tenants.actors import Actor
from tenants.auditors.review_periods import ReviewPeriod
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import (
    Invitation,
    JournalEntry,
    Organization,
    OrganizationJournalEntry,
    Person,
    Tenant,
)
from tenants.roles import ORGANIZATION_ROLES, Role

MAX_INVITATIONS_PER_HOUR: Final = 10
"""The maximum number of mails with which people can invite the same address in an hour. The limit protects the owner
of the address from unwanted mail.
"""


@transaction.atomic
def invite_person(
    *,
    by: Actor,
    organization: Organization,
    tenants: Sequence[Tenant],
    email: str,
    role: Role,
    access_until: datetime | None = None,
    access_from: datetime | None = None,
    review: ReviewPeriod | None = None,
) -> Invitation:
    """Invite a person to the customers or, if no customers are given, to the whole organization. Return the first
    invitation.

    One mail contains all invitations. The access starts when the invitation is accepted, but not before `access_from`.
    An auditor with `review` reads only the records of this period. Raise Conflict if `by` is a person and the address
    was already invited ten times in the last hour.
    """
    if tenants:
        rows, _ = invite_to_customers(
            by=by,
            organization=organization,
            tenants=tenants,
            email=email,
            role=role,
            access_until=access_until,
            access_from=access_from,
            review=review,
        )
        invitation = rows[0]
    else:
        invitation, _ = invite(
            by=by,
            organization=organization,
            email=email,
            role=role,
            access_until=access_until,
            access_from=access_from,
            review=review,
        )
    _refuse_many(by, organization, [invitation])
    enqueue(SEND_INVITATION, organization.pk, invitation.pk)
    return invitation


def _refuse_many(by: Actor, organization: Organization, new: Sequence[Invitation]) -> None:
    """Raise Conflict if `by` is a person, and an address would get more than ten mails in an hour. The mails with
    the new invitations are counted too.

    Call this function after the new invitations were stored, because storing them locks the journal. Because of this
    lock, a simultaneous request waits until this request has ended, and then counts the invitations of both requests.
    """
    if not isinstance(by, Person):
        return
    mails = _mails_in_last_hour(organization, {one.email for one in new})
    many = min((email for email, count in mails.items() if count > MAX_INVITATIONS_PER_HOUR), default=None)
    if many is not None:
        raise Conflict(
            f"{many} can get at most {MAX_INVITATIONS_PER_HOUR} invitations within an hour. Wait, or let the"
            " person use the link in the newest mail.",
            code="invited_often",
        )


def _mails_in_last_hour(organization: Organization, emails: Collection[str]) -> Counter[str]:
    """Return how many mails with invitations each address got in the last hour, including invitations that were sent
    again. Count only the invitations and journal entries that the open scope contains.
    """
    since = timezone.now() - timedelta(hours=1)
    rows = Invitation.objects.filter(organization=organization, email__in=emails)
    new = rows.filter(created_at__gt=since).order_by().values("email")
    # If a person is invited to several customers at once, one mail contains all these invitations, and they have the
    # same token. So the number of mails is the number of tokens.
    found = Counter(
        dict(new.annotate(mails=Count("token_hash", distinct=True)).values_list("email", "mails"))
    )
    # The journals of customers repeat the organization's entries about roles in the whole organization. Count these
    # entries only in the journal of the organization.
    again = Q(action=SENT_AGAIN, at__gt=since, details__email__in=list(emails))
    of_customers = JournalEntry.objects.filter(again, tenant__organization=organization)
    of_organization = OrganizationJournalEntry.objects.filter(again, organization=organization)
    for entries in (of_customers.exclude(details__role__in=list(ORGANIZATION_ROLES)), of_organization):
        found.update(entries.order_by().values_list("details__email", flat=True))
    return found


@transaction.atomic
def invite_people(*, by: Actor, organization: Organization, offers: Sequence[Offer]) -> None:
    """Invite many people with few SQL statements. Raise the errors of `tenants.actions.invitations.invite_many`.

    A person gets a mail for each role and each period of access. Raise Conflict if `by` is a person, and an address
    would get more than ten mails in an hour.
    """
    new = invite_many(by=by, organization=organization, offers=offers)
    _refuse_many(by, organization, new)
    for invitation in new:
        enqueue(SEND_INVITATION, organization.pk, invitation.pk)


@transaction.atomic
def send_again(*, by: Actor, invitation: Invitation) -> None:
    """Let a worker mail an open invitation again, with a new link. Raise the errors of
    `tenants.actions.invitations.record_sending_again`, and Conflict if `by` is a person and the address would get more
    than ten mails in an hour.
    """
    row = record_sending_again(by=by, invitation=invitation)
    _refuse_many(by, row.organization, [row])
    enqueue(SEND_INVITATION, row.organization_id, row.pk)
