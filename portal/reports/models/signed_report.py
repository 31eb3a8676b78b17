"""The certificates and records with which files are verified, and the register of revoked and superseded reports."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.protection import Protection

# When a customer is erased, a trigger writes this text in place of the reasons for revoking the customer's reports
# (migration 0015).
ERASED_REASON: Final = "The reason was deleted together with the customer."


class KnownCertificate(models.Model):
    """A certificate with which this installation has signed, or that an operator has added.

    Anybody may verify a report, so this table belongs to no tenant. A trigger refuses every change of a row, except
    marking the certificate as distrusted.
    """

    protection = Protection.INTERNAL

    fingerprint = models.CharField(max_length=64, primary_key=True, help_text="SHA-256, lower-case hex")
    pem = models.TextField()
    added_at = models.DateTimeField(auto_now_add=True)
    distrusted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["added_at"]

    def __str__(self) -> str:
        return self.fingerprint


class SignedReport(models.Model):
    """The record of a signed file: a report, or a certificate of erasure. The table belongs to no tenant (see
    `KnownCertificate`).

    `report` is the id of the report or erasure. `sha256` and `level` are those of the signed file. `certificate` is the
    fingerprint of the signer's certificate. `time_stamp_authorities` are the certificates (PEM) of the time-stamp
    authorities that were pinned, empty for PAdES B-B. A trigger refuses changes and deletion, so the record remains
    when the customer is erased.
    """

    protection = Protection.INTERNAL

    class Kind(models.TextChoices):
        REPORT = "report", "Report"
        ERASURE = "erasure", "Certificate of erasure"

    report = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REPORT, db_default="report")
    sha256 = models.CharField(max_length=64, unique=True)
    level = models.CharField(max_length=10)
    certificate = models.CharField(max_length=64, blank=True, help_text="empty for reports of older versions")
    time_stamp_authorities = models.TextField(blank=True)
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.report} {self.level}"


class RenewedFile(models.Model):
    """The record of a renewed file: a copy of a signed report with a further archive time stamp.

    The table belongs to no tenant (see `KnownCertificate`). `report` is the report's id. The renewed file begins with
    all bytes of the previous file, whose hash is `previous_sha256`. `time_stamp_authorities` are the certificates (PEM)
    of the time-stamp authorities that were pinned. Triggers check that the transaction that inserts the record also
    replaces the file of the report. Other triggers refuse later changes of the record.
    """

    protection = Protection.INTERNAL

    sha256 = models.CharField(max_length=64, primary_key=True)
    report = models.UUIDField(db_index=True)
    previous_sha256 = models.CharField(max_length=64, unique=True)
    time_stamp_authorities = models.TextField()
    renewed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.sha256


class RegisterEntry(models.Model):
    """A statement about a signed report: it was revoked, or another report supersedes it. The file of the report does
    not state this, because its signed content cannot change.

    The public page that verifies reports shows the entry, so the table belongs to no tenant and the reason must name no
    customer. When the customer is erased, `ERASED_REASON` replaces the reason. `number` and `replacement` are the
    superseding report's number and id. A trigger sets `entered_at`. Triggers refuse deletion, every change except
    this replacement of the reason, and entries on reports outside the scope.
    """

    protection = Protection.INTERNAL

    class State(models.TextChoices):
        REVOKED = "revoked", "Revoked"
        SUPERSEDED = "superseded", "Superseded"

    report = models.UUIDField()
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=500, blank=True)
    replacement = models.UUIDField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "state"], name="reports_register_once"),
            models.CheckConstraint(
                condition=(Q(state="revoked") & ~Q(reason="") & Q(replacement=None, number=None))
                | Q(state="superseded", reason="", replacement__isnull=False, number__isnull=False),
                name="reports_register_revoked_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.state}"
