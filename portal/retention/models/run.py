"""Store runs. A run previews a policy (a dry run) or deletes old data."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.protection import Protection


class RetentionRun(TenantOwned):
    """A preview or a deletion for one customer, which a worker carries out kind by kind.

    - `kinds`: the kinds, in the order in which they are carried out
    - `days`: {kind: days, null for data that is kept without limit}
    - `results`: {kind: {"before", "rows", "bytes", "oldest", "kept", "done"}}, updated with each batch. Rows older than
      `before` are old. `rows`, `bytes` and `oldest` are the number, size and oldest time of the old rows that the run
      has deleted (in a preview: would delete). `kept` is {reason: number of old rows that are kept}
    - `attempt`: a fencing token; only the worker whose attempt is stored here may continue
    - `worked_at`: when the worker last reported progress
    """

    protection = Protection.INTERNAL

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Finished"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (State.WAITING, State.RUNNING)

    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    dry_run = models.BooleanField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    worked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    kinds = models.JSONField(default=list)
    days = models.JSONField(default=dict)
    results = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "dry_run"],
                condition=Q(state__in=("waiting", "running")),
                name="retention_run_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{'preview' if self.dry_run else 'deletion'} of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_active(self) -> bool:
        """Return whether the run is waiting or running."""
        return self.state in self.ACTIVE

    @property
    def done(self) -> int:
        """The number of kinds that are finished."""
        return sum(bool(result.get("done")) for result in self.results.values())
