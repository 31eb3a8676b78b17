"""Run a unit: take its lease, collect outside of a transaction, then judge and write in one transaction."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import (
    DataError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F
from django.utils import timezone

from assessments.actions.credentials.delegated_reads import PARTLY_DELEGATED, delegated_credential
from assessments.actions.credentials.sign_in import forget_session, session_for
from assessments.actions.units.activity import last_complete
from assessments.actions.units.concurrency import organization_slot
from assessments.actions.units.finish import end_unit
from assessments.actions.units.heartbeat import Heartbeat
from assessments.actions.units.lease import MAX_ATTEMPTS, Busy, Lease, claim
from assessments.actions.units.reading import credential_of, unread_estate
from assessments.actions.units.unstorable import NotStorable, facts_of, not_storable
from assessments.actions.units.write import Gathered, write_unit
from assessments.collect.activity import activity_log, directory_audits
from assessments.collect.delegated_errors import SIGN_IN_CODE, SIGN_IN_TEXT
from assessments.collect.errors import Cancelled
from assessments.collect.http.policies import Tally, counted
from assessments.collect.http.waiting import MAX_WAITING
from assessments.collect.plan import needed
from assessments.collect.run import collect
from assessments.collect.session import Session
from assessments.collect.sign_in.refusals import SignInError
from assessments.controls.declare import Control
from assessments.controls.profiles import asking
from assessments.errors import LeaseLost
from assessments.estate.collection import Collection
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.estate.retired import missing_features
from assessments.evaluate import controls_for
from assessments.models import Unit
from assessments.own.control import controls_under
from assessments.shutdown import stop_requested
from tenants.azure.credentials import Credential, Delegated
from tenants.azure.delegated_access import NotDelegated, refusal_for
from tenants.errors import SuretyError
from tenants.locks import Lock, lock
from tenants.scope import tenant_scope

type Overrides = Mapping[str, Mapping[str, Any]]

log = structlog.get_logger(__name__)
MAX_WRITE_ATTEMPTS = 6


def run_unit(*, tenant_id: UUID | str, unit_id: UUID | str, worker: str) -> None:
    """Run the unit once, from start to end. Raise Busy if the unit cannot run now (`lease.Busy`), or if the worker
    shuts down while it waits for Azure.

    If the worker stops before the end, nothing is stored, and the unit runs again after the lease expires.
    """
    with organization_slot(tenant_id):
        lease = claim(tenant_id=tenant_id, unit_id=unit_id, worker=worker)
        if lease is not None:
            _run(lease)


def _run(lease: Lease) -> None:
    estate, credential, parameters = _load(lease)
    controls = controls_for(estate.kind, controls_under(parameters))
    wanted = asking(controls, parameters)
    refusal = partial(_refusal, lease, credential)
    heartbeat = Heartbeat(lease, refusal=refusal)
    try:
        try:
            with heartbeat:
                gathered = _gather(lease, estate, credential, wanted, heartbeat)
        except Cancelled:
            if heartbeat.refused is None:
                raise
        refused: SuretyError | None = heartbeat.refused
        if refused is None:
            try:
                _write(lease, controls, gathered, _delegated(credential))
            except (NotDelegated, NotStorable) as error:
                refused = error
        if refused is not None:
            # Discard everything that was read, because the subscription may now belong to another customer, or because
            # a value cannot be stored.
            reason = Reason.NOT_COLLECTED if isinstance(refused, NotStorable) else Reason.UNAUTHENTICATED
            _write(lease, controls, _nothing_read(estate, wanted, refused.code, refused.message, reason))
    except Cancelled:
        if heartbeat.lost.is_set():
            return
        if not heartbeat.cancelled.is_set():
            # The worker shut down while it waited for Azure. Another worker runs the unit again.
            _release(lease)
            raise Busy(1.0) from None
        _cancelled(lease)
    except LeaseLost as lost:
        log.warning("lease lost", unit=str(lease.unit_id), attempt=lease.attempt, message=lost.message)


def _load(lease: Lease) -> tuple[Estate, Credential | SuretyError, Overrides]:
    """Return the unit's estate, its credential, and the customer's parameter values of controls. If the credential
    cannot be used, return an error in its place.

    The estate contains only the imported scan results of the unit; collecting adds all other documents.
    """
    with tenant_scope(lease.tenant_id):
        unit = Unit.objects.select_related("assessment", "directory", "service_principal__directory").get(
            pk=lease.unit_id
        )
        parameters = unit.assessment.parameters
        estate, credential = unread_estate(unit), credential_of(unit)
    if credential is None:
        credential = delegated_credential(lease.tenant_id, estate.unit_id)
    return estate, credential, parameters


def _refusal(lease: Lease, credential: Credential | SuretyError) -> SuretyError | None:
    """Return why a delegated subscription must no longer be read, or None."""
    if (used := _delegated(credential)) is None:
        return None
    refused = refusal_for(lease.tenant_id, used)
    # Archiving a customer cancels its assessments, so do not report a refusal: the unit must end as cancelled.
    return None if refused is None or refused.code == "customer_archived" else refused


def _delegated(credential: Credential | SuretyError) -> Delegated | None:
    return None if isinstance(credential, SuretyError) else credential.delegated


def _gather(
    lease: Lease,
    estate: Estate,
    credential: Credential | SuretyError,
    controls: list[Control],
    heartbeat: Heartbeat,
) -> Gathered:
    if isinstance(credential, SuretyError):
        not_delegated = credential.code == "directory_not_delegated"
        reason = Reason.NOT_DELEGATED if not_delegated else Reason.UNAUTHENTICATED
        return _nothing_read(estate, controls, credential.code, credential.message, reason)
    if lease.worn_out:
        text = (
            f"The workers that ran this unit stopped unexpectedly {MAX_ATTEMPTS} times."
            " Check their logs and memory limits, then retry the assessment."
        )
        return _nothing_read(estate, controls, "worker_died", text, Reason.NOT_COLLECTED)
    try:
        session = session_for(credential)
        session.sign_in()
        report = collect(
            estate,
            controls,
            session,
            progress=heartbeat.progress,
            cancelled=heartbeat.stopped,
            waiting=MAX_WAITING,
            interrupted=stop_requested,
        )
    except SignInError as error:
        # Stop after one refused sign-in: signing in again for each collection could lock the account.
        forget_session(credential)
        if credential.delegated is not None:
            return _nothing_read(estate, controls, SIGN_IN_CODE, SIGN_IN_TEXT)
        return _nothing_read(estate, controls, error.code, error.message)
    if report.is_partly_delegated:
        code = str(Reason.PARTLY_DELEGATED)
        return Gathered(estate, report.requests, report.throttled, code, PARTLY_DELEGATED)
    return _with_activity(lease, Gathered(estate, report.requests, report.throttled), session, heartbeat)


def _with_activity(lease: Lease, gathered: Gathered, session: Session, heartbeat: Heartbeat) -> Gathered:
    """Read from the activity or audit log who changed what since the last reading. The log is read after the
    configuration, so that the events include changes that happened while the configuration was read.
    """
    estate = gathered.estate
    is_directory = estate.kind is UnitKind.DIRECTORY
    start, read = (
        (directory_audits.start_of_reading, directory_audits.read_directory_audits)
        if is_directory
        else (activity_log.start_of_reading, activity_log.read_operations)
    )
    with tenant_scope(lease.tenant_id):
        last = last_complete(lease.tenant_id, estate.scope_id)
    tally, now = Tally(), timezone.now()
    with counted(tally):
        reading = read(session, estate.unit_id, start(now, last), now, cancelled=heartbeat.stopped)
    return replace(
        gathered,
        requests=gathered.requests + tally.requests,
        throttled=gathered.throttled + tally.throttled,
        activity=reading,
    )


def _nothing_read(
    estate: Estate, controls: list[Control], code: str, message: str, reason: Reason = Reason.UNAUTHENTICATED
) -> Gathered:
    """Return the result of collecting nothing: every collection that the controls need has a gap with the reason
    `reason`. So the verdict of every control is unknown.
    """
    empty = Estate(
        kind=estate.kind,
        unit_id=estate.unit_id,
        subscriptions=estate.subscriptions,
        now=estate.now,
        cloud=estate.cloud,
    )
    missing = missing_features(empty.cloud, empty.now)
    for collection in needed(controls, empty.kind, missing).values():
        for scope in _scopes_of(empty, collection):
            permission = collection.permission
            empty.add_gap(
                Gap(collection.name, scope, reason, code=code, message=message, permission=permission)
            )
    return Gathered(empty, error_code=code, error=message)


def _scopes_of(estate: Estate, collection: Collection) -> list[str]:
    """Return the scopes at which the collection would be read, such as `/subscriptions/…`. If the scopes of the
    collection depend on documents of other collections, return only the scope of the unit.
    """
    if collection.targets is not None:
        return [estate.scope_id]
    if collection.is_directory_wide:
        return [""]
    return [f"/subscriptions/{guid}" for guid in estate.subscriptions] or [estate.scope_id]


def _write(
    lease: Lease, controls: list[Control], gathered: Gathered, delegated: Delegated | None = None
) -> None:
    """Write the results of the unit. If the database cannot be reached, try again, up to `MAX_WRITE_ATTEMPTS` times.
    Raise NotStorable if a value cannot be stored. A failed attempt commits nothing.
    """
    for attempt in range(1, MAX_WRITE_ATTEMPTS + 1):
        try:
            write_unit(lease=lease, controls=controls, gathered=gathered, delegated=delegated)
            return
        except (DataError, OperationalError, InterfaceError, UnicodeEncodeError) as error:
            if (refused := not_storable(error)) is not None:
                log.error("results cannot be stored", unit=str(lease.unit_id), **facts_of(error))
                raise refused from error
            if attempt == MAX_WRITE_ATTEMPTS or connection.in_atomic_block:
                raise
            log.warning("database unreachable", unit=str(lease.unit_id), attempt=attempt)
            connection.close()
            close_old_connections()
            time.sleep(min(0.25 * 2**attempt, 5))


def _release(lease: Lease) -> None:
    """End the lease of a unit without writing results, so that another worker can run the unit. This attempt does not
    count as interrupted unexpectedly.
    """
    with tenant_scope(lease.tenant_id):
        unit = Unit.objects.filter(pk=lease.unit_id, attempt=lease.attempt, state=Unit.State.RUNNING)
        unit.update(lease_until=timezone.now(), step="", released=F("released") + 1)
    log.info("unit released", unit=str(lease.unit_id), attempt=lease.attempt)


@transaction.atomic
def _cancelled(lease: Lease) -> None:
    with tenant_scope(lease.tenant_id):
        lock(Lock.VERDICTS, lease.tenant_id)
        unit = Unit.objects.select_for_update().get(pk=lease.unit_id)
        if unit.attempt == lease.attempt and unit.state == Unit.State.RUNNING:
            end_unit(unit=unit, state=Unit.State.CANCELLED)
