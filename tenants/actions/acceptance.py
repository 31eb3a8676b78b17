"""Accept invitations."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tenants import scope
from tenants.actions.members import (
    confirmation_detail,
    confirmation_fields,
    record,
    review_detail,
    to_oneself,
)
from tenants.errors import Conflict, PermissionDenied
from tenants.models import Invitation, Membership, Person
from tenants.people.link_tokens import hash_token
from tenants.people.pseudonymised import no_access_once_pseudonymised
from tenants.roles import Capability, Role, roles_with


@transaction.atomic
def accept_invitation(*, by: Person, token: str) -> Membership:
    """Create the membership that the invitation offers. The person must have the invited email address.

    A token can belong to invitations to several customers. In this case, all invitations that can be accepted are
    accepted, and the first membership is returned. The refused invitations stay open
    (`tenants.selectors.invited_customers`). If all invitations are refused, raise the error that says why the first
    invitation was refused.
    """
    with scope.invitation_scope(hash_token(token), by) as found:
        now = timezone.now()
        rows = Invitation.objects.select_for_update(of=("self",)).filter(token_hash=found.token_hash)
        together = list(rows.order_by("pk"))
        still_open = [row for row in together if row.accepted_at is None and row.expires_at > now]
        memberships: list[Membership] = []
        reasons: list[Conflict] = []
        for row in still_open or together[:1]:
            try:
                with transaction.atomic():
                    memberships.append(_accept(row, by, now))
            except Conflict as reason:
                reasons.append(reason)
        if not memberships:
            raise reasons[0]
    return memberships[0]


def _accept(invitation: Invitation, by: Person, now: datetime) -> Membership:
    if invitation.accepted_at is not None:
        raise Conflict("This invitation has already been used. Sign in to continue.", code="invitation_used")
    if invitation.expires_at <= now:
        raise Conflict(
            "This invitation has expired. Ask an administrator for a new invitation.",
            code="invitation_expired",
        )
    if invitation.access_until is not None and invitation.access_until <= now:
        raise Conflict(
            "The access that this invitation offers has ended. Ask an administrator for a new invitation.",
            code="access_over",
        )
    if by.email != invitation.email:
        raise PermissionDenied(
            "This invitation is for another email address. Sign in with the address to which it was sent.",
            code="invitation_for_another",
        )
    if by.pk == invitation.invited_by_id:
        raise to_oneself("email")
    _check_inviter(invitation, now)
    _refuse_with_and_without_review(invitation, by, now)
    # A role that Surety's operator grants needs no confirmation. But an invitation without `invited_by` need not come
    # from the operator, because the inviter's account may have been deleted. So `operator` is always False.
    waits = confirmation_fields(Role(invitation.role), operator=False)
    with no_access_once_pseudonymised(by):
        membership = Membership.objects.create(
            person=by,
            organization_id=invitation.organization_id,
            tenant_id=invitation.tenant_id,
            role=invitation.role,
            valid_from=max(now, invitation.access_from or now),
            valid_until=invitation.access_until,
            review_first=invitation.review_first,
            review_last=invitation.review_last,
            granted_by_id=invitation.invited_by_id,
            **waits,
        )
    invitation.accepted_at, invitation.accepted_by = now, by
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    details = {
        "email": by.email,
        "role": membership.role,
        **({"access_from": invitation.access_from} if invitation.access_from else {}),
        "access_until": membership.valid_until,
        **review_detail(membership.review_period),
        **confirmation_detail(membership),
    }
    action = "membership.invitation_accepted"
    record(by, invitation.organization, invitation.tenant, action, membership, details)
    return membership


def _refuse_with_and_without_review(invitation: Invitation, by: Person, now: datetime) -> None:
    """Raise Conflict if the person would have the role of auditor twice in the same place at the same time: once with
    and once without a review period.

    The role without a review period would make the review period of the other role ineffective.
    """
    start, until = max(now, invitation.access_from or now), invitation.access_until
    same = Membership.objects.filter(
        person=by,
        tenant=invitation.tenant_id,
        role=invitation.role,
        review_first__isnull=bool(invitation.review_first),
    ).exclude(confirmation=Membership.Confirmation.REFUSED)
    for row in same.filter(organization=invitation.organization_id):
        if (row.valid_until is None or row.valid_until > start) and (until is None or row.valid_from < until):
            place = invitation.tenant or invitation.organization
            raise Conflict(
                f"You are already an auditor of {place.name} {'with' if row.review_first else 'without'} a review"
                " period. Ask an administrator to change this access, or to end this access first.",
                code="already_member",
            )


def _check_inviter(invitation: Invitation, now: datetime) -> None:
    """Raise Conflict if the inviter may no longer change access in the customer or organization of the invitation.

    Without this check, people could invite another email address of their own, lose their access, and return with the
    invitation.
    """
    if invitation.invited_by_id is None:
        return
    rows = Membership.objects.filter(
        Membership.valid_at(now),
        Q(tenant__isnull=True) | Q(tenant_id=invitation.tenant_id),
        organization_id=invitation.organization_id,
        person_id=invitation.invited_by_id,
        person__is_active=True,
        role__in=roles_with(Capability.MEMBERS),
    )
    if not rows.exists():
        raise Conflict(
            "The person who sent this invitation may no longer grant access. Ask an administrator for a new"
            " invitation.",
            code="inviter_ended",
        )
