"""Mails about accounts. Pages store mails in an outbox, and a worker sends them.

If somebody asks for a new password, the page only stores this request, and the worker looks for the account. So the
response time does not reveal whether the account exists. If the mail server does not answer, the next periodic task
(“tick”) tries again.
"""

from __future__ import annotations

import json
import smtplib
import time
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context as allauth_context
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from portal import links
from portal.accounts.models import AccountMail
from portal.notify.attempts import LEASE, retry_time
from portal.notify.delivery.smtp import is_temporary
from tenants.errors import SecretsUnusable
from tenants.models import Person
from tenants.secrets import seal, unseal
from tenants.values.time_display import showing_in_mail

log = structlog.get_logger(__name__)

SEND_MAILS: Final = "portal.accounts.tasks.send_mails"
FIRST_RETRY_SECONDS: Final = 20.0
MAX_RETRY_SECONDS: Final = 15 * 60.0
MAX_AGE: Final = timedelta(hours=12)
"""Mails older than this are dropped. By then, the person will have requested another mail, or no longer need one."""
SECONDS: Final = 45.0
"""The time limit of one run of the task that sends mails. The next periodic task (“tick”) starts another run."""


class QueuedMails(DefaultAccountAdapter):  # type: ignore[misc]
    """The part of the account adapter that stores allauth's mails in the outbox."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render the mail, and store it in sealed form. If a worker calls this method, the template gets None as the
        request.
        """
        site = SimpleNamespace(name="Surety", domain=urlsplit(settings.SURETY_URL).netloc)
        values = {"request": allauth_context.request, "email": email, "current_site": site, **context}
        person = Person.objects.filter(email=email.lower()).first()
        with showing_in_mail(person, "UTC"):
            message = self.render_mail(template_prefix, email, values)
        html = [part for part, kind in getattr(message, "alternatives", []) if kind == "text/html"]
        _store(
            {
                "subject": message.subject,
                "text": message.body,
                "html": html[0] if html else "",
                "to": list(message.to),
            }
        )


def request_password_reset(email: str) -> None:
    """Store a request for a new password. If a person has this address, a worker then mails a link to the person."""
    _store({"reset": email})


def _store(content: dict[str, Any]) -> None:
    mail = AccountMail()
    seal(mail, "content", json.dumps(content))
    mail.save(force_insert=True)
    # Because of `robust`, the page works even if the broker cannot be reached. The next periodic task (“tick”) then
    # sends the mail.
    transaction.on_commit(partial(current_app.send_task, SEND_MAILS, retry=False), robust=True)


def send_due(seconds: float = SECONDS) -> int:
    """Send due mails, but start no further mail after `seconds`. Return the number of mails that the mail server
    accepted. This function may be called outside of a scope (`tenants.scope`).
    """
    sent, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        mail = _claim()
        if mail is None:
            break
        try:
            content = json.loads(unseal(mail, "content").reveal())
        except SecretsUnusable as error:  # Only this mail cannot be decrypted, so continue.
            _try_later(mail, error)
            continue
        if "reset" in content:
            with transaction.atomic():
                _answer_reset(content["reset"])
                mail.delete()
            continue
        try:
            _send(content)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            # The server refuses only this mail. Continue, so that no person can delay the mails of other people.
            if is_temporary(error):
                _try_later(mail, error)
                continue
            log.warning("account mail refused by the mail server", mail=str(mail.pk))
        except (OSError, smtplib.SMTPException) as error:
            _try_later(mail, error)
            break
        except ValueError as error:
            # Only this mail has an invalid address or header, so continue.
            _try_later(mail, error)
            continue
        else:
            sent += 1
        mail.delete()
    return sent


def _claim() -> AccountMail | None:
    """Delete mails that are too old. Then return the next due mail, and reserve it: no other worker gets this mail
    before the time `LEASE` has passed.
    """
    now = timezone.now()
    with transaction.atomic():
        if dropped := AccountMail.objects.filter(created_at__lte=now - MAX_AGE).delete()[0]:
            log.error("account mails dropped: the mail server did not accept them in time", mails=dropped)
        due = AccountMail.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
        mail = due.order_by("due_at", "pk").first()
        if mail is not None:
            AccountMail.objects.filter(pk=mail.pk).update(due_at=now + LEASE, attempts=F("attempts") + 1)
            mail.attempts += 1
    return mail


def _try_later(mail: AccountMail, error: Exception) -> None:
    log.warning("account mail not sent", mail=str(mail.pk), attempt=mail.attempts, error=type(error).__name__)
    due_at = retry_time(mail.attempts, first=FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS)
    AccountMail.objects.filter(pk=mail.pk).update(due_at=due_at)


def _send(content: dict[str, Any]) -> None:
    message = EmailMultiAlternatives(
        subject=content["subject"],
        body=content["text"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=content["to"],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    if content["html"]:
        message.attach_alternative(content["html"], "text/html")
    mailers["default"].send_messages([message])


def _answer_reset(email: str) -> None:
    """For each active account with this email address, store a mail with a link to set a new password.

    No link is sent to a new address that is not confirmed yet.
    """
    adapter = get_adapter()
    found = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    for person in [person for person in found if person.email.lower() == email.lower()]:
        token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
        uid = user_pk_to_url_str(person)
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        values = {"user": person, "password_reset_url": links.absolute(path), "uid": uid, "key": token}
        adapter.send_password_reset_mail(person, email, values)
