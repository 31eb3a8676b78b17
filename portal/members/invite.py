"""Invite people and let a worker mail the links. The page People, the API, the command `invite` and configuration files
call this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal.members.tasks import SEND_INVITATION
from tenants.actions import invite, invite_to_customers
from tenants.actions.invitations import Offer, invite_many, record_sending_again
from tenants.actors import Actor
from tenants.auditors.review_periods import ReviewPeriod
from tenants.dispatch import enqueue
from tenants.models import Invitation, Organization, Tenant
from tenants.roles import Role


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
    """Invite a person to the customers or, without customers, to the whole organization. Return the first invitation.

    One mail contains all. The access starts when the invitation is accepted, but not before `access_from`. An auditor
    with `review` reads only the records of this period.
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
    enqueue(SEND_INVITATION, organization.pk, invitation.pk)
    return invitation


@transaction.atomic
def invite_people(*, by: Actor, organization: Organization, offers: Sequence[Offer]) -> None:
    """Invite many people with few SQL statements. Raise the errors of `tenants.actions.invitations.invite_many`.

    A person gets a mail for each role and each period of access.
    """
    for invitation in invite_many(by=by, organization=organization, offers=offers):
        enqueue(SEND_INVITATION, organization.pk, invitation.pk)


@transaction.atomic
def send_again(*, by: Actor, invitation: Invitation) -> None:
    """Let a worker mail an open invitation again, with a new link. Raise the errors of
    `tenants.actions.invitations.record_sending_again`.
    """
    row = record_sending_again(by=by, invitation=invitation)
    enqueue(SEND_INVITATION, row.organization_id, row.pk)
