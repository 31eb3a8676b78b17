"""Headers that protect browsers are on every kind of response: pages, redirects, errors, files and downloads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponseBase
from django.test import Client, override_settings
from django.urls import reverse

from tests.portal.web.world import World


@pytest.fixture
def responses(world: World) -> Iterator[dict[str, HttpResponseBase]]:
    """One response of each kind over https."""
    home = world.home.slug
    objects = world.of(world.home)
    with override_settings(
        SECURE_HSTS_SECONDS=365 * 24 * 3600, SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_SSL_REDIRECT=True
    ):
        engineer, nobody = Client(), Client(enforce_csrf_checks=True)
        engineer.force_login(world.people["organization_engineer"])

        def get(client: Client, path: str) -> HttpResponseBase:
            return client.get(path, secure=True)

        yield {
            "page": get(engineer, reverse("tenant", args=[home])),
            "public page": get(nobody, reverse("verify")),
            "sign-in": get(nobody, "/accounts/login/"),
            "redirect": get(nobody, "/my/"),
            "not found": get(engineer, "/nothing/"),
            "forged form": nobody.post(reverse("theme"), {"theme": "dark"}, secure=True),
            "plain text": engineer.post(reverse("theme"), {"theme": "purple"}, secure=True),
            "method": engineer.generic("TRACE", "/", secure=True),
            "style sheet": get(nobody, "/static/surety/base.css"),
            "script": get(nobody, "/static/surety/surety.js"),
            "picture": get(nobody, "/static/surety/icon.svg"),
            "csv": get(engineer, reverse("findings-csv", args=[home])),
            "json lines": get(engineer, reverse("journal-chain", args=[home])),
            "evidence": get(engineer, reverse("evidence-file", args=[home, objects["file"].pk])),
        }


def test_every_response_restricts_what_browsers_may_do_with_it(
    responses: dict[str, HttpResponseBase],
) -> None:
    for kind, response in responses.items():
        headers = response.headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", kind
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["Referrer-Policy"] == "same-origin", kind
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert not any(name.startswith("Access-Control-") for name in headers), kind
        policy = headers["Content-Security-Policy"]
        if kind == "evidence":
            assert policy == "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'", kind
            continue
        for directive in (
            "default-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ):
            assert directive in policy, kind
        assert "unsafe" not in policy, kind


def test_every_body_has_a_matching_type_with_its_charset(responses: dict[str, HttpResponseBase]) -> None:
    types = {kind: response.headers.get("Content-Type", "") for kind, response in responses.items()}
    assert types["style sheet"].startswith("text/css")
    assert types["script"].startswith("text/javascript")
    assert types["picture"].startswith("image/svg+xml")
    assert types["csv"].startswith("text/csv")
    assert types["json lines"].startswith("application/jsonl")
    assert types["evidence"] == "application/octet-stream"
    for kind, value in types.items():
        if value.startswith(("text/", "application/json")) or "xml" in value:
            assert "charset=" in value, (kind, value)
            assert "utf-8" in value, (kind, value)


def test_downloads_are_attachments_with_a_name(responses: dict[str, HttpResponseBase]) -> None:
    for kind in ("csv", "json lines", "evidence"):
        assert responses[kind].headers["Content-Disposition"].startswith('attachment; filename="'), kind


def test_http_requests_are_sent_to_https(db: None, client: Client) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = Client().get("/verify/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/verify/")
