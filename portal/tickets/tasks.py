"""Define the tasks that plan tickets after assessments, send and read back tickets, and test connections.

A periodic task (“tick”) finds the work in the database, so no work is lost if the broker loses a message.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final
from uuid import UUID

from celery import shared_task
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.tickets.actions.check import run_checks
from portal.tickets.actions.plan import PLAN_EVERY, plan_tickets
from portal.tickets.actions.poll import POLL_EVERY, poll
from portal.tickets.actions.send import send_due
from portal.tickets.actions.turns import turn
from portal.tickets.matching import enabled_systems
from portal.tickets.models import Ticket, TicketCursor, TicketSystem
from portal.tickets.task_names import CHECK, PLAN, POLL, SEND
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue
from tenants.models import Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

RUN_SECONDS: Final = 50.0


@shared_task(name="portal.tickets.tasks.after_assessment", **RETRY_ON_DATABASE_ERRORS)
def after_assessment(tenant_id: str, assessment_id: str) -> None:
    """Plan the tickets of a customer after an assessment, as one of the tasks of `SURETY_AFTER_ASSESSMENT`."""
    del assessment_id
    plan_tickets(tenant_id=UUID(tenant_id))


@shared_task(name=PLAN, **RETRY_ON_DATABASE_ERRORS)
def plan(tenant_id: str) -> None:
    """Plan the tickets of a customer, because a ticket rule or a decision about a finding may have changed."""
    plan_tickets(tenant_id=UUID(tenant_id))


@shared_task(name=SEND, **RETRY_ON_DATABASE_ERRORS)
def send(organization_id: str) -> None:
    """Send the due tickets of an organization."""
    with turn(UUID(organization_id), SEND) as is_mine:
        if is_mine:
            send_due(organization_id=UUID(organization_id), until=time.monotonic() + RUN_SECONDS)


@shared_task(name=POLL, **RETRY_ON_DATABASE_ERRORS)
def read_back(organization_id: str) -> None:
    """Read back the tickets that have changed in the ticket systems of an organization."""
    with turn(UUID(organization_id), POLL) as is_mine:
        if is_mine:
            poll(organization_id=UUID(organization_id), until=time.monotonic() + RUN_SECONDS)


@shared_task(name=CHECK, **RETRY_ON_DATABASE_ERRORS)
def check(organization_id: str) -> None:
    """Test those connections of an organization for which somebody has requested a test."""
    with turn(UUID(organization_id), CHECK) as is_mine:
        if is_mine:
            run_checks(organization_id=UUID(organization_id), until=time.monotonic() + RUN_SECONDS)


@shared_task(name="portal.tickets.tasks.tick")
def tick() -> None:
    """Run once a minute: enqueue tasks for each organization that has something to plan, send, read back or test."""
    now = timezone.now()
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            _enqueue_due(organization_id, now)


def _enqueue_due(organization_id: UUID, now: datetime) -> None:
    if TicketSystem.objects.filter(organization=organization_id, check_due=True).exists():
        enqueue(CHECK, organization_id)
    systems = enabled_systems(organization_id)
    if not systems.exists():
        return
    active = systems.filter(Q(paused_until__isnull=True) | Q(paused_until__lte=now))
    waiting = Ticket.objects.filter(system__in=active, work=Ticket.Work.WAITING, due_at__lte=now)
    if waiting.exists():
        enqueue(SEND, organization_id)
    if active.filter(Q(polled_at__isnull=True) | Q(polled_at__lte=now - POLL_EVERY)).exists():
        enqueue(POLL, organization_id)
    recent = TicketCursor.objects.filter(tenant=OuterRef("pk"), planned_at__gt=now - PLAN_EVERY)
    tenants = Tenant.objects.filter(organization=organization_id, archived_at__isnull=True)
    for tenant_id in tenants.filter(~Exists(recent)).values_list("pk", flat=True):
        enqueue(PLAN, tenant_id)
