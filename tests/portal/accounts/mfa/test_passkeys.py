"""Attacks with security keys and passkeys: other origins, other people, copied keys, and damaged answers."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode

from portal.accounts.mfa.passkeys import CHALLENGE_SECONDS, MAX_ANSWER
from tenants.models import Person
from tests import factories
from tests.factories import PASSWORD
from tests.portal.accounts.mfa.key_steps import (
    ADD,
    LOGIN,
    add,
    options_of_login,
    options_on,
    send,
    signed_in_as,
    with_proof,
)
from tests.portal.accounts.software_keys import EXTENSIONS, PRESENT, VERIFIED, SoftwareKey
from tests.processor_time import at_most


def keys_of(person: Person) -> int:
    return Authenticator.objects.filter(user=person, type="webauthn").count()


@pytest.fixture
def ada(db: None) -> Person:
    cache.clear()
    return factories.person("ada@msp.example")


@pytest.fixture
def key() -> SoftwareKey:
    return SoftwareKey()


@pytest.fixture
def handle(ada: Person, key: SoftwareKey) -> bytes:
    found = add(ada, key)
    assert keys_of(ada) == 1
    return found


def try_to_sign_in(key: SoftwareKey, handle: bytes, **answer: Any) -> str:
    client = Client()
    send(client, LOGIN, key.get(options_of_login(client), handle, **answer))
    return signed_in_as(client)


FOREIGN: list[dict[str, Any]] = [
    {"origin": "http://evil.example"},
    {"origin": "http://sub.testserver"},
    {"origin": "http://testserver:8443"},
    {"origin": "https://testserver"},
    {"crossOrigin": True},
    {"topOrigin": "https://evil.example"},
    {"site": "evil.example"},
    {"flags": VERIFIED},
]


@pytest.mark.slow(seconds=1)
def test_answers_given_elsewhere_add_no_key(ada: Person) -> None:
    client = with_proof(ada)
    for answer in FOREIGN:
        add(ada, SoftwareKey(), client, **answer)
        assert keys_of(ada) == 0, answer


def test_answers_given_elsewhere_do_not_sign_in(ada: Person, key: SoftwareKey, handle: bytes) -> None:
    for answer in (*FOREIGN, {"flags": PRESENT}):
        assert try_to_sign_in(key, handle, **answer) == "", answer
    assert try_to_sign_in(key, handle) == str(ada.pk)


def test_challenge_of_a_second_factor_does_not_sign_in_as_somebody_else(
    ada: Person, key: SoftwareKey, handle: bytes
) -> None:
    """A key that is the second factor need not ask for a PIN or fingerprint. If an answer to the challenge for the
    second factor could be used for the sign-in with a passkey, anybody who has the key could sign in.
    """
    eve = factories.person("eve@msp.example")
    add(eve, SoftwareKey())
    client = Client()
    client.post(reverse("account_login"), {"login": "eve@msp.example", "password": PASSWORD})
    options = options_on(client, "mfa_authenticate")
    assert options["userVerification"] == "preferred"
    client.post(reverse("account_logout"))
    send(client, LOGIN, key.get(options, handle, flags=PRESENT))
    assert signed_in_as(client) == ""


def test_challenge_works_once_and_for_ten_minutes(
    ada: Person, key: SoftwareKey, handle: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    options = options_of_login(client)
    send(client, LOGIN, key.get(options, handle, flags=PRESENT))
    send(client, LOGIN, key.get(options, handle))
    assert signed_in_as(client) == ""
    options = options_of_login(client)
    session = client.session
    state = session["mfa.webauthn.state"]
    session["mfa.webauthn.state"] = {**state, "at": time.time() - CHALLENGE_SECONDS - 1}
    session.save()
    send(client, LOGIN, key.get(options, handle))
    assert signed_in_as(client) == ""


def test_copied_key_is_refused(ada: Person, key: SoftwareKey, handle: bytes) -> None:
    assert try_to_sign_in(key, handle) == str(ada.pk)
    key.counter -= 1
    assert try_to_sign_in(key, handle) == ""
    client = Client()
    key.counter = 0
    answer = send(client, LOGIN, key.get(options_of_login(client), handle))
    assert "copied" in client.get(answer.headers["Location"]).content.decode()
    key.counter = 100
    assert try_to_sign_in(key, handle) == str(ada.pk)


def test_keys_without_a_counter_are_accepted(ada: Person) -> None:
    key = SoftwareKey(counter=0)
    handle = add(ada, key)
    for _ in range(2):
        key.counter = -1
        assert try_to_sign_in(key, handle) == str(ada.pk)


@pytest.mark.slow(seconds=1)
def test_key_as_second_factor_is_bound_to_the_person(ada: Person, key: SoftwareKey, handle: bytes) -> None:
    def second_factor(**answer: Any) -> str:
        cache.clear()
        client = Client()
        client.post(reverse("account_login"), {"login": "ada@msp.example", "password": PASSWORD})
        send(client, "mfa_authenticate", key.get(options_on(client, "mfa_authenticate"), **answer))
        return signed_in_as(client)

    for answer in FOREIGN:
        assert second_factor(**answer) == "", answer
    assert second_factor(flags=PRESENT) == str(ada.pk)


def test_key_belongs_to_one_account(ada: Person, key: SoftwareKey, handle: bytes) -> None:
    eve = factories.person("eve@msp.example")
    add(eve, key)
    add(ada, key)
    assert (keys_of(eve), keys_of(ada)) == (0, 1)


def test_only_the_used_parts_of_an_answer_are_stored(ada: Person, key: SoftwareKey) -> None:
    client = with_proof(ada)
    answer = {
        **key.create(options_on(client, ADD)),
        "more": "x" * 1000,
        "authenticatorAttachment": "platform",
    }
    send(client, ADD, answer, name="A\u202ekey\n" + "x" * 500)
    stored = Authenticator.objects.get(user=ada, type="webauthn").data
    assert set(stored["credential"]) == {"id", "rawId", "type", "response", "clientExtensionResults"}
    assert stored["name"].startswith("Akey xxx")
    assert len(stored["name"]) == 100
    edit = reverse("mfa_edit_webauthn", args=[Authenticator.objects.get(user=ada, type="webauthn").pk])
    assert "Enter a name with" in client.post(edit, {"name": "\u200b"}).content.decode()
    assert client.post(edit, {"name": "Desk\u202e" + "x" * 500}).status_code == 302
    renamed = Authenticator.objects.get(user=ada, type="webauthn").data["name"]
    assert (renamed[:5], len(renamed)) == ("Deskx", 100)


def damaged(answer: dict[str, Any]) -> list[str]:
    """Return texts that are not valid answers of a key."""
    values: list[Any] = [None, 5, {}, "é", websafe_encode(b"[]")]
    found: list[Any] = [None, [], "x", 5, {}]
    for name in answer:
        found += [{**answer, name: value} for value in values]
    for name in answer["response"]:
        found += [{**answer, "response": {**answer["response"], name: value}} for value in values]
    return [*map(json.dumps, found), "[" * 9000 + "]" * 9000, "9" * 5000, "{"]


@pytest.mark.slow(seconds=1)
def test_damaged_answers_are_refused_on_the_page(ada: Person, key: SoftwareKey, handle: bytes) -> None:
    client = Client()
    for text in damaged(key.get({"challenge": "AAAA"}, handle)):
        cache.clear()
        assert send(client, LOGIN, text).status_code == 302, text[:200]
    client = with_proof(ada)
    for text in damaged(SoftwareKey().create({"challenge": "AAAA"})):
        assert send(client, ADD, text).status_code == 200, text[:200]
    assert keys_of(ada) == 1


def test_long_answer_is_refused_unread(key: SoftwareKey, handle: bytes) -> None:
    """The time for reading a list in the extensions of an answer grows with the square of the list's length."""
    client = Client()
    tail = b"\x9a" + (600_000).to_bytes(4, "big") + b"\0" * 600_000
    answer = key.get(options_of_login(client), handle, flags=PRESENT | VERIFIED | EXTENSIONS, tail=tail)
    assert len(json.dumps(answer)) > MAX_ANSWER["get"]
    with at_most(1):
        send(client, LOGIN, answer)
    assert signed_in_as(client) == ""
