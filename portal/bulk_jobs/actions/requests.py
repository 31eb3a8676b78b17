"""Request, cancel and undo bulk jobs, and delete old ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import ApiToken
from portal.bulk_jobs.errors import JobEnded, NothingToUndo, SelectionChanged, TooManyJobs
from portal.bulk_jobs.kinds.base import JobKind
from portal.bulk_jobs.kinds.registry import job_kinds
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.bulk_jobs.task_names import RUN
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.undo import undo
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

MAX_ACTIVE: Final = 10
"""The number of unfinished jobs of a customer."""
KEPT: Final = timedelta(days=30)
"""How long a job and its results can be read after its end."""
State = BulkJob.State
_ACTIONS: Final[Mapping[BulkJob.State, str]] = {
    State.FINISHED: "bulk_job.finished",
    State.CANCELLED: "bulk_job.cancelled",
    State.STOPPED: "bulk_job.stopped",
}


def count_selected(kind: JobKind, selection: FindingSelection) -> int:
    """Return the number of selected findings. Raise InvalidInput if a job may not have this number."""
    count = selection.rows.order_by()[: kind.max_findings + 1].count()
    _require_number(kind, count)
    return count


def _require_number(kind: JobKind, count: int) -> None:
    if count > kind.max_findings:
        raise invalid(
            "filters",
            f"More than {kind.max_findings:,} findings match. A job with the action {kind.key} may have at most this"
            " number: add filters, and send several requests.",
            code="too_many_findings",
        )
    if not count:
        raise invalid("filters", "No finding matches. Change the filters.", code="no_findings")


@transaction.atomic
def start_job(
    *,
    tenant: Tenant,
    by: Person,
    token: ApiToken,
    kind: JobKind,
    values: Mapping[str, Any],
    selection: FindingSelection,
    expected: int | None = None,
) -> BulkJob:
    """Store a job with the findings that are selected now, and let a worker carry it out.

    Raise InvalidInput for a value or a number of findings that the kind does not permit, SelectionChanged if the number
    is not `expected`, TooManyJobs if the customer has `MAX_ACTIVE` unfinished jobs.
    """
    kind.require(tenant)
    now = timezone.now()
    parameters = kind.parameters(tenant, by, values, now)
    columns = ["pk", "observed_sha256"] if kind.depends_on_observed else ["pk"]
    found = list(selection.rows.order_by("pk").values_list(*columns)[: kind.max_findings + 1])
    count = len(found)
    _require_number(kind, count)
    if expected is not None and count != expected:
        raise SelectionChanged(
            f"{count:,} findings match now, not {expected:,}. Nothing was started: read them again, and decide again."
        )
    if BulkJob.objects.filter(tenant=tenant, state__in=BulkJob.ACTIVE).count() >= MAX_ACTIVE:
        raise TooManyJobs(
            f"{MAX_ACTIVE} jobs of this customer have not ended. Wait until one ends, or cancel one."
        )
    job = BulkJob.objects.create(
        tenant=tenant,
        action=kind.key,
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
    seen: Any = [row[1] for row in found] if kind.depends_on_observed else Constant("")
    bulk_insert(
        BulkJobItem,
        {
            "tenant": Constant(tenant),
            "job": Constant(job),
            "finding": [row[0] for row in found],
            "seen_sha256": seen,
        },
    )
    record(job, by, "bulk_job.started", {"filters": job.filters})
    enqueue(RUN, tenant.organization_id)
    return job


@transaction.atomic
def cancel_job(*, job: BulkJob, by: Person) -> BulkJob:
    """End a job after its present step, for which this function waits. Findings that were changed stay changed.

    Raise PermissionDenied if the person may not do what the job does, JobEnded if the job has ended.
    """
    kind = kind_of(job)
    kind.require(job.tenant)
    # A step holds this lock before it locks the job.
    lock_treatments(job.tenant_id)
    row = locked(job)
    if not row.is_active:
        raise JobEnded("This job has ended, so it can no longer be cancelled.")
    end_job(row, State.CANCELLED, by)
    return row


@transaction.atomic
def undo_job(*, job: BulkJob, by: Person) -> int:
    """Undo what a job has changed, as pages do; return the number of restored findings.

    Raise PermissionDenied if the person did not start the job or may no longer do what it did, WrongState if it is
    still running, was undone or ended more than 30 minutes ago, NothingToUndo if it has no batch.
    """
    kind = kind_of(job)
    kind.require(job.tenant)
    lock_treatments(job.tenant_id)
    row = locked(job)
    if row.is_active:
        raise WrongState("This job has not ended. Wait until it ends, or cancel it, then undo it.")
    if kind.restore is None:
        raise NothingToUndo("This job has requested an exception. Withdraw the request instead.")
    if row.batch is None:
        raise NothingToUndo("This job has changed nothing, so there is nothing to undo.")
    return undo(batch=row.batch, by=by, restore=kind.restore)


def delete_old_jobs(tenant_id: UUID) -> int:
    """Delete the jobs of a tenant that ended more than 30 days ago, and return their number."""
    with tenant_scope(tenant_id):
        rows = BulkJob.objects.filter(tenant=tenant_id, ended_at__lt=timezone.now() - KEPT)
        return rows.delete()[1].get(BulkJob._meta.label, 0)


def kind_of(job: BulkJob) -> JobKind:
    """Return the kind of a job."""
    return job_kinds()[job.action]


def locked(job: BulkJob) -> BulkJob:
    """Lock the job until the transaction ends, and return its present row."""
    rows = BulkJob.objects.select_for_update(of=("self",)).select_related(
        "batch", "exception", "tenant", "by"
    )
    return rows.get(pk=job.pk)


def end_job(row: BulkJob, state: BulkJob.State, by: Actor, *, code: str = "", reason: str = "") -> None:
    """End a job that the caller has locked, and record this in the journal."""
    row.state, row.ended_at, row.reason_code, row.reason = state, timezone.now(), code, reason
    row.save(update_fields=["state", "ended_at", "reason_code", "reason"])
    kind_of(row).finish(row, row.by)
    numbers = {"done": row.done, "skipped": row.skipped, "failed": row.failed}
    record(row, by, _ACTIONS[state], {**numbers, **({"reason": reason} if reason else {})})


def record(row: BulkJob, by: Actor, action: str, details: Mapping[str, Any]) -> None:
    """Record an entry about a job in the journal. It names the token, also if Surety ends the job."""
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
