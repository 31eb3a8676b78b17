"""Client secrets of service accounts, and the access tokens that programs get for them (OAuth 2.0)."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.accounts.actions.access_tokens import authenticated_client, store_access_token
from portal.accounts.actions.service_accounts import (
    create_service_account,
    delete_service_account,
    set_service_account_active,
)
from portal.accounts.actions.service_credentials import create_client_secret, revoke_client_secret
from portal.accounts.models import ApiToken, ClientSecret
from portal.accounts.tasks import delete_access_tokens
from tenants.actions.members import revoke_membership
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tenants.models import JournalEntry, Membership, Person, ServiceAccount
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.accounts.conftest import Delivered, Staff
from tests.portal.accounts.service_account_steps import add_account, change_account, client_with, token_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"


def secret_of(staff: Staff, account: ServiceAccount, **given: Any) -> tuple[ClientSecret, str]:
    values: dict[str, Any] = {"name": "Pipeline", "days": 30, **given}
    with person_scope(staff.ada):
        return create_client_secret(by=staff.ada, account=account, **values)


def basic(client_id: object, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def ask(client_id: object, secret: str, body: str = GRANT, path: str = "/oauth/token", **more: Any) -> Any:
    headers = {"Authorization": basic(client_id, secret)}
    return Client(headers=headers).post(path, body, content_type=FORM, **more)


def access_token(account: ServiceAccount, secret: str, body: str = GRANT) -> str:
    answer = ask(account.pk, secret, body)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def works(token: str) -> bool:
    return client_with(token).get("/api/v1/token").status_code == 200


def test_a_program_gets_a_token_that_is_valid_for_an_hour(staff: Staff) -> None:
    account = add_account(staff)
    _, text = secret_of(staff, account, capabilities=["view", "view_all", "assess"])
    assert re.fullmatch(r"surety_ocs_[0-9A-Za-z]{36}", text)
    before = staff.actions()
    answer = ask(account.pk, text, f"{GRANT}&scope=assess%20view+view")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    given = answer.json()
    assert given == {
        "access_token": given["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "view assess",
    }
    assert re.fullmatch(r"surety_oat_[0-9A-Za-z]{36}", given["access_token"])
    in_body = Client().post(
        "/oauth/token", f"{GRANT}&client_id={account.pk}&client_secret={text}", content_type=FORM
    )
    # Without the parameter scope, a token gets all rights of its secret.
    assert in_body.json()["scope"] == "view view_all assess"

    client = client_with(given["access_token"])
    assert client.get("/api/v1/token").json()["capabilities"] == ["view", "assess"]
    address = f"/api/v1/customers/{staff.tenant.slug}"
    assert client.get(f"{address}/resources").status_code == 403
    assert staff.actions() == before
    with organization_scope(staff.organization):
        stored = ClientSecret.objects.get()
        assert (stored.last_used_from, stored.last_used_at is None) == ("127.0.0.1", False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT s::text, t::text FROM accounts_clientsecret s, accounts_apitoken t")
            rows = str(cursor.fetchall())
    for one in (text, given["access_token"]):
        assert one not in rows
    with time_machine.travel(timezone.now() + timedelta(seconds=3601), tick=False):
        assert not works(given["access_token"])


def test_answers_do_not_show_which_clients_exist(staff: Staff) -> None:
    account, other = add_account(staff), add_account(staff, name="Other")
    (_, text), (_, other_text) = secret_of(staff, account), secret_of(staff, other)
    foreign = factories.tenant().organization
    boss = factories.member(Role.ORGANIZATION_ADMINISTRATOR, foreign)
    with person_scope(boss):
        abroad = create_service_account(
            by=boss,
            organization=foreign,
            name="X",
            purpose="X",
            responsible=boss,
            role=Role.ORGANIZATION_ENGINEER,
        )
        _, abroad_text = create_client_secret(by=boss, account=abroad, name="X", days=1)
    changed = text[:20] + ("a" if text[20] != "a" else "b") + text[21:]
    wrong: dict[str, tuple[str, str]] = {
        "wrong secret": ("", basic(account.pk, changed)),
        "secret of another account": ("", basic(account.pk, other_text)),
        "id of another account": ("", basic(other.pk, text)),
        "id of another organization": ("", basic(abroad.pk, text)),
        "secret of another organization": ("", basic(account.pk, abroad_text)),
        "unknown id": ("", basic("nobody", text)),
        "id of the person": ("", basic(account.person_id, text)),
        "API token as secret": ("", basic(account.pk, token_of(staff, account))),
        "id with a zero byte": (f"&client_id=%00&client_secret={text}", ""),
        "no secret": (f"&client_id={account.pk}", ""),
        "nothing": ("", ""),
        "bearer": ("", f"Bearer {text}"),
        "damaged header": ("", "Basic %%%"),
        "header that is not ASCII": ("", "Basic é"),
        "header that is not UTF-8": ("", "Basic /w=="),
    }
    texts = set()
    for name, (more, header) in wrong.items():
        cache.clear()
        headers = {"Authorization": header} if header else {}
        answer = Client(headers=headers).post("/oauth/token", GRANT + more, content_type=FORM)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Surety"', name
        assert answer.headers["Cache-Control"] == "no-store", name
        texts.add(answer.content)
    assert len(texts) == 1


WRONG: list[tuple[str, str, str, str, int, str]] = [
    # (name, body, “header” if the header Authorization has the right secret, content type, status, error). PAIR stands
    # for the right id and secret in the body.
    ("wider than the secret", f"{GRANT}&scope=view+administer", "header", FORM, 400, "invalid_scope"),
    ("right of people only", f"{GRANT}&scope=approve", "header", FORM, 400, "invalid_scope"),
    ("unknown scope", f"{GRANT}&scope=%22%5C", "header", FORM, 400, "invalid_scope"),
    ("blank scope", f"{GRANT}&scope=%20", "header", FORM, 400, "invalid_scope"),
    ("repeated scope", f"{GRANT}&scope=view&scope=view", "header", FORM, 400, "invalid_request"),
    ("repeated id", f"{GRANT}&client_id=x&PAIR", "", FORM, 400, "invalid_request"),
    ("repeated secret", f"{GRANT}&PAIR&client_secret=x", "", FORM, 400, "invalid_request"),
    ("repeated grant", f"{GRANT}&{GRANT}", "header", FORM, 400, "invalid_request"),
    ("two secrets", f"{GRANT}&PAIR", "header", FORM, 400, "invalid_request"),
    ("two ids", f"{GRANT}&client_id=x", "header", FORM, 400, "invalid_request"),
    ("no grant", "scope=view", "header", FORM, 400, "invalid_request"),
    ("other grant", "grant_type=password", "header", FORM, 400, "unsupported_grant_type"),
    ("JSON", '{"grant_type": "client_credentials"}', "header", "application/json", 400, "invalid_request"),
    ("form as JSON", GRANT, "header", "application/json", 400, "invalid_request"),
    ("multipart", GRANT, "header", "multipart/form-data; boundary=x", 400, "invalid_request"),
    ("not UTF-8", f"{GRANT}\udcff", "header", FORM, 400, "invalid_request"),
    ("blank instead of %20", f"{GRANT}&scope=view view_all", "header", FORM, 400, "invalid_request"),
    ("not a form", '{"', "header", FORM, 400, "invalid_request"),
    ("large", f"{GRANT}&x={'x' * 9000}", "header", FORM, 413, "invalid_request"),
    ("huge", f"{GRANT}&x={'x' * 3_000_000}", "header", FORM, 413, "invalid_request"),
]


def test_wrong_requests_are_refused(staff: Staff) -> None:
    account = add_account(staff)
    _, text = secret_of(staff, account)
    right = {"Authorization": basic(account.pk, text)}
    answers = [
        ("GET", Client(headers=right).get("/oauth/token"), 405, "invalid_request"),
        ("address", Client(headers=right).post(f"/oauth/token?{GRANT}", "", FORM), 400, "invalid_request"),
    ]
    for name, body, header, kind, status, error in WRONG:
        content = body.replace("PAIR", f"client_id={account.pk}&client_secret={text}")
        client = Client(headers=right if header else {})
        answer = client.post("/oauth/token", content.encode("utf-8", "surrogateescape"), content_type=kind)
        answers.append((name, answer, status, error))
    for name, answer, status, error in answers:
        assert (answer.status_code, answer.json()["error"]) == (status, error), (name, answer.content)
        assert answer.headers["Cache-Control"] == "no-store", name
        description = answer.json().get("error_description", "")
        assert description.isascii(), name
        assert '"' not in description, name
        assert text not in answer.content.decode(), name
    with organization_scope(staff.organization):
        assert not ApiToken.objects.exists()


def revoke(staff: Staff, account: ServiceAccount, secret: ClientSecret) -> None:
    with person_scope(staff.ada):
        revoke_client_secret(by=staff.ada, account=account, secret_id=secret.pk)


def disable(staff: Staff, account: ServiceAccount, secret: ClientSecret) -> None:
    with person_scope(staff.ada):
        set_service_account_active(by=staff.ada, account=account, active=False)
        with pytest.raises(Conflict, match="disabled"):
            create_client_secret(by=staff.ada, account=account, name="X", days=1)
        set_service_account_active(by=staff.ada, account=account, active=True)


def delete(staff: Staff, account: ServiceAccount, secret: ClientSecret) -> None:
    with person_scope(staff.ada):
        delete_service_account(by=staff.ada, account=account)


def hand_over(staff: Staff, account: ServiceAccount, secret: ClientSecret) -> None:
    change_account(staff, account, responsible=staff.otto)


def test_nothing_works_after_the_secret_or_the_account_has_ended(staff: Staff) -> None:
    for number, end in enumerate((revoke, disable, delete, hand_over), start=1):
        account = add_account(staff, name=end.__name__)
        secret, text = secret_of(staff, account)
        token = access_token(account, text)
        client = authenticated_client(str(account.pk), text, timezone.now())
        assert works(token), end
        assert client is not None, end
        end(staff, account, secret)
        assert not works(token), end
        assert ask(account.pk, text).status_code == 401, end
        assert staff.actions().count("client_secret.revoked") == number, end
        # A request that was authenticated before the secret ended cannot store an access token afterwards.
        assert not store_access_token(
            client=client, text="surety_oat_x", capabilities=["view"], seconds=60, address=""
        ), end


def test_an_expired_secret_is_refused_and_its_last_token_ends_with_it(staff: Staff) -> None:
    account = add_account(staff)
    secret, text = secret_of(staff, account, days=1)
    with time_machine.travel(secret.expires_at - timedelta(minutes=10), tick=False):
        answer = ask(account.pk, text)
        assert answer.json()["expires_in"] == 600
    with time_machine.travel(secret.expires_at + timedelta(seconds=1), tick=False):
        assert not works(answer.json()["access_token"])
        assert ask(account.pk, text).status_code == 401


def test_a_secret_loses_rights_with_the_role_of_its_account(staff: Staff) -> None:
    account = add_account(staff)
    _, mixed = secret_of(staff, account, capabilities=["view", "assess"])
    _, only_lost = secret_of(staff, account, capabilities=["assess"])
    token = access_token(account, mixed)
    change_account(staff, account, role=Role.AUDITOR, tenants=[staff.tenant])
    change_account(staff, account)  # The account gets its old role again, but its ended secrets stay ended.
    assert not works(token)
    assert ask(account.pk, only_lost).status_code == 401
    assert ask(account.pk, mixed, f"{GRANT}&scope=assess").json()["error"] == "invalid_scope"
    assert ask(account.pk, mixed).json()["scope"] == "view"
    assert [one for one in staff.actions() if one.startswith("client_secret.")][2:] == [
        "client_secret.narrowed", "client_secret.revoked",
    ]  # fmt: skip


def test_one_secret_replaces_another_without_a_gap(staff: Staff) -> None:
    account = add_account(staff)
    first, first_text = secret_of(staff, account)
    _, second_text = secret_of(staff, account)
    with pytest.raises(Conflict, match="can have at most 2 client secrets"):
        secret_of(staff, account)
    old, new = access_token(account, first_text), access_token(account, second_text)
    with person_scope(staff.ada):
        revoke_client_secret(by=staff.ada, account=account, secret_id=first.pk)
        revoke_client_secret(by=staff.ada, account=account, secret_id=first.pk)
    assert (works(old), works(new)) == (False, True)
    assert staff.actions().count("client_secret.revoked") == 1
    _, third = secret_of(staff, account)
    assert works(access_token(account, third))
    for days, rights, message in (
        (0, ["view"], "from 1 to 366"),
        (31, ["administer"], "A client secret with the right to .* at most 30 days"),
        (1, [], "at least one right"),
        (1, ["approve"], "does not include: approve"),
    ):
        with pytest.raises(InvalidInput, match=message):
            secret_of(staff, add_account(staff, name=message), days=days, capabilities=rights)
    for who in (staff.otto, staff.paul):
        with person_scope(who), pytest.raises(PermissionDenied):
            create_client_secret(by=who, account=account, name="X", days=1)
    other = add_account(staff, name="Other")
    with person_scope(staff.ada), pytest.raises(NotFound):
        revoke_client_secret(by=staff.ada, account=other, secret_id=first.pk)
    foreign = factories.tenant()
    with organization_scope(foreign.organization_id):
        assert not ClientSecret._base_manager.exists()


@pytest.mark.slow(seconds=1)
def test_too_many_requests_are_refused_for_some_time(staff: Staff) -> None:
    account = add_account(staff)
    _, text = secret_of(staff, account)
    wrong = "surety_ocs_" + "0" * 30 + "2C8GjS"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [ask(account.pk, wrong).status_code for _ in range(6)] == [401] * 5 + [429]
        refused = ask(account.pk, text)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "300")
        assert refused.json()["error"] == "temporarily_unavailable"
        # The program can still sign in from another address, so an attacker who knows its id cannot stop it.
        assert ask(account.pk, text, REMOTE_ADDR="198.51.100.7").status_code == 200
        clock.shift(timedelta(seconds=301))
        assert ask(account.pk, text).status_code == 200
        # Attempts with wrong ids from one address share a limit.
        statuses = [ask(f"id{number}", wrong).status_code for number in range(21)]
        assert statuses == [401] * 20 + [429]
        clock.shift(timedelta(seconds=61))
        statuses = [ask(account.pk, text).status_code for _ in range(61)]
        assert statuses == [200] * 60 + [429]


def test_the_log_never_has_a_secret_that_was_sent_as_the_id(
    staff: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    account = add_account(staff)
    _, text = secret_of(staff, account)
    assert [ask(text, str(account.pk)).status_code, ask(account.pk, "x").status_code] == [401, 401]
    written = [record.msg for record in caplog.records if "client not authenticated" in str(record.msg)]
    assert [line["client"] for line in written if isinstance(line, dict)] == ["not an id", str(account.pk)]
    assert text not in caplog.text


def test_programs_revoke_their_access_tokens(staff: Staff) -> None:
    account, other = add_account(staff), add_account(staff, name="Other")
    (_, first), (_, second) = secret_of(staff, account), secret_of(staff, account)
    _, foreign = secret_of(staff, other)
    token, foreign_token = access_token(account, first), access_token(other, foreign)
    api_token = token_of(staff, account)

    def revoke(secret: str, body: str) -> Any:
        return ask(account.pk, secret, body, path="/oauth/revoke")

    wrong = revoke("surety_ocs_", f"token={token}")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    for body, status, error in (
        ("", 400, "invalid_request"),
        (f"token={foreign_token}", 400, "invalid_grant"),
        (f"token={api_token}", 400, "unsupported_token_type"),
        (f"token={second}", 400, "unsupported_token_type"),
        (f"token={token}&token={token}", 400, "invalid_request"),
        (f"token={token}&token_type_hint=refresh_token", 400, "unsupported_token_type"),
    ):
        answer = revoke(first, body)
        assert (answer.status_code, answer.json()["error"]) == (status, error), body
    assert all(works(one) for one in (token, foreign_token, api_token))
    # A client can use each of its secrets to revoke a token, not only the secret with which it requested the token.
    for body in (f"token={token}&token_type_hint=access_token", f"token={token}", "token=unknown"):
        answer = revoke(second, body)
        assert (answer.status_code, answer.content) == (200, b""), body
        assert answer.headers["Cache-Control"] == "no-store"
    assert not works(token)


def test_ended_access_tokens_are_deleted(staff: Staff) -> None:
    account = add_account(staff)
    _, text = secret_of(staff, account)
    api_token = token_of(staff, account)
    kept, revoked = access_token(account, text), access_token(account, text)
    ask(account.pk, text, f"token={revoked}", path="/oauth/revoke")
    delete_access_tokens()
    with organization_scope(staff.organization):
        assert ApiToken.objects.count() == 2
    assert works(kept)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1), tick=False):
        delete_access_tokens()
    with organization_scope(staff.organization):
        assert ApiToken.objects.get().beginning == api_token[:15]


def test_sessions_and_cookies_do_not_matter(staff: Staff) -> None:
    account = add_account(staff)
    _, text = secret_of(staff, account)
    browser = signed_in_client(staff.ada)
    browser.handler.enforce_csrf_checks = True
    before = Person.objects.get(pk=staff.ada.pk).last_seen_at
    answer = browser.post("/oauth/token", GRANT, content_type=FORM)
    assert answer.status_code == 401
    answer = browser.post(
        "/oauth/token", GRANT, content_type=FORM, headers={"Authorization": basic(account.pk, text)}
    )
    assert (answer.status_code, answer.cookies) == (200, {})
    assert Person.objects.get(pk=staff.ada.pk).last_seen_at == before


def test_metadata_describe_the_authorization_server(settings: Any) -> None:
    settings.SURETY_URL = "https://surety.example.com"
    found = Client().get("/.well-known/oauth-authorization-server").json()
    assert found["issuer"] == "https://surety.example.com"
    assert found["token_endpoint"] == "https://surety.example.com/oauth/token"
    assert found["revocation_endpoint"] == "https://surety.example.com/oauth/revoke"
    assert found["grant_types_supported"] == ["client_credentials"]
    assert found["response_types_supported"] == []
    assert "approve" not in found["scopes_supported"]
    assert "view" in found["scopes_supported"]


def test_mails_tell_who_can_use_a_new_secret_and_when_to_replace_it(staff: Staff, mails: Delivered) -> None:
    carl = factories.member(Role.ORGANIZATION_ADMINISTRATOR, staff.organization)
    account = add_account(staff)
    with person_scope(carl):
        secret, text = create_client_secret(
            by=carl, account=account, name="Pipeline", days=30, capabilities=["view"]
        )
    assert sorted(mail.to[0] for mail in mails) == sorted([carl.email, staff.bea.email])
    for mail in mails:
        assert mail.subject == "Surety: New client secret for a service account"
        for part in (
            "“Ticket system”",
            f"“Pipeline” ({secret.beginning}…)",
            carl.email,
            "Rights of these access tokens: view",
        ):
            assert part in mail.body, mail.body
        assert text not in mail.body
    mails.clear()
    token = access_token(account, text)
    assert not mails  # Nobody is notified of a new access token.
    # When the person who created a client secret loses access, the program with the secret keeps its access. A mail
    # tells the administrators that the person may still have the secret.
    with person_scope(staff.ada):
        revoke_membership(by=staff.ada, membership=Membership.objects.get(person=carl))
    assert works(token)
    assert works(access_token(account, text))
    assert sorted(mail.to[0] for mail in mails) == [staff.ada.email, staff.bea.email]
    assert "may still have tokens or client secrets of these service accounts" in mails[0].body


def test_command_prints_client_id_and_secret(staff: Staff) -> None:
    out = StringIO()
    call_command(
        "create_service_account", staff.organization.slug, "Pipeline", "--purpose", "Assesses", "--responsible",
        staff.bea.email, "--role", "organization_engineer", "--right", "view", "--client-secret", stdout=out,
    )  # fmt: skip
    client_id, secret = out.getvalue().split()
    assert ask(client_id, secret).json()["scope"] == "view"


def test_a_repeated_creation_counts_for_all_access_tokens_of_a_secret(staff: Staff) -> None:
    account = add_account(staff)
    secret, text = secret_of(staff, account, capabilities=["view", "register", "administer"])
    body = {"name": "Contoso", "directory_id": "72f988bf-86f1-41af-91ab-2d7cd011db47"}
    answers = [
        client_with(access_token(account, text)).post(
            "/api/v1/customers", body, content_type="application/json", headers={"Idempotency-Key": "once"}
        )
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201], answers[1].content
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    # The journal names the client secret, because access tokens are soon deleted.
    with organization_scope(staff.organization):
        entries = JournalEntry.objects.filter(actor__startswith="Ticket system (service account)")
        assert {one.details["api_token"] for one in entries} == {secret.beginning}
