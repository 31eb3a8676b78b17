"""Batches (actions on one or many findings that can be undone), and the events in the timelines of findings."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models import Finding
from portal.treatment.models.attestation import Attestation
from portal.treatment.models.exception import FindingException
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Batch(TenantOwned):
    """An action of a person on one or many findings, which can be undone.

    `kind` is the key of the bulk action, which decides how the batch is undone. `filters` is the query string of the
    findings page that selected the findings, or empty. `values` are the values that were set.
    """

    protection = Protection.CONFIDENTIAL

    kind = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    filters = models.TextField(blank=True)
    values = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="treatment_batch_tenant_id")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.count})"


class TreatmentEvent(TenantOwned):
    """An event in the timeline of a finding. `before` and `after` are texts for people; `actor` names the person or
    worker.

    `undo` has the treatment's previous values, for undoing the batch. The application's role can neither update nor
    delete events.
    """

    protection = Protection.CONFIDENTIAL
    append_only = True

    class Kind(models.TextChoices):
        OWNER = "owner", "Owner changed"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        UNACKNOWLEDGED = "unacknowledged", "Acknowledgement undone"
        EXCEPTION_REQUESTED = "exception_requested", "Exception requested"
        EXCEPTION_APPROVED = "exception_approved", "Exception approved"
        EXCEPTION_REFUSED = "exception_refused", "Exception refused"
        EXCEPTION_WITHDRAWN = "exception_withdrawn", "Exception request withdrawn"
        EXCEPTION_STARTED = "exception_started", "Exception started"
        EXCEPTION_RETURNED = "exception_returned", "Exception returned"
        EXCEPTION_EXPIRED = "exception_expired", "Exception expired"
        EXCEPTION_REVOKED = "exception_revoked", "Exception revoked"
        EXCEPTION_EXTENDED = "exception_extended", "Added to an exception by its rule"
        EXCEPTION_LEFT = "exception_left", "No longer matches the rule of an exception"
        ATTESTED = "attested", "Attested"
        ATTESTATION_WITHDRAWN = "attestation_withdrawn", "Attestation withdrawn"
        ATTESTATION_LAPSED = "attestation_lapsed", "Attestation expired"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor = models.CharField(max_length=320)
    kind = models.CharField(max_length=30, choices=Kind)
    before = models.CharField(max_length=320, blank=True)
    after = models.CharField(max_length=320, blank=True)
    note = models.TextField(blank=True)
    exception = models.ForeignKey(
        FindingException, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    attestation = models.ForeignKey(
        Attestation, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    undo = models.JSONField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            same_tenant("finding_id", "assessments_finding"),
            same_tenant("exception_id", "treatment_findingexception"),
            same_tenant("attestation_id", "treatment_attestation"),
            same_tenant("batch_id", "treatment_batch"),
            models.CheckConstraint(condition=~Q(actor=""), name="treatment_event_actor"),
        ]
        indexes = [models.Index(fields=["tenant", "finding", "-at"], name="treatment_event_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.finding_id}"
