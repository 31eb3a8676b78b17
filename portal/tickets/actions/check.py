"""Test the connections to ticket systems. People request a test, and a worker runs it."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.tickets.actions.internal_errors import internal_errors
from portal.tickets.actions.trackers import open_system
from portal.tickets.connectors.client import requests_until
from portal.tickets.errors import TicketError
from portal.tickets.models import TicketPlace, TicketSystem
from portal.tickets.task_names import CHECK
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SecretsUnusable
from tenants.scope import organization_scope

MAX_PROJECTS: Final = 10
"""The maximum number of projects that one test of a ticket system reads."""


@transaction.atomic
def request_check(*, system: TicketSystem, by: Actor) -> None:
    """Request that a worker tests the connection. Raises Conflict if the system has no credentials."""
    row = (
        TicketSystem.objects.select_for_update(of=("self",)).select_related("organization").get(pk=system.pk)
    )
    if not row.has_secrets:
        raise Conflict("Enter the credentials of the ticket system first.", code="no_credentials")
    if row.check_due:
        return
    row.check_due = True
    row.save(update_fields=["check_due"])
    journal.record(
        organization=row.organization,
        actor=by,
        action="ticket_system.tested",
        target=row,
        details={"name": row.name},
    )
    enqueue(CHECK, row.organization_id)


def run_checks(*, organization_id: UUID, until: float) -> int:
    """Run the tests that people asked for; return their number. Call this function while no scope (`tenants.scope`) is
    open.

    Start no request after `until`, a time of `time.monotonic()`. As soon as a worker takes a test, the test is no
    longer due. So if the test crashes the worker, no other worker repeats the test.
    """
    with organization_scope(organization_id):
        rows = list(TicketSystem.objects.filter(organization=organization_id, check_due=True))
        projects = {row.pk: _projects(row) for row in rows}
    done = 0
    for row in rows:
        if time.monotonic() >= until:
            break
        with organization_scope(organization_id):
            if not TicketSystem.objects.filter(pk=row.pk, check_due=True).update(check_due=False):
                continue
        with requests_until(until):
            result, failed = _check(row, projects[row.pk])
        done += 1
        with organization_scope(organization_id):
            changed: dict[str, object] = {
                "checked_at": timezone.now(),
                "check_failed": failed,
                "check_result": result[:500],
            }
            if not failed:
                changed |= {"problem": "", "paused_until": None}
            TicketSystem.objects.filter(pk=row.pk).update(**changed)
    return done


def _projects(row: TicketSystem) -> list[str]:
    own = TicketPlace.objects.filter(system=row.pk).exclude(project="").order_by("project")
    names = [row.project, *own.values_list("project", flat=True)]
    return list(dict.fromkeys(name for name in names if name))


def _check(row: TicketSystem, projects: list[str]) -> tuple[str, bool]:
    """Return the result of the connection test as a sentence for people, and whether the test failed."""
    try:
        with internal_errors("ticket system not tested", SecretsUnusable, system=str(row.pk)):
            tracker = open_system(row).tracker
            results = [tracker.check(project) for project in projects[:MAX_PROJECTS]] or [tracker.check("")]
    except (TicketError, SecretsUnusable) as error:
        return error.message, True
    text = " ".join(results)
    if len(projects) > MAX_PROJECTS:
        text = f"The first {MAX_PROJECTS} of {len(projects)} projects were tested. {text}"
    return text, False
