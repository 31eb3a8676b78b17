"""Send alarms about emergency access: mail all administrators of an organization, and post to the operator's webhook.

The journal and the log also record the access. Mail and post are separate tasks, so that each is sent even if the
other fails.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.template.loader import render_to_string

from portal.accounts.actions.emergency import administrators
from portal.accounts.models import EmergencyAccess

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
    """Mail every administrator, including the administrator who gets the access. Return the number of administrators.

    Raise OSError or smtplib.SMTPException if the mail server does not accept a mail.
    """
    recipients = administrators(access.person)
    body = render_to_string(
        "accounts/emergency_mail.txt", {"access": access, "used": used, "site": settings.SURETY_URL}
    )
    what = "used" if used else "created"
    messages = [
        EmailMessage(
            subject=f"Surety: emergency access of {access.person.email} was {what}",
            body=body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[recipient.email],
            headers={"Auto-Submitted": "auto-generated", "Importance": "high"},
        )
        for recipient in recipients
    ]
    if messages:
        mailers["default"].send_messages(messages)
    return len(messages)
