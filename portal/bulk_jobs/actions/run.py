"""Work on bulk jobs in steps, each in its own transaction.

A step may do only what the person and the token of the job may do when the step begins. Each step commits the changes
of findings, the results, and the numbers of the job together. So if a worker stops, the next worker continues with the
findings that still wait.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.utils import timezone

from portal.accounts.tokens.token_use import Authority, authority_of_secret, authority_of_token
from portal.bulk_jobs.actions.requests import action_of, end_job, locked
from portal.bulk_jobs.bulk_actions.base import NOT_VISIBLE, Reason, Step
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.bulk_jobs.task_names import RUN
from portal.treatment.locks import lock_treatments
from portal.treatment.selectors.findings import visible_findings
from tenants import access
from tenants.actors import System
from tenants.dispatch import enqueue
from tenants.errors import NotFound, Refusal
from tenants.locks import Lock, session_lock
from tenants.models import Person, Tenant
from tenants.roles import Capability
from tenants.scope import organization_scope, person_scope, tenant_scope

RUN_SECONDS: Final = 12.0
"""The duration of one run. It is shorter than the time after which the broker delivers the message again (20 s). If a
job needs more time, further runs follow, so that the tasks of other organizations are not delayed.
"""
MAX_ATTEMPTS: Final = 5
"""If workers have died this many times in the same step, the job stops."""
SURETY: Final = System("bulk jobs")
State, ItemState = BulkJob.State, BulkJobItem.State

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The job on which the next step works. `secret_id` and `rights` are set if the job was started with an access
    token.
    """

    organization_id: UUID
    tenant_id: UUID
    job_id: UUID
    person_id: UUID
    token_id: UUID
    secret_id: UUID | None
    rights: tuple[str, ...]
    attempts: int


def run_jobs(*, organization_id: UUID, seconds: float = RUN_SECONDS) -> int:
    """Work on the jobs of an organization for some seconds; return the number of steps. For each step, choose the job
    that has waited longest.

    Only one worker at a time works on the jobs of an organization, so these jobs do not occupy all workers. Call
    this function without an open scope.
    """
    until, steps = time.monotonic() + seconds, 0
    with session_lock(Lock.BULK_JOB_RUN, str(organization_id)) as has_lock:
        if not has_lock:
            return 0
        while time.monotonic() < until and (claimed := _next(organization_id)) is not None:
            run_step(claimed)
            steps += 1
    # While this worker held the lock, other workers ended their tasks for this organization without doing anything. So
    # check whether unfinished jobs are left.
    with organization_scope(organization_id):
        if BulkJob.objects.filter(state__in=BulkJob.ACTIVE).exists():
            enqueue(RUN, organization_id)
    return steps


def run_step(claimed: Claimed) -> None:
    """Work on the next findings of a job. If the job may not continue, stop it."""
    try:
        if claimed.attempts > MAX_ATTEMPTS:
            _stop(
                claimed,
                "interrupted",
                f"The job stopped because it was interrupted {MAX_ATTEMPTS} times at the same findings: each time, a"
                " worker stopped. Ask the operator to check the logs and memory limits of the workers.",
            )
            return
        authority = _authority(claimed)
        with person_scope(authority.person, authority.limit):
            _work(claimed, authority.person)
    except NotFound:
        _stop(
            claimed,
            "no_access",
            "The person or service account of the token no longer has access to this customer.",
        )
    except Refusal as error:
        _stop(claimed, error.code, error.message)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # An unexpected error is a defect: show it to the program, and raise it again so that it is logged.
        _stop(
            claimed,
            "internal_error",
            f"The job stopped because of an internal error ({type(error).__name__}). Ask the operator to look at the"
            " worker’s log.",
        )
        raise


def _authority(claimed: Claimed) -> Authority:
    now = timezone.now()
    if claimed.secret_id is None:
        return authority_of_token(claimed.token_id, claimed.person_id, now)
    return authority_of_secret(
        claimed.secret_id, claimed.organization_id, claimed.person_id, claimed.rights, now
    )


def _work(claimed: Claimed, person: Person) -> None:
    # Read the job before checking the right, because the action of the job determines the right.
    tenant = access.get(Tenant, claimed.tenant_id, needs=Capability.VIEW)
    lock_treatments(tenant.pk)
    job = locked(BulkJob(pk=claimed.job_id))
    if not job.is_active:
        return
    action, now = action_of(job), timezone.now()
    action.require(tenant)
    if job.batch is not None and job.batch.undone_at is not None:
        end_job(
            job,
            State.STOPPED,
            SURETY,
            code="undone",
            reason="The changes of the job were undone in the portal.",
        )
        return
    waiting = job.items.filter(state=ItemState.WAITING).order_by("finding_id")
    items = list(waiting[: action.step + 1])
    is_last, items = len(items) <= action.step, items[: action.step]
    _work_on(Step(job, tenant, person, items, now))
    job.state, job.started_at, job.worked_at = State.RUNNING, job.started_at or now, now
    job.attempts = 0
    job.save()
    if is_last:
        end_job(job, State.FINISHED, person)


def _work_on(step: Step) -> None:
    """Carry out the action for the findings of a step, and store the result of each finding. Skip the findings that the
    person may not see, and the findings that `BulkAction.skipped` returns.
    """
    action = action_of(step.job)
    ids = [item.finding_id for item in step.items]
    visible = set(visible_findings(step.tenant).filter(pk__in=ids).values_list("pk", flat=True))
    skipped = {pk: NOT_VISIBLE for pk in ids if pk not in visible}
    seen = _part(step, visible)
    if seen.items:
        skipped |= action.skipped(seen)
    chosen = _part(step, visible - skipped.keys())
    before = step.job.batch.count if step.job.batch is not None else 0
    failed = action.run(chosen) if chosen.items else {}
    done = len(chosen.items) - len(failed)
    if step.job.batch is not None and step.job.batch.count - before != done:
        raise RuntimeError(
            f"{step.job.action} changed {step.job.batch.count - before} findings instead of {done}."
        )
    _store(step, skipped, failed)
    step.job.done += done
    step.job.skipped += len(skipped)
    step.job.failed += len(failed)


def _part(step: Step, findings: set[UUID]) -> Step:
    items = [item for item in step.items if item.finding_id in findings]
    return Step(step.job, step.tenant, step.by, items, step.now)


def _store(step: Step, skipped: dict[UUID, Reason], failed: dict[UUID, Reason]) -> None:
    groups: dict[tuple[str, str, str], list[UUID]] = defaultdict(list)
    for item in step.items:
        if reason := skipped.get(item.finding_id):
            groups[ItemState.SKIPPED, reason.code, reason.message].append(item.pk)
        elif reason := failed.get(item.finding_id):
            groups[ItemState.FAILED, reason.code, reason.message].append(item.pk)
        else:
            groups[ItemState.DONE, "", ""].append(item.pk)
    for (state, code, message), ids in groups.items():
        step.job.items.filter(pk__in=ids).update(
            state=state, reason_code=code, reason=message, done_at=step.now
        )


def _stop(claimed: Claimed, code: str, reason: str) -> None:
    """Stop a job and store the reason, which the program can read.

    The journal names Surety as the actor, because the person may no longer have the right that the action needs.
    """
    try:
        with tenant_scope(claimed.tenant_id):
            lock_treatments(claimed.tenant_id)
            job = locked(BulkJob(pk=claimed.job_id))
            if job.is_active:
                end_job(job, State.STOPPED, SURETY, code=code[:60], reason=reason)
    except (NotFound, BulkJob.DoesNotExist):
        # The customer and its jobs were erased in the meantime.
        log.info("bulk_job_gone", job=str(claimed.job_id))


def _next(organization_id: UUID) -> Claimed | None:
    """Return the job that has waited longest, and count one more attempt at its next step.

    The count starts again when the step has ended.
    """
    with organization_scope(organization_id):
        rows = BulkJob.objects.filter(state__in=BulkJob.ACTIVE).order_by(
            F("worked_at").asc(nulls_first=True), "pk"
        )
        job = rows.select_for_update(of=("self",), skip_locked=True).first()
        if job is None:
            return None
        job.attempts, job.worked_at = job.attempts + 1, timezone.now()
        job.save(update_fields=["attempts", "worked_at"])
        return Claimed(
            organization_id,
            job.tenant_id,
            job.pk,
            job.by_id,
            job.token_id,
            job.client_secret_id,
            tuple(job.token_rights or ()),
            job.attempts,
        )
