"""Imported results of vulnerability scanners. Each file has a row, and each machine in the file has a row."""

from collections.abc import Mapping

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from assessments.scan_files.facts import SCANNERS, Severity
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


def _in_words(counts: Mapping[str, int]) -> str:
    severities = [severity for severity in Severity if severity is not Severity.INFO and counts.get(severity)]
    return ", ".join(f"{counts[severity]} {severity}" for severity in severities)


class ScanImport(TenantOwned):
    """An imported file of a vulnerability scanner. Surety does not store the file, but only the data that it read from
    the file.

    `scanned_from` and `scanned_at` are the times of the earliest and the latest scan of any machine in the file.
    `counts` is {severity: number of open vulnerabilities}. `notes` say which parts were not imported. `imported_by` is
    None for files from the watched folder.
    """

    protection = Protection.CONFIDENTIAL

    class Origin(models.TextChoices):
        PAGE = "page", "Page"
        API = "api", "API"
        FOLDER = "folder", "Watched folder"

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes of the file")
    scanner = models.CharField(
        max_length=20, choices=[(str(scanner), label) for scanner, label in SCANNERS.items()]
    )
    origin = models.CharField(max_length=10, choices=Origin.choices)
    scanned_from = models.DateTimeField()
    scanned_at = models.DateTimeField()
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="assessments_scanimport_tenant_id"),
            models.UniqueConstraint(fields=["tenant", "sha256"], name="assessments_scanimport_once"),
        ]
        indexes = [models.Index(fields=["tenant", "-imported_at"], name="assessments_scanimport_at")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def open_vulnerabilities(self) -> str:
        """The numbers of open vulnerabilities of all machines in words: `1 critical, 3 high`, or an empty text."""
        return _in_words(self.counts)


class ScanEntry(TenantOwned):
    """A machine in a file of a scanner. `machine` is the lower-case id of the matching virtual machine. If no virtual
    machine matches, `machine` is empty and `reason` says why.

    `vulnerabilities` is [{id, title, severity, known_since}], most severe first. `known_since` is left out if the file
    does not state it. `counts` is {severity: number}, and includes merely informational results.
    """

    protection = Protection.CONFIDENTIAL

    scan_import = models.ForeignKey(ScanImport, on_delete=models.CASCADE, related_name="entries")
    label = models.CharField(max_length=300)
    addresses = ArrayField(models.CharField(max_length=45), default=list)
    names = ArrayField(models.CharField(max_length=253), default=list)
    resource_id = models.TextField(blank=True)
    vm_id = models.CharField(max_length=60, blank=True)
    scanned_at = models.DateTimeField()
    is_authenticated = models.BooleanField(null=True)
    machine = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    vulnerabilities = models.JSONField(default=list)
    counts = models.JSONField(default=dict)

    class Meta(TenantOwned.Meta):
        ordering = ["label", "id"]
        constraints = [same_tenant("scan_import_id", "assessments_scanimport")]
        indexes = [
            models.Index(fields=["tenant", "machine"], name="assessments_scanentry_machine"),
            models.Index(fields=["tenant", "scan_import", "label"], name="assessments_scanentry_of"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def open_vulnerabilities(self) -> str:
        """The numbers of open vulnerabilities of this machine in words, or an empty text."""
        return _in_words(self.counts)
