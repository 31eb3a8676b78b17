"""Request an exception for selected findings."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.bulk_jobs.bulk_actions.request_exception import ACTION
from tests.portal.bulk_jobs.cases import Case
from tests.portal.bulk_jobs.selections import button_of, offered_to
from tests.portal.web.world import World

_DAY = timezone.now().date() + timedelta(days=30)
_LAST_SECOND = datetime.combine(_DAY, time(23, 59, 59)).astimezone().isoformat()

CASES = [
    Case(
        action="request-exception",
        words=["--reason", "Needed by the site.", "--ends-at", str(_DAY)],
        values={
            "request_exception": {
                "reason": "Needed by the site.",
                "compensating_control": "",
                "ends_at": _LAST_SECOND,
            }
        },
        shown=["Needed by the site.", "Ends"],
    ),
]


def test_its_button_sends_the_selection_to_the_page_of_the_request(world: World, engineer: Client) -> None:
    html = engineer.get(reverse("findings", args=[world.home.slug])).content.decode()
    page = reverse(button_of(ACTION).page, args=[world.home.slug])
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
