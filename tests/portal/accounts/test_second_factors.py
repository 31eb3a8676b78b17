"""Second factors: sealed in the database, bound to their person, and required where the policy says so."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.accounts import second_factors
from tenants import secrets
from tenants.errors import SecretsUnusable
from tests.factories import PASSWORD
from tests.portal.accounts.conftest import SignIn, Staff
from tests.portal.accounts.policies import set_policy
from tests.portal.accounts.second_factor_steps import give_app, run_callbacks
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def dump() -> str:
    """Return, as text, all rows that the application's role can read without a scope.

    These are the rows of tables without row-level security, such as accounts, sessions and second factors.
    """
    parts = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts)


def base64_forms(needle: str) -> list[str]:
    """Return the base64 of the needle at each of the three alignments, without the characters that depend on the
    surrounding bytes.
    """
    content = needle.encode()
    forms = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).decode().rstrip("=")
        start, left_over = (0, 2, 3)[before], (before + len(content)) % 3
        forms.append(encoded[start : len(encoded) - (1 if left_over else 0)])
    return forms


@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize("needle", ["12345678", "123456789", "1234567890"])
def test_the_forms_find_a_needle_inside_of_a_base64_text(needle: str, before: int) -> None:
    text = base64.b64encode(b"abc"[:before] + needle.encode() + b"xyz").decode()
    assert any(form in text for form in base64_forms(needle))


def test_a_dump_contains_no_secret_of_an_account(staff: Staff, sign_in: SignIn) -> None:
    """Store all kinds of secrets that give access to accounts. Search the dump for them as text, hex and base64."""
    secret = give_app(staff.bea)
    codes = RecoveryCodes.activate(staff.bea)
    client = sign_in(staff.otto)
    cookie = client.cookies["surety-session"].value if "surety-session" in client.cookies else ""
    cookie = cookie or next(iter(client.cookies.values())).value
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    pending = page.context["form"].secret
    needles = [secret, cookie, pending, PASSWORD, *codes.generate_codes()[:3]]
    text = dump()
    assert "accounts_session" not in text
    assert staff.otto.email in text, "the dump has content"
    for needle in needles:
        assert len(needle) >= 8
        assert needle not in text
        assert needle.encode().hex() not in text
        assert [form for form in base64_forms(needle) if form in text] == []


def test_secrets_work_although_they_are_sealed(staff: Staff) -> None:
    secret = give_app(staff.otto)
    row = Authenticator.objects.get(user=staff.otto)
    assert row.data["secret"].startswith(f"surety1:{staff.otto.pk}:")
    cache.clear()
    assert TOTP(row).validate_code(code(secret))


def test_second_factor_copied_to_another_person_is_refused(staff: Staff) -> None:
    """An attacker who can write to the database gives their own second factor to an administrator."""
    give_app(staff.otto)
    own = Authenticator.objects.get(user=staff.otto).data
    give_app(staff.ada)
    Authenticator.objects.filter(user=staff.ada).update(data=own)
    with pytest.raises(SecretsUnusable, match="copied"):
        Authenticator.objects.get(user=staff.ada)
    body = own["secret"].split(":")[2]
    Authenticator.objects.filter(user=staff.ada).update(data={"secret": f"surety1:{staff.ada.pk}:{body}"})
    with pytest.raises(SecretsUnusable, match="changed"):
        TOTP(Authenticator.objects.get(user=staff.ada)).validate_code("123456")


def test_readable_second_factor_is_neither_saved_nor_used(staff: Staff) -> None:
    with pytest.raises(SecretsUnusable, match="must be sealed"):
        Authenticator(user=staff.otto, type="totp", data={"secret": "PLAIN"}).save()
    give_app(staff.otto)
    Authenticator.objects.update(data={"secret": "JBSWY3DPEHPK3PXP"})
    with pytest.raises(SecretsUnusable):
        TOTP(Authenticator.objects.get(user=staff.otto)).validate_code(code("JBSWY3DPEHPK3PXP"))


def test_rotation_reaches_second_factors(
    staff: Staff, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SURETY_HOME = tmp_path
    monkeypatch.delenv("SURETY_KEYS", raising=False)
    secret = give_app(staff.otto)
    before = second_factors.unseal(RecoveryCodes.activate(staff.otto).instance.data["fresh"])
    call_command("rotate_keys", "--new-key")
    keys = (tmp_path / "keys").read_text().split()
    (tmp_path / "keys").write_text(keys[0] + "\n")
    rows = {row.type: row for row in Authenticator.objects.filter(user=staff.otto)}
    assert second_factors.unseal(rows["totp"].data["secret"]) == secret
    assert second_factors.unseal(rows["recovery_codes"].data["fresh"]) == before
    assert secrets.ring().keys[0].id


def test_migration_seals_readable_second_factors(staff: Staff) -> None:
    from importlib import import_module

    from django.apps import apps

    migration = import_module("portal.accounts.migrations.0002_seal_and_verify")
    secret = give_app(staff.otto)
    Authenticator.objects.update(data={"secret": secret})

    class Editor:
        pass

    editor = Editor()
    editor.connection = connection  # type: ignore[attr-defined]
    migration.seal_second_factors(apps, editor)
    stored = Authenticator.objects.get().data["secret"]
    assert secret not in stored
    assert second_factors.unseal(stored) == secret
    migration.seal_second_factors(apps, editor)
    assert Authenticator.objects.get().data["secret"] == stored, "a second run changes nothing"


class TestRequired:
    @pytest.fixture(autouse=True)
    def required(self, staff: Staff) -> None:
        set_policy(staff, second_factor_roles=["approver", "organization_administrator"])

    @pytest.mark.parametrize("name", ["portfolio", "my", "notices", "palette", "account_email"])
    def test_nothing_else_works_before_it_is_set_up(self, staff: Staff, name: str) -> None:
        client = signed_in_client(staff.paul)
        for answer in (client.get(reverse(name)), client.post(reverse(name))):
            assert answer.headers["Location"] == reverse("second-factor-required"), answer.status_code

    def test_parts_for_htmx_lead_there_too(self, staff: Staff) -> None:
        answer = signed_in_client(staff.paul).get("/palette/?q=x", headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"] == reverse("second-factor-required")

    def test_other_roles_need_none(self, staff: Staff) -> None:
        assert signed_in_client(staff.otto).get(reverse("my")).status_code == 200

    def test_setting_it_up_opens_everything(
        self, staff: Staff, sign_in: SignIn, django_capture_on_commit_callbacks: Any
    ) -> None:
        client = sign_in(staff.paul)
        assert client.get(reverse("second-factor-required")).status_code == 200
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
        assert page.status_code == 200
        cache.clear()
        with django_capture_on_commit_callbacks() as after:
            answer = client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
        run_callbacks(after)
        assert answer.headers["Location"] == reverse("mfa_view_recovery_codes")
        assert client.get("/").status_code == 200
        assert "account.second_factor_added" in staff.actions()

    def test_recovery_codes_alone_are_no_second_factor(self, staff: Staff) -> None:
        RecoveryCodes.activate(staff.paul)
        assert signed_in_client(staff.paul).get("/").headers["Location"] == reverse("second-factor-required")

    def test_sessions_from_before_end_when_one_is_added(
        self, staff: Staff, sign_in: SignIn, django_capture_on_commit_callbacks: Any
    ) -> None:
        stolen = signed_in_client(staff.paul)
        client = sign_in(staff.paul)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
        cache.clear()
        with django_capture_on_commit_callbacks() as after:
            client.post(reverse("mfa_activate_totp"), {"code": code(page.context["form"].secret)})
        run_callbacks(after)
        assert stolen.get("/").headers["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("trusted", [True, False])
    def test_single_sign_on_counts_only_if_the_policy_says_so(self, staff: Staff, trusted: bool) -> None:
        set_policy(staff, sso_counts_as_second_factor=trusted)
        client = signed_in_client(staff.paul, method="socialaccount")
        assert client.get("/").status_code == (200 if trusted else 302)

    def test_a_role_that_is_given_later_counts_at_once(self, staff: Staff) -> None:
        client = signed_in_client(staff.otto)
        assert client.get(reverse("my")).status_code == 200
        set_policy(staff, second_factor_roles=["owner"])
        assert client.get(reverse("my")).status_code == 302


@pytest.mark.parametrize("who", ["ada", "otto", "paul"])
def test_the_operator_requires_one_of_everybody(staff: Staff, settings: Any, who: str) -> None:
    person = getattr(staff, who)
    assert signed_in_client(person).get(reverse("my")).status_code == 200
    settings.SURETY_SECOND_FACTOR = True
    answer = signed_in_client(person).get(reverse("my"))
    assert answer.headers["Location"] == reverse("second-factor-required")
    by_sso = signed_in_client(person, method="socialaccount")
    assert by_sso.get(reverse("my")).status_code == 302, "it counts only if the organization says so"
    set_policy(staff, sso_counts_as_second_factor=True)
    assert by_sso.get(reverse("my")).status_code == 200


def test_password_alone_lets_nobody_in_who_has_a_second_factor(staff: Staff) -> None:
    give_app(staff.otto)
    client = Client()
    client.post(reverse("account_login"), {"login": staff.otto.email, "password": PASSWORD})
    assert client.get(reverse("my")).headers["Location"].startswith(reverse("account_login"))
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "account.sign_in_failed" in staff.actions()
