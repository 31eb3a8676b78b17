"""The state of the watch, which reads the logs of subscriptions and directories between assessments."""

from django.db import models

from tenants.models import TenantOwned


class Watch(TenantOwned):
    """The state of the watch of one subscription or directory. `unit` is its `Unit.scope_id`.

    A worker reads the log while it holds the lease. `attempt` is the fencing token of the lease. `read_at` is the time
    up to which the log was last read completely: the activity log of a subscription, or the audit log of a directory.
    `tried_at` is the time of the last attempt to read the log. If that attempt failed, `code`, `message` and
    `permission` say why; otherwise `code` is empty. Assessments read the activity log too; `judged_from` is the start
    of the last one whose events the watch has processed. `wants_full` is True if so much has changed that an assessment
    must read the whole subscription, and `full_at` is the time at which such an assessment was last requested. `hours`
    is {hour in UTC (`2026-11-27T23`): number of requests} for the last 24 hours.
    """

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
