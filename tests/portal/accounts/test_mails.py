"""Only workers send mails about accounts. Known and unknown addresses cause the same work. Stored mails are sealed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from allauth.account.adapter import get_adapter
from django.conf import settings as project
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.template import Engine
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.mails import MAX_AGE, send_due
from portal.accounts.models import AccountMail
from tenants import secrets
from tenants.models import Person
from tests import factories
from tests.portal.notify.conftest import mail_server
from tests.portal.notify.mail_server import MailServer, smtp_settings

__all__ = ["mail_server"]
pytestmark = pytest.mark.django_db
# Mails of allauth that Surety does not send: mails about signing up, mails with codes instead of links, and mails to
# addresses without an account.
NOT_SENT = {
    "account_already_exists",
    "email_confirm",
    "email_confirmation_signup",
    "login_code",
    "password_reset_code",
    "unknown_account",
}


@pytest.fixture
def person() -> Person:
    cache.clear()
    return factories.person("mira@surety.example")


def ask(email: str) -> list[str]:
    """Ask for a new password; return the SQL statements of the request, without values."""
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        response = client.post("/accounts/password/reset/", {"email": email})
    assert response.status_code == 302
    return [re.sub(r"'[^']*'|\b\d+\b|%s", "?", query["sql"]) for query in queries.captured_queries]


def stored_bytes() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(content, '') FROM accounts_accountmail")
        return bytes(cursor.fetchone()[0])


def make_due() -> None:
    AccountMail.objects.update(due_at=timezone.now())


def test_a_page_does_the_same_for_a_known_and_an_unknown_address(
    person: Person, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    ask("warm-up@surety.example")
    assert ask(person.email) == ask("unknown@surety.example")
    assert AccountMail.objects.count() == 3
    assert mailoutbox == [], "the web server sends no mail itself"


def test_an_unknown_address_gets_no_mail(person: Person, mailoutbox: list[EmailMultiAlternatives]) -> None:
    ask("unknown@surety.example")
    assert send_due() == 0
    assert mailoutbox == []
    assert not AccountMail.objects.exists()


def test_surety_has_its_own_text_for_every_mail_of_allauth() -> None:
    """allauth's templates have subjects such as “Password Reset Email”, and do not say how long a link is valid."""
    folder = Path(allauth.__file__).parent / "templates"
    mails = [
        file
        for app in ("account", "mfa")
        for file in (folder / app / "email").glob("*_*.txt")
        if file.stem.rpartition("_")[0] not in NOT_SENT
    ]
    assert len(mails) > 20
    for file in mails:
        origin = Engine.get_default().get_template(str(file.relative_to(folder))).origin.name
        assert Path(origin).is_relative_to(project.BASE_DIR / "templates"), file.name


def test_a_worker_mails_the_link(person: Person, mail_server: MailServer) -> None:
    ask(person.email.upper())
    assert send_due() == 1
    [message] = mail_server.received
    text = message.get_content()
    assert mail_server.recipients == [person.email]
    assert re.search(r"https://surety\.msp\.example/accounts/password/reset/key/\S+-\S+/", text)
    assert message["Subject"] == "Surety: Reset your password"
    assert "within an hour" in text
    assert timedelta(hours=1).total_seconds() == project.PASSWORD_RESET_TIMEOUT
    assert not AccountMail.objects.exists()
    assert send_due() == 0


def test_a_mail_that_cannot_be_sent_does_not_delay_others(person: Person, mail_server: MailServer) -> None:
    """Django raises ValueError for an address that begins like an encoded word."""
    get_adapter().send_mail(
        "account/email/address_is_new",
        "=?utf-8?q?mira?=@surety.example",
        {"user": person, "from_email": person.email, "timestamp": timezone.now()},
    )
    ask(person.email)
    assert send_due() == 1
    assert mail_server.recipients == [person.email]
    [waiting] = AccountMail.objects.all()
    assert waiting.attempts == 1
    assert waiting.due_at > timezone.now()


@pytest.mark.parametrize(("reply", "kept"), [("554 5.7.1 Spam", 0), ("451 4.3.0 Later", 1)])
def test_a_mail_whose_text_is_refused_does_not_delay_others(
    person: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, reply: str, kept: int
) -> None:
    receive = MailServer.handle_DATA

    async def filtering(self: MailServer, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if b"unwanted words" in envelope.content:
            return reply
        return await receive(self, server, session, envelope)

    monkeypatch.setattr(MailServer, "handle_DATA", filtering)
    other = factories.person("other@surety.example", name="unwanted words")
    values = {"user": other, "activate_url": "https://surety.example/"}
    get_adapter().send_mail("account/email/email_confirmation", other.email, values)
    ask(person.email)
    assert send_due() == 1
    assert mail_server.recipients == [person.email]
    assert AccountMail.objects.count() == kept


def test_links_and_addresses_are_not_readable_in_the_database(person: Person, settings: Any) -> None:
    ask(person.email)
    assert person.email.encode() not in stored_bytes()
    with connection.cursor() as cursor:
        # The mail server does not answer, so the mail with the link stays in the outbox.
        settings.MAILERS = smtp_settings(1)
        assert send_due() == 0
        cursor.execute("SELECT count(*) FROM accounts_accountmail")
        assert cursor.fetchone() == (1,)
    for secret in (b"/accounts/password/reset/key/", person.email.encode(), b"https://"):
        assert secret not in stored_bytes()


def test_a_mail_waits_while_the_mail_server_is_away(
    person: Person, mail_server: MailServer, settings: Any
) -> None:
    there = settings.MAILERS
    ask(person.email)
    settings.MAILERS = smtp_settings(1)
    assert send_due() == 0
    [waiting] = AccountMail.objects.all()
    assert waiting.attempts == 1
    assert waiting.due_at > timezone.now()
    settings.MAILERS = there
    assert send_due() == 0, "not before its time"
    make_due()
    assert send_due() == 1
    assert mail_server.recipients == [person.email]


def test_a_mail_whose_key_was_lost_does_not_stop_other_mails(
    person: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(person.email)
    monkeypatch.setenv("SURETY_KEYS", secrets.new_key())
    ask(person.email)
    assert send_due() == 1
    assert mail_server.recipients == [person.email]
    [unreadable] = AccountMail.objects.all()
    assert unreadable.due_at > timezone.now()


def test_a_temporary_refusal_is_tried_again_and_a_final_one_is_not(
    person: Person, mail_server: MailServer
) -> None:
    ask(person.email)
    mail_server.recipient_reply = "450 Later"
    assert send_due() == 0
    assert AccountMail.objects.count() == 1
    mail_server.recipient_reply = "550 Never"
    make_due()
    assert send_due() == 0
    assert not AccountMail.objects.exists()


def test_a_mail_of_yesterday_is_dropped(person: Person, mail_server: MailServer) -> None:
    ask(person.email)
    AccountMail.objects.update(created_at=timezone.now() - MAX_AGE - timedelta(minutes=1))
    assert send_due() == 0
    assert mail_server.received == []
    assert not AccountMail.objects.exists()
