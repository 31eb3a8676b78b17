"""Passwords are used exactly as typed and may contain any character. Changing a password requires the current one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.models import Person
from tenants.roles import Role
from tests import factories
from tests.concurrency import run_concurrently
from tests.signed_in import signed_in_client
from tests.waiting import until

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
PRESENT = "present violet lantern 42"


@pytest.fixture
def ada(db: None) -> Person:
    person = factories.person("ada@msp.example")
    person.set_password(PRESENT)
    person.save()
    return person


def sign_in(password: str) -> bool:
    cache.clear()  # Reset the counts of failed attempts.
    client = Client()
    client.post(reverse("account_login"), {"login": "ada@msp.example", "password": password})
    return "_auth_user_id" in client.session


def change(old: str, new: str) -> str:
    """Change the password and return the page with the errors, empty if there are none."""
    cache.clear()
    client = signed_in_client(Person.objects.get(email="ada@msp.example"))
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new}
    )
    return "" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.slow(seconds=1)
def test_the_present_password_is_needed_to_change_it(ada: Person) -> None:
    new = "quiet harbour of maps 7"
    assert change("not the present one", new)
    assert not sign_in(new)
    assert change(PRESENT, new) == ""
    assert sign_in(new)
    assert not sign_in(PRESENT)


@pytest.mark.parametrize(
    "new",
    [
        "onlylowercaseletterswithoutanythingelse",
        "ONLY UPPER CASE AND BLANKS",
        "  blanks at both ends matter  ",
        "пароль из кириллицы 汉字 🦊",
        "'; DROP TABLE tenants_person; -- <b>",
        "8305716294028461",
        "q" * 3 + "wxkz" * 31 + "m",  # 128 characters
    ],
)
def test_any_characters_and_long_passwords_are_permitted_and_kept_exactly(ada: Person, new: str) -> None:
    assert change(PRESENT, new) == ""
    assert sign_in(new)
    for other in (new.strip(), new.swapcase(), new[:-1], new[:64], new[:72]):
        assert other == new or not sign_in(other)


@pytest.mark.parametrize("new", ["short 1", "elevenchar1"])
def test_short_passwords_are_refused(ada: Person, new: str) -> None:
    assert "12" in change(PRESENT, new)
    assert sign_in(PRESENT)


def test_an_old_password_stays_valid(ada: Person) -> None:
    """Passwords do not expire."""
    long_ago = timezone.now() - timedelta(days=3650)
    Person.objects.filter(pk=ada.pk).update(created_at=long_ago, last_login=long_ago)
    cache.clear()
    client = Client()
    credentials = {"login": "ada@msp.example", "password": PRESENT}
    answer = client.post(reverse("account_login"), credentials, follow=True)
    assert "_auth_user_id" in client.session
    assert not [url for url, _ in answer.redirect_chain if "password" in url]


@pytest.mark.parametrize("name", ["account_login", "account_change_password"])
def test_password_fields_are_masked_and_accept_pasting_and_managers(ada: Person, name: str) -> None:
    client = Client()
    if name != "account_login":
        client = signed_in_client(ada)
        client.post(reverse("account_reauthenticate"), {"password": PRESENT})
    page = client.get(reverse(name)).content.decode()
    fields = re.findall(r"<input[^>]*name=\"(?:old)?password\d?\"[^>]*>", page)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert "onpaste" not in field
        assert 'autocomplete="off"' not in field
        assert re.search(r'autocomplete="(current|new)-password"', field), field
        assert "maxlength" not in field


@pytest.mark.parametrize(
    "new",
    [
        "qwerty123456",
        "123456789012",
        "passwordpassword",
        "PasswordPassword2026!",
        "iloveyou12345",
    ],
)
def test_common_and_breached_passwords_are_refused(ada: Person, new: str) -> None:
    assert change(PRESENT, new)
    ada.refresh_from_db()
    assert ada.check_password(PRESENT)


@pytest.mark.parametrize(
    "new", ["Northlight-2026", "n0rthlight1234", "Alder&Finch2026", "Surety-Azure-26", "ada@msp.example"]
)
def test_names_of_the_organization_its_customers_the_product_and_the_person_are_refused(
    ada: Person, new: str
) -> None:
    organization = factories.organization("Northlight Managed")
    factories.member(Role.OWNER, factories.tenant(organization, "Alder & Finch"), ada)
    assert change(PRESENT, new)
    ada.refresh_from_db()
    assert ada.check_password(PRESENT)


def test_a_link_that_resets_a_password_ends_within_an_hour(ada: Person) -> None:
    noon = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        token = default_token_generator.make_token(ada)
    with time_machine.travel(noon + timedelta(minutes=59), tick=False):
        assert default_token_generator.check_token(ada, token)
    with time_machine.travel(noon + timedelta(minutes=61), tick=False):
        assert not default_token_generator.check_token(ada, token)


@pytest.mark.slow
def test_a_link_that_resets_a_password_works_once(transactional_db: None) -> None:
    """An attacker who copied the link uses it at the same moment as its owner."""
    cache.clear()
    ada = factories.person("ada@msp.example", name="Ada")
    link = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(ada), "key": default_token_generator.make_token(ada)},
    )
    clients = [Client() for _ in range(6)]
    forms = [client.get(link)["Location"] for client in clients]
    passwords = [f"quiet harbour of maps {number}" for number in range(6)]

    def reset(number: int) -> str:
        given = {"password1": passwords[number], "password2": passwords[number]}
        return clients[number].post(forms[number], given, follow=True).content.decode()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # Lock the account until all six requests wait for it, so that they continue at the same moment.
            Person.objects.select_for_update().get(pk=ada.pk)
            posts = pool.submit(run_concurrently, *(partial(reset, number) for number in range(6)))
            until(lambda: rows(WAITING) == [(6,)], 20)
        pages = posts.result()
    assert sum("expired or was already used" in page for page in pages) == 5
    assert [sign_in(password) for password in passwords].count(True) == 1


def rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(statement)
        return cursor.fetchall()
