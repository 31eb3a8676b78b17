"""Celery tasks that mail invitations."""

from __future__ import annotations

import smtplib
from typing import Any, Final
from uuid import UUID

import structlog
from celery import Task, shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from portal.members import mail
from tenants.actions import mailed_together, renew_token
from tenants.dispatch import RETRY_FOR_TWO_HOURS
from tenants.errors import Conflict
from tenants.models import Invitation
from tenants.scope import organization_scope

log = structlog.get_logger(__name__)

SEND_INVITATION: Final = "portal.members.tasks.send_invitation"


# If all attempts fail, an administrator can send the invitation again on the page People.
@shared_task(
    bind=True,
    name=SEND_INVITATION,
    autoretry_for=(OSError, smtplib.SMTPException, OperationalError, InterfaceError),
    **RETRY_FOR_TWO_HOURS,
)
def send_invitation(self: Task[Any, Any], organization_id: str, invitation_id: str) -> None:
    """Mail an open invitation with a new token. Each attempt replaces the token, so only the last link works."""
    with organization_scope(UUID(organization_id)):
        found = Invitation.objects.select_related("organization", "tenant", "invited_by").filter(
            pk=UUID(invitation_id)
        )
        invitation = found.first()
        if invitation is None:
            return
        together = mailed_together(invitation)
        try:
            token = renew_token(invitation=invitation)
        except Conflict:
            log.info("invitation no longer open", invitation=invitation_id)
            return
        mail.send_invitation(invitation, token, [one.tenant for one in together if one.tenant])
        Invitation.objects.filter(pk__in=[one.pk for one in together]).update(mailed_at=timezone.now())
