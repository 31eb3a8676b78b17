"""Celery tasks of accounts: mails, alarms about emergency access, and removing ended sessions."""

from __future__ import annotations

import smtplib
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError

from portal.accounts.alarms import ALARM_CREATED, ALARM_USED, send_alarm
from portal.accounts.mails import SEND_MAILS, send_due
from portal.accounts.models import EmergencyAccess
from portal.accounts.sessions import SessionStore
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS

# Retries continue for about two hours.
_RETRY_MAIL: Final[dict[str, Any]] = {
    "autoretry_for": (OSError, smtplib.SMTPException, OperationalError, InterfaceError),
    "max_retries": 12,
    "retry_backoff": 5,
    "retry_backoff_max": 900,
}


@shared_task(name=ALARM_CREATED, **_RETRY_MAIL)
def alarm_created(access_id: str) -> None:
    _alarm(access_id, used=False)


@shared_task(name=ALARM_USED, **_RETRY_MAIL)
def alarm_used(access_id: str) -> None:
    _alarm(access_id, used=True)


def _alarm(access_id: str, *, used: bool) -> None:
    access = EmergencyAccess.objects.select_related("person").filter(pk=UUID(access_id)).first()
    if access is not None:
        send_alarm(access, used=used)


@shared_task(name="portal.accounts.tasks.remove_ended_sessions", **RETRY_ON_DATABASE_ERRORS)
def remove_ended_sessions() -> None:
    """Delete sessions that have ended. Nobody can use them, and their data is no longer needed."""
    SessionStore.clear_expired()


@shared_task(name=SEND_MAILS, **RETRY_ON_DATABASE_ERRORS)
def send_mails() -> None:
    """Send the due mails about accounts. Also run once a minute, for retries and lost messages."""
    send_due()
