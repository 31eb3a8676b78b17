"""The stored events of activity logs and of directories' audit logs, which say who changed what. Each reading of such a
log is recorded too.
"""

from django.db import models
from django.db.models.functions import Lower

from assessments.estate.logs.activity import MAX_TEXT, ActorKind
from assessments.models.generated import StoredColumn
from tenants.models import TenantOwned
from tenants.protection import Protection


class ActivityEvent(TenantOwned):
    """An operation that changed something in a subscription or directory, as the activity log or audit log describes
    the operation (`assessments.estate.logs.activity.ActivityEvent`).

    `unit` is the `Unit.scope_id` of the subscription or directory. The database role of the application can neither
    change nor delete a row.
    """

    protection = Protection.PERSONAL
    append_only = True

    unit = models.CharField(max_length=60)
    event_id = models.CharField(max_length=MAX_TEXT)
    at = models.DateTimeField()
    resource_id = models.TextField(help_text="in the spelling of Azure")
    operation = models.CharField(max_length=MAX_TEXT, help_text="the ARM action")
    status = models.CharField(max_length=MAX_TEXT)
    correlation_id = models.CharField(max_length=MAX_TEXT, blank=True)
    actor_kind = models.CharField(
        max_length=20, choices=[(kind.value, kind.name.title()) for kind in ActorKind]
    )
    actor = models.CharField(max_length=MAX_TEXT, blank=True, help_text="user name, or id of an application")
    actor_name = models.CharField(max_length=MAX_TEXT, blank=True)
    object_id = models.CharField(max_length=36, blank=True, help_text="the actor's object in the directory")
    address = models.GenericIPAddressField(null=True, help_text="from which the request was sent")
    target_name = models.CharField(
        max_length=MAX_TEXT, blank=True, help_text="of an object of a directory that is not a person"
    )
    properties = models.JSONField(default=list, help_text="as `ResourceChange.differences`")
    property_count = models.PositiveIntegerField(default=0, help_text="of all changed properties")
    # Queries compare this stored column instead of calling `lower()` or `LIKE`: because of row-level security,
    # PostgreSQL uses no index for these two. The collation C compares byte by byte, so the ids of all resources below a
    # resource are one range of the index.
    folded = StoredColumn(
        expression=Lower("resource_id"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        help_text="the resource id in lower case",
    )

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "unit", "event_id"], name="assessments_activityevent_once"
            )
        ]
        indexes = [
            # This index finds the events about a resource and about the resources below it.
            models.Index(fields=["tenant", "folded", "at"], name="assessments_activity_resource"),
            models.Index(fields=["tenant", "at"], name="assessments_activity_at"),
        ]

    def __str__(self) -> str:
        return self.operation


class ActivityReading(TenantOwned):
    """A record of one reading of a unit's log, which covered the events from `since` to `until`. `code` is an error
    code, or empty if all events were read.

    The application's role can neither change nor delete a row.
    """

    protection = Protection.CONFIDENTIAL
    append_only = True

    unit = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField()
    events = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=80, blank=True, help_text="why events may be missing")
    message = models.TextField(blank=True)
    permission = models.CharField(max_length=200, blank=True, help_text="what is missing if Azure refused")

    class Meta(TenantOwned.Meta):
        ordering = ["-until", "-id"]
        indexes = [models.Index(fields=["tenant", "unit", "-until"], name="assessments_activityread_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.until:%Y-%m-%d %H:%M}"
