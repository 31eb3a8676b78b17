"""Single sign-on with an issuer that answers as Entra does, and with an issuer that sends false claims."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import IdentityPermit
from portal.accounts.sso import identity
from portal.accounts.sso.errors import IdentityRefused
from tenants.actions import invite
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.accounts.conftest import Delivered, Staff
from tests.portal.accounts.issuer import DIRECTORY, EntraUser, Issuer
from tests.portal.accounts.policies import set_policy
from tests.portal.accounts.sso_steps import LOGIN, address_at_issuer, link, sign_in_at_issuer
from tests.signed_in import signed_in_client

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=15)]


def who(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def test_linked_person_signs_in(staff: Staff, issuer: Issuer) -> None:
    link(staff.otto, issuer.user)
    client = Client()
    assert sign_in_at_issuer(client, issuer).status_code == 302
    assert who(client) == str(staff.otto.pk)
    entry = next(entry for entry in staff.journal() if entry.action == "account.signed_in")
    assert entry.details["with"] == ["socialaccount"]
    assert not SocialToken.objects.exists(), "tokens of the issuer are not stored"


@pytest.mark.parametrize(
    ("lie", "sign_with", "code"),
    [
        ({"iss": "https://login.attacker.example/v2.0"}, "RS256", "another issuer"),
        ({"aud": "another-client"}, "RS256", "invalid"),
        ({"aud": ["surety-client", "other"]}, "RS256", "several applications"),
        ({"aud": ["surety-client", "other"], "azp": "surety-client"}, "RS256", "several applications"),
        ({"azp": "another-client"}, "RS256", "another application"),
        ({}, "none", "not signed with a permitted algorithm"),
        ({}, "HS256", "not signed with a permitted algorithm"),
        ({}, "stranger", "invalid"),
        ({"tid": str(uuid4())}, "RS256", "directory is not permitted"),
        ({"nonce": None}, "RS256", "another sign-in"),
        ({"nonce": "chosen"}, "RS256", "another sign-in"),
        ({"exp": 1}, "RS256", "invalid"),
        ({"iat": int(time.time()) + 3600}, "RS256", "invalid"),
        ({"exp": None}, "RS256", "invalid"),
        ({"sub": None}, "RS256", "invalid"),
        ({"oid": None}, "RS256", "object ID"),
        ({"name": {"first": "Otto"}}, "RS256", "claim name"),
        ({"name": "Otto\0"}, "RS256", "claim name"),
        ({"preferred_username": "\ud800"}, "RS256", "claim preferred_username"),
        ({"sub": "a\0b"}, "RS256", "claim sub"),
        ({"tid": [DIRECTORY]}, "RS256", "claim tid"),
        ({"exp": []}, "RS256", "invalid"),
        ({"exp": float("inf")}, "RS256", "invalid"),
        ({"iat": float("inf")}, "RS256", "invalid"),
        ({"nbf": float("nan")}, "RS256", "invalid"),
        ({"aud": [["surety-client"]]}, "RS256", "invalid"),
    ],
)
def test_lies_sign_nobody_in(
    staff: Staff, issuer: Issuer, lie: dict[str, Any], sign_with: str, code: str
) -> None:
    link(staff.otto, issuer.user)
    issuer.lie, issuer.sign_with = lie, sign_with
    client = Client()
    answer = sign_in_at_issuer(client, issuer)
    assert answer.status_code == 401
    assert code in answer.content.decode()
    assert who(client) == ""


HOSTILE_DOCUMENTS = [
    b"[]",
    b'"x"',
    b"null",
    b"5",
    b"{",
    b'{"keys":[null,[],"k1"],"access_token":1}',
    b"[" * 200_000,
    b"\xff",
]
HOSTILE_KEYS: list[dict[str, Any]] = [
    {"n": 1, "e": []},
    {"n": "", "e": "AQAB"},
    {"n": "AQ", "e": "AQ"},
    {"kty": []},
]


@pytest.mark.parametrize("document", ["openid-configuration", "keys", "token"])
def test_hostile_documents_of_the_issuer_are_answered_and_sign_nobody_in(
    staff: Staff, issuer: Issuer, document: str
) -> None:
    link(staff.otto, issuer.user)
    for body in HOSTILE_DOCUMENTS:
        issuer.documents = {document: body}
        client = Client()
        answer = client.post(LOGIN)
        if document != "openid-configuration":
            answer = client.get(issuer.authorize(address_at_issuer(answer)))
        assert (answer.status_code, who(client)) == (401, ""), body[:50]


@pytest.mark.parametrize(
    ("tokens", "missing"),
    [
        ({"access_token": "opaque"}, "ID token"),
        ({"access_token": "opaque", "id_token": None}, "ID token"),
        ({"access_token": None, "id_token": "a.b.c"}, "access token"),
        ({"id_token": "a.b.c"}, "access token"),
        ({}, "access token"),
        ({"access_token": 1, "id_token": "a.b.c"}, "access token"),
    ],
)
def test_page_names_the_token_that_the_issuer_did_not_send(
    staff: Staff, issuer: Issuer, tokens: dict[str, Any], missing: str
) -> None:
    link(staff.otto, issuer.user)
    issuer.documents = {"token": json.dumps(tokens).encode()}
    client = Client()
    answer = sign_in_at_issuer(client, issuer)
    assert answer.status_code == 401
    assert f"The identity provider sent no {missing}." in answer.content.decode()
    assert who(client) == ""


def test_hostile_keys_of_the_issuer_sign_nobody_in(staff: Staff, issuer: Issuer) -> None:
    link(staff.otto, issuer.user)
    for key in HOSTILE_KEYS:
        published = {"keys": [{"kty": "RSA", "kid": "k1", "use": "sig"} | key]}
        issuer.documents = {"keys": json.dumps(published).encode()}
        assert sign_in_at_issuer(Client(), issuer).status_code == 401, key


def test_another_issuer_that_claims_a_directory_signs_in_nobody_of_entra(
    staff: Staff, plain_issuer: Issuer
) -> None:
    """An issuer other than Entra sends the directory and object ID of a person whose identity is in Entra."""
    link(staff.otto, plain_issuer.user)
    IdentityPermit.objects.create(
        person=staff.paul, given_by=staff.ada, expires_at=timezone.now() + timedelta(days=1)
    )
    plain_issuer.user.user_name = plain_issuer.user.email = staff.paul.email
    client = Client()
    assert sign_in_at_issuer(client, plain_issuer).status_code == 403
    assert who(client) == ""
    assert IdentityPermit.objects.exists(), "the user name is no verified address of this issuer"


def test_another_issuer_that_sends_tid_is_known_by_issuer_and_subject(
    staff: Staff, plain_issuer: Issuer
) -> None:
    uid = identity.of_subject(plain_issuer.url, plain_issuer.user.sub)
    SocialAccount.objects.create(user=staff.otto, provider="sso", uid=uid)
    plain_issuer.lie = {"tid": "a-tenant-of-another-kind", "oid": None}
    client = Client()
    assert sign_in_at_issuer(client, plain_issuer).status_code == 302
    assert who(client) == str(staff.otto.pk)


OBJECT = "99999999-8888-4777-8666-555555555555"
ENTRA = f"tid={DIRECTORY};oid={OBJECT}"


@pytest.mark.parametrize(
    ("issuer_url", "entra"),
    [
        (f"https://login.microsoftonline.com/{DIRECTORY}/v2.0", True),
        (f"https://login.microsoftonline.us/{DIRECTORY}/v2.0", True),
        (f"https://login.partner.microsoftonline.cn/{DIRECTORY}/v2.0", True),
        (f"https://login.microsoftonline.com.attacker.example/{DIRECTORY}/v2.0", False),
        (f"https://attacker.example/login.microsoftonline.com/{DIRECTORY}/v2.0", False),
        (f"https://login.microsoftonline.com@attacker.example/{DIRECTORY}/v2.0", False),
        (f"https://attacker.example/{DIRECTORY}/v2.0", False),
        (f"https://login.microsoftonline.com/{DIRECTORY}/v1.0", False),
    ],
)
def test_only_the_hosts_of_entra_name_directories(issuer_url: str, entra: bool) -> None:
    claims = {"iss": issuer_url, "sub": "s", "tid": DIRECTORY, "oid": OBJECT}
    assert (identity.of_claims(claims) == ENTRA) is entra
    named = {**claims, "preferred_username": "Paul@Example.com", "email": "x@example.com"}
    assert identity.verified_address(named) == ("paul@example.com" if entra else "")


@pytest.mark.parametrize("tid", ["22222222-2222-4333-8444-555555555555", "", None, "common"])
def test_entra_must_name_the_directory_of_its_address(tid: str | None) -> None:
    claims = {
        "iss": f"https://login.microsoftonline.com/{DIRECTORY}/v2.0",
        "sub": "s",
        "tid": tid,
        "oid": OBJECT,
    }
    with pytest.raises(IdentityRefused):
        identity.of_claims(claims)


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://login.attacker.example"},
        {"token_endpoint": "http://login.attacker.example/token"},
        {"jwks_uri": "http://login.attacker.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_wrong_discovery_document_sends_nobody_there(
    staff: Staff, issuer: Issuer, configuration: dict[str, Any]
) -> None:
    issuer.configuration = configuration
    answer = Client().post(LOGIN)
    assert (answer.status_code, "Location" in answer.headers) == (401, False)
    assert 'http-equiv="refresh"' not in answer.content.decode()


def test_the_issuer_may_have_its_pages_on_another_host(staff: Staff, issuer: Issuer) -> None:
    """If Surety answered the form with a redirect to another host, Chromium would block it unless `form-action` named
    this host. So Surety answers with a page that opens the issuer's address.
    """
    issuer.configuration = {"authorization_endpoint": "https://pages.example/authorize"}
    answer = Client().post(LOGIN)
    assert address_at_issuer(answer).startswith("https://pages.example/authorize?")
    assert "form-action 'self';" in f"{answer.headers['Content-Security-Policy']};"


def test_unreachable_issuer_is_an_answer(staff: Staff, issuer: Issuer) -> None:
    issuer.close()
    answer = Client().post(LOGIN)
    assert answer.status_code == 401
    assert "could not be reached" in answer.content.decode()


def test_same_address_with_another_subject_gets_nothing(staff: Staff, issuer: Issuer) -> None:
    """Somebody gives their user in the directory the address of another person."""
    link(staff.otto, issuer.user)
    issuer.user = EntraUser(email=staff.otto.email, user_name=staff.otto.email)
    client = Client()
    answer = sign_in_at_issuer(client, issuer)
    assert answer.status_code == 403
    assert issuer.user.oid in answer.content.decode(), "the person can send it to an administrator"
    assert who(client) == ""
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("claims", [{"email_verified": True}, {"email_verified": "true"}, {}])
def test_no_address_links_an_account_even_a_verified_one(
    staff: Staff, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.lie = claims
    client = Client()
    assert sign_in_at_issuer(client, issuer).status_code == 403
    assert who(client) == ""


def test_answer_of_another_browser_is_refused(staff: Staff, issuer: Issuer) -> None:
    """An attacker starts a sign-in and makes the victim open the last step (login CSRF)."""
    link(staff.otto, issuer.user)
    attacker, victim = Client(), Client()
    back = issuer.authorize(address_at_issuer(attacker.post(LOGIN)))
    assert victim.get(back).status_code == 401
    assert who(victim) == ""


@pytest.mark.parametrize("linked", ["bea", "", "permit"])
def test_sign_in_as_another_person_in_an_open_session_is_refused(
    staff: Staff, issuer: Issuer, linked: str
) -> None:
    """If the sign-in were accepted, the rest of the request would run in the scope of the person who was signed in
    before, and the page could show that person's customers.
    """
    if linked == "bea":
        link(staff.bea, issuer.user)
    elif linked:
        permit(staff, staff.otto)
        issuer.user.user_name = staff.otto.email
    client = signed_in_client(staff.ada)
    answer = sign_in_at_issuer(client, issuer)
    assert (answer.status_code, who(client)) == (403, str(staff.ada.pk))
    assert "sign out first" in answer.content.decode()
    assert SocialAccount.objects.filter(user=staff.bea).count() == (1 if linked == "bea" else 0)
    assert IdentityPermit.objects.count() == (1 if linked == "permit" else 0)
    own = EntraUser()
    link(staff.ada, own)
    issuer.user = own
    assert sign_in_at_issuer(client, issuer).status_code == 302, "the own identity"


def test_answer_works_once(staff: Staff, issuer: Issuer) -> None:
    link(staff.otto, issuer.user)
    client = Client()
    back = issuer.authorize(address_at_issuer(client.post(LOGIN)))
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 401


def test_query_string_chooses_no_parameters(staff: Staff, issuer: Issuer) -> None:
    query = "?scope=offline_access&auth_params=nonce%3Dchosen%26prompt%3Dnone&response_mode=fragment"
    issuer.authorize(address_at_issuer(Client().post(LOGIN + query)))
    asked = issuer.asked[-1]
    assert asked["nonce"] != "chosen"
    assert "prompt" not in asked
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert (asked["response_mode"], asked["code_challenge_method"]) == ("query", "S256")


def test_administrator_links_the_object_id(staff: Staff, issuer: Issuer) -> None:
    client = signed_in_client(staff.ada)
    address = reverse("person-account", args=[staff.organization.slug, staff.otto.pk])
    given = {"kind": "identity", "identity-value": issuer.user.oid, "identity-directory": DIRECTORY}
    assert client.post(address, {**given, "identity-value": "otto"}).status_code == 400
    assert client.post(address, given).status_code == 302
    person = Client()
    sign_in_at_issuer(person, issuer)
    assert who(person) == str(staff.otto.pk)
    stolen = client.post(reverse("person-account", args=[staff.organization.slug, staff.otto.pk]), given)
    assert stolen.status_code == 302, "the same identity again changes nothing"


def permit(staff: Staff, person: Person) -> None:
    address = reverse("person-account", args=[staff.organization.slug, person.pk])
    answer = signed_in_client(staff.ada).post(address, {"kind": "next_sign_in"})
    assert answer.status_code == 302


def test_permitted_next_sign_in_is_linked_once(staff: Staff, issuer: Issuer) -> None:
    permit(staff, staff.otto)
    client = Client()
    assert sign_in_at_issuer(client, issuer).status_code == 302
    assert who(client) == str(staff.otto.pk)
    assert not IdentityPermit.objects.exists()
    issuer.user = EntraUser()
    assert sign_in_at_issuer(Client(), issuer).status_code == 403, "the permit was used up"


def test_permit_needs_the_user_name_not_the_address(staff: Staff, issuer: Issuer) -> None:
    """People with rights in the directory can set the `email` of an account to any address. The user name is safer,
    because the directory verifies its domain.
    """
    permit(staff, staff.otto)
    issuer.user = EntraUser(email=staff.otto.email, user_name="mallory@northlight.example")
    client = Client()
    assert sign_in_at_issuer(client, issuer).status_code == 403
    assert who(client) == ""
    assert IdentityPermit.objects.count() == 1


def test_expired_permit_links_nothing(staff: Staff, issuer: Issuer) -> None:
    permit(staff, staff.otto)
    IdentityPermit.objects.update(expires_at="2026-01-01T00:00Z")
    assert sign_in_at_issuer(Client(), issuer).status_code == 403


def invited(staff: Staff, email: str) -> str:
    with person_scope(staff.ada):
        _, token = invite(
            by=staff.ada, organization=staff.organization, tenant=staff.tenant, email=email, role=Role.OWNER
        )
    return token


def accept(client: Client, issuer: Issuer, token: str) -> Any:
    """Accept an invitation at the issuer; return the answer to the callback."""
    left = client.post(reverse("invitation-sso", args=[token]))
    return client.get(issuer.authorize(address_at_issuer(left)))


def test_invitation_is_accepted_with_single_sign_on(staff: Staff, issuer: Issuer) -> None:
    token = invited(staff, "nina@northlight.example")
    issuer.user = EntraUser(name="Nina New", user_name="n.new@northlight.example")
    client = Client()
    page = client.get(reverse("invitation", args=[token])).content.decode()
    assert reverse("invitation-sso", args=[token]) in page
    assert accept(client, issuer, token).status_code == 302
    nina = Person.objects.get(email="nina@northlight.example")
    assert (who(client), nina.name, nina.has_usable_password()) == (str(nina.pk), "Nina New", False)
    with organization_scope(staff.organization):
        assert Membership.objects.filter(person=nina, role=Role.OWNER).exists()
    again = Client()
    sign_in_at_issuer(again, issuer)
    assert who(again) == str(nina.pk)


def test_invitation_does_not_link_an_existing_account(staff: Staff, issuer: Issuer) -> None:
    """A person who reads a forwarded mail must not get access to the account of the invited person."""
    token = invited(staff, staff.paul.email)
    client = Client()
    assert accept(client, issuer, token).status_code == 403
    assert (who(client), SocialAccount.objects.count()) == ("", 0)


def test_used_invitation_creates_nobody(staff: Staff, issuer: Issuer) -> None:
    token = invited(staff, "nina@northlight.example")
    first = Client()
    accept(first, issuer, token)
    issuer.user = EntraUser()
    second = Client()
    assert accept(second, issuer, token).status_code == 403
    assert SocialAccount.objects.count() == 1


def test_an_invitation_is_used_only_by_the_sign_in_that_it_started(staff: Staff, issuer: Issuer) -> None:
    """Somebody opens the invitation on a shared computer and gives up; the next person signs in there."""
    token = invited(staff, "nina@northlight.example")
    client = Client()
    abandoned = client.post(reverse("invitation-sso", args=[token]))
    assert sign_in_at_issuer(client, issuer).status_code == 403, "an ordinary sign-in of an unknown identity"
    assert not Person.objects.filter(email="nina@northlight.example").exists()
    link(staff.otto, issuer.user)
    assert sign_in_at_issuer(client, issuer).status_code == 302
    assert who(client) == str(staff.otto.pk), "an ordinary sign-in of a known identity"
    client.post(reverse("account_logout"))
    issuer.user = EntraUser(name="Nina New", user_name="n.new@northlight.example")
    late = client.get(issuer.authorize(address_at_issuer(abandoned)))
    assert late.status_code != 302, "the session that started the sign-in has ended"
    assert not Person.objects.filter(email="nina@northlight.example").exists()
    assert accept(client, issuer, token).status_code == 302
    assert Person.objects.filter(email="nina@northlight.example").exists()


class TestReauthentication:
    """People without a password re-authenticate with single sign-on before actions that affect access."""

    @pytest.fixture
    def alone(self, staff: Staff, issuer: Issuer) -> Client:
        staff.ada.set_unusable_password()
        staff.ada.save()
        link(staff.ada, issuer.user)
        return signed_in_client(staff.ada, proof_age=600, method="socialaccount")

    def test_asked_and_returned(self, staff: Staff, issuer: Issuer, alone: Client) -> None:
        page = reverse("organization-sign-in", args=[staff.organization.slug])
        asked = alone.get(page)
        assert asked.headers["Location"].startswith(reverse("confirm-with-sso"))
        confirm = alone.get(asked.headers["Location"])
        assert "Confirm with Entra" in confirm.content.decode()
        answer = sign_in_at_issuer(alone, issuer, f"?process=redirect&next={page}")
        assert answer.headers["Location"] == page
        assert (issuer.asked[-1]["prompt"], issuer.asked[-1]["max_age"]) == ("login", "300")
        assert alone.get(page).status_code == 200

    def test_the_second_factor_at_the_issuer_may_take_minutes(
        self, staff: Staff, issuer: Issuer, alone: Client
    ) -> None:
        """Entra counts the lifetime of the ID token from the password, not from the second factor. So Surety must
        accept the token some minutes after the password.
        """
        page = reverse("organization-sign-in", args=[staff.organization.slug])
        alone.get(page)
        back = issuer.authorize(address_at_issuer(alone.post(f"{LOGIN}?process=redirect&next={page}")))
        with time_machine.travel(time.time() + 240):
            assert alone.get(back).headers["Location"] == page
            assert alone.get(page).status_code == 200

    def test_an_ordinary_single_sign_on_is_no_recent_proof(
        self, staff: Staff, issuer: Issuer, alone: Client
    ) -> None:
        """In an unattended browser, the identity provider may sign in anybody who presses the button, without asking
        for a password."""
        page = reverse("organization-sign-in", args=[staff.organization.slug])
        assert sign_in_at_issuer(alone, issuer).status_code == 302
        assert alone.get(page).headers["Location"].startswith(reverse("confirm-with-sso"))

    def test_a_person_who_must_set_up_a_second_factor_can_prove(self, staff: Staff, alone: Client) -> None:
        set_policy(staff, second_factor_roles=[Role.ORGANIZATION_ADMINISTRATOR])
        asked = alone.get(reverse("mfa_activate_totp"))
        assert asked.headers["Location"].startswith(reverse("confirm-with-sso"))
        assert alone.get(asked.headers["Location"]).status_code == 200

    @pytest.mark.parametrize(
        "lie",
        [
            {"auth_time": None},
            {"auth_time": int(time.time()) - 3600},
            {"auth_time": float("nan")},
            {"auth_time": float("inf")},
            {"auth_time": str(int(time.time()))},
        ],
    )
    def test_old_sign_in_at_the_issuer_proves_nothing(
        self, staff: Staff, issuer: Issuer, alone: Client, lie: dict[str, Any]
    ) -> None:
        page = reverse("organization-sign-in", args=[staff.organization.slug])
        alone.get(page)
        issuer.lie = lie
        assert sign_in_at_issuer(alone, issuer, f"?process=redirect&next={page}").status_code == 401
        assert alone.get(page).status_code == 302

    def test_another_identity_proves_nothing(self, staff: Staff, issuer: Issuer, alone: Client) -> None:
        page = reverse("organization-sign-in", args=[staff.organization.slug])
        issuer.user = EntraUser()
        link(staff.bea, issuer.user)
        assert sign_in_at_issuer(alone, issuer, f"?process=redirect&next={page}").status_code == 403
        assert who(alone) == str(staff.ada.pk)
        assert alone.get(page).status_code == 302

    def test_a_password_proves_nothing_where_single_sign_on_is_required(
        self, staff: Staff, issuer: Issuer
    ) -> None:
        """The person can no longer sign in with the password, so the password must not be enough to re-authenticate."""
        link(staff.ada, issuer.user)
        client = signed_in_client(staff.ada, proof_age=600, method="socialaccount")
        page = reverse("organization-sign-in", args=[staff.organization.slug])
        assert client.get(page).headers["Location"].startswith(reverse("account_reauthenticate"))
        set_policy(staff, sso_domains=["northlight.example"])
        assert client.get(page).headers["Location"].startswith(reverse("confirm-with-sso"))
        sent = client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
        assert sent.headers["Location"].startswith(reverse("confirm-with-sso"))
        assert client.get(page).status_code == 302
        assert sign_in_at_issuer(client, issuer, f"?process=redirect&next={page}").headers["Location"] == page
        assert client.get(page).status_code == 200

    def test_target_elsewhere_is_not_followed(self, issuer: Issuer, alone: Client) -> None:
        answer = sign_in_at_issuer(alone, issuer, "?process=redirect&next=https://attacker.example/")
        assert answer.headers["Location"] == "/"


def test_linking_needs_a_recent_proof(staff: Staff, issuer: Issuer) -> None:
    """A person who stole a session must not get lasting access by linking their own identity."""
    thief = signed_in_client(staff.otto, proof_age=600)
    left = thief.post(LOGIN + "?process=connect")
    assert left.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert thief.get(reverse("socialaccount_connections")).status_code == 302


def test_connected_identity_of_another_person_is_refused(staff: Staff, issuer: Issuer) -> None:
    link(staff.bea, issuer.user)
    client = signed_in_client(staff.otto)
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    sign_in_at_issuer(client, issuer, "?process=connect")
    assert SocialAccount.objects.get().user == staff.bea


def test_unlinked_identity_is_told_and_recorded(staff: Staff, issuer: Issuer, mails: Delivered) -> None:
    account = link(staff.otto, issuer.user)
    EmailAddress.objects.filter(user=staff.otto).update(verified=True)
    client = signed_in_client(staff.otto)
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    client.post(reverse("socialaccount_connections"), {"account": account.pk})
    assert not SocialAccount.objects.exists()
    assert "account.identity_unlinked" in staff.actions()
    assert [mail.to for mail in mails] == [[staff.otto.email]]
