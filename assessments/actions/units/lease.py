"""A lease is the right of one worker to run a unit (one subscription or directory of an assessment).

Leases are stored in the database and renewed by heartbeats. A worker that has lost its lease has an outdated attempt
number, and cannot write.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from assessments.actions.profiles import overrides_of
from assessments.actions.units.dispatch import dispatch
from assessments.actions.units.finish import end_unit
from assessments.controls.registry import catalogue_hash
from assessments.models import Assessment, Unit
from assessments.version import VERSION
from tenants.locks import Lock, lock
from tenants.scope import tenant_scope

# A worker sends a heartbeat every BEAT_SECONDS. A worker that sends no heartbeat for the time LEASE counts as dead.
BEAT_SECONDS = 2.0
LEASE = timedelta(seconds=12)
MAX_ATTEMPTS = 5


class Busy(Exception):
    """The unit cannot run now: another worker runs it, or the tenant's limit of units or the organization's limit of
    tasks is reached. Retry after `seconds`.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one worker to run a unit. `attempt` is the number of this attempt to run the unit.

    `worn_out` is true if `MAX_ATTEMPTS` earlier attempts were interrupted unexpectedly, usually because the workers
    died. The unit is then ended instead of attempted again.
    """

    tenant_id: UUID
    unit_id: UUID
    attempt: int
    worn_out: bool


def claim(*, tenant_id: UUID | str, unit_id: UUID | str, worker: str) -> Lease | None:
    """Take the lease of the unit.

    Return None if the unit has nothing left to run. Raise Busy if the caller should retry later.
    """
    with tenant_scope(tenant_id) as scope:
        (tenant,) = scope.tenant_ids
        lock(Lock.VERDICTS, tenant)
        unit = Unit.objects.select_for_update().select_related("assessment").filter(pk=unit_id).first()
        if unit is None or unit.state in Unit.ENDED or not unit.assessment.is_active:
            return None
        now = timezone.now()
        if unit.state == Unit.State.RUNNING and unit.lease_until is not None and unit.lease_until > now:
            raise Busy(min(8.0, (unit.lease_until - now).total_seconds() + 1))
        if unit.assessment.cancel_requested_at is not None:
            end_unit(unit=unit, state=Unit.State.CANCELLED)
            return None
        in_flight = Unit.objects.filter(state=Unit.State.RUNNING, lease_until__gt=now).count()
        if in_flight >= settings.SURETY_UNITS_PER_TENANT:
            raise Busy(2.0)
        if has_other_catalogue(unit.assessment):
            if unit.assessment.units_ended:
                return None  # `recover` ends this assessment and starts another one.
            if in_flight:
                raise Busy(2.0)  # A worker of another release may still run a unit with its own catalogue.
            _take_over(unit.assessment)
        unit.state = Unit.State.RUNNING
        unit.attempt += 1
        unit.lease_until = now + LEASE
        unit.worker = worker[:200]
        # Controls are judged as of the start of this attempt. So overwrite the start of an interrupted attempt.
        unit.started_at = now
        unit.save(update_fields=["state", "attempt", "lease_until", "worker", "started_at"])
        dispatch(unit.assessment)
        return Lease(tenant, unit.pk, unit.attempt, worn_out=unit.attempt - unit.released > MAX_ATTEMPTS)


def has_other_catalogue(assessment: Assessment) -> bool:
    """Return whether a release of Surety with another catalogue of controls started the assessment."""
    return assessment.catalogue_hash != catalogue_hash()


def _take_over(assessment: Assessment) -> None:
    """Store this release's catalogue, version and parameters in the assessment, because this release judges all units
    of the assessment.
    """
    assessment.catalogue_hash, assessment.product_version = catalogue_hash(), VERSION
    assessment.parameters = overrides_of(assessment.tenant)
    assessment.save(update_fields=["catalogue_hash", "product_version", "parameters"])
