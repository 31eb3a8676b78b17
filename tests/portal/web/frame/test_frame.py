"""The frame of all pages: theme, missing pages and content security policy."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.portal.web.world import World, make_customer


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
    assert "Go to the portfolio" in answer.content.decode()


def test_missing_page_offers_the_sign_in_to_others(client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert '<a class="btn" href="/">Sign in</a>' in answer.content.decode()


def test_pages_comply_with_the_content_security_policy(engineer: Client, world: World) -> None:
    answer = engineer.get(reverse("tenant", args=[world.home.slug]))
    html = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html


@pytest.mark.slow(seconds=1)
def test_switching_the_customer_stays_on_the_page_with_its_filters(world: World, engineer: Client) -> None:
    finding = world.of(world.home)["finding"]
    by = world.people["organization_engineer"]
    other, _ = make_customer(world.organization, "Contoso Logistics", by)
    findings = [reverse("findings", args=[tenant.slug]) for tenant in (world.home, other)]

    def target(address: str) -> str:
        page = engineer.get(reverse("palette"), {"kind": "tenant", "q": "Contoso", "at": address})
        return page.context["groups"][0].hits[0].url

    assert target(f"{findings[0]}?state=open&severity=high&owner=x&open=y") == (
        f"{findings[1]}?state=open&severity=high"
    )
    assert target(f"{findings[0]}{finding.pk}/?state=unknown") == f"{findings[1]}?state=unknown"
    exceptions = reverse("exceptions", args=[world.home.slug])
    assert target(f"{exceptions}{world.of(world.home)['exception'].pk}/") == reverse(
        "exceptions", args=[other.slug]
    )
    overview = reverse("tenant", args=[other.slug])
    for elsewhere in ("", "/", "/nowhere/", "https://elsewhere.example/"):
        assert target(elsewhere) == overview
