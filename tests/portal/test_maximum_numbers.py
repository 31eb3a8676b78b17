"""Maximum numbers also hold for two requests at the same time: the second waits, and counts the row of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.changes.actions import plans
from portal.distribution.actions import schedules
from portal.notify.actions import channels
from portal.notify.kinds import KINDS
from portal.tickets.actions import rules, systems
from portal.tickets.models import TicketSystem
from portal.treatment.actions import list_views, saved_views
from tenants.errors import Conflict, InvalidInput
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.concurrency import run_in_the_middle
from tests.portal.distribution.schedules import choices

pytestmark = pytest.mark.django_db(transaction=True)


type Place = tuple[Organization, Tenant, Person]


def connect(place: Place, name: str) -> object:
    """Connect a ticket system."""
    return systems.add_system(
        organization=place[0],
        by=place[2],
        kind="github",
        name=name,
        address="https://api.github.com",
        project="contoso/security",
        values={"token": "ghp_x"},
    )


ADDED: dict[str, tuple[Any, str, Callable[[Place, str], object]]] = {
    "channels": (
        channels,
        "MAX_CHANNELS",
        lambda place, name: channels.add_channel_without_address(
            tenant=place[1], by=place[2], name=name, kind="webhook", kinds=[next(iter(KINDS))]
        ),
    ),
    "planned changes": (
        plans,
        "MAX_OPEN",
        lambda place, name: plans.plan_change(
            tenant=place[1],
            by=place[2],
            name=name,
            starts_at=timezone.now(),
            ends_at=timezone.now() + timedelta(hours=1),
            groups=["*"],
        ),
    ),
    "saved views": (
        saved_views,
        "MAX_VIEWS",
        lambda place, name: saved_views.save_view(tenant=place[1], by=place[2], name=name, query="q=x"),
    ),
    "views of lists": (
        list_views,
        "MAX_VIEWS",
        lambda place, name: list_views.save_list_view(
            organization=place[0], by=place[2], page="portfolio", name=name, query="q=x", shared=False
        ),
    ),
    "report schedules": (
        schedules,
        "MAX_SCHEDULES",
        lambda place, name: schedules.add_schedule(place=place[1], by=place[2], choices=choices(name=name)),
    ),
    "ticket systems": (
        systems,
        "MAX_SYSTEMS",
        connect,
    ),
    "ticket rules": (
        rules,
        "MAX_RULES",
        lambda place, name: rules.save_rule(
            organization=place[0],
            by=place[2],
            rule=None,
            customers=None,
            name=name,
            system=TicketSystem.objects.get(organization=place[0]),
            per="control",
        ),
    ),
}


@pytest.mark.parametrize("what", ADDED)
def test_two_requests_together_do_not_exceed_the_maximum(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = factories.organization("Northlight")
    tenant = factories.tenant(organization, "Contoso")
    person = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    place: Place = organization, tenant, person
    module, name, add = ADDED[what]
    if what == "ticket rules":
        with person_scope(person):
            connect(place, "Issues")
    monkeypatch.setattr(module, name, 1)

    def first(let_second_run: Callable[[], None]) -> None:
        with person_scope(person):
            add(place, "First")
            let_second_run()

    def second() -> bool:
        with person_scope(person):
            try:
                add(place, "Second")
            except (Conflict, InvalidInput):
                return False
        return True

    assert run_in_the_middle(first, second) == (None, False)
