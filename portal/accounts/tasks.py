"""Celery tasks of accounts. They send mails about accounts and alarms about emergency access, and delete ended
sessions, ended access tokens and old idempotency keys.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError

from portal.accounts.actions.access_tokens import delete_ended_access_tokens
from portal.accounts.actions.ended_sessions import close_ended_sessions, delete_ended_sessions
from portal.accounts.actions.idempotency_keys import delete_old_keys
from portal.accounts.emergency.alarm_webhook import post_alarm
from portal.accounts.emergency.alarms import ALARM_CREATED, ALARM_USED, POST_CREATED, POST_USED, send_alarm
from portal.accounts.mails import SEND_MAILS, send_due
from portal.accounts.models import EmergencyAccess
from portal.notify.outbound import PostFailed
from tenants.dispatch import RETRY_FOR_TWO_HOURS, RETRY_ON_DATABASE_ERRORS

_RETRY_ALARM: Final[dict[str, Any]] = {
    "autoretry_for": (OSError, smtplib.SMTPException, PostFailed, OperationalError, InterfaceError),
    **RETRY_FOR_TWO_HOURS,
}


@shared_task(name=ALARM_CREATED, **_RETRY_ALARM)
def alarm_created(access_id: str) -> None:
    _alarm(access_id, used=False, tell=send_alarm)


@shared_task(name=ALARM_USED, **_RETRY_ALARM)
def alarm_used(access_id: str) -> None:
    _alarm(access_id, used=True, tell=send_alarm)


@shared_task(name=POST_CREATED, **_RETRY_ALARM)
def post_alarm_created(access_id: str) -> None:
    _alarm(access_id, used=False, tell=post_alarm)


@shared_task(name=POST_USED, **_RETRY_ALARM)
def post_alarm_used(access_id: str) -> None:
    _alarm(access_id, used=True, tell=post_alarm)


def _alarm(access_id: str, *, used: bool, tell: Callable[..., object]) -> None:
    access = EmergencyAccess.objects.select_related("person").filter(pk=UUID(access_id)).first()
    if access is not None:
        tell(access, used=used)


@shared_task(name="portal.accounts.tasks.remove_ended_sessions", **RETRY_ON_DATABASE_ERRORS)
def remove_ended_sessions() -> None:
    """Delete the keys and data of ended sessions. Delete the rows of sessions whose retention period is over."""
    close_ended_sessions()
    delete_ended_sessions()


@shared_task(name="portal.accounts.tasks.delete_idempotency_keys", **RETRY_ON_DATABASE_ERRORS)
def delete_idempotency_keys() -> None:
    """Delete the idempotency keys of API requests (header Idempotency-Key) that are older than a day."""
    delete_old_keys()


@shared_task(name="portal.accounts.tasks.delete_access_tokens", **RETRY_ON_DATABASE_ERRORS)
def delete_access_tokens() -> None:
    """Delete the access tokens that have expired or were revoked."""
    delete_ended_access_tokens()


@shared_task(name=SEND_MAILS, **RETRY_ON_DATABASE_ERRORS)
def send_mails() -> None:
    """Send the due mails about accounts. A page starts this task when it has stored a mail. The task also runs once a
    minute, because a mail may have failed, or the message that starts the task may have been lost.
    """
    send_due()
