"""Signing in again after a session has ended: people return to the page where they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Session
from tests.portal.web.world import SignIn, World


@pytest.fixture
def idle(world: World, sign_in: SignIn) -> Client:
    """Return the browser of an engineer whose session has ended, because nobody used it."""
    client = sign_in(world.people["organization_engineer"])
    Session.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    return client


def test_a_link_works_after_signing_in_again(idle: Client, world: World) -> None:
    link = reverse("findings", args=[world.home.slug]) + "?severity=high&state=open"
    answer = idle.get(link)
    assert answer.headers["Location"].startswith("/accounts/login/?next=/t/")
    assert idle.get(link).status_code == 302
    page = idle.get(answer.headers["Location"])
    assert "?severity=high&amp;state=open" in page.content.decode()
    assert "not sent" not in page.content.decode()


def test_a_form_that_was_not_sent_leads_back_to_its_page(idle: Client, world: World) -> None:
    url = reverse("exclusion-rules", args=[world.home.slug])
    sender = {"Referer": f"http://testserver{url}?page=2"}
    action = reverse("findings-view-save", args=[world.home.slug])
    for signed_out in (idle, Client()):
        answer = signed_out.post(action, headers=sender)
        assert answer.headers["Location"] == f"/accounts/login/?next={url}%3Fpage%3D2&unsent=1"
        page = signed_out.get(answer.headers["Location"]).content.decode()
        assert "The form was not sent" in page


def test_a_part_of_a_page_leads_back_to_the_page(idle: Client, world: World) -> None:
    page = reverse("findings", args=[world.home.slug])
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    answer = idle.get(reverse("findings-facets", args=[world.home.slug]), headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/accounts/login/?next={page}")


@pytest.mark.parametrize(
    "sender", ["", "https://attacker.example/t/a/", "http://testserver//attacker.example/", "nonsense:"]
)
def test_nobody_is_led_to_another_site(world: World, sender: str) -> None:
    action = reverse("findings-view-save", args=[world.home.slug])
    answer = Client().post(action, headers={"Referer": sender})
    assert answer.headers["Location"] == "/accounts/login/?unsent=1"


def test_an_address_that_only_receives_a_form_says_so(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["organization_engineer"])
    answer = client.get(reverse("findings-view-save", args=[world.home.slug]))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "This address only accepts submitted forms" in answer.content.decode()
