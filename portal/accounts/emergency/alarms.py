"""Send alarms about emergency access. They are mailed to the administrators of all organizations to which the person
with the emergency access belongs, and posted to the operator's webhook.

The journal and the log also record the access. Mail and post are separate tasks, so that each is sent even if the
other fails.
"""

from __future__ import annotations

import smtplib
from functools import partial
from typing import Final

import structlog
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.template.loader import render_to_string

from portal.accounts.actions.emergency import administrators
from portal.accounts.models import EmergencyAccess
from portal.notify.delivery.smtp import is_temporary
from tenants.models import Person

log = structlog.get_logger(__name__)

# Names of the tasks in `portal.accounts.tasks`; each takes the id of the EmergencyAccess.
ALARM_CREATED: Final = "portal.accounts.tasks.alarm_created"
ALARM_USED: Final = "portal.accounts.tasks.alarm_used"
POST_CREATED: Final = "portal.accounts.tasks.post_alarm_created"
POST_USED: Final = "portal.accounts.tasks.post_alarm_used"


def enqueue_alarm_of_use(access: EmergencyAccess) -> None:
    """Enqueue the alarms; a worker sends them after the commit.

    Because of `robust`, an unreachable broker is only logged: emergency access must work even if the broker is down.
    """
    for task in (ALARM_USED, POST_USED):
        send = partial(current_app.send_task, task, args=[str(access.pk)], retry=True)
        transaction.on_commit(send, robust=True)


def send_alarm(access: EmergencyAccess, *, used: bool) -> int:
    """Mail every administrator, including the administrator who gets the access. Return how many mails the mail server
    accepted.

    If the mail server refuses the mail to one administrator, the others still get the mail. The refusal is logged.
    Raise OSError or smtplib.SMTPException if the mail server cannot be reached, or if it refuses a mail temporarily.
    The task then runs again, so a mail may arrive twice, with the same Message-ID.
    """
    sent = 0
    temporary: smtplib.SMTPException | None = None
    for recipient in administrators(access.person):
        try:
            mailers["default"].send_messages([_mail(access, recipient, used=used)])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            log.error("emergency_alarm_refused", access=str(access.pk), person=str(recipient.pk))
            if is_temporary(error):
                temporary = error
        else:
            sent += 1
    if temporary is not None:
        raise temporary
    return sent


def _mail(access: EmergencyAccess, recipient: Person, *, used: bool) -> EmailMessage:
    what = "used" if used else "created"
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    return EmailMessage(
        subject=f"Surety: emergency access of {access.person.email} was {what}",
        body=render_to_string(
            "accounts/emergency_mail.txt", {"access": access, "used": used, "site": settings.SURETY_URL}
        ),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[recipient.email],
        headers={
            "Message-ID": f"<emergency-{access.pk}-{what}-{recipient.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "Importance": "high",
        },
    )
