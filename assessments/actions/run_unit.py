"""Running a unit: take its lease, collect without a transaction, judge and write in one."""

from __future__ import annotations

import time
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone

from assessments.actions.concurrency import organization_slot
from assessments.actions.finish import unit_ended
from assessments.actions.heartbeat import Heartbeat
from assessments.actions.lease import MOST_ATTEMPTS, Lease, claim
from assessments.actions.sign_in import forget_session, session_for
from assessments.actions.write import Gathered, write_unit
from assessments.collect.errors import Cancelled
from assessments.collect.plan import needed
from assessments.collect.refusals import SignInError
from assessments.collect.run import collect
from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.errors import LeaseLost
from assessments.estate.collection import Collection, Source
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.evaluate import controls_for
from assessments.models import Unit
from tenants import credentials
from tenants.credentials import Credential
from tenants.errors import SuretyError
from tenants.locks import Lock, lock
from tenants.models import Subscription
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)
WRITE_TRIES = 6


def run_unit(*, tenant_id: UUID | str, unit_id: UUID | str, worker: str) -> None:
    """Run the unit to its end, once. Raises lease.Busy while another worker has it.

    Whatever stops this in the middle leaves nothing half written: the lease runs out and the unit is
    run again from its start.
    """
    with organization_slot(tenant_id):
        lease = claim(tenant_id=tenant_id, unit_id=unit_id, worker=worker)
        if lease is not None:
            _run(lease)


def _run(lease: Lease) -> None:
    estate, credential = _load(lease)
    controls = controls_for(estate.kind, catalogue().values())
    try:
        with Heartbeat(lease) as heartbeat:
            gathered = _gather(lease, estate, credential, controls, heartbeat)
        _write(lease, controls, gathered)
    except Cancelled:
        if not heartbeat.lost.is_set():
            _cancelled(lease)
    except LeaseLost as lost:
        log.warning("lease lost", unit=str(lease.unit_id), attempt=lease.attempt, message=lost.message)


def _load(lease: Lease) -> tuple[Estate, Credential | SuretyError]:
    """The empty estate of the unit and what it signs in with (or why that cannot be had)."""
    with tenant_scope(lease.tenant_id):
        unit = Unit.objects.select_related("directory", "service_principal__directory").get(pk=lease.unit_id)
        subscriptions = [unit.azure_id]
        if unit.kind == Unit.Kind.DIRECTORY:
            rows = Subscription.objects.filter(directory=unit.directory, included=True)
            rows = rows.exclude(state=Subscription.VANISHED).order_by("subscription_id")
            subscriptions = list(rows.values_list("subscription_id", flat=True))
        estate = Estate(
            kind=UnitKind(unit.kind), unit_id=unit.azure_id, subscriptions=subscriptions, now=timezone.now()
        )
        if unit.service_principal is None:
            return estate, SuretyError("The service principal was removed.", code="service_principal_removed")
        try:
            return estate, credentials.credential_of(unit.service_principal)
        except SuretyError as error:
            return estate, error


def _gather(
    lease: Lease,
    estate: Estate,
    credential: Credential | SuretyError,
    controls: list[Control],
    heartbeat: Heartbeat,
) -> Gathered:
    if isinstance(credential, SuretyError):
        return _nothing(estate, controls, credential.code, credential.message)
    if lease.worn_out:
        text = (
            f"The workers that ran this unit died {MOST_ATTEMPTS} times."
            " Look at their logs and memory, then retry."
        )
        return _nothing(estate, controls, "worker_died", text, Reason.NOT_COLLECTED)
    try:
        session = session_for(credential)
        session.sign_in()
        report = collect(estate, controls, session, progress=heartbeat.progress, cancelled=heartbeat.stopped)
    except SignInError as error:
        # One refusal is enough: asking again for each collection would only lock the account.
        forget_session(credential)
        return _nothing(estate, controls, error.code, error.message)
    return Gathered(estate, report.requests, report.throttled)


def _nothing(
    estate: Estate, controls: list[Control], code: str, message: str, reason: Reason = Reason.UNAUTHENTICATED
) -> Gathered:
    """Nothing could be read: every collection is a gap, so every control says unknown, with this reason."""
    empty = Estate(
        kind=estate.kind, unit_id=estate.unit_id, subscriptions=estate.subscriptions, now=estate.now
    )
    for collection in needed(controls, empty.kind).values():
        for scope in _asked_at(empty, collection):
            permission = collection.permission
            empty.add_gap(
                Gap(collection.name, scope, reason, code=code, message=message, permission=permission)
            )
    return Gathered(empty, error_code=code, error=message)


def _asked_at(estate: Estate, collection: Collection) -> list[str]:
    """The scopes that the collection is kept by; the unit itself where they are not known without reading."""
    if collection.targets is not None:
        return [estate.scope_id]
    if collection.source is Source.GRAPH:
        return [""]
    return [f"/subscriptions/{guid}" for guid in estate.subscriptions] or [estate.scope_id]


def _write(lease: Lease, controls: list[Control], gathered: Gathered) -> None:
    """Write, again if the database went away in the middle: the transaction is whole or not at all."""
    for attempt in range(1, WRITE_TRIES + 1):
        try:
            write_unit(lease=lease, controls=controls, gathered=gathered)
            return
        except (OperationalError, InterfaceError):
            if attempt == WRITE_TRIES or connection.in_atomic_block:
                raise
            log.warning("database away", unit=str(lease.unit_id), attempt=attempt)
            connection.close()
            close_old_connections()
            time.sleep(min(0.25 * 2**attempt, 5))


@transaction.atomic
def _cancelled(lease: Lease) -> None:
    with tenant_scope(lease.tenant_id):
        lock(Lock.VERDICTS, lease.tenant_id)
        unit = Unit.objects.select_for_update().get(pk=lease.unit_id)
        if unit.attempt == lease.attempt and unit.state == Unit.State.RUNNING:
            unit_ended(unit=unit, state=Unit.State.CANCELLED)
