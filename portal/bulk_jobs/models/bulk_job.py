"""Bulk jobs. A bulk job is an action on many findings of a customer, with one row for each of these findings."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from assessments.models import Finding
from portal.treatment.models import Batch, FindingException
from tenants.models import Person, TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant

TOKEN_CHARACTERS: Final = 15


class BulkJob(TenantOwned):
    """An action on many findings that a program has requested.

    - `action`: the key of a bulk action (`portal.bulk_jobs.bulk_actions`)
    - `parameters`: the values of the action, such as a plan
    - `filters`: the query string that selected the findings; empty if the program listed the findings by id
    - `by`: the person or service account of the token
    - `token_id`: the id of the token; it is not a foreign key, because tokens belong to organizations, not to customers
    - `token`: the first characters of the token or, for an access token, of its client secret
    - `client_secret_id`, `token_rights`: set only if the token is an access token; the job can then continue only as
      long as the client secret is valid
    - `total`: the number of selected findings
    - `done`, `skipped`, `failed`: the numbers of findings with this result
    - `reason_code`, `reason`: why the job stopped
    - `worked_at`: when the last step began
    - `attempts`: how often workers have begun the current step
    - `batch`: the record of the job's changes, with which the job can be undone; a job that requests an exception has
      `exception` instead
    """

    protection = Protection.CONFIDENTIAL

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"
        STOPPED = "stopped", "Stopped"

    ACTIVE = (State.WAITING, State.RUNNING)

    action = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    filters = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    token_id = models.UUIDField()
    token = models.CharField(max_length=TOKEN_CHARACTERS)
    client_secret_id = models.UUIDField(null=True)
    token_rights: ArrayField[list[str] | None, list[str] | None] = ArrayField(
        models.CharField(max_length=30), null=True
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="+")
    exception = models.ForeignKey(FindingException, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="bulk_jobs_bulkjob_tenant_id"),
            same_tenant("batch_id", "treatment_batch"),
            same_tenant("exception_id", "treatment_findingexception"),
            models.CheckConstraint(
                condition=Q(total__gte=F("done") + F("skipped") + F("failed")),
                name="bulk_jobs_bulkjob_counts",
            ),
            models.CheckConstraint(
                condition=Q(client_secret_id__isnull=True, token_rights__isnull=True)
                | Q(client_secret_id__isnull=False, token_rights__isnull=False),
                name="bulk_jobs_bulkjob_secret",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at__isnull=True)
                | Q(state__in=["finished", "cancelled", "stopped"], ended_at__isnull=False),
                name="bulk_jobs_bulkjob_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "worked_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="bulk_jobs_bulkjob_active",
            ),
            models.Index(fields=["tenant", "ended_at"], name="bulk_jobs_bulkjob_age"),
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.total})"

    @property
    def is_active(self) -> bool:
        """Whether the job has not ended."""
        return self.state in self.ACTIVE


class BulkJobItem(TenantOwned):
    """The result of a job for one finding.

    `reason_code` and `reason` say why the finding was skipped or failed. If the action depends on the observed value,
    `seen_sha256` is the hash of the observed value when the job was requested. For other actions, it is empty.
    """

    protection = Protection.CONFIDENTIAL

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    seen_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["job", "finding"], name="bulk_jobs_bulkjobitem_once"),
            same_tenant("job_id", "bulk_jobs_bulkjob"),
            same_tenant("finding_id", "assessments_finding"),
        ]
        indexes = [
            models.Index(
                fields=["job", "finding"], condition=Q(state="waiting"), name="bulk_jobs_item_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.state}"
