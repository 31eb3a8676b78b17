"""Accessibility check of the pages that links in mails open, and of the pages for a forgotten password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from playwright.sync_api import Page

from portal.accounts.actions.emergency import create_access
from tenants.actions import invite
from tenants.actors import System
from tenants.roles import Role
from tenants.scope import organization_scope
from tests.e2e.conftest import picture
from tests.e2e.pages import violations
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


def single_sign_on(issuer: str) -> dict[str, Any]:
    app = {
        "provider_id": "sso", "name": "Microsoft Entra ID", "client_id": "x", "secret": "x",
        "settings": {"server_url": issuer, "fetch_userinfo": False},
    }  # fmt: skip
    return {"openid_connect": {"APPS": [app]}}


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_pages_of_mailed_links_have_no_violation(
    open_page: Callable[..., Page], world: World, settings: Any, theme: str, width: int
) -> None:
    settings.SURETY_OIDC_ISSUER = (
        "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"
    )
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on(settings.SURETY_OIDC_ISSUER)
    person = world.people["organization_administrator"]
    address = EmailAddress.objects.create(user=person, email="new@example.com")
    _, emergency = create_access(
        by=System("operator"), person=person, reason="Entra does not answer since this morning."
    )
    # Make the token for the password reset after adding the address, which would make an earlier token invalid.
    key = default_token_generator.make_token(person)
    with organization_scope(world.organization):
        _, invitation = invite(
            by=System("operator"),
            organization=world.organization,
            tenant=world.home,
            email="invited@example.com",
            role=Role.OWNER,
        )
    pages = {
        "sign-in": reverse("account_login"),
        "password-reset": reverse("account_reset_password"),
        "password-reset-sent": reverse("account_reset_password_done"),
        "password-reset-key": reverse(
            "account_reset_password_from_key", args=[user_pk_to_url_str(person), key]
        ),
        "password-reset-wrong-key": reverse("account_reset_password_from_key", args=["1", "1-1"]),
        "confirm-address": reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]),
        "confirm-address-wrong": reverse("account_confirm_email", args=["wrong"]),
        "emergency": reverse("emergency", args=[emergency]),
        "invitation": reverse("invitation", args=[invitation]),
    }
    page = open_page(theme=theme, width=width)
    for name, url in pages.items():
        page.goto(url)
        picture(page, f"link-{name}-{theme}-{width}")
        assert violations(page, theme) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
