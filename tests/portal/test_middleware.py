"""Unused methods are refused; signing out clears the browser's data; messages are not stored in cookies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tenants.models import Person
from tests import factories
from tests.portal.web.world import World

type SignIn = Callable[[Person], Client]


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/verify/", "/accounts/login/", "/static/surety/base.css"])
def test_other_methods_are_refused(db: None, client: Client, method: str, path: str) -> None:
    answer = client.generic(method, path, headers={"x-probe": "reflected?"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert b"reflected" not in answer.content


def test_signing_out_clears_the_browser_and_ends_the_session(db: None) -> None:
    client = Client()
    client.force_login(factories.person("ada@msp.example"))
    before = client.get("/accounts/login/")
    assert "Clear-Site-Data" not in before.headers
    cookie = client.cookies["surety-session"].value
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    # The cookie of the ended session gives no access.
    thief = Client()
    thief.cookies["surety-session"] = cookie
    assert thief.get("/").headers["Location"].startswith("/accounts/login/")


def test_the_only_cookies_are_session_csrf_and_theme(world: World) -> None:
    client = Client()
    client.force_login(world.people["organization_engineer"])
    client.post(reverse("report-build", args=[world.home.slug]), {"assessment": "", "classification": "x"})
    client.get(reverse("finding", args=[world.home.slug, world.of(world.home)["finding"].pk]))
    client.post(reverse("theme"), {"theme": "dark"})
    note = client.post(
        reverse("finding-claim", args=[world.home.slug, world.of(world.home)["finding"].pk]), follow=False
    )
    assert note.status_code == 302
    assert set(client.cookies) <= {"surety-session", "surety-csrf", "surety-theme"}
    for name, cookie in client.cookies.items():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            "Lax",
            "/",
            "",
        ), name
    assert {name for name in client.cookies if client.cookies[name].value} >= {
        "surety-session",
        "surety-theme",
    }


@override_settings(SESSION_COOKIE_SECURE=True)
def test_the_theme_cookie_is_bound_to_the_host(db: None, client: Client) -> None:
    cookie = client.post(reverse("theme"), {"theme": "dark"}).cookies["__Host-theme"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
    assert cookie["samesite"] == "Lax"
