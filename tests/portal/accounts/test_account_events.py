"""The journal has every change of an account. Removing a second factor or identity ends the person's other sessions."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.portal.accounts.address_steps import ask, change, confirmation
from tests.portal.accounts.conftest import Delivered, Staff
from tests.portal.accounts.issuer import Issuer
from tests.portal.accounts.mfa.key_steps import add, signed_in_as, with_proof
from tests.portal.accounts.second_factor_steps import give_app, run_callbacks
from tests.portal.accounts.software_keys import SoftwareKey
from tests.portal.accounts.sso_steps import link, sign_in_at_issuer
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "quiet harbour of maps 7"


def is_in(client: Client) -> bool:
    return client.get(reverse("my")).status_code == 200


def test_removing_a_second_factor_ends_all_other_sessions(staff: Staff) -> None:
    give_app(staff.otto)
    add(staff.otto, SoftwareKey())
    key = Authenticator.objects.get(user=staff.otto, type="webauthn")
    pages = [reverse("mfa_deactivate_totp"), reverse("mfa_remove_webauthn", args=[key.pk])]
    for page in pages:
        stolen, own, bea = signed_in_client(staff.otto), with_proof(staff.otto), signed_in_client(staff.bea)
        assert own.post(page).status_code == 302
        assert (is_in(stolen), is_in(own), is_in(bea)) == (False, True, True), page
    assert not Authenticator.objects.filter(user=staff.otto).exists()
    found = [entry for entry in staff.journal() if entry.action == "account.second_factor_removed"]
    assert [entry.details["kind"] for entry in found] == ["totp", "webauthn", "recovery_codes"]
    assert staff.actions().count("account.sessions_ended") >= 2


def test_unlinking_an_identity_ends_all_other_sessions(staff: Staff, issuer: Issuer) -> None:
    account = link(staff.otto, issuer.user)
    stolen, own, bea = signed_in_client(staff.otto), with_proof(staff.otto), signed_in_client(staff.bea)
    assert own.post(reverse("socialaccount_connections"), {"account": account.pk}).status_code == 302
    assert not SocialAccount.objects.filter(user=staff.otto).exists()
    assert (is_in(stolen), is_in(own), is_in(bea)) == (False, True, True)
    assert staff.actions().count("account.sessions_ended") == 1


def test_mails_about_identities_name_what_ended(staff: Staff, issuer: Issuer, mails: Delivered) -> None:
    client = with_proof(staff.otto)
    sign_in_at_issuer(client, issuer, "?process=connect")
    account = SocialAccount.objects.get(user=staff.otto)
    client.post(reverse("socialaccount_connections"), {"account": account.pk})
    linked, unlinked = mails[-2:]
    assert linked.subject.endswith("A single sign-on identity was linked")
    assert "Your API tokens were revoked." in linked.body
    assert unlinked.subject.endswith("A single sign-on identity was unlinked")
    assert "Your other sessions ended, and your API tokens were revoked." in unlinked.body


def test_mails_name_the_browser_without_other_words(staff: Staff, mails: Delivered) -> None:
    """A warning shows only names of browsers and systems that Surety recognizes in the header User-Agent. Otherwise,
    an attacker could add their own words to the warning.
    """
    give_app(staff.otto)
    agent = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0 Your IT department did this. Do nothing."
    with_proof(staff.otto).post(reverse("mfa_deactivate_totp"), headers={"User-Agent": agent})
    assert "Browser: Firefox on Windows\n" in mails[-1].body
    assert "department" not in mails[-1].body


@pytest.mark.slow(seconds=1)
def test_changes_of_accounts_are_recorded(
    staff: Staff, issuer: Issuer, mails: Delivered, django_capture_on_commit_callbacks: Any
) -> None:
    def recorded(action: str) -> list[tuple[str, dict[str, Any]]]:
        """Return (person, details) of the entries with this action, which must all be about Otto."""
        found = [entry for entry in staff.journal() if entry.action == f"account.{action}"]
        assert all(str(staff.otto.pk) in entry.target for entry in found)
        return [(entry.actor.split(" ")[0], entry.details) for entry in found]

    otto, here = staff.otto, {"address": "127.0.0.1"}
    EmailAddress.objects.filter(user=otto).update(verified=True)
    give_app(otto)
    RecoveryCodes.activate(otto)
    client = with_proof(otto)

    with django_capture_on_commit_callbacks() as after:
        client.post(reverse("mfa_generate_recovery_codes"))
    run_callbacks(after)
    assert recorded("recovery_codes_replaced") == [(otto.email, here)]

    client.post(reverse("mfa_deactivate_totp"))
    kinds = ["totp", "recovery_codes"]
    assert recorded("second_factor_removed") == [(otto.email, {"kind": kind, **here}) for kind in kinds]

    sign_in_at_issuer(client, issuer, "?process=connect")
    (linked,) = recorded("identity_linked")
    assert linked[0] == otto.email
    assert issuer.user.oid in linked[1]["identity"]

    new = "otto.new@northlight.example"
    ask(client, new)
    client.post(confirmation(mails))
    assert recorded("address_confirmed") == [(new, here)]

    cache.clear()
    Client().post(reverse("account_reset_password"), {"email": new})
    (link,) = re.findall(r"https?://\S+/accounts/password/reset/key/\S+", mails[-1].body)
    guest = Client()
    form = guest.get(urlsplit(link).path).headers["Location"]
    guest.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert recorded("password_reset") == [(new, here)]
    assert not is_in(client), "all sessions end"
    guest.post(reverse("account_login"), {"login": new, "password": NEW_PASSWORD})
    assert signed_in_as(guest) == str(otto.pk)

    give_app(otto)
    change(staff, staff.ada, otto, "second_factor", "")
    assert recorded("second_factors_reset") == [(staff.ada.email, {"removed": 1})]
    assert not is_in(guest)
