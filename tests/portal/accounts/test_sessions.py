"""Nobody can sign in with values from the table of sessions. Sessions end when idle and at their maximum length."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.sessions import SessionStore, hash_key
from portal.accounts.tasks import remove_ended_sessions
from tests.portal.accounts.conftest import SignIn, Staff

pytestmark = pytest.mark.django_db
COOKIE = django_settings.SESSION_COOKIE_NAME


def is_in(client: Client) -> bool:
    return client.get(reverse("my")).status_code == 200


def age(person: Any, *, created: timedelta = timedelta(), seen: timedelta = timedelta()) -> None:
    now = timezone.now()
    for row in Session.objects.filter(person=person):
        row.created_at, row.last_seen_at = now - created, now - seen
        row.expires_at = row.created_at + timedelta(hours=django_settings.SURETY_SESSION_HOURS)
        row.save(update_fields=["created_at", "last_seen_at", "expires_at"])


def test_stored_values_are_no_cookies(staff: Staff, sign_in: SignIn) -> None:
    """An attacker with a copy of the database tries every text of the session table as a cookie."""
    client = sign_in(staff.otto)
    key = client.cookies[COOKIE].value
    assert is_in(client)
    row = Session.objects.get(person=staff.otto)
    assert (row.key_hash, key in str(row.__dict__)) == (hash_key(key), False)
    assert key.encode() not in bytes(row.data)
    assert str(staff.otto.pk).encode() not in bytes(row.data), "data is sealed"
    for stolen in (row.key_hash, str(row.pk), row.key_hash[:32]):
        thief = Client()
        thief.cookies[COOKIE] = stolen
        assert not is_in(thief)


def test_data_copied_to_another_session_signs_nobody_in(staff: Staff, sign_in: SignIn) -> None:
    victim, attacker = sign_in(staff.ada), sign_in(staff.otto)
    data = Session.objects.get(person=staff.ada).data
    Session.objects.filter(person=staff.otto).update(data=bytes(data))
    assert not is_in(attacker)
    assert is_in(victim)


def test_signing_in_changes_the_key(staff: Staff, sign_in: SignIn) -> None:
    client = Client()
    planted = SessionStore()
    planted["a"] = 1
    planted.save()
    client.cookies[COOKIE] = str(planted.session_key)
    client.post(reverse("account_login"), {"login": staff.otto.email, "password": "wrong wrong wrong"})
    client = sign_in(staff.otto)
    assert client.cookies[COOKIE].value != planted.session_key


def test_session_ends_when_it_is_not_used(staff: Staff, sign_in: SignIn) -> None:
    client = sign_in(staff.otto)
    age(staff.otto, seen=timedelta(minutes=django_settings.SURETY_SESSION_IDLE_MINUTES - 1))
    assert is_in(client), "and this use counts"
    age(staff.otto, seen=timedelta(minutes=django_settings.SURETY_SESSION_IDLE_MINUTES, seconds=1))
    assert not is_in(client)


def test_requests_that_a_page_repeats_do_not_keep_it_alive(staff: Staff, sign_in: SignIn) -> None:
    client = sign_in(staff.otto)
    age(staff.otto, seen=timedelta(minutes=20))
    before = Session.objects.get(person=staff.otto).last_seen_at
    client.get(reverse("my"), headers={"X-Surety-Refresh": "1"})
    assert Session.objects.get(person=staff.otto).last_seen_at == before
    client.get(reverse("my"))
    assert Session.objects.get(person=staff.otto).last_seen_at > before


def test_session_ends_at_its_maximum_length_in_spite_of_use(staff: Staff, sign_in: SignIn) -> None:
    client = sign_in(staff.otto)
    age(staff.otto, created=timedelta(hours=django_settings.SURETY_SESSION_HOURS, seconds=1))
    assert not is_in(client)


def test_organization_shortens_both(staff: Staff, sign_in: SignIn) -> None:
    from tests.portal.accounts.policies import set_policy

    client = sign_in(staff.otto)
    set_policy(staff, session_idle_minutes=10, session_hours=2)
    age(staff.otto, seen=timedelta(minutes=9))
    assert is_in(client)
    age(staff.otto, seen=timedelta(minutes=11))
    ended = client.get("/my/?page=2")
    assert ended.headers["Location"] == "/accounts/login/?next=/my/%3Fpage%3D2"
    assert not is_in(client)
    client = sign_in(staff.otto)
    age(staff.otto, created=timedelta(hours=2, minutes=1))
    assert not is_in(client)


def test_ended_sessions_are_removed_after_their_period(staff: Staff, sign_in: SignIn) -> None:
    sign_in(staff.otto), sign_in(staff.ada)
    age(staff.otto, seen=timedelta(days=1))
    remove_ended_sessions()
    assert Session.objects.filter(person=staff.otto).exists()
    age(staff.otto, seen=timedelta(days=31))
    remove_ended_sessions()
    assert [row.person for row in Session.objects.exclude(person=None)] == [staff.ada]


def test_owner_ends_one_session_and_all_others(staff: Staff, sign_in: SignIn) -> None:
    here, there, elsewhere = (sign_in(staff.otto) for _ in range(3))
    page = here.get(reverse("account-sessions")).content.decode()
    assert page.count("This session") == 1
    other = Session.objects.get(key_hash=hash_key(there.cookies[COOKIE].value))
    here.post(reverse("account-sessions-end"), {"session": str(other.pk)})
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    here.post(reverse("account-sessions-end"))
    assert [is_in(client) for client in (here, elsewhere)] == [True, False]
    assert staff.actions().count("account.sessions_ended") == 2


def test_nobody_ends_sessions_of_others_on_the_own_page(staff: Staff, sign_in: SignIn) -> None:
    attacker, victim = sign_in(staff.otto), sign_in(staff.ada)
    row = Session.objects.get(person=staff.ada)
    assert attacker.post(reverse("account-sessions-end"), {"session": str(row.pk)}).status_code == 404
    assert is_in(victim)


def test_changing_the_password_ends_all_other_sessions(staff: Staff, sign_in: SignIn) -> None:
    here, stolen = sign_in(staff.otto), sign_in(staff.otto)
    new = "nine purple lanterns at dusk"
    given = {"oldpassword": "correct horse battery staple", "password1": new, "password2": new}
    here.post(reverse("account_reauthenticate"), {"password": "correct horse battery staple"})
    assert here.post(reverse("account_change_password"), given).status_code == 302
    assert not is_in(stolen)
    assert "account.password_changed" in staff.actions()


def test_rotation_of_keys_reaches_sessions(
    staff: Staff, sign_in: SignIn, tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants import secrets

    settings.SURETY_HOME = tmp_path
    monkeypatch.delenv("SURETY_KEYS", raising=False)
    client = sign_in(staff.otto)
    call_command("rotate_keys", "--new-key")
    row = Session.objects.get(person=staff.otto)
    assert row.data.key_id == secrets.ring().keys[0].id
    keys = (tmp_path / "keys").read_text().split()
    (tmp_path / "keys").write_text(keys[0] + "\n")
    assert is_in(client)


def test_administrator_ends_all_sessions_of_a_person(staff: Staff, sign_in: SignIn) -> None:
    administrator, lost, other = sign_in(staff.ada), sign_in(staff.otto), sign_in(staff.bea)
    address = reverse("person-sessions-end", args=[staff.organization.slug, staff.otto.pk])
    assert sign_in(staff.paul).post(address).status_code in (403, 404)
    assert is_in(lost), "approvers end nobody's sessions"
    assert administrator.post(address).status_code == 302
    assert [is_in(client) for client in (lost, other, administrator)] == [False, True, True]
    ended = [entry for entry in staff.journal() if entry.action == "account.sessions_ended"]
    assert [(entry.details["sessions"], staff.ada.email in entry.actor) for entry in ended] == [(1, True)]


def test_an_administrator_sees_the_sessions_of_a_person(staff: Staff, sign_in: SignIn) -> None:
    administrator = sign_in(staff.ada)
    address = reverse("person-account", args=[staff.organization.slug, staff.otto.pk])
    assert "Otto is not signed in." in administrator.get(address).content.decode()
    sign_in(staff.otto)
    sign_in(staff.otto)
    used = timezone.now() - timedelta(minutes=20)
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    newest = Session.objects.filter(person=staff.otto).order_by("-created_at").values("pk")[:1]
    Session.objects.filter(pk__in=newest).update(address="192.0.2.77", browser=browser, last_seen_at=used)
    html = administrator.get(address).content.decode()
    table = html[html.index("Active sessions") :]
    assert table.count('scope="row"') == 2
    for shown in ("192.0.2.77", "127.0.0.1", "Firefox", "20 minutes ago"):
        assert shown in table
