"""Request, cancel and undo bulk jobs, and delete old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from portal.accounts.models import ApiToken
from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.errors import (
    JobEnded,
    NothingToUndo,
    SelectionChanged,
    TooManyJobs,
    TooManyResults,
    ValuesChanged,
    ValuesUnseen,
)
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.bulk_jobs.task_names import RUN
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.undo import undo
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.selectors.exception_scope import binding_digest
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.locks import Lock, lock
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

MAX_ACTIVE: Final = 10
"""The maximum number of unfinished jobs of a customer."""
MAX_STORED: Final = 1_000_000
"""The maximum number of stored results of a customer's jobs. The results of a job count from the start of the job
until the job is deleted.
"""
KEPT: Final = timedelta(days=30)
"""The time after the end of a job during which the job and its results can be read."""
State = BulkJob.State


@dataclass(frozen=True, slots=True)
class Selected:
    """The ids of the findings that a job would work on and, in the same order, the hashes of their observed values.

    There are no hashes if the action does not depend on the values.
    """

    findings: Sequence[UUID]
    observed: Sequence[str]

    @property
    def digest(self) -> str:
        """A hash of the findings and their observed values; empty if the action does not depend on these values."""
        return binding_digest(dict(zip(self.findings, self.observed, strict=True))) if self.observed else ""


def selected(action: BulkAction, selection: FindingSelection) -> Selected:
    """Return the selected findings. Raise InvalidInput if no finding is selected, or if there are more findings than a
    job with this action can have.
    """
    columns = ["pk", "observed_sha256"] if action.depends_on_observed else ["pk"]
    found = list(selection.rows.order_by("pk").values_list(*columns)[: action.max_findings + 1])
    _require_number(action, len(found))
    return Selected(
        [row[0] for row in found], [row[1] for row in found] if action.depends_on_observed else []
    )


def _require_number(action: BulkAction, count: int) -> None:
    if count > action.max_findings:
        raise invalid(
            "filters",
            f"More than {action.max_findings:,} findings match, but a job with the action {action.key} can change at"
            f" most {action.max_findings:,} findings. Add filters, and start several jobs.",
            code="too_many_findings",
        )
    if not count:
        raise invalid("filters", "No finding matches. Change the filters or ids.", code="no_findings")


@transaction.atomic
def start_job(
    *,
    tenant: Tenant,
    by: Person,
    token: ApiToken,
    action: BulkAction,
    values: Mapping[str, Any],
    selection: FindingSelection,
    expected: int | None = None,
    seen: str = "",
) -> BulkJob:
    """Store a job with the findings that are selected now, and let a worker carry it out.

    `seen` is the digest of the findings and observed values that the program has seen (`Selected.digest`).

    Errors:

    - InvalidInput: the action does not permit one of the values, or the number of findings
    - SelectionChanged: the number of findings is not `expected`
    - ValuesUnseen: the action needs `seen`, but `seen` is empty
    - ValuesChanged: `seen` is not the present digest
    - TooManyJobs: the customer has `MAX_ACTIVE` unfinished jobs
    - TooManyResults: there would be more than `MAX_STORED` results
    """
    action.require(tenant)
    lock(Lock.BULK_JOB_START, tenant.pk)
    now = timezone.now()
    parameters = action.parameters(tenant, by, values, now)
    found = selected(action, selection)
    count = len(found.findings)
    if expected is not None and count != expected:
        raise SelectionChanged(
            f"The request expects {expected:,} findings, but now {count:,} findings match. No job was started. Read"
            " the findings again, then send the request with the new number."
        )
    _require_seen(action, found, seen)
    _require_room(tenant, count)
    job = BulkJob.objects.create(
        tenant=tenant,
        action=action.key,
        parameters=parameters,
        filters=selection.query or "",
        by=by,
        token_id=token.pk,
        token=token.beginning,
        client_secret_id=token.client_secret_id,
        token_rights=token.capabilities if token.client_secret_id is not None else None,
        total=count,
        created_at=now,
    )
    bulk_insert(
        BulkJobItem,
        {
            "tenant": Constant(tenant),
            "job": Constant(job),
            "finding": found.findings,
            "seen_sha256": found.observed or Constant(""),
        },
    )
    record(job, by, "bulk_job.started", {"filters": job.filters})
    enqueue(RUN, tenant.organization_id)
    return job


def _require_seen(action: BulkAction, found: Selected, seen: str) -> None:
    if not action.depends_on_observed:
        return
    if not seen:
        raise ValuesUnseen(
            "This action needs a seen_digest, which shows that somebody has read the findings. Preview the job, read"
            " the findings, then send the seen_digest of the preview."
        )
    if seen != found.digest:
        raise ValuesChanged(
            "The findings or their observed values have changed since the preview, so no job was started. Preview"
            " the job again, read the findings, then decide."
        )


def _require_room(tenant: Tenant, count: int) -> None:
    """Raise TooManyJobs or TooManyResults if the customer cannot have another job with `count` findings.

    The caller holds the lock BULK_JOB_START, so no other job is started meanwhile.
    """
    jobs = BulkJob.objects.filter(tenant=tenant)
    if jobs.filter(state__in=BulkJob.ACTIVE).count() >= MAX_ACTIVE:
        raise TooManyJobs(
            f"This customer has {MAX_ACTIVE} jobs that have not ended, which is the maximum. Wait until a job ends,"
            " or cancel a job."
        )
    stored = jobs.aggregate(stored=Sum("total", default=0))["stored"]
    if stored + count > MAX_STORED:
        raise TooManyResults(
            f"Surety stores at most {MAX_STORED:,} results of jobs for each customer, and this customer has"
            f" {stored:,}. Select fewer findings, or wait: Surety deletes the results of a job {KEPT.days} days"
            " after the job ends."
        )


@transaction.atomic
def cancel_job(*, job: BulkJob, by: Person) -> BulkJob:
    """Wait until the current step of a job is finished, then cancel the job. Findings that the job has already changed
    remain changed.

    Raise PermissionDenied if the person may not carry out the action of the job, and JobEnded if the job has ended.
    """
    action = action_of(job)
    action.require(job.tenant)
    # Lock the treatments before the job, as each step of the job does. Otherwise, a deadlock is possible.
    lock_treatments(job.tenant_id)
    row = locked(job)
    if not row.is_active:
        raise JobEnded("This job has ended, so it can no longer be cancelled.")
    end_job(row, State.CANCELLED, by)
    return row


@transaction.atomic
def undo_job(*, job: BulkJob, by: Person) -> int:
    """Undo the changes of a job; return the number of restored findings.

    Raise PermissionDenied unless the person started the job and may still carry out its action. Raise WrongState if the
    job is running, was undone, or ended over 30 minutes ago. Raise NothingToUndo if the job changed nothing, or if
    the action cannot be undone.
    """
    action = action_of(job)
    action.require(job.tenant)
    lock_treatments(job.tenant_id)
    row = locked(job)
    if row.is_active:
        raise WrongState("This job has not ended. Wait until the job ends, or cancel the job. Then undo it.")
    if action.cannot_be_undone:
        raise NothingToUndo(action.cannot_be_undone)
    if row.batch is None:
        raise NothingToUndo("This job has changed nothing, so there is nothing to undo.")
    return undo(batch=row.batch, by=by, restore=action.restore)


def delete_old_jobs(tenant_id: UUID) -> int:
    """Delete the jobs of a tenant that ended more than 30 days ago, and return their number."""
    with tenant_scope(tenant_id):
        rows = BulkJob.objects.filter(tenant=tenant_id, ended_at__lt=timezone.now() - KEPT)
        return rows.delete()[1].get(BulkJob._meta.label, 0)


def action_of(job: BulkJob) -> BulkAction:
    return bulk_actions()[job.action]


def locked(job: BulkJob) -> BulkJob:
    """Lock the job until the transaction ends, and return its current row."""
    rows = BulkJob.objects.select_for_update(of=("self",)).select_related(
        "batch", "exception", "tenant", "by"
    )
    return rows.get(pk=job.pk)


def end_job(row: BulkJob, state: BulkJob.State, by: Actor, *, code: str = "", reason: str = "") -> None:
    """End a job that the caller has locked, and record this in the journal."""
    row.state, row.ended_at, row.reason_code, row.reason = state, timezone.now(), code, reason
    row.save(update_fields=["state", "ended_at", "reason_code", "reason"])
    if row.batch is not None:
        action_of(row).finish(row.batch, row.by)
    numbers = {"done": row.done, "skipped": row.skipped, "failed": row.failed}
    ended = "bulk_job.cancelled" if state == State.CANCELLED else "bulk_job.stopped"
    action = "bulk_job.finished" if state == State.FINISHED else ended
    record(row, by, action, {**numbers, **({"reason": reason} if reason else {})})


def record(row: BulkJob, by: Actor, action: str, details: Mapping[str, Any]) -> None:
    """Record an entry about a job in the journal. The entry names the token that started the job, even if
    Surety itself ends the job.
    """
    journal.record(
        tenant=row.tenant,
        actor=by,
        action=action,
        target=f"bulk_job:{row.pk}",
        details={
            "action": row.action,
            "total": row.total,
            "batch": row.batch_id,
            "api_token": row.token,
            **details,
        },
    )
