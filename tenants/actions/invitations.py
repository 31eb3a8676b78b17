"""Send an invitation again, and withdraw an invitation."""

import secrets as random
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tenants.actions.members import INVITATION_DAYS, check_place, record
from tenants.actors import Actor
from tenants.errors import Conflict
from tenants.link_tokens import hash_token
from tenants.models import Invitation
from tenants.roles import Role


@transaction.atomic
def renew_token(*, invitation: Invitation) -> str:
    """Replace the token of an open invitation and return the new token, for the worker that mails it.

    Invitations to several customers share a token, and one mail contains them. Until this mail is sent, all of them get
    the same new token. After that, only this invitation gets a new token, because the person who sends it again may
    have no rights for the other customers.

    The previous link stops working for the renewed invitations. The token exists only in that worker and in the mail,
    so neither the inviting person nor somebody with access to the broker can use it. Raise Conflict if the invitation
    was accepted or withdrawn.
    """
    row = _locked(invitation)
    token = random.token_urlsafe(32)
    renewed = Invitation.objects.filter(pk__in=[one.pk for one in mailed_together(row)])
    renewed.update(token_hash=hash_token(token), expires_at=timezone.now() + timedelta(days=INVITATION_DAYS))
    return token


def mailed_together(invitation: Invitation) -> list[Invitation]:
    """Return the open invitations that one mail contains: until the mail is sent, the invitations with the same token,
    and afterwards only this invitation."""
    if invitation.mailed_at is not None:
        return [invitation]
    rows = Invitation.objects.filter(
        token_hash=invitation.token_hash, accepted_at=None, expires_at__gt=timezone.now(), mailed_at=None
    )
    return list(rows.select_related("tenant", "organization", "invited_by").order_by("tenant__name", "pk"))


@transaction.atomic
def withdraw_invitation(*, by: Actor, invitation: Invitation) -> Invitation:
    """Let an open invitation expire now. Raise Conflict if it was accepted or has expired."""
    row = _locked(invitation)
    check_place(by, row.organization, row.tenant, Role(row.role))
    row.expires_at = max(timezone.now(), row.created_at + timedelta(microseconds=1))
    row.save(update_fields=["expires_at"])
    details = {"email": row.email, "role": row.role}
    record(
        by, row.organization, row.tenant, "membership.invitation_withdrawn", f"invitation:{row.pk}", details
    )
    return row


def _locked(invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.accepted_at is not None or row.expires_at <= timezone.now():
        raise Conflict("This invitation is no longer open. Reload the page.", code="invitation_closed")
    return row
