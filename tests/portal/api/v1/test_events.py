"""The event feed of the API: rights, customers, cursors, and the number of queries."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.notify.delivery import send_due
from portal.notify.feed import Cursor
from tenants.models import Tenant
from tests import factories
from tests.portal.api.conftest import Api
from tests.portal.notify.outbox import add_channel, publish_event
from tests.portal.notify.receivers import run_receiver
from tests.portal.web.world import World

EVENTS = "/api/v1/events"


@pytest.fixture
def published(world: World) -> list[Tenant]:
    """Publish an event of each customer, after the events of `World`. Return the customers."""
    found = [world.home, factories.tenant(world.organization, "Birch Bakery"), world.foreign]
    for tenant in found:
        publish_event(tenant, key="mine", title=f"For {tenant.name}", data={"exception": 12})
    return found


def test_an_event_is_that_of_the_webhook(world: World, api: Api, settings: Any) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    client = api("auditor")
    start = client.get(f"{EVENTS}?after=latest").json()
    assert (start["items"], start["more"]) == ([], False)
    with run_receiver() as receiver:
        add_channel(world.home, receiver.url())
        publish_event(world.home, key="mine", data={"exception": 12})
        send_due(tenant_id=world.home.pk)
        got = next(one for one in receiver.received if json.loads(one.body)["key"] == "mine")
    body = json.loads(got.body)
    answer = client.get(f"{EVENTS}?after={start['cursor']}").json()
    (event,) = answer["items"]
    assert event["id"] == got.headers["webhook-id"]
    for name in ("type", "title", "lines", "url", "by", "data"):
        assert event[name] == body[name], name
    assert datetime.fromisoformat(event["timestamp"]) == datetime.fromisoformat(body["timestamp"])
    assert event["customer"] == {
        "id": str(world.home.pk), "short_name": world.home.slug, "name": world.home.name,
    }  # fmt: skip
    assert client.get(f"{EVENTS}?after={answer['cursor']}").json()["items"] == []


def test_events_are_those_of_the_customers_of_the_token(
    world: World, api: Api, published: list[Tenant]
) -> None:
    def seen(role: str, **limits: object) -> set[str]:
        answer = api(role, **limits).get(f"{EVENTS}?limit=500").json()
        assert not answer["more"]
        return {one["customer"]["short_name"] for one in answer["items"]}

    home, other, foreign = (tenant.slug for tenant in published)
    assert {home, other} <= seen("organization_engineer")
    assert foreign not in seen("organization_engineer")
    assert seen("organization_engineer", tenants=[published[1]]) == {other}
    assert seen("auditor") == {home}
    assert seen("auditor", capabilities=["view", "read_reports"]) == set()
    # Events name the findings of everybody. Owners see only their own findings, so they get no events.
    assert seen("owner") == set()


def test_invalid_and_old_cursors_are_problems(world: World, api: Api) -> None:
    client = api("auditor")
    old = Cursor(1, datetime(2020, 1, 1, tzinfo=UTC))
    for query, status, code in [
        ("after=x", 400, "invalid_input"),
        ("after=%00", 400, "invalid_input"),
        ("limit=0", 400, "invalid_input"),
        ("cursor=x", 400, "invalid_input"),
        (f"after={old}", 410, "cursor_expired"),
    ]:
        refused = client.get(f"{EVENTS}?{query}")
        assert (refused.status_code, refused.json()["code"]) == (status, code), query
        assert refused.headers["Content-Type"] == "application/problem+json"


def test_foreign_events_stay_invisible_with_any_cursor(
    world: World, api: Api, published: list[Tenant]
) -> None:
    client = api("organization_administrator")
    for position in (0, 1, 10**17):
        cursor = Cursor(position, datetime(2100, 1, 1, tzinfo=UTC))
        answer = client.get(f"{EVENTS}?after={cursor}")
        assert (answer.status_code, world.foreign.name in answer.content.decode()) == (200, False)


def test_feed_costs_a_fixed_number_of_queries(world: World, api: Api, published: list[Tenant]) -> None:
    client = api("organization_engineer")
    client.get(EVENTS)
    counts = []
    for limit in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{EVENTS}?limit={limit}").status_code == 200
        counts.append(len(queries))
    # The last page also reads the clock of the database.
    assert counts == [26, 27]
