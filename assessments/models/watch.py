"""The state of the watch, which reads the logs of subscriptions and directories between assessments."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class Watch(TenantOwned):
    """The state of the watch of one subscription or directory. `unit` is the `Unit.scope_id` of the subscription or
    directory.

    - `attempt`: the fencing token of the lease that a worker holds while it reads the log
    - `read_at`: the end of the last complete reading of the activity or audit log
    - `tried_at`: when the watch last tried to read the log
    - `code`, `message`, `permission`: why the watch could not read or judge at this time, or empty
    - `judged_from`: the start of a complete reading of the subscription. Turns have judged all events from then until
      `read_at`. After the next complete reading, a turn judges all events since the start of that reading
    - `wants_full`: whether so much has changed that an assessment must read everything
    - `full_at`: when the watch last started such an assessment
    - `hours`: {hour in UTC (`2026-11-27T23`): number of requests} for the last 24 hours
    """

    protection = Protection.INTERNAL

    unit = models.CharField(max_length=60)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=80, blank=True)
    message = models.TextField(blank=True)
    permission = models.CharField(max_length=200, blank=True)
    judged_from = models.DateTimeField(null=True, blank=True)
    wants_full = models.BooleanField(default=False)
    full_at = models.DateTimeField(null=True, blank=True)
    requests = models.PositiveIntegerField(default=0, help_text="of the last turn")
    hours = models.JSONField(default=dict)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "unit"], name="assessments_watch_once"),
        ]

    def __str__(self) -> str:
        return self.unit
