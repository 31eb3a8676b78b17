"""Attacks on sign-in: guessing passwords, locking the owner out of an account, locking out everybody behind a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache, caches
from django.core.mail import EmailMultiAlternatives
from django.test import Client, override_settings

from portal.accounts.mails import send_due
from portal.accounts.models import Session
from portal.accounts.sign_in.sign_in_limits import START, START_RATES
from portal.embedded.valkey import Valkey
from portal.settings.database import CACHES
from tenants.models import Person
from tests import factories
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db

OWNER, ATTACKER, COLLEAGUE = "203.0.113.7", "198.51.100.66", "203.0.113.8"
LOCKED = "Too many failed sign-ins"


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person() -> Person:
    return factories.person()


def attempt(client: Client, email: str, password: str, address: str) -> str:
    """Sign in and return `in`, `refused` or `locked`."""
    response = client.post("/accounts/login/", {"login": email, "password": password}, REMOTE_ADDR=address)
    if response.status_code == 302:
        client.post("/accounts/logout/", REMOTE_ADDR=address)
        return "in"
    if response.status_code == 429:
        return "locked"
    assert response.status_code == 200
    return "locked" if LOCKED in response.content.decode() else "refused"


def attack(email: str, address: str, times: int) -> list[str]:
    return [attempt(Client(), email, "wrong", address) for _ in range(times)]


def test_guessing_is_limited_for_an_account_from_one_address(person: Person) -> None:
    assert attack(person.email, ATTACKER, 8) == ["refused"] * 5 + ["locked"] * 3
    # The right password is refused too, so an attacker at the limit does not learn which password is right.
    assert attempt(Client(), person.email, PASSWORD, ATTACKER) == "locked"


def test_somebody_elsewhere_cannot_lock_the_account_for_its_owner(person: Person) -> None:
    attack(person.email, ATTACKER, 10)
    assert attempt(Client(), person.email, PASSWORD, OWNER) == "in"


def test_ten_failures_behind_the_same_address_lock_nobody_else_out(person: Person) -> None:
    attack("somebody@example.com", OWNER, 10)
    assert attempt(Client(), person.email, PASSWORD, OWNER) == "in"


def test_one_address_that_tries_many_accounts_is_limited() -> None:
    results = [attempt(Client(), f"person{n}@example.com", "wrong", ATTACKER) for n in range(25)]
    assert results == ["refused"] * 20 + ["locked"] * 5


@override_settings(SURETY_TRUSTED_PROXIES=["10.0.0.5"])
def test_behind_a_proxy_each_client_is_counted_and_cannot_choose_its_address(person: Person) -> None:
    def behind_proxy(client: Client, password: str, forwarded_for: str) -> bool:
        response = client.post(
            "/accounts/login/",
            {"login": person.email, "password": password},
            REMOTE_ADDR="10.0.0.5",
            HTTP_X_FORWARDED_FOR=forwarded_for,
        )
        return response.status_code == 302

    for n in range(10):
        behind_proxy(Client(), "wrong", f"192.0.2.{n}, {ATTACKER}")
    assert not behind_proxy(Client(), PASSWORD, f"192.0.2.77, {ATTACKER}")
    assert behind_proxy(Client(), PASSWORD, OWNER)


def test_a_header_of_an_unlisted_peer_does_not_evade_the_limit(person: Person) -> None:
    for n in range(10):
        Client().post(
            "/accounts/login/",
            {"login": person.email, "password": "wrong"},
            REMOTE_ADDR=ATTACKER,
            HTTP_X_FORWARDED_FOR=f"192.0.2.{n}",
        )
    assert attempt(Client(), person.email, PASSWORD, ATTACKER) == "locked"


@pytest.mark.slow(seconds=1)
def test_an_account_attacked_from_many_addresses_stays_open_where_its_owner_has_signed_in(
    person: Person,
) -> None:
    known = Client()
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"
    for n in range(110):
        attempt(Client(), person.email, "wrong", f"198.51.100.{n}")
    assert attempt(Client(), person.email, PASSWORD, COLLEAGUE) == "locked"
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"
    assert attempt(known, person.email, PASSWORD, "192.0.2.99") == "in", "also from another address"


@pytest.mark.slow(seconds=1)
def test_a_colleague_at_the_same_address_cannot_lock_a_known_browser(person: Person) -> None:
    known = Client()
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"
    attack(person.email, OWNER, 25)
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"


def test_a_known_browser_is_limited_too_and_only_for_its_person(person: Person) -> None:
    known, other = Client(), factories.person()
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"
    results = [attempt(known, other.email, "wrong", ATTACKER) for _ in range(6)]
    assert results[-1] == "locked", "the cookie of one account is worth nothing for another"
    results = [attempt(known, person.email, "wrong", OWNER) for _ in range(12)]
    assert results == ["refused"] * 10 + ["locked"] * 2


def test_a_forged_cookie_makes_no_browser_known(person: Person) -> None:
    known = Client()
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"
    genuine = known.cookies["surety-device"].value
    assert person.email not in genuine
    forged = Client()
    forged.cookies["surety-device"] = genuine[:-2] + ("AA" if genuine[-2:] != "AA" else "BB")
    results = [attempt(forged, person.email, "wrong", ATTACKER) for _ in range(6)]
    assert results == ["refused"] * 5 + ["locked"]


@pytest.mark.slow(seconds=3)
def test_a_locked_person_recovers_with_a_new_password(
    person: Person, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    for n in range(110):
        attempt(Client(), person.email, "wrong", f"198.51.100.{n}")
    browser = Client()
    assert attempt(browser, person.email, PASSWORD, OWNER) == "locked"
    browser.post("/accounts/password/reset/", {"email": person.email}, REMOTE_ADDR=OWNER)
    assert send_due() == 1
    link = reset_link(mailoutbox)
    form = browser.get(link, REMOTE_ADDR=OWNER).headers["Location"]
    new = "a-new-passphrase-of-31-characters"
    browser.post(form, {"password1": new, "password2": new}, REMOTE_ADDR=OWNER)
    # The person can sign in while the attack continues.
    for n in range(110):
        attempt(Client(), person.email, "wrong", f"198.51.100.{n}")
    assert attempt(browser, person.email, new, OWNER) == "in"


def test_a_new_password_ends_the_limit_of_a_known_browser(
    person: Person, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    known = Client()
    assert attempt(known, person.email, PASSWORD, OWNER) == "in"
    for _ in range(10):
        attempt(known, person.email, "wrong", OWNER)
    assert attempt(known, person.email, PASSWORD, OWNER) == "locked"
    known.post("/accounts/password/reset/", {"email": person.email}, REMOTE_ADDR=OWNER)
    assert send_due() == 1
    form = known.get(reset_link(mailoutbox), REMOTE_ADDR=OWNER).headers["Location"]
    new = "a-new-passphrase-of-31-characters"
    known.post(form, {"password1": new, "password2": new}, REMOTE_ADDR=OWNER)
    assert attempt(known, person.email, new, OWNER) == "in"


def ask_for_link(client: Client, email: str, address: str) -> bool:
    """Ask for a link to set a new password; return whether the request was accepted."""
    answer = client.post("/accounts/password/reset/", {"email": email}, REMOTE_ADDR=address)
    assert answer.status_code in (200, 302)
    return answer.status_code == 302


def test_requests_of_others_for_a_new_password_use_up_no_limit_of_the_owner(person: Person) -> None:
    assert [ask_for_link(Client(), person.email, ATTACKER) for _ in range(4)] == [True] * 3 + [False]
    assert ask_for_link(Client(), person.email.upper(), OWNER), "from another address"
    browser = Client()
    assert attempt(browser, person.email, PASSWORD, OWNER) == "in"
    for n in range(20):
        ask_for_link(Client(), person.email, f"198.51.100.{n}")
    assert not ask_for_link(Client(), person.email, "198.51.100.77"), "the number of mails is limited"
    assert ask_for_link(browser, person.email, ATTACKER), "in a browser that the person has used"


def test_limits_of_links_tell_nothing_about_accounts() -> None:
    answers = [ask_for_link(Client(), "nobody@unknown.example", ATTACKER) for _ in range(4)]
    assert answers == [True] * 3 + [False]


def reset_link(mailoutbox: list[EmailMultiAlternatives]) -> str:
    return re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mailoutbox[-1].body)).group(1)


@pytest.mark.slow(seconds=1)
def test_whoever_uses_up_the_links_of_an_account_locks_nobody_out(
    person: Person, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    """Requests from 21 addresses reach the limit of links for one account. The newest mailed link still works."""

    def ask(number: int) -> str:
        answer = Client().post(
            "/accounts/password/reset/", {"email": person.email}, REMOTE_ADDR=f"198.51.100.{number}"
        )
        return answer.content.decode()

    for number in range(1, 22):
        said = ask(number)
    assert "Use the link in the newest mail" in " ".join(said.split())
    send_due()
    assert len(mailoutbox) == 20
    (path,) = re.findall(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)
    page = Client().get(path, follow=True)
    assert "password1" in page.content.decode()


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/"])
def test_without_the_cache_nothing_is_counted_so_attempts_are_refused(
    person: Person, path: str, settings: Any
) -> None:
    """The test uses the real Redis client and no server. Pages that need no counts of attempts still work."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    data = {"login": person.email, "email": person.email, "password": PASSWORD}
    client = Client()
    answer = client.post(path, data)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "nothing was changed" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/"])
def test_counts_that_somebody_else_wrote_are_not_used(person: Person, path: str, settings: Any) -> None:
    """An attacker who can write to the cache replaces all counts of attempts by other values."""
    server = Valkey(settings.EMBEDDED_HOME)
    server.ensure()
    # Web servers of tests in other processes use the same cache. The prefix keeps their counts out of this test.
    prefix = f"{CACHES['default']['KEY_PREFIX']}:{uuid4()}"
    settings.CACHES = {
        "default": {**CACHES["default"], "LOCATION": server.cache_url(), "KEY_PREFIX": prefix},
    }
    data = {"login": person.email, "email": person.email, "password": "wrong"}
    assert Client().post(path, data).status_code in (200, 302)
    store: Any = caches["default"]
    client = store._cache.get_client(None, write=True)
    keys = [key for key in client.scan_iter(match=f"{prefix}:*") if b"allauth:rl:" in key]
    assert keys
    for value in (b"{}", b"null", b'"x"', b"[1e999]", b'["x"]', b"[[]]", b"[true]", b"7", b"no JSON"):
        for key in keys:
            client.set(key, value)
        answer = Client().post(path, data)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), value
        assert Client().get(path).status_code == 200
    client.delete(*keys)
    assert Client().post(path, data).status_code in (200, 302)


@pytest.mark.parametrize("address", ["/accounts/oidc/sso/login/", "/accounts/2fa/webauthn/login/"])
def test_starts_of_sign_ins_are_limited_by_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each start stores a session, and a start of single sign-on also sends a request to the identity provider."""
    monkeypatch.setitem(START_RATES, START, "2/m/key")

    def start(client: str) -> int:
        if "oidc" in address:
            return Client().post(address, REMOTE_ADDR=client).status_code
        return (
            Client()
            .get(address, REMOTE_ADDR=client, headers={"X-Requested-With": "XMLHttpRequest"})
            .status_code
        )

    started = start(ATTACKER)
    assert started != 429
    assert [start(ATTACKER) for _ in range(3)] == [started, 429, 429]
    assert Session.objects.count() <= 2
    assert start(OWNER) == started
