"""Refused sign-ins of accounts are in the journal, whatever the person signed in with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from structlog.testing import capture_logs

from portal.accounts import after_answer
from portal.accounts.sign_in.failures import Reason
from tenants.models import FailedSignIns, Person
from tests.factories import PASSWORD
from tests.portal.accounts.conftest import Staff
from tests.portal.accounts.issuer import EntraUser, Issuer
from tests.portal.accounts.mfa.key_steps import (
    LOGIN,
    add,
    options_of_login,
    options_on,
    send,
    signed_in_as,
    with_proof,
)
from tests.portal.accounts.policies import set_policy
from tests.portal.accounts.software_keys import PRESENT, SoftwareKey
from tests.portal.accounts.sso_steps import link, sign_in_at_issuer
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
ELSEWHERE = "http://evil.example"


def failures(staff: Staff, attempt: Callable[[], object]) -> list[tuple[str, str, str | None]]:
    """Call `attempt` to sign in. Return (email, method, reason) of each failure that the journal has recorded."""
    cache.clear()
    FailedSignIns.objects.all().delete()
    before = len(staff.journal())
    attempt()
    people = {str(person.pk): person.email for person in Person.objects.all()}
    found = [one for one in staff.journal()[before:] if one.action.startswith("account.sign_in_fail")]
    assert all(one.actor == "system:sign-in" and one.details["address"] == "127.0.0.1" for one in found)
    emails = [next(email for pk, email in people.items() if pk in one.target) for one in found]
    return [
        (email, one.details["with"], one.details.get("reason"))
        for email, one in zip(emails, found, strict=True)
    ]


def limits(staff: Staff) -> list[tuple[str, str, str]]:
    """Return (limit, method, address) of each journal entry about a limit that was reached."""
    entries = [one for one in staff.journal() if one.action == "account.sign_in_limited"]
    assert all(one.actor == "system:sign-in" for one in entries)
    return [(one.details["limit"], one.details["with"], one.details["address"]) for one in entries]


@pytest.mark.slow(seconds=1)
def test_passwords_above_a_limit_are_recorded_once(staff: Staff) -> None:
    cache.clear()
    otto, url = staff.otto, reverse("account_login")

    def attempts(number: int, address: str, email: str = "") -> None:
        for _ in range(number):
            Client().post(url, {"login": email or otto.email, "password": "wrong"}, REMOTE_ADDR=address)

    attempts(5, "203.0.113.1")
    assert limits(staff) == []
    attempts(4, "203.0.113.1")
    first = ("failed sign-ins of the account from the address", "password", "203.0.113.1")
    assert limits(staff) == [first]
    attempts(9, "203.0.113.2")  # An attack on the same account from a further address adds no entry.
    attempts(9, "203.0.113.3", "nobody@example.com")
    assert limits(staff) == [first]
    attempts(16, "203.0.113.4", "nobody@example.com")
    attempts(6, "203.0.113.4", "somebody@example.com")
    attempts(2, "203.0.113.4")  # The address has reached the limit of 20 failures in a minute.
    assert limits(staff) == [first, ("failed sign-ins from the address", "password", "203.0.113.4")]


def test_failures_of_accounts_are_recorded_after_the_answer(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If failures were recorded first, the delay of the answer would show whether an email address has an account."""
    cache.clear()
    before_answers: list[list[str]] = []
    close = HttpResponse.close

    def closing(response: HttpResponse) -> None:
        before_answers.append([query["sql"] for query in connection.queries])
        close(response)

    monkeypatch.setattr(HttpResponse, "close", closing)
    for email in (staff.otto.email, "nobody@example.com"):
        with CaptureQueriesContext(connection):
            Client().post(reverse("account_login"), {"login": email, "password": "wrong"})
    assert staff.actions()[-1] == "account.sign_in_failed"
    known, unknown = before_answers
    assert len(known) <= len(unknown)
    assert not [sql for sql in known if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE"))]


def test_the_next_request_of_a_connection_does_not_wait_for_the_record(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """If the next request waited for the record, its duration would show whether an email address has an account."""
    cache.clear()
    settings.AFTER_ANSWER_SECONDS = 0.4
    done: list[tuple[float, str]] = []

    def record(person: Person, *_: object, **__: object) -> None:
        done.append((time.monotonic(), threading.current_thread().name))

    monkeypatch.setattr("portal.accounts.events.record_refusal", record)
    later = after_answer.Later()
    monkeypatch.setattr(after_answer, "_later", later)
    Client().post(reverse("account_login"), {"login": staff.otto.email, "password": "wrong"})
    closed = time.monotonic()
    assert done == []
    deadline = closed + 10
    while not done and time.monotonic() < deadline:
        time.sleep(0.02)
    ((at, thread),) = done
    assert at > closed
    assert thread == "after-answer"
    settings.AFTER_ANSWER_SECONDS = 600
    Client().post(reverse("account_login"), {"login": staff.otto.email, "password": "wrong"})
    later.finish()  # The remaining work is done when the process ends.
    assert len(done) == 2


def test_work_beyond_the_limit_is_done_at_once_and_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of failed sign-ins must neither fill the memory nor keep a failure out of the journal."""
    monkeypatch.setattr(after_answer, "MAX_WAITING", 2)
    later, proceed, begun = after_answer.Later(), threading.Event(), threading.Event()
    done: list[tuple[str, str]] = []

    def wait() -> None:
        begun.set()
        proceed.wait(10)

    def work(name: str) -> None:
        done.append((name, threading.current_thread().name))

    later.add(wait, 0)
    assert begun.wait(10)
    with capture_logs() as logged:
        for name in ("first", "second", "third"):
            later.add(partial(work, name), 0)
        assert done == [("third", threading.current_thread().name)]
    assert [one["event"] for one in logged] == ["work after an answer done at once"]
    monkeypatch.setattr(after_answer, "FINISH_SECONDS", 0.1)
    with capture_logs() as logged:
        later.finish()
    assert [one["event"] for one in logged] == ["work after answers is lost"]
    proceed.set()
    monkeypatch.setattr(after_answer, "FINISH_SECONDS", 10)
    later.finish()
    assert [name for name, _ in done] == ["third", "first", "second"]


def test_an_error_after_the_answer_is_logged(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("portal.accounts.events.record_refusal", fail)
    with capture_logs() as logged:
        answer = Client().post(reverse("account_login"), {"login": staff.otto.email, "password": "wrong"})
    assert answer.status_code == 200
    assert [one["event"] for one in logged if one["log_level"] == "error"] == ["work after an answer failed"]


@pytest.mark.slow(seconds=1)
def test_second_factors_above_the_limit_are_recorded_once(staff: Staff) -> None:
    cache.clear()
    otto, key = staff.otto, SoftwareKey()
    add(otto, key)
    client = Client()
    client.post(reverse("account_login"), {"login": otto.email, "password": PASSWORD})
    for _ in range(7):
        client.post(reverse("mfa_authenticate"), {"code": "123456"})
    recorded = ("wrong codes of second factors", "mfa", "127.0.0.1")
    assert limits(staff) == [recorded]
    cache.delete(f"surety-limit-recorded:SECOND_FACTOR:{otto.pk}")
    send(client, "mfa_authenticate", key.get(options_on(client, "mfa_authenticate")))
    assert limits(staff) == [recorded] * 2


@pytest.mark.slow(seconds=1)
def test_refused_security_keys_and_passkeys_are_recorded(staff: Staff) -> None:
    otto, key = staff.otto, SoftwareKey()
    handle = add(otto, key)

    def passkey(**answer: Any) -> None:
        client = Client()
        send(client, LOGIN, key.get(options_of_login(client), handle, **answer))
        assert signed_in_as(client) == ""

    def second_factor(**answer: Any) -> None:
        client = Client()
        client.post(reverse("account_login"), {"login": otto.email, "password": PASSWORD})
        send(client, "mfa_authenticate", key.get(options_on(client, "mfa_authenticate"), **answer))
        assert signed_in_as(client) == ""

    def again(**answer: Any) -> None:
        client = with_proof(otto)
        page = "mfa_reauthenticate_webauthn"
        send(client, page, key.get(options_on(client, page), **answer))

    def damaged() -> None:
        client = Client()
        client.post(reverse("account_login"), {"login": otto.email, "password": PASSWORD})
        send(client, "mfa_authenticate", "{")

    def copied(attempt: Callable[..., None]) -> None:
        key.counter = 0
        attempt()

    refused = [(otto.email, "mfa", Reason.WRONG_KEY)]
    for attempt in (passkey, second_factor, again):
        assert failures(staff, partial(attempt, origin=ELSEWHERE)) == refused, attempt
    assert failures(staff, lambda: passkey(flags=PRESENT)) == refused
    assert failures(staff, damaged) == refused
    for attempt in (passkey, second_factor, again):
        copy = [(otto.email, "mfa", Reason.COPIED_KEY)]
        assert failures(staff, partial(copied, attempt)) == copy, attempt
    key.counter = 100

    def accepted() -> None:
        client = Client()
        send(client, LOGIN, key.get(options_of_login(client), handle))
        assert signed_in_as(client) == str(otto.pk)

    assert failures(staff, accepted) == []
    handle = b"nobody"
    assert failures(staff, passkey) == [], "the answer names no account"


def test_forms_without_an_answer_of_a_key_show_an_error_and_are_not_recorded(staff: Staff) -> None:
    add(staff.otto, SoftwareKey())
    missing = "The browser sent no answer of a security key or passkey. Try again."

    def second_factor() -> None:
        for form in ({}, {"credential": ""}, {"credential": " "}):
            client = Client()
            client.post(reverse("account_login"), {"login": staff.otto.email, "password": PASSWORD})
            assert missing in client.post(reverse("mfa_authenticate"), form).content.decode()

    def passkey() -> None:
        client = Client()
        assert missing in client.post(reverse(LOGIN), follow=True).content.decode()

    def again() -> None:
        client = with_proof(staff.otto)
        assert missing in client.post(reverse("mfa_reauthenticate_webauthn"), follow=True).content.decode()

    for attempt in (second_factor, passkey, again):
        assert failures(staff, attempt) == [], attempt


def test_refused_passkey_of_a_disabled_account_is_recorded(staff: Staff) -> None:
    key = SoftwareKey()
    handle = add(staff.otto, key)
    Person.objects.filter(pk=staff.otto.pk).update(is_active=False)

    def attempt() -> None:
        client = Client()
        send(client, LOGIN, key.get(options_of_login(client), handle))
        assert signed_in_as(client) == ""

    assert failures(staff, attempt) == [(staff.otto.email, "mfa", Reason.DISABLED)]


def test_correct_password_without_the_required_single_sign_on_is_recorded(staff: Staff) -> None:
    def attempt(person: Person, password: str) -> None:
        client = Client()
        client.post(reverse("account_login"), {"login": person.email, "password": password})
        assert signed_in_as(client) == ""

    set_policy(staff, sso_domains=["northlight.example"])
    email = staff.otto.email
    found = failures(staff, lambda: attempt(staff.otto, PASSWORD))
    assert found == [(email, "password", Reason.SSO_REQUIRED)]
    assert failures(staff, lambda: attempt(staff.otto, "not the password")) == [(email, "password", None)]


@pytest.mark.slow(seconds=1)
def test_refused_single_sign_on_of_a_linked_person_is_recorded(staff: Staff, issuer: Issuer) -> None:
    link(staff.bea, issuer.user)
    ada = signed_in_client(staff.ada)
    found = failures(staff, lambda: sign_in_at_issuer(ada, issuer))
    assert found == [(staff.bea.email, "socialaccount", Reason.OTHER_PERSON)]

    own, page = EntraUser(), reverse("organization-sign-in", args=[staff.organization.slug])
    link(staff.ada, own)
    prove = f"?process=redirect&next={page}"
    assert sign_in_at_issuer(ada, issuer, prove).status_code == 403
    found = failures(staff, lambda: sign_in_at_issuer(ada, issuer, prove))
    assert found == [(staff.ada.email, "socialaccount", Reason.OTHER_IDENTITY)]

    issuer.user, issuer.lie = own, {"auth_time": 1}
    found = failures(staff, lambda: sign_in_at_issuer(ada, issuer, prove))
    assert found == [(staff.ada.email, "socialaccount", Reason.REFUSED_ANSWER)]

    issuer.lie = {}
    assert failures(staff, lambda: sign_in_at_issuer(ada, issuer, prove)) == []
    Person.objects.filter(pk=staff.ada.pk).update(is_active=False)
    found = failures(staff, lambda: sign_in_at_issuer(Client(), issuer))
    assert found == [(staff.ada.email, "socialaccount", Reason.DISABLED)]


def test_pages_of_refused_registrations_and_disabled_accounts_say_what_to_do(client: Client) -> None:
    for name, said in (
        ("account_signup", "Ask an administrator of your organization to invite you."),
        ("account_inactive", "Ask an administrator of your organization to enable it."),
    ):
        assert said in " ".join(client.get(reverse(name)).content.decode().split())
