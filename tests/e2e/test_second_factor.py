"""Setting up an authenticator app and signing in with it."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tenants.models import Person
from tests.e2e.conftest import Open, picture, sign_in
from tests.e2e.pages import violations
from tests.factories import PASSWORD
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def code_of(secret: str, moment: float) -> str:
    """Return the six-digit code of RFC 6238 at that time (SHA-1, 30-second steps)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(moment) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def confirm(page: Page) -> None:
    """Enter the password again if the page asks for it."""
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_authenticator_is_set_up_and_required_at_sign_in(
    open_page: Open, world: World, theme: str, settings: Any
) -> None:
    # Accept the code of the next 30 seconds too, so that the test does not have to wait.
    settings.MFA_TOTP_TOLERANCE = 1
    page, who = open_page(theme=theme), world.people["auditor"]
    sign_in(page, who)
    page.goto(reverse("mfa_activate_totp"))
    confirm(page)
    secret = page.locator("#authenticator_secret").input_value()
    picture(page, f"authenticator-{theme}")
    assert violations(page) == []
    page.get_by_label("Authenticator code").fill(code_of(secret, time.time()))
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url(lambda url: "activate" not in url)
    picture(page, f"recovery-codes-{theme}")
    assert violations(page) == []

    other = open_page(theme=theme)
    other.goto("/accounts/login/")
    other.get_by_label("Email").fill(who.email)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url("**/accounts/2fa/authenticate/")
    picture(other, f"code-{theme}")
    assert violations(other) == []
    other.goto("/")
    assert "/accounts/2fa/authenticate/" in other.url, "the password alone lets nobody in"
    other.get_by_label("Code", exact=False).first.fill("000000")
    other.get_by_role("button", name="Sign In").click()
    expect(other.get_by_text("Incorrect code.")).to_be_visible()
    # A code works only once, so enter the code of the next 30 seconds.
    other.get_by_label("Code", exact=False).first.fill(code_of(secret, time.time() + 30))
    other.get_by_role("button", name="Sign In").click()
    expect(other.get_by_role("heading", name="Audit room", level=1)).to_be_visible()


def add_key(page: Page, who: Person) -> None:
    """Connect a security key to the machine, sign in with the password, and choose to add the key."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, who)
    page.goto(reverse("mfa_add_webauthn"))
    confirm(page)
    page.get_by_role("button", name="Add").click()


def test_a_security_key_is_added_once(open_page: Open, world: World) -> None:
    """If the same key is added again, the browser reports an error. Surety shows the error on the page; allauth alone
    would only write it to the browser's console.
    """
    page = open_page()
    add_key(page, world.people["auditor"])
    page.wait_for_url("**/recovery-codes/**")
    page.goto(reverse("mfa_add_webauthn"))
    confirm(page)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_have_text("This security key is already added to your account.")
    assert violations(page) == []


def test_at_an_ip_address_the_page_names_the_address_for_security_keys(
    open_page_of: Open, live_server: Any, world: World
) -> None:
    """Browsers do not permit security keys at IP addresses, but `make run` prints http://127.0.0.1:8000."""
    page = open_page_of(live_server.url.replace("localhost", "127.0.0.1"))
    add_key(page, world.people["auditor"])
    expect(page.get_by_role("alert")).to_contain_text(f"Open {live_server.url}, and sign in there.")
