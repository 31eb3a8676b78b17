"""Accessibility check of the account's pages and of the organization's pages about signing in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.e2e.conftest import picture
from tests.e2e.pages import violations
from tests.portal.web.world import World

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_pages_about_signing_in_have_no_violation(
    signed_in: Callable[..., Page], world: World, theme: str, width: int
) -> None:
    slug, own = world.organization.slug, world.of(world.home)
    pages = {
        "sessions": reverse("account-sessions"),
        "email-address": reverse("account_email"),
        "password": reverse("account_change_password"),
        "second-factor": reverse("mfa_index"),
        "single-sign-on": reverse("socialaccount_connections"),
        "second-factor-required": reverse("second-factor-required"),
        "confirm-password": reverse("account_reauthenticate"),
        "confirm-sso": reverse("confirm-with-sso"),
        "sign-in-policy": reverse("organization-sign-in", args=[slug]),
        "person-account": reverse("person-account", args=[slug, own["account"].pk]),
    }
    page = signed_in(world.people["organization_administrator"], theme=theme, width=width)
    for name, address in pages.items():
        page.goto(address)
        picture(page, f"account-{name}-{theme}-{width}")
        assert violations(page, theme) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
