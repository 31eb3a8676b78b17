"""Decrypt the credentials of an organization's ticket systems, and create the trackers that send requests with them.

A ticket system is paused if it refuses the credentials or limits requests, and after an internal error of Surety.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone

from portal.tickets.actions.internal_errors import internal_errors
from portal.tickets.connectors import CONNECTORS, Connector, Tracker
from portal.tickets.connectors.guarded import Guarded
from portal.tickets.errors import CredentialsRefused, InternalError, Throttled, TicketError
from portal.tickets.matching import enabled_systems
from portal.tickets.models import TicketSystem
from tenants.actors import System
from tenants.errors import SecretsUnusable
from tenants.scope import organization_scope
from tenants.secrets import unseal

log = structlog.get_logger(__name__)

TICKETS: Final = System("tickets")
PAUSE_AFTER_REFUSAL: Final = timedelta(minutes=15)
"""The time for which Surety sends no requests to a ticket system after the system refused the credentials, or after an
internal error of Surety.
"""


@dataclass(frozen=True, slots=True)
class OpenSystem:
    """A ticket system and its tracker, which sends requests with the credentials of the system.

    `row` has the values from the beginning of the run. Only `problem` and `sent_at` are updated during the run.
    """

    row: TicketSystem
    connector: Connector
    tracker: Tracker = field(repr=False)


def open_systems(organization_id: UUID, now: datetime) -> list[OpenSystem]:
    """Return the enabled systems of an organization that are not paused. Call this function while no scope
    (`tenants.scope`) is open.

    If a system's credentials cannot be decrypted, or an unexpected error occurs, pause the system with the reason.
    """
    found = []
    with organization_scope(organization_id):
        for row in enabled_systems(organization_id):
            if row.paused_until is not None and row.paused_until > now:
                continue
            try:
                with internal_errors("ticket system not opened", SecretsUnusable, system=str(row.pk)):
                    found.append(open_system(row))
            except (SecretsUnusable, InternalError) as error:
                _pause(row, now + PAUSE_AFTER_REFUSAL, error.message)
    return found


def open_system(row: TicketSystem) -> OpenSystem:
    """Return the system with its tracker. Raises SecretsUnusable if the credentials cannot be decrypted."""
    connector = CONNECTORS[row.kind]
    values: Mapping[str, str] = {**row.fields, **json.loads(unseal(row, "secrets").reveal())}
    return OpenSystem(row, connector, Guarded(connector.connect(row.address, values)))


def pause_after(system: OpenSystem, error: TicketError) -> bool:
    """Pause the system if the error would occur again for every request: a limit of requests, or refused credentials.
    Return whether the system was paused.

    Call this function while no scope (`tenants.scope`) is open.
    """
    if isinstance(error, Throttled):
        until = timezone.now() + timedelta(seconds=error.seconds)
    elif isinstance(error, CredentialsRefused):
        until = timezone.now() + PAUSE_AFTER_REFUSAL
    else:
        return False
    with organization_scope(system.row.organization_id):
        _pause(system.row, until, error.message)
    return True


def pause_after_internal_error(system: OpenSystem, error: InternalError) -> None:
    """Pause a system after an internal error of Surety, and show the reason. Call this function while no scope
    (`tenants.scope`) is open.
    """
    with organization_scope(system.row.organization_id):
        _pause(system.row, timezone.now() + PAUSE_AFTER_REFUSAL, error.message)


def clear_problem(system: OpenSystem) -> None:
    """Remove the stored problem of a system, and end its pause, because a request succeeded. Call this function while
    no scope (`tenants.scope`) is open.
    """
    if not system.row.problem:
        return
    with organization_scope(system.row.organization_id):
        TicketSystem.objects.filter(pk=system.row.pk).update(problem="", paused_until=None)
    system.row.problem = ""


def _pause(row: TicketSystem, until: datetime, problem: str) -> None:
    log.warning("ticket system paused", system=str(row.pk), until=until.isoformat())
    row.problem = problem[:500]
    TicketSystem.objects.filter(pk=row.pk).update(paused_until=until, problem=row.problem)
