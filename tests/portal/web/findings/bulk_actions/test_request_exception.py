"""Request an exception for selected findings."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from portal.web.findings.bulk_actions.request_exception import ACTION
from tests.portal.web.findings.bulk_actions.selections import offered_to
from tests.portal.web.world import World


def test_its_button_sends_the_selection_to_the_page_of_the_request(world: World, engineer: Client) -> None:
    html = engineer.get(reverse("findings", args=[world.home.slug])).content.decode()
    page = reverse(ACTION.page, args=[world.home.slug])
    assert f'formaction="{page}"' in html
    response = engineer.post(page, {"q": "verdict=fail"})
    assert response.context["selection"]["failing"] > 0


def test_the_bulk_action_itself_changes_nothing(world: World, engineer: Client) -> None:
    response = engineer.post(
        reverse("findings-bulk", args=[world.home.slug]),
        {"action": ACTION.key, "q": "verdict=fail"},
        follow=True,
    )
    assert "Choose an action" in response.content.decode()


def test_owners_may_request_exceptions_in_bulk(world: World) -> None:
    roles = {"organization_administrator", "organization_engineer", "tenant_administrator", "owner"}
    assert offered_to(world, ACTION) == roles
