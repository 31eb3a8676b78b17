"""A sign-in begins a session with a new random key. The session ends when the person signs out, or when the account is
disabled.
"""

from __future__ import annotations

import math
import re

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Session
from portal.accounts.sessions import SessionStore
from portal.settings.env import BASE_DIR
from tenants.models import Person
from tests import factories
from tests.portal.web.world import World

PASSWORD = "present violet lantern 42"
CREDENTIALS = {"login": "ada@msp.example", "password": PASSWORD}


@pytest.fixture
def ada(db: None) -> Person:
    cache.clear()
    person = factories.person("ada@msp.example")
    person.set_password(PASSWORD)
    person.save()
    return person


def cookie(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def signed_in(client: Client) -> bool:
    return client.get("/my/").status_code == 200


def test_signing_in_replaces_the_session_that_was_there(ada: Person) -> None:
    """An attacker who knows the session key from before the sign-in cannot use it after the sign-in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), CREDENTIALS)
    assert signed_in(client)
    assert cookie(client) != "a" * 32
    first = cookie(client)
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), CREDENTIALS)
    assert cookie(client) != first


def test_keys_have_at_least_128_random_bits(ada: Person) -> None:
    keys = set()
    for _ in range(5):
        client = Client()
        client.force_login(ada)
        keys.add(cookie(client))
    assert len(keys) == 5
    for key in keys:
        assert len(key) * math.log2(36) >= 128


def test_a_copied_session_ends_with_sign_out(ada: Person) -> None:
    client, copy = Client(), Client()
    client.post(reverse("account_login"), CREDENTIALS)
    copy.cookies[settings.SESSION_COOKIE_NAME] = cookie(client)
    assert signed_in(copy)
    client.post(reverse("account_logout"))
    copy.cookies[settings.SESSION_COOKIE_NAME] = copy.cookies[settings.SESSION_COOKIE_NAME].value
    assert not signed_in(copy)


def test_re_authentication_replaces_the_session_key(ada: Person) -> None:
    """A copy of the old session key becomes useless. The re-authentication does not change when the session ends."""
    client, copy = Client(), Client()
    client.post(reverse("account_login"), CREDENTIALS)
    before, end = cookie(client), Session.objects.get(person=ada).expires_at
    copy.cookies[settings.SESSION_COOKIE_NAME] = before
    assert signed_in(copy)
    client.post(reverse("account_reauthenticate"), {"password": "not the password"})
    assert cookie(client) == before
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert cookie(client) != before
    assert signed_in(client)
    copy.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not signed_in(copy)
    assert Session.objects.get(person=ada).expires_at == end


def test_a_slower_request_does_not_make_the_former_key_valid_again(ada: Person) -> None:
    """A person who stole the key may send requests all the time, so that one of them overlaps with the
    re-authentication."""
    client = Client()
    client.post("/accounts/login/", CREDENTIALS)
    copied = cookie(client)
    slow = SessionStore(copied)
    slow["typed"] = "loaded before the proof"
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    with pytest.raises(UpdateError):
        slow.save()
    assert SessionStore(copied).load() == {}
    assert signed_in(client)


def test_disabling_an_account_ends_its_sessions_at_once(ada: Person) -> None:
    client = Client()
    client.post(reverse("account_login"), CREDENTIALS)
    assert signed_in(client)
    ada.is_active = False
    ada.save()
    assert not signed_in(client)
    assert not signed_in(Client())
    other = Client()
    other.post(reverse("account_login"), CREDENTIALS)
    assert not signed_in(other)


def test_changing_the_password_ends_all_other_sessions(ada: Person) -> None:
    client, other = Client(), Client()
    client.post(reverse("account_login"), CREDENTIALS)
    other.post(reverse("account_login"), CREDENTIALS)
    assert signed_in(other)
    new = "quiet harbour of maps 7"
    client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    ada.refresh_from_db()
    assert ada.check_password(new)
    assert not signed_in(other)


@pytest.mark.parametrize(
    "path",
    ["/", "/my/", "/controls/", "/notices/", "/notices/preferences/", "/t/{slug}/", "/t/{slug}/settings/"],
)
def test_signing_out_is_offered_on_every_page(world: World, path: str) -> None:
    client = Client()
    client.force_login(world.people["organization_administrator"])
    page = client.get(path.format(slug=world.home.slug)).content.decode()
    assert f'action="{reverse("account_logout")}"' in page


@pytest.mark.slow(seconds=1)
def test_the_product_creates_no_accounts_by_itself() -> None:
    """Accounts are created only at the first start, by invitations, for service accounts, and by the demonstration."""
    callers = {
        str(path.relative_to(BASE_DIR))
        for package in ("portal", "tenants", "assessments")
        for path in (BASE_DIR / package).rglob("*.py")
        if re.search(r"\bcreate_user\(|\bPerson\(|Person\.objects\.create", path.read_text(encoding="utf-8"))
    }
    allowed = (
        "portal/accounts/actions/first_start.py",
        "portal/accounts/actions/service_accounts.py",  # Nobody can sign in with service accounts.
        "portal/demo/",
        "portal/members/",
        "tenants/models/person.py",
    )
    assert [path for path in sorted(callers) if not path.startswith(allowed)] == []
