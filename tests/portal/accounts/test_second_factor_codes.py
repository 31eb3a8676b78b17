"""Codes of second factors work once, and only while they are valid. A new password does not replace a second factor."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from allauth.account.signals import password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.accounts import events, second_factors
from portal.accounts.mails import send_due
from portal.accounts.mfa.recovery_codes import hash_code, new_code
from portal.accounts.mfa.second_factor_forms import APP_UNREADABLE
from portal.accounts.sign_in import known_devices, sign_in_limits
from tenants import secrets
from tenants.models import Person
from tests import factories
from tests.factories import PASSWORD
from tests.signed_in import signed_in_client

# Recovery codes that allauth 65 derived from the seed "ab" * 40.
RECORDED = [
    "30590342", "17884826", "43708695", "20809454", "14781002",
    "42357214", "21759276", "07729351", "60637898", "06268986",
]  # fmt: skip
NOON = datetime(2030, 6, 1, 12, 0, 5, tzinfo=UTC)


class Ada:
    """A person with an authenticator app and recovery codes."""

    def __init__(self) -> None:
        self.person: Person = factories.person("ada@msp.example")
        self.secret = generate_totp_secret()
        TOTP.activate(self.person, self.secret)
        self.recovery_codes = RecoveryCodes.activate(self.person).get_unused_codes()

    def code(self, moment: datetime) -> str:
        return str(format_hotp_value(hotp_value(self.secret, int(moment.timestamp()) // 30)))


@pytest.fixture
def ada(db: None) -> Ada:
    cache.clear()
    return Ada()


def with_password() -> Client:
    """A client that has entered the password and is asked for the second factor."""
    client = Client()
    credentials = {"login": "ada@msp.example", "password": PASSWORD}
    answer = client.post(reverse("account_login"), credentials)
    assert answer.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client), "the password alone signs in"
    return client


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def enters(code: str) -> bool:
    client = with_password()
    client.post(reverse("mfa_authenticate"), {"code": code})
    return is_signed_in(client)


def test_a_code_of_an_authenticator_works_once(ada: Ada) -> None:
    with time_machine.travel(NOON, tick=False):
        code = ada.code(NOON)
        assert enters(code)
        assert not enters(code)


def test_without_the_key_of_the_app_a_recovery_code_works(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    failed: list[Person] = []
    monkeypatch.setattr(events, "record_refusal", lambda person, *_, **__: failed.append(person))
    monkeypatch.setenv("SURETY_KEYS", secrets.new_key())
    ada = Ada()
    monkeypatch.setenv("SURETY_KEYS", secrets.new_key())
    with time_machine.travel(NOON, tick=False):
        for wrong in (ada.code(NOON), new_code()):
            answer = with_password().post(reverse("mfa_authenticate"), {"code": wrong})
            assert answer.status_code == 200
            assert APP_UNREADABLE in unescape(answer.content.decode())
        assert failed == [ada.person] * 2
        assert enters(ada.recovery_codes[0])
        assert not enters(ada.recovery_codes[0])
        assert failed == [ada.person] * 3


@pytest.mark.parametrize("seconds", [-60, -30, 30, 60])
def test_a_code_works_only_in_its_thirty_seconds(ada: Ada, seconds: int) -> None:
    with time_machine.travel(NOON, tick=False):
        assert not enters(ada.code(NOON + timedelta(seconds=seconds)))
        assert enters(ada.code(NOON))


def test_a_recovery_code_works_once(ada: Ada) -> None:
    code = ada.recovery_codes[0]
    assert enters(code)
    assert not enters(code)
    assert enters(ada.recovery_codes[1])


def page_of(client: Client) -> str:
    page = client.get(reverse("mfa_view_recovery_codes"))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def test_the_page_shows_unused_recovery_codes_once(ada: Ada) -> None:
    used, *unused = ada.recovery_codes
    assert enters(used)
    client = signed_in_client(ada.person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    html = page_of(client)
    assert re.findall(r"<code>([^<]+)</code>", html) == unused
    assert "They are shown only once" in html
    assert f"{len(unused)} of {len(ada.recovery_codes)} codes are unused" in html
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 403
    again = page_of(client)
    assert "cannot show the codes again" in again
    assert not [code for code in ada.recovery_codes if code in again]
    assert f"{len(unused)} of {len(ada.recovery_codes)} codes are unused" in again
    assert enters(unused[0])
    assert enters(f" {unused[1].lower().replace('-', ' ')} ")


def test_the_database_has_only_hashes_of_recovery_codes(ada: Ada) -> None:
    """Attack with a copy of the database and the key ring, after the person has seen the codes."""
    client = signed_in_client(ada.person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page_of(client)
    row = Authenticator.objects.get(user=ada.person, type=Authenticator.Type.RECOVERY_CODES)
    assert set(row.data) == {"hashes", "viewed_at"}
    assert row.wrap().get_unused_codes() == ["····"] * len(ada.recovery_codes)
    assert sorted(row.data["hashes"]) == sorted(hash_code(ada.person.pk, code) for code in ada.recovery_codes)
    assert hash_code("somebody else", ada.recovery_codes[0]) not in row.data["hashes"]


def test_seeds_and_codes_are_random_and_long_enough(ada: Ada) -> None:
    seeds = {generate_totp_secret() for _ in range(50)}
    assert len(seeds) == 50
    assert all(len(seed) * 5 >= 160 for seed in seeds)
    codes = {code for _ in range(50) for code in (new_code(), *ada.recovery_codes)}
    assert len(codes) == 50 + len(ada.recovery_codes)
    letters = {letter for code in codes for letter in code if letter != "-"}
    assert len(letters) == 32
    assert {len(code.replace("-", "")) * 5 for code in codes} == {140}, "bits"


def test_codes_of_an_earlier_version_stay_valid_as_slow_hashes(ada: Ada) -> None:
    migration = import_module("portal.accounts.migrations.0009_hashed_recovery_codes")
    codes = RECORDED
    data = {
        "seed": second_factors.seal("ab" * 40, str(ada.person.pk)),
        "used_mask": 1 << 8,  # The ninth code is used.
    }
    rows = Authenticator.objects.filter(user=ada.person, type=Authenticator.Type.RECOVERY_CODES)
    rows.update(data=data)

    migration.hash_codes(apps, SimpleNamespace(connection=connection))
    stored = rows.get().data
    assert set(stored) == {"password_hashes", "viewed_at"}
    assert len(stored["password_hashes"]) == 9
    assert not enters(codes[8])
    assert enters(codes[3])
    assert not enters(codes[3])
    assert enters(codes[9])
    assert len(rows.get().data["password_hashes"]) == 7


def test_few_guesses_are_possible(ada: Ada) -> None:
    client = with_password()
    for number in range(12):
        page = client.post(reverse("mfa_authenticate"), {"code": f"{number:06d}"}).content.decode()
    assert "Too many wrong codes or passwords. Try again in a few minutes." in page
    assert "reset your password" not in page
    with time_machine.travel(datetime.now(UTC), tick=False):
        client.post(reverse("mfa_authenticate"), {"code": ada.code(datetime.now(UTC))})
    assert not is_signed_in(client), "the right code after too many wrong ones"


def test_a_new_password_does_not_replace_the_second_factor(ada: Ada) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "ada@msp.example"})
    assert send_due() == 1
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    page = client.get(link[1], follow=True)
    target = page.redirect_chain[-1][0] if page.redirect_chain else link[1]
    new = "quiet harbour of maps 7"
    client.post(target, {"password1": new, "password2": new})
    assert not is_signed_in(client)
    again = Client()
    again.post(reverse("account_login"), {"login": "ada@msp.example", "password": new})
    assert not is_signed_in(again)
    assert again.get("/my/").status_code == 302
    assert Authenticator.objects.filter(user=ada.person, type=Authenticator.Type.TOTP).exists()
    # The mailed link works only once.
    assert Client().get(link[1], follow=True).context["token_fail"]


@pytest.mark.parametrize("emptied", [False, True])
def test_the_code_that_adds_an_authenticator_does_not_sign_in(db: None, emptied: bool) -> None:
    """An attacker who saw the code cannot sign in with it, even if the cache of used codes is lost."""
    cache.clear()
    person = factories.person("ada@msp.example")
    with time_machine.travel(NOON, tick=False):
        owner = signed_in_client(person)
        owner.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        page = owner.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        seen = format_hotp_value(hotp_value(secret, int(NOON.timestamp()) // 30))
        owner.post(reverse("mfa_activate_totp"), {"code": seen})
        assert Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()
        if emptied:
            cache.clear()
        assert not enters(seen)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        assert enters(format_hotp_value(hotp_value(secret, int(NOON.timestamp()) // 30 + 1)))


def test_a_used_code_is_remembered_without_the_cache(ada: Ada) -> None:
    with time_machine.travel(NOON, tick=False):
        assert enters(ada.code(NOON))
        cache.clear()
        assert not enters(ada.code(NOON))


def test_a_code_of_the_sign_in_does_not_re_authenticate(ada: Ada) -> None:
    with time_machine.travel(NOON, tick=False):
        code = ada.code(NOON)
        client = with_password()
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_signed_in(client)
    with time_machine.travel(NOON + timedelta(seconds=301), tick=False):
        cache.clear()
        late = ada.code(NOON + timedelta(seconds=301))
        asked = client.get(reverse("mfa_activate_totp"))
        assert asked.status_code == 302
        assert client.post(reverse("mfa_reauthenticate"), {"code": code}).status_code == 200
        assert client.post(reverse("mfa_reauthenticate"), {"code": late}).status_code == 302
        cache.clear()
        assert client.post(reverse("mfa_reauthenticate"), {"code": late}).status_code == 200


@pytest.mark.slow(seconds=1)
def test_wrong_codes_are_limited_for_a_day_except_in_a_known_browser(
    ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attacker with the password can try a few codes a day. The person can still sign in with a known browser."""
    monkeypatch.setitem(sign_in_limits.CODE_RATES, sign_in_limits.CODES, "7/d/key")

    def tries(client: Client, moment: datetime, code: str = "") -> bool:
        with time_machine.travel(moment, tick=False):
            credentials = {"login": "ada@msp.example", "password": PASSWORD}
            client.post(reverse("account_login"), credentials)
            answer = client.post(reverse("mfa_authenticate"), {"code": code or ada.code(moment)})
        if b"Too many wrong codes today" in answer.content:
            refused.append(moment)
        return is_signed_in(client)

    refused: list[datetime] = []
    known = Client()
    assert tries(known, NOON)
    known.post(reverse("account_logout"))
    # The attempts are six minutes apart, so that allauth's limit does not refuse them.
    for number in range(1, 8):
        assert not tries(Client(), NOON + timedelta(minutes=6 * number), "000000")
    assert not refused
    late = NOON + timedelta(hours=1)
    assert not tries(Client(), late), "the right code after too many wrong ones"
    assert refused == [late]
    assert tries(known, late + timedelta(minutes=1))
    assert tries(Client(), NOON + timedelta(days=1, hours=2))


@pytest.mark.slow(seconds=1)
def test_a_new_password_gives_no_further_attempts_at_codes(ada: Ada, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a new password gave more attempts, whoever reads a person's mail could reset the password again and again, to
    try more codes.
    """
    monkeypatch.setitem(sign_in_limits.CODE_RATES, sign_in_limits.CODES, "4/d/key")

    def is_refused(client: Client, moment: datetime, code: str = "000000") -> bool:
        with time_machine.travel(moment, tick=False):
            client.post(reverse("account_login"), {"login": "ada@msp.example", "password": PASSWORD})
            answer = client.post(reverse("mfa_authenticate"), {"code": code})
        return b"Too many wrong codes today" in answer.content

    def answer(request: HttpRequest) -> HttpResponse:
        known_devices._note_person(request, ada.person, password_reset)
        return HttpResponse()

    refused = []
    for number in range(5):
        with time_machine.travel(NOON, tick=False):
            cookies = known_devices.KnownDevicesMiddleware(answer)(RequestFactory().get("/")).cookies
        client = Client()
        client.cookies["surety-device"] = cookies["surety-device"].value
        refused.append(is_refused(client, NOON + timedelta(minutes=6 * number)))
    assert refused == [False] * 4 + [True]
    # After a sign-in in this browser, its wrong codes are counted separately.
    late = NOON + timedelta(days=1, hours=1)
    assert not is_refused(client, late, ada.code(late))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert [is_refused(Client(), late + timedelta(minutes=6 * n)) for n in range(1, 6)] == [False] * 4 + [
        True
    ]
    assert not is_refused(client, late + timedelta(minutes=40))
