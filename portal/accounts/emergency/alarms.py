"""Send alarms about emergency access. They are mailed to the administrators of all organizations to which the person
with the emergency access belongs, and posted to the operator's webhook.

The journal and the log also record the access. Mail and post are separate tasks, so that each is sent even if the
other fails.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import structlog
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from portal import mail_headers
from portal.accounts.actions.emergency import administrators
from portal.accounts.models import EmergencyAccess
from portal.notify.delivery.smtp import send_to_each
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

    Refused mails are logged. Raise the errors of `send_to_each`. The task then runs again, so a mail may arrive twice,
    with the same Message-ID.
    """

    def log_refusal(person: Person) -> None:
        log.error("emergency_alarm_refused", access=str(access.pk), person=str(person.pk))

    mails = {person: _mail(access, person, used=used) for person in administrators(access.person)}
    return send_to_each(mails, log_refusal)


def _mail(access: EmergencyAccess, recipient: Person, *, used: bool) -> EmailMessage:
    what = "used" if used else "created"
    return EmailMessage(
        subject=f"Surety: emergency access of {access.person.email} was {what}",
        body=render_to_string(
            "accounts/emergency_mail.txt", {"access": access, "used": used, "site": settings.SURETY_URL}
        ),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[recipient.email],
        headers={
            "Message-ID": mail_headers.message_id(f"emergency-{access.pk}-{what}-{recipient.pk}"),
            "Auto-Submitted": "auto-generated",
            "Importance": "high",
        },
    )
