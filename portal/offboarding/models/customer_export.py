"""Exports of customers. An export is a ZIP archive with everything that Surety stores about a customer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.offboarding.storage import export_name, export_storage
from tenants.models import TenantOwned
from tenants.protection import Protection


class CustomerExport(TenantOwned):
    """An export of a customer, which a worker writes.

    `attempt` is a fencing token: only the worker that has the stored number may finish the export. `worked_at` is when
    the worker last reported its progress. `sha256` (hex) and `size` (bytes) belong to the archive. The file is deleted
    at `expires_at`.
    """

    protection = Protection.CONFIDENTIAL

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Deleted"

    ACTIVE = (State.WAITING, State.RUNNING)

    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    worked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=100, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    steps_planned = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    file = models.FileField(storage=export_storage, upload_to=export_name, max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(state__in=("waiting", "running")),
                name="leaving_export_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(sha256="") & ~Q(file="") & Q(size__gt=0)),
                name="leaving_export_ready_has_file",
            ),
        ]

    def __str__(self) -> str:
        return f"export of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_active(self) -> bool:
        """Whether the export waits for a worker or is being written."""
        return self.state in self.ACTIVE

    @property
    def file_name(self) -> str:
        """The name of the downloaded file."""
        return f"surety-{self.tenant.slug}-{self.created_at:%Y-%m-%d}.zip"
