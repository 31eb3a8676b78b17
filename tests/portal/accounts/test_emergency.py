"""Emergency access (break glass): one administrator signs in once, and all administrators are notified."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import Retry
from celery.utils.time import get_exponential_backoff_interval
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.accounts.emergency.alarm_webhook import check_settings
from portal.accounts.emergency.alarms import ALARM_CREATED, ALARM_USED, POST_CREATED, POST_USED, send_alarm
from portal.accounts.models import EmergencyAccess, Session
from portal.accounts.tasks import alarm_created, alarm_used, post_alarm_created, post_alarm_used
from portal.members.tasks import send_invitation
from portal.notify.outbound import PostFailed
from tenants.actions import revoke_membership
from tenants.models import Membership
from tenants.scope import person_scope
from tests.portal.accounts.conftest import SignIn, Staff
from tests.portal.accounts.policies import set_policy
from tests.portal.notify.receivers import Receiver, is_standard, run_receiver, signature_is_valid

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-tests-with-at-least-32-characters"
REASON = "Entra does not answer since this morning."


def break_glass(email: str, **options: Any) -> str:
    """Run the command, and return the path of the link that it prints."""
    out, err = StringIO(), StringIO()
    call_command(
        "break_glass", email, reason=options.pop("reason", REASON), stdout=out, stderr=err, **options
    )
    return "/" + out.getvalue().strip().split("/", 3)[3]


def test_signs_in_in_spite_of_single_sign_on_and_second_factor(staff: Staff) -> None:
    set_policy(staff, sso_domains=["northlight.example"], second_factor_roles=["organization_administrator"])
    link, client = break_glass(staff.ada.email), Client()
    assert client.get(link).status_code == 200
    assert "_auth_user_id" not in client.session, "opening the link changes nothing"
    assert client.post(link).status_code == 302
    assert client.get("/").status_code == 200
    assert client.get(reverse("organization-sign-in", args=[staff.organization.slug])).status_code == 200
    row = Session.objects.get(person=staff.ada)
    assert timedelta(minutes=29) < row.expires_at - timezone.now() <= timedelta(minutes=30)


def test_works_once_and_not_after_its_end(staff: Staff) -> None:
    link = break_glass(staff.ada.email)
    Client().post(link)
    assert Client().post(link).status_code == 404
    late = break_glass(staff.ada.email)
    EmergencyAccess.objects.filter(used_at=None).update(expires_at=timezone.now())
    assert Client().post(late).status_code == 404
    earlier, newer = break_glass(staff.ada.email), break_glass(staff.ada.email)
    assert [Client().get(one).status_code for one in (earlier, newer)] == [404, 200]


def test_does_not_outlive_the_role_of_its_person(staff: Staff) -> None:
    link = break_glass(staff.ada.email)
    with person_scope(staff.bea):
        (membership,) = Membership.objects.filter(person=staff.ada)
        revoke_membership(by=staff.bea, membership=membership)
    client = Client()
    assert [client.get(link).status_code, client.post(link).status_code] == [404, 404]
    assert "_auth_user_id" not in client.session
    assert EmergencyAccess.objects.get().used_at is None


@pytest.mark.django_db(transaction=True)
def test_signs_in_without_the_broker(staff: Staff, monkeypatch: pytest.MonkeyPatch, sign_in: SignIn) -> None:
    """Without the broker, no task can be sent. If the sign-in failed for that reason, its link would be used up."""

    def refuse(*arguments: Any, **options: Any) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(current_app, "send_task", refuse)
    for client in (Client(), sign_in(staff.otto)):
        link = break_glass(staff.ada.email)
        assert client.post(link).status_code == 302
        assert client.get(reverse("organization-people", args=[staff.organization.slug])).status_code == 200


def test_stored_row_opens_nothing(staff: Staff) -> None:
    link = break_glass(staff.ada.email)
    row = EmergencyAccess.objects.get()
    assert link.split("/")[-2] not in str(row.__dict__)
    for guess in (row.token_hash, str(row.pk), "x"):
        assert Client().post(reverse("emergency", args=[guess])).status_code == 404


def test_alarms_every_administrator_and_the_journal(staff: Staff, mailoutbox: list[Any]) -> None:
    link = break_glass(staff.ada.email)
    row = EmergencyAccess.objects.get()
    alarm_created(str(row.pk))
    assert [mail.to for mail in mailoutbox] == [[staff.ada.email], [staff.bea.email]]
    assert REASON in mailoutbox[0].body
    assert link.split("/")[-2] not in mailoutbox[0].body
    Client().post(link)
    mailoutbox.clear()
    alarm_used(str(row.pk))
    assert [mail.subject for mail in mailoutbox] == [
        f"Surety: emergency access of {staff.ada.email} was used"
    ] * 2
    found = [entry for entry in staff.journal() if "emergency" in entry.action]
    assert [entry.action for entry in found] == [
        "account.emergency_access_created",
        "account.emergency_access_used",
    ]
    assert found[0].actor == "system:operator"
    assert found[1].details["address"] == "127.0.0.1"


@pytest.mark.parametrize("code", [550, 452])
@pytest.mark.parametrize("kind", [smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError])
def test_a_refused_mail_does_not_keep_the_alarm_from_other_administrators(
    staff: Staff,
    mailoutbox: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    kind: type[smtplib.SMTPException],
    code: int,
) -> None:
    send = EmailBackend.send_messages
    by_text = kind is smtplib.SMTPDataError
    refusal = kind(code, b"refused") if by_text else kind({staff.ada.email: (code, b"refused")})

    def refusing(self: EmailBackend, messages: list[Any]) -> int:
        if any(message.to == [staff.ada.email] for message in messages):
            raise refusal
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refusing)
    break_glass(staff.ada.email)
    access = EmergencyAccess.objects.get()
    # Only a temporary refusal (452) raises an error, so that the task is tried again.
    with nullcontext() if code == 550 else pytest.raises(kind):
        assert send_alarm(access, used=False) == 1
    # The other administrator gets a second mail with the same Message-ID, so that mail programs recognize it as a copy.
    with suppress(kind):
        send_alarm(access, used=False)
    assert [mail.to for mail in mailoutbox] == [[staff.bea.email]] * 2
    first, second = (mail.extra_headers["Message-ID"] for mail in mailoutbox)
    assert first == second


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.SURETY_JOURNAL_SECRET = SECRET
    settings.SURETY_ALARM_WEBHOOK_KIND = "webhook"
    with run_receiver() as running:
        settings.SURETY_ALARM_WEBHOOK = running.url(path="/alarms")
        yield running


def test_alarms_are_posted_signed_and_without_the_link(staff: Staff, receiver: Receiver) -> None:
    link = break_glass(staff.ada.email)
    row = EmergencyAccess.objects.get()
    post_alarm_created(str(row.pk))
    Client().post(link)
    post_alarm_used(str(row.pk))
    created, used = receiver.received
    for post, event in ((created, "emergency_access_created"), (used, "emergency_access_used")):
        assert signature_is_valid(SECRET, post.headers, post.body)
        assert is_standard(SECRET.encode(), post.headers, post.body)
        body = json.loads(post.body)
        assert (body["event"], post.headers["Surety-Event"]) == (event, event)
        assert (body["type"], body["timestamp"]) == (event, body["used_at"] or body["created_at"])
        assert (body["person"]["email"], body["reason"]) == (staff.ada.email, REASON)
        assert link.split("/")[-2] not in post.body.decode()
    assert json.loads(created.body)["used_at"] is None
    assert json.loads(used.body)["used_at"] is not None


@pytest.mark.parametrize("kind", ["teams", "slack"])
def test_alarms_are_posted_to_a_chat(staff: Staff, receiver: Receiver, settings: Any, kind: str) -> None:
    settings.SURETY_ALARM_WEBHOOK_KIND = kind
    break_glass(staff.ada.email, reason="<b>Entra</b> & all *factors* are lost.")
    post_alarm_created(str(EmergencyAccess.objects.get().pk))
    (post,) = receiver.received
    text = json.dumps(json.loads(post.body))
    assert f"Emergency access of Ada <{staff.ada.email}> was created" in text
    assert "Entra" in text
    assert "Surety-Signature" not in post.headers


def test_a_failed_post_is_tried_again_and_hinders_no_mail(
    staff: Staff, receiver: Receiver, mailoutbox: list[Any]
) -> None:
    receiver.answer(503)
    break_glass(staff.ada.email)
    row = EmergencyAccess.objects.get()
    with pytest.raises((PostFailed, Retry), match="503"):
        post_alarm_created(str(row.pk))
    alarm_created(str(row.pk))
    assert len(mailoutbox) == 2
    receiver.answer(204)
    post_alarm_created(str(row.pk))
    first, second = receiver.received
    assert first.headers["Surety-Delivery"] == second.headers["Surety-Delivery"]


def test_alarms_and_invitations_are_tried_again_for_two_hours() -> None:
    for task in (alarm_created, alarm_used, post_alarm_created, post_alarm_used, send_invitation):
        waits = [
            get_exponential_backoff_interval(
                task.retry_backoff, number, task.retry_backoff_max, task.retry_jitter
            )
            for number in range(task.max_retries)
        ]
        assert 7200 <= sum(waits) <= 8000, task.name


def test_without_the_broker_the_command_itself_tells(
    staff: Staff, receiver: Receiver, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr("portal.accounts.management.commands.break_glass.enqueue", refuse)
    break_glass(staff.ada.email)
    assert len(mailoutbox) == 2
    assert [post.headers["Surety-Event"] for post in receiver.received] == ["emergency_access_created"]


def test_creating_and_using_a_link_asks_workers_for_mail_and_post(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *args, **options: sent.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        link = break_glass(staff.ada.email)
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(link)
    assert [name for name in sent if "alarm" in name] == [ALARM_CREATED, POST_CREATED, ALARM_USED, POST_USED]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"SURETY_ALARM_WEBHOOK": "hooks.example.com"}, "is not an address"),
        ({"SURETY_ALARM_WEBHOOK": "https://[hooks"}, "is not an address"),
        ({"SURETY_ALARM_WEBHOOK_KIND": "pager"}, "is unknown"),
        ({"SURETY_JOURNAL_SECRET": "short"}, "at least 32 random characters"),
    ],
)
def test_invalid_settings_of_the_webhook_prevent_the_start(
    receiver: Receiver, settings: Any, values: dict[str, str], message: str
) -> None:
    check_settings()
    for name, value in values.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=message):
        check_settings()


@pytest.mark.parametrize(
    ("email", "options", "message"),
    [
        ("otto@northlight.example", {}, "not an active administrator"),
        ("paul@northlight.example", {}, "not an active administrator"),
        ("nobody@northlight.example", {}, "no account"),
        ("ada@northlight.example", {"reason": "x"}, "reason in a sentence"),
        ("ada@northlight.example", {"reason": "\u2800" * 20}, "reason in a sentence"),
        ("ada@northlight.example", {"minutes": 600}, "between 1 and 60"),
    ],
)
def test_refuses(staff: Staff, email: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        break_glass(email, **options)
    assert not EmergencyAccess.objects.exists()


def test_inactive_administrator_gets_no_link(staff: Staff) -> None:
    staff.ada.is_active = False
    staff.ada.save()
    with pytest.raises(CommandError):
        break_glass(staff.ada.email)
