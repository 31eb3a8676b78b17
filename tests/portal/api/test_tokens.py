"""API tokens: their text, creation, limits and end."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.actions import api_tokens
from portal.accounts.actions.api_tokens import create_token, grantable, revoke_token
from portal.accounts.actions.disable import set_account_active
from portal.accounts.mails import send_due
from portal.accounts.models import AccountMail, ApiToken
from portal.accounts.selectors import usable_token
from portal.accounts.tokens import token_text
from portal.api.rate_limits import count_request
from portal.offboarding.people.pseudonymise import disable_account
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tenants.ids import uuid7
from tenants.models import Membership, OrganizationJournalEntry, Person
from tenants.people.link_tokens import hash_token
from tenants.roles import Role
from tenants.scope import find_by_token, organization_scope, person_scope
from tests import factories
from tests.portal.api.conftest import Api, client_with, token_for
from tests.portal.web.world import World

CUSTOMERS = "/api/v1/customers"
NEW_PASSWORD = "meadow-sparrow-lantern-41"
NOON = datetime(2027, 1, 1, 12, 0, 5, tzinfo=UTC)


def test_text_has_a_prefix_and_a_checksum_that_scanners_can_verify() -> None:
    text = token_text.new_token()
    assert re.fullmatch(r"surety_pat_[0-9A-Za-z]{36}", text)
    assert token_text.is_well_formed(text)
    assert token_text.new_token() != text
    # The checksum, as in GitHub's tokens: CRC-32 in base 62, digits first, then upper and lower case letters.
    assert token_text.checksum("0" * 30) == "2C8GjS"


@pytest.mark.slow(seconds=1)
@given(st.text(max_size=60))
def test_other_texts_are_not_well_formed(text: str) -> None:
    assert not token_text.is_well_formed(text)


def test_one_changed_character_is_noticed_without_a_query(world: World, django_assert_num_queries) -> None:
    text = token_for(world.people["auditor"], world.organization)
    changed = text[:20] + ("a" if text[20] != "a" else "b") + text[21:]
    with django_assert_num_queries(0):
        assert usable_token(changed, timezone.now()) is None


def test_only_the_hash_is_stored_and_the_creation_is_journalled(world: World) -> None:
    person = world.people["organization_engineer"]
    text = token_for(person, world.organization, capabilities=["view"], tenants=[world.home])
    with connection.cursor() as cursor, person_scope(person):
        cursor.execute("SELECT t::text FROM accounts_apitoken t")
        assert text not in "".join(row for (row,) in cursor.fetchall())
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.filter(action="api_token.created").latest("sequence")
    assert entry.details["capabilities"] == ["view"]
    assert entry.details["customers"] == [str(world.home.pk)]
    assert text not in str(entry.details)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Export\x1b[31m"}, "name"),
        ({"name": "Export \u202etropxE"}, "name"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"capabilities": []}, "capabilities"),
        ({"capabilities": ["organization"]}, "capabilities"),
        ({"capabilities": ["rule"]}, "capabilities"),
        ({"tenants": []}, "tenants"),
    ],
)
def test_invalid_input_is_refused(world: World, changed, field: str) -> None:
    person = world.people["auditor"]
    good = {"name": "Export", "days": 30, "capabilities": ["view"], "tenants": None}
    with person_scope(person), pytest.raises(InvalidInput) as refused:
        create_token(by=person, organization=world.organization, **good | changed)
    assert list(refused.value.fields) == [field]


def test_nobody_creates_a_token_for_others_or_for_customers_of_others(world: World) -> None:
    engineer = world.people["organization_engineer"]
    other = {"organization": world.organization, "name": "x", "capabilities": ["view"], "days": 1}
    with person_scope(engineer):
        with pytest.raises(PermissionDenied):
            create_token(by=world.people["auditor"], **other)
        with pytest.raises(InvalidInput):
            create_token(by=engineer, tenants=[world.foreign], **other)
        # The person has no role in the other organization, and so no right that a token could get.
        with pytest.raises(InvalidInput):
            create_token(by=engineer, **other | {"organization": world.foreign.organization})


def test_tokens_get_only_rights_that_the_api_uses(world: World) -> None:
    administrator = world.people["organization_administrator"]
    with person_scope(administrator):
        rights = grantable(world.organization)
        with pytest.raises(InvalidInput):
            create_token(
                by=administrator, organization=world.organization, name="x", days=1, capabilities=["offboard"]
            )
    # The right to approve exceptions is missing, because administrators do not have it.
    treats = {"treat", "assign", "attest"}
    assert set(rights) == treats | {
        "view",
        "view_all",
        "assess",
        "report",
        "read_reports",
        "revoke_reports",
        "journal",
        "members",
        "administer",
        "register",
        "organization",
    }


def test_tokens_that_may_decide_are_valid_for_at_most_30_days(world: World, sign_in) -> None:
    approver = world.people["approver"]
    page, form = "/account/api-tokens/", {"name": "Approvals", "capabilities": ["view", "approve"]}
    client = sign_in(approver)
    assert "At most 30 days with the right to approve exceptions." in client.get(page).content.decode()
    refused = client.post(page, form | {"days": "90"})
    assert refused.status_code == 400
    assert "valid for at most 30 days" in refused.content.decode()
    assert client.post(page, form | {"days": "30"}).status_code == 200
    with person_scope(approver):
        (token,) = ApiToken.objects.all()
    assert token.expires_at - token.created_at == timedelta(days=30)
    engineer = sign_in(world.people["organization_engineer"])
    for right in ("administer", "register"):
        refused = engineer.post(page, form | {"days": "90", "capabilities": ["view", right]})
        assert (refused.status_code, "valid for at most 30 days" in refused.content.decode()) == (400, True)
    assert "policies; register customers" in engineer.get(page).content.decode()
    # The form mentions the limit only to people who have a right to which the limit applies.
    assert "At most 30 days" not in sign_in(world.people["auditor"]).get(page).content.decode()


def test_migration_ends_older_tokens_that_may_approve_within_30_days(world: World) -> None:
    now, approver = timezone.now(), world.people["approver"]
    tokens = [(["view", "approve"], 300, 30), (["view", "approve"], 5, 5), (["view"], 300, 300)]
    expected = {}
    for rights, before, after in tokens:
        row = usable_token(token_for(approver, world.organization, capabilities=rights), now)
        assert row is not None
        created, expires = now - timedelta(days=60), now + timedelta(days=before)
        with person_scope(approver):
            ApiToken.objects.filter(pk=row.pk).update(created_at=created, expires_at=expires)
        expected[row.pk] = after
    with connection.cursor() as cursor:  # Migrations run without a scope.
        cursor.execute(import_module("portal.accounts.migrations.0012_limit_tokens_that_may_approve").LIMIT)
    with person_scope(approver):
        rows = ApiToken.objects.filter(pk__in=expected)
        left = {row.pk: round((row.expires_at - now) / timedelta(days=1)) for row in rows}
    assert left == expected


def test_person_gets_a_mail_about_a_new_token_without_its_text(world: World, sign_in, mailoutbox) -> None:
    person = world.people["organization_administrator"]
    AccountMail.objects.all().delete()
    made = sign_in(person).post(
        "/account/api-tokens/",
        {"name": "Nightly & <b>", "days": "30", "capabilities": ["view", "members"]},
        REMOTE_ADDR="203.0.113.9",
    )
    (text,) = set(re.findall(r"surety_pat_[0-9A-Za-z]{36}", made.content.decode()))
    assert send_due() == 1
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([person.email], "Surety: A new API token was created")
    for part in ("“Nightly & <b>”", f"({text[:15]}…)", "see who has access", "203.0.113.9", "revokes all"):
        assert part in mail.body
    assert text not in mail.body
    assert "invite members" not in mail.body + made.content.decode()


@pytest.mark.parametrize("way", ["changed", "reset"])
def test_new_password_revokes_all_tokens(world: World, sign_in, mailoutbox, way: str) -> None:
    person, new = world.people["auditor"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    text, other = (token_for(world.people[name], world.organization) for name in ("auditor", "owner"))
    AccountMail.objects.all().delete()
    if way == "changed":
        client, page = sign_in(person), "/accounts/password/change/"
        shown = client.get(page).content.decode()
        answer = client.post(page, {"oldpassword": factories.PASSWORD, **new})
    else:
        client = Client()
        client.post("/accounts/password/reset/", {"email": person.email})
        send_due()
        send_due()
        (link,) = re.findall(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[-1].body)
        form = client.get(link).headers["Location"]
        shown = client.get(form).content.decode()
        answer = client.post(form, new)
    assert "API tokens are revoked" in shown
    assert answer.status_code == 302, answer.content
    assert client_with(text).get(CUSTOMERS).status_code == 401
    assert client_with(other).get(CUSTOMERS).status_code == 200
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.filter(action="api_token.revoked").latest("sequence")
    assert entry.details["person"] == str(person.pk)


def test_number_of_active_tokens_is_limited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "MAX_ACTIVE", 1)
    person = world.people["auditor"]
    token_for(person, world.organization)
    with pytest.raises(Conflict, match="Revoke one"):
        token_for(person, world.organization)
    with person_scope(person):
        ApiToken.objects.update(revoked_at=timezone.now())
    token_for(person, world.organization)


def test_requests_need_a_usable_token(world: World, api: Api) -> None:
    text = token_for(world.people["auditor"], world.organization)
    assert client_with(text).get(CUSTOMERS).status_code == 200
    for header in ("", "Bearer", "Bearer x", f"Basic {text}", f"Bearer {text}x", f"Bearer {text.upper()}"):
        refused = Client(headers={"Authorization": header}).get(CUSTOMERS)
        assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
        assert refused.headers["Content-Type"] == "application/problem+json"
    without = Client().get(CUSTOMERS)
    assert (without.status_code, without.json()["code"]) == (401, "not_authenticated")
    assert without.headers["WWW-Authenticate"] == 'Bearer realm="Surety"'


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled"])
def test_ended_tokens_are_refused(world: World, api: Api, end: str) -> None:
    person = world.people["auditor"]
    text = token_for(person, world.organization)
    now = timezone.now()
    with person_scope(person):
        if end == "revoked":
            revoke_token(token_id=ApiToken.objects.get().pk, by=person)
        elif end == "expired":
            ApiToken.objects.update(created_at=now - timedelta(days=2), expires_at=now)
        else:
            Person.objects.filter(pk=person.pk).update(is_active=False)
    assert client_with(text).get(CUSTOMERS).status_code == 401


def test_session_cookie_gives_no_access(world: World, sign_in) -> None:
    client = sign_in(world.people["organization_administrator"])
    assert client.get("/account/api-tokens/").status_code == 200
    assert client.get(CUSTOMERS).status_code == 401
    with_token = client.get(CUSTOMERS, headers={"Authorization": "Bearer x"})
    assert with_token.status_code == 401


def test_requests_without_https_are_refused_instead_of_redirected(world: World, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = client_with(token_for(world.people["auditor"], world.organization))
    refused = client.get(CUSTOMERS)
    assert (refused.status_code, refused.json()["code"]) == (403, "https_required")
    assert client.get(CUSTOMERS, secure=True).status_code == 200
    assert client.post("/oauth/token").status_code == 403
    assert client.get("/accounts/login/").status_code == 301


def test_token_gives_no_access_to_pages(world: World) -> None:
    client = client_with(token_for(world.people["organization_engineer"], world.organization))
    assert client.get(f"/t/{world.home.slug}/").status_code == 302


def test_token_is_limited_to_its_rights_and_customers(world: World, api: Api) -> None:
    start = f"{CUSTOMERS}/{world.home.slug}/assessments"
    reader = api(capabilities=["view", "view_all"])
    refused = reader.post(start, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert refused.json()["detail"].startswith("The token does not include the right `assess` (to start,")
    other = factories.tenant(world.organization, name="Other")
    both, one = api(), api(tenants=[other])
    assert {item["short_name"] for item in both.get(CUSTOMERS).json()["items"]} == {
        world.home.slug,
        other.slug,
    }
    assert [item["short_name"] for item in one.get(CUSTOMERS).json()["items"]] == [other.slug]
    assert one.get(f"{CUSTOMERS}/{world.home.slug}").status_code == 404
    assert one.get(f"{CUSTOMERS}/{world.home.slug}/findings").status_code == 404


def test_token_has_no_more_rights_than_its_person_has_now(world: World, api: Api) -> None:
    person = world.people["organization_engineer"]
    client = api()
    assert client.get(f"{CUSTOMERS}/{world.home.slug}").status_code == 200
    with organization_scope(world.organization):
        Membership.objects.filter(person=person).delete()
    assert client.get(f"{CUSTOMERS}/{world.home.slug}").status_code == 404
    assert client.get(CUSTOMERS).json()["items"] == []


def test_last_use_is_stored(world: World, api: Api) -> None:
    person = world.people["auditor"]
    text = token_for(person, world.organization)
    Client(headers={"Authorization": f"Bearer {text}"}, REMOTE_ADDR="203.0.113.9").get(CUSTOMERS)
    with person_scope(person):
        token = ApiToken.objects.get()
    assert token.last_used_from == "203.0.113.9"
    assert token.last_used_at is not None
    assert timezone.now() - token.last_used_at < timedelta(minutes=1)


def test_each_token_has_its_own_limit_within_that_of_the_person(world: World, api: Api, settings) -> None:
    settings.SURETY_API_REQUESTS_PER_MINUTE = 2
    settings.SURETY_API_PERSON_REQUESTS_PER_MINUTE = 3
    with time_machine.travel(NOON, tick=False):
        first, second, colleague = api(), api(), api("owner")
        left = [_limit(first.get(CUSTOMERS)) for _ in range(2)]
        assert left == [("2", "1"), ("2", "0")]
        for _ in range(3):
            refused = first.get(CUSTOMERS)
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
            assert "A token may send 2 requests" in refused.json()["detail"]
            assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"] == "55"
        # Refused requests of the first token do not count for the person.
        assert _limit(second.get(CUSTOMERS)) == ("3", "0")
        refused = second.get(CUSTOMERS)
        assert (refused.status_code, _limit(refused)) == (429, ("3", "0"))
        assert "All tokens of a person together may send 3 requests" in refused.json()["detail"]
        assert colleague.get(CUSTOMERS).status_code == 200
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert second.get(CUSTOMERS).status_code == 200


def _limit(response: Any) -> tuple[str, str]:
    return response.headers["RateLimit-Limit"], response.headers["RateLimit-Remaining"]


def test_access_tokens_of_a_client_secret_count_as_one_token(settings) -> None:
    settings.SURETY_API_REQUESTS_PER_MINUTE = 2
    settings.SURETY_API_PERSON_REQUESTS_PER_MINUTE = 0
    cache.clear()
    person, secret = uuid7(), uuid7()
    with time_machine.travel(NOON, tick=False):
        tokens = [ApiToken(person_id=person, client_secret_id=secret) for _ in range(3)]
        used = [count_request(one) for one in tokens]
        assert [one.used for one in used] == [1, 2, 3]
        assert [one.is_exceeded for one in used] == [False, False, True]
        assert count_request(ApiToken(person_id=person)).used == 1


def test_changes_of_all_tokens_and_pages_count_together(world: World, api: Api, sign_in, settings) -> None:
    settings.SURETY_CHANGES_PER_MINUTE = 3
    settings.SURETY_API_REQUESTS_PER_MINUTE = 600
    address = f"{CUSTOMERS}/{world.home.slug}/reports"
    with time_machine.travel(NOON, tick=False):
        clients, page = (api(), api()), sign_in(world.people["organization_engineer"])
        for client in clients:
            counted = client.post(address, {"kind": "x"}, content_type="application/json")
            assert (counted.status_code, counted.headers["RateLimit-Limit"]) == (400, "600")
        assert page.post(reverse("notice-read")).status_code == 302
        for client in clients:
            refused = client.post(address, {"kind": "x"}, content_type="application/json")
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_changes")
            assert [refused.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] == [
                "3",
                "0",
                "55",
            ]
            assert refused.headers["Retry-After"] == "55"
            assert client.get(address).headers["RateLimit-Limit"] == "600"


def test_required_second_factor_applies_to_tokens(world: World, api: Api) -> None:
    client = api()
    with organization_scope(world.organization):
        type(world.organization).objects.filter(pk=world.organization.pk).update(
            second_factor_roles=[str(role) for role in ("organization_engineer",)]
        )
    refused = client.get(CUSTOMERS)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")


def test_trusted_single_sign_on_counts_only_with_a_linked_identity(world: World, api: Api) -> None:
    client = api()
    with organization_scope(world.organization):
        type(world.organization).objects.filter(pk=world.organization.pk).update(
            second_factor_roles=["organization_engineer"], sso_counts_as_second_factor=True
        )
    refused = client.get(CUSTOMERS)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    SocialAccount.objects.create(user=world.people["organization_engineer"], provider="sso", uid="linked")
    assert client.get(CUSTOMERS).status_code == 200


def test_second_factor_that_a_role_elsewhere_requires_applies_to_limited_tokens(
    world: World, api: Api
) -> None:
    """A role in any customer can require a second factor for the token, even if the token cannot read this customer."""
    person = world.people["owner"]
    second = factories.tenant(world.organization, "Second customer")
    factories.member(Role.AUDITOR, second, person)
    clients = [
        client_with(token_for(person, world.organization, tenants=[one])) for one in (world.home, second)
    ]
    with organization_scope(world.organization):
        type(world.organization).objects.filter(pk=world.organization.pk).update(
            second_factor_roles=[str(Role.AUDITOR)]
        )
    for client in clients:
        refused = client.get(CUSTOMERS)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")


def test_database_shows_tokens_to_their_person_and_their_organization_only(world: World) -> None:
    person = world.people["auditor"]
    token_for(person, world.organization)

    def seen(scope) -> int:
        with scope, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_apitoken WHERE name = 'Test'")
            return cursor.fetchone()[0]

    assert seen(person_scope(person)) == 1
    assert seen(organization_scope(world.organization)) == 1
    assert seen(person_scope(world.people["owner"])) == 0
    assert seen(organization_scope(world.foreign.organization)) == 0
    with person_scope(world.people["owner"]), pytest.raises(DatabaseError), transaction.atomic():
        ApiToken.objects.create(
            organization=world.organization,
            person=person,
            name="x",
            beginning="x",
            token_hash="0" * 64,
            capabilities=["view"],
            created_at=timezone.now(),
            expires_at=timezone.now() + timedelta(days=1),
        )


def test_pages_create_show_and_revoke_a_token(world: World, sign_in) -> None:
    client = sign_in(world.people["auditor"])
    url = "/account/api-tokens/"
    assert "View all findings and resources (view_all)" in client.get(url).content.decode()
    made = client.post(url, {"name": "Nightly", "days": "30", "capabilities": ["view", "view_all"]})
    (text,) = set(re.findall(r"surety_pat_[0-9A-Za-z]{36}", made.content.decode()))
    assert client_with(text).get(CUSTOMERS).status_code == 200
    again = client.get(url).content.decode()
    assert "Nightly" in again
    assert text not in again
    with person_scope(world.people["auditor"]):
        pk = ApiToken.objects.get().pk
    stranger = sign_in(world.people["owner"])
    assert stranger.post(f"{url}{pk}/revoke/").status_code == 404
    assert client_with(text).get(CUSTOMERS).status_code == 200
    assert client.post(f"{url}{pk}/revoke/").status_code == 302
    assert client_with(text).get(CUSTOMERS).status_code == 401
    refused = client.post(url, {"name": "Nightly", "days": "30", "capabilities": ["organization"]})
    assert refused.status_code == 400


def test_administrators_revoke_tokens_of_their_organization(world: World, sign_in) -> None:
    person = world.people["auditor"]
    text = token_for(person, world.organization)
    with person_scope(person):
        pk = ApiToken.objects.get().pk
    page = f"/organizations/{world.organization.slug}/settings/api-tokens/"
    administrator = sign_in(world.people["organization_administrator"])
    assert "Test" in administrator.get(page).content.decode()
    assert sign_in(world.people["organization_engineer"]).post(f"{page}{pk}/revoke/").status_code == 403
    assert administrator.post(f"{page}{world.foreign_id}/revoke/").status_code == 404
    assert administrator.post(f"{page}{pk}/revoke/").status_code == 302
    assert client_with(text).get(CUSTOMERS).status_code == 401
    with organization_scope(world.organization), pytest.raises(NotFound):
        revoke_token(token_id=world.foreign_id, by=world.people["organization_administrator"])


def test_tokens_end_when_an_account_is_disabled_and_stay_ended(world: World) -> None:
    person, administrator = world.people["auditor"], world.people["organization_administrator"]
    text = token_for(person, world.organization)
    for active in (False, True):
        with person_scope(administrator):
            set_account_active(
                by=administrator, organization=world.organization, person=person, active=active
            )
        assert client_with(text).get(CUSTOMERS).status_code == 401
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.filter(action="api_token.revoked").latest("sequence")
    assert entry.details["person"] == str(person.pk)


def test_pseudonymisation_deletes_tokens(world: World) -> None:
    person = world.people["auditor"]
    text = token_for(person, world.organization)
    disable_account(person)
    assert find_by_token(ApiToken, hash_token(text), related="person") is None
