"""The units (parts) of assessments, one for each subscription or directory. A unit has a lease, progress and
coverage.
"""

from django.db import models

from assessments.models.assessment import Assessment
from assessments.models.evidence import EvidenceItem
from tenants.models import Directory, ServicePrincipal, Subscription, TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Unit(TenantOwned):
    """The part of an assessment that covers one subscription or directory. The worker that holds the lease runs the
    unit.

    - `lease_until`: for a running unit, the end of the lease; for a waiting unit, the time after which its message
      counts as lost, or null before the message is sent
    - `attempt`: a fencing token; a worker writes only while the row has the number of the worker's attempt
    - `released`: how many attempts ended because the worker shut down; all other attempts except the last one were
      interrupted unexpectedly
    - `is_delegated`: whether the organization's own service principal reads the subscription; in this case,
      `service_principal` is null, and no data of the directory is read
    - `coverage`: the ledger {"collections": {name: {...}}, "controls": {slug: {...}}} with further keys:

      - "permissions": the `permissions` of `ledger.ControlsLedger`; absent if there are none
      - "shared": {id of a finding that belongs to another unit: this unit's verdict on it}. If both units have reached
        the same verdict, only its outcome is stored here, otherwise all its columns
      - "judged_at", in a unit of the watch: {control that the watch did not judge again: time at which an earlier unit
        judged it}

    - `gaps`: the data that could not be read; each gap has collection, scope, reason, status, code, request_id,
      message, permission, path
    - `manifest`: the list of all evidence, so that the collected documents can be exported and judged again
    """

    protection = Protection.CONFIDENTIAL

    class Kind(models.TextChoices):
        SUBSCRIPTION = "subscription", "Subscription"
        DIRECTORY = "directory", "Directory"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="units")
    kind = models.CharField(max_length=20, choices=Kind)
    azure_id = models.CharField(max_length=36, help_text="GUID of the subscription or directory, lower case")
    name = models.CharField(max_length=200)
    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="+")
    service_principal = models.ForeignKey(
        ServicePrincipal, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_delegated = models.BooleanField(default=False, db_default=False)
    subscription = models.ForeignKey(Subscription, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    steps_planned = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=200, blank=True, help_text="what is being collected")
    requests = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=80, blank=True)
    error = models.TextField(blank=True)
    counts = models.JSONField(default=dict, help_text="number of verdicts by outcome")
    coverage = models.JSONField(default=dict)
    gaps = models.JSONField(default=list)
    manifest = models.ForeignKey(EvidenceItem, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantOwned.Meta):
        ordering = ["kind", "name", "azure_id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "kind", "azure_id"], name="assessments_unit_once"),
            same_tenant("assessment_id", "assessments_assessment"),
            same_tenant("directory_id", "tenants_directory"),
            same_tenant("service_principal_id", "tenants_serviceprincipal"),
            same_tenant("subscription_id", "tenants_subscription"),
            same_tenant("manifest_id", "assessments_evidenceitem"),
            models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(lease_until__isnull=False),
                name="assessments_unit_running_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "lease_until"], name="assessments_unit_leases"),
            # This index finds the unit of the same subscription or directory in the previous assessment.
            models.Index(fields=["tenant", "azure_id", "-ended_at"], name="assessments_unit_before"),
        ]

    def __str__(self) -> str:
        return self.name or self.azure_id

    @property
    def scope_id(self) -> str:
        """The subject of findings about the whole unit (`/subscriptions/<guid>` or `directory:<guid>`). It is also the
        `unit` of all findings that the unit judges."""
        prefix = "directory:" if self.kind == self.Kind.DIRECTORY else "/subscriptions/"
        return f"{prefix}{self.azure_id}"

    @property
    def percent(self) -> int:
        """The progress of the unit in percent, from 0 to 100."""
        if self.state in self.ENDED:
            return 100
        return min(99, 100 * self.steps_done // self.steps_planned) if self.steps_planned else 0
