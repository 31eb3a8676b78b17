"""The frame of all pages: theme, missing pages and content security policy."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.portal.web.world import World


@pytest.mark.parametrize("theme", ["", "purple", "<script>"])
def test_an_unknown_theme_is_refused(client: Client, theme: str) -> None:
    answer = client.post(reverse("theme"), {"theme": theme})
    assert answer.status_code == 400
    assert "surety-theme" not in answer.cookies


def test_theme_redirects_only_to_this_site(client: Client) -> None:
    elsewhere = client.post(
        reverse("theme"), {"theme": "dark"}, headers={"referer": "https://evil.example/x"}
    )
    assert elsewhere.headers["Location"] == "/"
    here = client.post(
        reverse("theme"), {"theme": "dark"}, headers={"referer": "http://testserver/controls/"}
    )
    assert here.headers["Location"] == "http://testserver/controls/"
    assert here.cookies["surety-theme"].value == "dark"


@pytest.mark.parametrize("path", ["/nothing/", "/t/x/", "/t/%00/", "/controls/nothing/"])
def test_missing_page_is_404_within_the_frame(engineer: Client, path: str) -> None:
    answer = engineer.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_pages_comply_with_the_content_security_policy(engineer: Client, world: World) -> None:
    answer = engineer.get(reverse("tenant", args=[world.home.slug]))
    html = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html
