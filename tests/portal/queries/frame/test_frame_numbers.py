"""The numbers in the frame of pages are right for the present scope and time, although their SQL is built only once."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from portal.notify.models import Notice
from portal.notify.selectors import unread
from portal.queries.frame.sidebar_numbers import SidebarNumbers, sidebar_numbers
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Snapshot
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.world import World
from tests.signed_in import signed_in_client


def test_stored_numbers_count_until_their_end(world: World) -> None:
    tenant, now = world.home, timezone.now()
    with factories.in_tenant(tenant):
        counted = sidebar_numbers(tenant, now).open
        take_snapshot(tenant=tenant, now=now)
        row = Snapshot.objects.get(tenant=tenant)
        shown = [[*one[:3], 1000 + one[3]] for one in row.shown if one[2] == "open"]
        Snapshot.objects.filter(pk=row.pk).update(shown=shown, valid_until=now + timedelta(hours=1))
        assert sidebar_numbers(tenant, now).open >= 1000 + counted
        assert sidebar_numbers(tenant, now + timedelta(hours=2)).open == counted > 0


def test_numbers_of_another_scope_are_not_used(world: World) -> None:
    now, approver = timezone.now(), world.people["approver"]
    with person_scope(approver):
        own = sidebar_numbers(world.home, now, approver)
    assert own.open
    assert own.to_decide
    with factories.in_tenant(world.home):
        assert sidebar_numbers(world.home, now) == SidebarNumbers(own.open, waiting=own.to_decide)
    with factories.in_tenant(world.foreign):
        assert sidebar_numbers(world.home, now) == SidebarNumbers()


def test_unread_notices_are_those_of_the_scope(world: World) -> None:
    with factories.in_tenant(world.home):
        rows = Notice.objects.filter(read_at__isnull=True)
        person = rows[0].person
        number = rows.filter(person=person).count()
        for _ in range(2):
            assert unread(person) == number > 0
    with factories.in_tenant(world.foreign):
        assert unread(person) == 0
    with organization_scope(world.organization):
        assert unread(person) >= number
        Notice.objects.filter(person=person).update(read_at=timezone.now())
        assert unread(person) == 0


def test_people_without_a_customer_see_their_pages(world: World) -> None:
    """For a person without customers, Django cannot build the SQL of unread notices, so the frame must not need it."""
    client = signed_in_client(factories.person())
    for _ in range(2):
        assert client.get("/notices/").status_code == 200
    with person_scope(factories.person()):
        assert unread(world.people["owner"]) == 0
