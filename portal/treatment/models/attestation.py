"""Attestations: a person's answers to manual controls, valid until a given date."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assessments.models import Finding
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Attestation(TenantOwned):
    """An answer to a manual finding. Only the newest attestation that is not withdrawn counts, until `valid_until`.

    `met` is False if the control is not met, which counts as a failure. `observed_sha256` is the hash of the value that
    the automatic checks had observed when the answer was given. `lapsed_at` is the time at which the expiry of the
    answer was recorded.
    """

    protection = Protection.CONFIDENTIAL

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="attestations")
    met = models.BooleanField()
    statement = models.TextField()
    observed_sha256 = models.CharField(max_length=64)
    attested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attested_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    notice_at = models.DateTimeField(
        null=True, blank=True, help_text="when people were notified of the coming end"
    )
    lapsed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-attested_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="treatment_attestation_tenant_id"),
            same_tenant("finding_id", "assessments_finding"),
            models.CheckConstraint(condition=~Q(statement=""), name="treatment_attestation_statement"),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("attested_at")), name="treatment_attestation_period"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
                name="treatment_attestation_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "valid_until"], name="treatment_attestation_end")]

    @classmethod
    def in_review(cls, period: ReviewPeriod, *, of: str = "") -> Q:
        """Return the query condition for attestations in force at some time in the period. `of` is the prefix
        of the relation to the attestation, such as `attestation__`.
        """
        within = Q((f"{of}attested_at__lt", period.end), (f"{of}valid_until__gt", period.start))
        return within & (Q((f"{of}withdrawn_at__isnull", True)) | Q((f"{of}withdrawn_at__gt", period.start)))

    def __str__(self) -> str:
        return f"attestation of {self.attested_at:%Y-%m-%d}"
