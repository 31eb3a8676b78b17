"""Sending mails, even if mail servers refuse them or are unreachable, workers die, or several workers run."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import F
from django.utils import timezone

from portal.notify import notice_validity
from portal.notify.actions.deliveries import drop_mail, retry_mail
from portal.notify.attempts import WORKER_DIED
from portal.notify.delivery import send_due
from portal.notify.delivery.claims import MAX_MAIL_ATTEMPTS, claim_mail
from portal.notify.errors import WrongState
from portal.notify.models import Notice
from tenants.models import JournalEntry, Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.concurrency import run_concurrently
from tests.factories import BY
from tests.portal.notify.mail_server import MailServer, smtp_settings
from tests.portal.notify.outbox import add_channel, make_mail_due, only_notice, publish_event
from tests.portal.notify.receivers import Receiver

pytestmark = pytest.mark.django_db


def test_a_refused_address_fails_and_can_be_retried(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    mail_server.recipient_reply = "550 5.1.1 no such\tuser here"
    publish_event(tenant, mira)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    notice = only_notice(tenant)
    assert notice.state == "failed"
    assert notice.error == "The mail server refused the address: 550 5.1.1 no such user here"
    mail_server.recipient_reply = ""
    with factories.in_tenant(tenant):
        retry_mail(notice=notice, by=BY)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert mail_server.received[0]["Message-ID"] == f"<{notice.pk}@msp.example>"
    with factories.in_tenant(tenant), pytest.raises(WrongState):
        retry_mail(notice=notice, by=BY)


def test_discarding_a_mail_keeps_the_notice(tenant: Tenant, mira: Person, mail_server: MailServer) -> None:
    mail_server.recipient_reply = "550 5.1.1 no such user here"
    publish_event(tenant, mira)
    send_due(tenant_id=tenant.pk)
    with factories.in_tenant(tenant):
        drop_mail(notice=Notice.objects.get(), by=BY)
        notice = Notice.objects.get()
        assert (notice.state, "550 5.1.1" in notice.error) == ("kept", True)
        assert JournalEntry.objects.get(action="notice.mail_dropped").details["to"] == mira.email
        for again in (drop_mail, retry_mail):
            with pytest.raises(WrongState):
                again(notice=notice, by=BY)
    mail_server.recipient_reply = ""
    make_mail_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert publish_event(tenant, mira) == 0


@pytest.mark.slow(seconds=1)
def test_a_temporary_refusal_is_retried_until_the_last_attempt(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    mail_server.data_reply = "451 4.3.0 try later"
    publish_event(tenant, mira)
    for number in range(1, MAX_MAIL_ATTEMPTS + 1):
        notice = only_notice(tenant)
        assert (notice.state, notice.attempts) == ("waiting", number - 1)
        make_mail_due(tenant)
        send_due(tenant_id=tenant.pk)
        notice = only_notice(tenant)
        if number == 1:
            assert timedelta(seconds=40) < notice.due_at - timezone.now() < timedelta(seconds=80)
    assert (notice.state, notice.attempts) == ("failed", MAX_MAIL_ATTEMPTS)
    assert notice.error == "The mail server refused the message: 451 4.3.0 try later"


def test_a_reply_with_a_character_that_cannot_be_stored_is_recorded(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    mail_server.data_reply = "554 5.7.1 not\x00accepted"
    publish_event(tenant, mira)
    send_due(tenant_id=tenant.pk)
    notice = only_notice(tenant)
    assert notice.state == "failed"
    assert notice.error == "The mail server refused the message: 554 5.7.1 not\ufffdaccepted"


def test_an_unreachable_server_counts_no_attempt(
    tenant: Tenant, mira: Person, mail_server: MailServer, settings: Any
) -> None:
    reachable, settings.MAILERS = settings.MAILERS, smtp_settings(9)
    publish_event(tenant, mira)
    for _ in range(MAX_MAIL_ATTEMPTS + 1):
        assert send_due(tenant_id=tenant.pk) == (0, 0)
    notice = only_notice(tenant)
    assert (notice.state, notice.attempts) == ("waiting", 0)
    assert "cannot be reached" in notice.error
    settings.MAILERS = reachable
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert only_notice(tenant).error == ""


def test_a_refused_password_is_named_and_counts_no_attempt(
    tenant: Tenant, mira: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(mailer: EmailBackend) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"5.7.139 SmtpClientAuthentication is disabled")

    monkeypatch.setattr(EmailBackend, "open", refuse)
    publish_event(tenant, mira)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    notice = only_notice(tenant)
    assert (notice.state, notice.attempts) == ("waiting", 0)
    assert notice.error == (
        "The mail server refused Surety’s user name or password (535 5.7.139 SmtpClientAuthentication is disabled)."
        " Surety tries again every minute."
    )


def test_a_repeated_mail_has_the_same_message_id(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    """The server accepts the mail but closes the connection before it replies, so Surety has to send the mail again."""
    mail_server.hang_up = True
    publish_event(tenant, mira)
    publish_event(tenant, mira, key="2")
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert len(mail_server.received) == 1  # No further mails are sent in this run.
    with factories.in_tenant(tenant):
        tried = Notice.objects.get(attempts=1)
        assert (tried.state, tried.error) == (
            "waiting",
            "The mail server closed the connection (SMTPServerDisconnected).",
        )
        assert Notice.objects.get(attempts=0).error == ""
    mail_server.hang_up = False
    make_mail_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (2, 0)
    ids = [message["Message-ID"] for message in mail_server.received]
    assert (len(ids), len(set(ids)), ids.count(f"<{tried.pk}@msp.example>")) == (3, 2, 2)


@pytest.mark.slow(seconds=1)
def test_a_mail_fails_if_the_server_always_hangs_up(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    mail_server.hang_up = True
    publish_event(tenant, mira)
    for _ in range(MAX_MAIL_ATTEMPTS + 2):
        make_mail_due(tenant)
        assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (only_notice(tenant).state, len(mail_server.received)) == ("failed", MAX_MAIL_ATTEMPTS)


def test_a_refused_address_does_not_delay_other_mails(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    broken = factories.member(Role.AUDITOR, tenant)
    Person.objects.filter(pk=broken.pk).update(email="a@b@c.example")
    publish_event(tenant, mira, broken)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert mail_server.recipients == ["mira@example.com"]
    with factories.in_tenant(tenant):
        notice = Notice.objects.get(person=broken)
    assert notice.state == "failed"
    assert notice.error


def test_a_dead_workers_digest_is_repeated_with_the_same_message_id(
    tenant: Tenant, mira: Person, mail_server: MailServer
) -> None:
    """A worker that died may have sent the digest that it claimed, so the next attempt uses the same Message-ID."""
    for number in range(2):
        publish_event(tenant, mira, kind="assigned", key=str(number))
    make_mail_due(tenant)
    with factories.in_tenant(tenant):
        assert len(claim_mail(tenant.pk)) == 2
        assert claim_mail(tenant.pk) == []
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    make_mail_due(tenant)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    with factories.in_tenant(tenant):
        from portal.notify.delivery.mail_messages import message_id

        assert mail_server.received[0]["Message-ID"] == message_id(list(Notice.objects.order_by("-pk")))
        assert set(Notice.objects.values_list("attempts", "state")) == {(2, "sent")}


def test_a_mail_that_kills_every_worker_fails(tenant: Tenant, mira: Person, mail_server: MailServer) -> None:
    publish_event(tenant, mira)
    with factories.in_tenant(tenant):
        Notice.objects.update(attempts=F("attempts") + MAX_MAIL_ATTEMPTS)
    assert send_due(tenant_id=tenant.pk) == (0, 0)
    assert (only_notice(tenant).state, only_notice(tenant).error) == ("failed", WORKER_DIED)


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_mail_nothing_twice_and_split_no_digest(mail_server: MailServer) -> None:
    tenant = factories.tenant()
    people = [factories.member(Role.AUDITOR, tenant) for _ in range(4)]
    for number in range(5):
        publish_event(tenant, *people, kind="assigned", key=str(number))
        publish_event(tenant, *people, key=str(number), title=f"At once {number}")
    make_mail_due(tenant)
    rounds = run_concurrently(*[partial(send_due, tenant_id=tenant.pk)] * 4)
    ids = [message["Message-ID"] for message in mail_server.received]
    assert (len(ids), len(set(ids)), sum(done[0] for done in rounds)) == (24, 24, 24)
    digests = [message for message in mail_server.received if "5 notifications" in message["Subject"]]
    assert len(digests) == 4


@pytest.mark.slow(seconds=1)
def test_an_exception_in_a_validator_loses_no_messages(
    tenant: Tenant, mira: Person, mail_server: MailServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the code that validates a notice raises an exception, only this notice's mail fails, and it can be retried."""

    def broken_validator(*args: object) -> None:
        raise ZeroDivisionError

    add_channel(tenant, receiver.url())
    publish_event(tenant, mira, key="1")
    publish_event(tenant, mira, key="2", kind="assigned")
    with factories.in_tenant(tenant):
        Notice.objects.update(due_at=timezone.now())
        Notice.objects.filter(kind="assigned").update(due_at=timezone.now() - timedelta(seconds=5))
    with monkeypatch.context() as broken:
        broken.setitem(notice_validity._VALIDATORS, "assigned", broken_validator)
        with pytest.raises(ZeroDivisionError):
            send_due(tenant_id=tenant.pk)
        assert len(receiver.received) == 2
        assert mail_server.received == []
        assert send_due(tenant_id=tenant.pk) == (1, 0)
        with factories.in_tenant(tenant):
            row = Notice.objects.get(kind="assigned")
            assert (row.state, row.attempts) == ("waiting", 1)
        for _ in range(MAX_MAIL_ATTEMPTS - 1):
            make_mail_due(tenant)
            with pytest.raises(ZeroDivisionError):
                send_due(tenant_id=tenant.pk)
        make_mail_due(tenant)
        assert send_due(tenant_id=tenant.pk) == (0, 0)
    with factories.in_tenant(tenant):
        row = Notice.objects.get(kind="assigned")
        assert (row.state, row.error) == ("failed", WORKER_DIED)
        retry_mail(notice=row, by=BY)
    assert send_due(tenant_id=tenant.pk) == (1, 0)
    assert len(mail_server.received) == 2
