"""The columns that all reports share: the state of the build by a worker, and the properties of the signed file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from portal.reports.storage import report_name, report_storage
from tenants.models import Language, Paper


class SignedBuild(models.Model):
    """A report that a worker builds.

    - `error`: why a build failed
    - `sha256` (hex), `size` (bytes) and `level` (the PAdES level) describe the signed file
    - `signer`: the common name of the certificate; `self_made`: whether the certificate is self-signed
    - `step`: the step that the worker has reached; empty while the report waits for a worker
    - `lease_until`: while a worker builds the report, the time after which the worker counts as lost. While the report
      waits for a worker, the time after which its Celery message counts as lost. When the worker of a cancelled report
      has stopped, the field becomes empty
    - `attempt`: the fencing token (`portal.reports.builds`)
    """

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Step(models.TextChoices):
        """The steps of a build, in this order."""

        GATHERING = "gathering", "Gathering data"
        RENDERING = "rendering", "Rendering pages"
        SIGNING = "signing", "Signing"
        CHECKING = "checking", "Checking the signature"

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    classification = models.CharField(max_length=60, default="Confidential")
    paper = models.CharField(max_length=10, choices=Paper, default=Paper.A4, db_default="a4")
    language = models.CharField(
        max_length=10,
        choices=Language,
        default=Language.ENGLISH,
        db_default="en",
        help_text="language of the pages; attachments are English",
    )
    state = models.CharField(max_length=20, choices=State, default=State.BUILDING)
    error = models.TextField(blank=True)
    step = models.CharField(max_length=20, choices=Step, blank=True, default="", db_default="")
    attempt = models.PositiveIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    build_until = models.DateTimeField(
        null=True, blank=True, help_text="the time at which the worker that claimed the report is stopped"
    )
    worker = models.CharField(max_length=200, blank=True, default="", db_default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_as = models.CharField(
        max_length=320, help_text="name and address of the requester, as printed in the report"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    file = models.FileField(storage=report_storage, upload_to=report_name, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    level = models.CharField(max_length=10, blank=True)
    signer = models.CharField(max_length=300, blank=True)
    self_made = models.BooleanField(default=False)
    pages = models.PositiveIntegerField(default=0)
    archive_until = models.DateTimeField(
        null=True, blank=True, help_text="when the certificates of the last archive time stamp end"
    )
    archive_algorithm = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="algorithm of the last archive time stamp",
    )
    renewal_failed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when the last archive time stamp could last not be renewed; empty afterwards",
    )
    renewal_error = models.TextField(blank=True, default="", db_default="")
    page_content: models.JSONField[Any, Any] = models.JSONField(
        null=True,
        blank=True,
        help_text="what the page of the report shows; empty for reports of older versions",
    )

    class Meta:
        abstract = True

    @property
    def file_name(self) -> str:
        """The name of the downloaded file."""
        raise NotImplementedError
