"""The tick finds everything that must be planned, sent, read back or tested."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.tickets import tasks
from portal.tickets.actions.check import request_check
from portal.tickets.models import TicketCursor, TicketSystem
from tenants.scope import organization_scope
from tests.portal.tickets.cases import BY, CustomerWithTickets
from tests.portal.tickets.fakes.server import FakeSystem

pytestmark = pytest.mark.django_db


def ticked(
    case: CustomerWithTickets, capture: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> set[str]:
    """Return the names of the tasks that the tick sends for the organization and its customer."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr("tenants.dispatch._send", lambda task, arguments: found.append((task, arguments[0])))
    with capture(execute=True):
        tasks.tick()
    own = {str(case.organization.pk), str(case.tenant.pk)}
    return {task.rpartition(".")[2] for task, identifier in found if identifier in own}


def test_the_tick_finds_the_work(
    fakes: dict[str, FakeSystem],
    django_capture_on_commit_callbacks: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = CustomerWithTickets(fakes["github"])
    case.add(1)
    assert ticked(case, django_capture_on_commit_callbacks, monkeypatch) == {"plan", "poll"}
    tasks.after_assessment(str(case.tenant.pk), str(case.tenant.pk))
    assert ticked(case, django_capture_on_commit_callbacks, monkeypatch) == {"send", "poll"}
    tasks.send(str(case.organization.pk))
    tasks.read_back(str(case.organization.pk))
    assert fakes["github"].is_open("Contoso")
    assert ticked(case, django_capture_on_commit_callbacks, monkeypatch) == set()
    with organization_scope(case.organization):
        request_check(system=case.system, by=BY)
        past = timezone.now() - timedelta(minutes=10)
        TicketCursor.objects.update(planned_at=past)
        TicketSystem.objects.update(polled_at=past)
    assert ticked(case, django_capture_on_commit_callbacks, monkeypatch) == {"check", "plan", "poll"}
    tasks.check(str(case.organization.pk))
    tasks.plan(str(case.tenant.pk))
    tasks.read_back(str(case.organization.pk))
    assert ticked(case, django_capture_on_commit_callbacks, monkeypatch) == set()
    with organization_scope(case.organization):
        TicketCursor.objects.update(planned_at=past)
        TicketSystem.objects.update(polled_at=past, paused_until=timezone.now() + timedelta(minutes=5))
    assert ticked(case, django_capture_on_commit_callbacks, monkeypatch) == {"plan"}, "it is paused"
