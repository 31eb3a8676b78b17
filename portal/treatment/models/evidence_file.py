"""Evidence files of exceptions and attestations."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.treatment.models.attestation import Attestation
from portal.treatment.models.exception import FindingException
from portal.treatment.storage import evidence_name, evidence_storage
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class EvidenceFile(TenantOwned):
    """A file that people upload as evidence. It is stored unchanged, and served only as a download: never executed or
    displayed in a page.

    `content_type` is the type that belongs to the extension of the file name, and the content was checked for this
    type. The type that the upload states is not used. `sha256` is in hex, `size` in bytes.
    """

    protection = Protection.CONFIDENTIAL

    exception = models.ForeignKey(
        FindingException, null=True, blank=True, on_delete=models.CASCADE, related_name="files"
    )
    attestation = models.ForeignKey(
        Attestation, null=True, blank=True, on_delete=models.CASCADE, related_name="files"
    )
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(storage=evidence_storage, upload_to=evidence_name, max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        ordering = ["uploaded_at", "id"]
        constraints = [
            same_tenant("exception_id", "treatment_findingexception"),
            same_tenant("attestation_id", "treatment_attestation"),
            models.CheckConstraint(
                condition=Q(exception__isnull=False, attestation__isnull=True)
                | Q(exception__isnull=True, attestation__isnull=False),
                name="treatment_evidencefile_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for files of exceptions and attestations in the period.

        An exception is in the period if it was undecided or in force during the period. An attestation is in the period
        if it was in force during the period.
        """
        of_exception = Q(exception__isnull=False) & FindingException.in_review(period, of="exception__")
        return of_exception | Q(attestation__isnull=False) & Attestation.in_review(period, of="attestation__")
