"""Actions that affect access require re-authentication, so a stolen session is not enough for them."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.accounts.sign_in.step_up import ALLAUTH_PAGES
from portal.accounts.sign_in.suspended_forms import HASH_KEY
from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import seen_digest
from portal.web.organization.forms import WHOLE
from tenants.models import Invitation
from tenants.roles import Capability
from tenants.scope import organization_scope
from tests import factories
from tests.factories import PASSWORD
from tests.isolation.addresses import ADDRESSES
from tests.portal.accounts.conftest import Staff
from tests.portal.accounts.sign_in.forms_without_proof import WITHOUT_PROOF
from tests.portal.web.forms import forms
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=25)]

# {address: the role of a person who has the capability that ADDRESSES states for the address}
GUARDED = {
    "exception-approve": "approver",
    "exception-refuse": "approver",
    "exception-revoke": "approver",
    "portfolio-report-link-revoke": "organization_administrator",
    "portfolio-report-send-again": "organization_administrator",
    "portfolio-report-revoke": "organization_administrator",
    "report-revoke": "organization_administrator",
    "report-revoke-deleted": "organization_administrator",
    "report-send-again": "organization_administrator",
    "report-schedule-run": "organization_administrator",
    "report-link-revoke": "organization_administrator",
    "report-schedule-switch": "organization_administrator",
    "report-schedule-confirm": "organization_administrator",
    "report-schedule-remove": "organization_administrator",
    "organization-report-schedule-switch": "organization_administrator",
    "organization-report-schedule-run": "organization_administrator",
    "organization-report-schedule-confirm": "organization_administrator",
    "organization-report-schedule-remove": "organization_administrator",
    "channel-switch": "organization_administrator",
    "channel-delete": "organization_administrator",
    "service-principal-add": "organization_administrator",
    "policy": "organization_administrator",
    "parameter": "organization_administrator",
    "channel-add": "organization_administrator",
    "channel-secret": "organization_administrator",
    "organization-invite": "organization_administrator",
    "invitation-send": "organization_administrator",
    "membership-change": "organization_administrator",
    "membership-end": "organization_administrator",
    "membership-decide": "organization_administrator",
    "organization-sign-in": "organization_administrator",
    "account-change-decide": "organization_administrator",
    "person-account": "organization_administrator",
    "person-sessions-end": "organization_administrator",
    "account-sessions-end": "organization_administrator",
    "owner-rules-apply": "organization_administrator",
    "owner-rule-move": "organization_administrator",
    "owner-rule-switch": "organization_administrator",
    "foreign-subscriptions-assign": "organization_administrator",
    "foreign-subscriptions-exclude": "organization_administrator",
    "delegations-assign": "organization_administrator",
    "delegations-exclude": "organization_administrator",
    "access-reviewed": "organization_administrator",
    "invitation-withdraw": "organization_administrator",
    "post-drop": "organization_administrator",
    "ticket-drop": "organization_administrator",
    "own-control-publish": "organization_administrator",
    "own-control-switch": "organization_administrator",
    "ticket-rule-delete": "organization_administrator",
    "ticket-system-add": "organization_administrator",
    "ticket-system-delete": "organization_administrator",
    "ticket-system-switch": "organization_administrator",
    "mail-drop": "organization_administrator",
}


def test_each_form_asks_for_a_proof_or_says_why_not(world: World) -> None:
    """Send every address an empty form, with and without a header of htmx, long after the last re-authentication.

    A form that neither asks for re-authentication nor is listed in `WITHOUT_PROOF` fails here. A page without a form
    answers 405.
    """
    found: dict[str, set[str]] = {"refuses POST": set(), "asks": set(), "accepts a session": set()}
    for name, address in ADDRESSES.items():
        role = "approver" if address.needs is Capability.APPROVE else "organization_administrator"
        client = signed_in_client(world.people[role], proof_age=301)
        url = reverse(name, args=address.arguments(world, world.home))
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.post(url, headers=headers)
            if answer.status_code == 405:
                found["refuses POST"].add(name)
            elif answer.headers.get("Location", "").startswith(reverse("account_reauthenticate")):
                found["asks"].add(name)
            else:
                found["accepts a session"].add(name)
    assert found["accepts a session"] - set(WITHOUT_PROOF) == set(), "guard these forms, or say why not"
    assert set(WITHOUT_PROOF) - found["accepts a session"] == set(), "these are no such forms"
    assert found["asks"] >= set(GUARDED)
    assert not found["asks"] & found["refuses POST"]


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_an_old_proof_is_not_enough(world: World, name: str) -> None:
    address = ADDRESSES[name]
    client = signed_in_client(world.people[GUARDED[name]], proof_age=301)
    url = reverse(name, args=address.arguments(world, world.home))
    answers = [client.post(url, address.data(world, world.home))]
    if not address.post:
        answers.append(client.get(url))
    for answer in answers:
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_a_stolen_session_sends_no_events_elsewhere(world: World) -> None:
    address = ADDRESSES["channel"]
    client = signed_in_client(world.people["organization_administrator"], proof_age=301)
    url = reverse("channel", args=address.arguments(world, world.home))
    assert client.get(url).status_code == 200
    data = {"name": "Events", "kinds": ["finding_new"], "address": "https://hooks.attacker.example/x"}
    answer = client.post(url, data)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("name", sorted(ALLAUTH_PAGES))
def test_pages_about_signing_in_ask_too(staff: Staff, name: str) -> None:
    client = signed_in_client(staff.otto, proof_age=301)
    arguments = [1] if name in ("mfa_remove_webauthn", "mfa_edit_webauthn") else []
    for answer in (client.get(reverse(name, args=arguments)), client.post(reverse(name, args=arguments))):
        assert answer.status_code == 302, answer.status_code
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_every_page_of_allauth_that_changes_something_is_guarded() -> None:
    """A page that a new version of allauth adds must not be overlooked."""
    known = ALLAUTH_PAGES | {
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reauthenticate",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_confirm_login_code",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_index",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_login_webauthn",
        "mfa_trust",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "socialaccount_signup",
        "openid_connect_login",
        "openid_connect_callback",
    }

    def names(patterns: list[URLPattern | URLResolver]) -> set[str]:
        found: set[str] = set()
        for entry in patterns:
            if isinstance(entry, URLPattern):
                found |= {entry.name} if entry.name else set()
            else:
                found |= names(entry.url_patterns)
        return found

    accounts = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "accounts/")
    assert isinstance(accounts, URLResolver)
    assert names(accounts.url_patterns) - known == set()


def test_approval_continues_after_the_proof_and_nothing_typed_is_lost(world: World) -> None:
    exception = world.of(world.home)["exception"]
    with factories.in_tenant(world.home):
        seen = seen_digest(exception)
    client = signed_in_client(world.people["approver"], proof_age=301)
    url = reverse("exception-approve", args=[world.home.slug, exception.pk])
    asked = client.post(url, {"seen": seen, "approve-note": "Only until the move."})
    wrong = client.post(asked.headers["Location"], {"password": "not the password", "next": url})
    assert wrong.status_code == 200
    with factories.in_tenant(world.home):
        assert FindingException.objects.get(pk=exception.pk).state == "requested"
    done = client.post(asked.headers["Location"], {"password": PASSWORD, "next": url})
    assert done.status_code == 302, done.content.decode()[:500]
    with factories.in_tenant(world.home):
        decided = FindingException.objects.get(pk=exception.pk)
        assert decided.state in ("active", "approved")
        assert decided.decided_by == world.people["approver"]


def test_a_decision_in_the_filtered_inbox_continues_after_the_proof(world: World) -> None:
    """Surety sends the suspended form after the re-authentication. allauth alone would not, because the form's URL has
    a query.
    """
    exception = world.of(world.home)["exception"]
    with factories.in_tenant(world.home):
        seen = seen_digest(exception)
    client = signed_in_client(world.people["approver"], proof_age=301)
    filters = f"?customer={world.home.slug}"
    url = reverse("inbox-approve", args=[exception.pk]) + filters
    # Browsers send a form without files with this content type.
    text = urlencode({"seen": seen, "note": "Only until the move."})
    asked = client.post(url, text, content_type="application/x-www-form-urlencoded")
    page = client.get(asked.headers["Location"])
    html = page.content.decode()
    assert "Your form is kept, and is sent afterwards." in html
    assert "Its files are not kept: choose them again then." not in html
    given = next(one for action, one in forms(html) if "reauthenticate" in action)
    done = client.post(asked.headers["Location"], {**given, "password": PASSWORD})
    assert done.headers["Location"] == reverse("inbox") + filters
    with factories.in_tenant(world.home):
        assert FindingException.objects.get(pk=exception.pk).state in ("active", "approved")


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://testserver/inbox/?customer=contoso#note", "/inbox/?customer=contoso"),
        ("https://elsewhere.example/inbox/", "/"),
        ("http://testserver//elsewhere.example/", "/"),
        ("http://testserver/\\elsewhere.example/", "/"),
        ("", "/"),
    ],
)
def test_a_page_says_that_a_form_was_not_sent_because_the_proof_took_too_long(
    world: World, referrer: str, back: str
) -> None:
    """After ten minutes, the browser deletes the cookie of the suspended form."""
    exception = world.of(world.home)["exception"]
    client = signed_in_client(world.people["approver"], proof_age=301)
    url = reverse("inbox-approve", args=[exception.pk])
    asked = client.post(url, {"note": "Only until the move."}, headers={"Referer": referrer})
    del client.cookies[settings.SURETY_FORM_COOKIE]
    wrong = client.post(asked.headers["Location"], {"password": "not the password", "next": url})
    assert "Your form is kept" not in wrong.content.decode()
    done = client.post(asked.headers["Location"], {"password": PASSWORD, "next": url})
    html = done.content.decode()
    assert "Your form was not sent" in html
    assert f'href="{back}">Back to the form</a>' in html
    assert f'href="{reverse("inbox")}"' in html, "the page has the navigation of the person"
    # The page is shown only once. The next re-authentication leads to the address in `next` as usual.
    again = client.post(asked.headers["Location"], {"password": PASSWORD, "next": url})
    assert again.headers["Location"] == url


def test_a_form_with_mistakes_can_be_corrected_after_the_proof(staff: Staff) -> None:
    """The answer to the re-authentication is the page of the suspended form, with its mistakes. The browser must send
    the corrected form to the form's own address, not to that of the re-authentication.
    """
    client = signed_in_client(staff.ada, proof_age=301)
    url = reverse("organization-invite", args=[staff.organization.slug])
    given = {"role": "organization_engineer", "place": WHOLE}
    asked = client.post(url, {**given, "email": "no address"})
    assert (
        "Its files are not kept: choose them again then."
        in client.get(asked.headers["Location"]).content.decode()
    )
    refused = client.post(asked.headers["Location"], {"password": PASSWORD, "next": url})
    assert refused.status_code == 400
    found_forms = re.findall(
        r"<form\b[^>]*>(?=(?:(?!</form>).)*name=\"email\")", refused.content.decode(), re.DOTALL
    )
    actions = [
        found[1] for found in (re.search(r'\saction="([^"]*)"', form) for form in found_forms) if found
    ]
    assert actions == [url]
    client.post(actions[0], {**given, "email": "new@northlight.example"})
    with organization_scope(staff.organization):
        assert Invitation.objects.filter(email="new@northlight.example").exists()


def test_a_suspended_form_is_not_readable_in_the_database(staff: Staff) -> None:
    from portal.accounts.models import Session

    client = signed_in_client(staff.ada, proof_age=301)
    address = reverse("person-account", args=[staff.organization.slug, staff.otto.pk])
    client.post(address, {"kind": "address", "address-value": "needle@northlight.example"})
    row = Session.objects.get(person=staff.ada)
    assert HASH_KEY in client.session, "the form is suspended"
    assert b"needle" not in bytes(row.data)


@pytest.mark.parametrize("between", ["nothing", "a page", "a form of their own"])
def test_a_form_left_by_a_stolen_session_is_not_sent_by_the_proof_of_the_owner(
    staff: Staff, between: str
) -> None:
    """The thief suspends a form in one browser. Then the owner of the session re-authenticates in another browser."""
    owner = signed_in_client(staff.ada, proof_age=301)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = owner.cookies[settings.SESSION_COOKIE_NAME].value
    url = reverse("organization-invite", args=[staff.organization.slug])
    planted = {"email": "thief@evil.example", "role": "organization_administrator", "place": WHOLE}
    asked = thief.post(url, planted)
    assert asked.status_code == 302
    if between == "a page":
        owner.get("/")
    if between == "a form of their own":
        owner.post(reverse("person-sessions-end", args=[staff.organization.slug, staff.otto.pk]))
        assert thief.post(url, planted).status_code == 302
    owner.post(asked.headers["Location"], {"password": PASSWORD, "next": url})
    with organization_scope(staff.organization):
        assert not Invitation.objects.filter(email="thief@evil.example").exists()


@pytest.mark.parametrize("name", sorted(set(GUARDED) - {"policy"}))
def test_a_header_of_htmx_replaces_no_proof(world: World, name: str) -> None:
    address = ADDRESSES[name]
    client = signed_in_client(world.people[GUARDED[name]], proof_age=301)
    url = reverse(name, args=address.arguments(world, world.home))
    for answer in (
        client.get(url, headers={"HX-Request": "true"}),
        client.post(url, address.data(world, world.home), headers={"HX-Request": "true"}),
    ):
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_previews_of_an_open_page_are_exempt(world: World) -> None:
    client = signed_in_client(world.people["organization_administrator"], proof_age=301)
    url = reverse("policy", args=[world.home.slug])
    assert client.get(url, headers={"HX-Request": "true"}).status_code == 200
    assert client.post(url, headers={"HX-Request": "true"}).status_code == 302


def test_account_without_any_proof_is_told_and_not_sent_in_circles(staff: Staff) -> None:
    staff.ada.set_unusable_password()
    staff.ada.save()
    client: Client = signed_in_client(staff.ada, proof_age=301)
    answer = client.get(reverse("account_email"), follow=True)
    assert answer.status_code == 200
    assert "you cannot confirm here" in re.sub(r"\s+", " ", answer.content.decode())


def test_a_page_that_is_only_opened_keeps_no_form(staff: Staff) -> None:
    client = signed_in_client(staff.ada, proof_age=301)
    client.post(reverse("organization-invite", args=[staff.organization.slug]), {"role": "owner"})
    other = client.get(reverse("account_reauthenticate") + "?next=/accounts/2fa/").content.decode()
    assert "Afterwards you return to the page that you came from." in other
