"""Changes of resources with their reviews, and the timeline of each review."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from assessments.models import Finding, Resource
from assessments.models.generated import StoredColumn, key_of_text
from portal.changes.models.approval import ApprovedConfiguration
from portal.changes.models.plan import PlannedChange
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant

ACTORS_TEXT = Func(F("actors"), function="changes_actors_text", output_field=models.TextField())
"""The actors as one text with one actor on each line. A migration creates the database function."""


class ResourceChange(TenantOwned):
    """One change in a customer's Azure environment, and its review if a rule caught it.

    `kind` says that a resource was created, changed or deleted between two readings. The kind OPERATION is an operation
    of the activity log that no stored version shows, such as a role assignment or a lock.

    Facts, written by `portal.changes.actions.record`:

    - `at`: when Surety read the change or, for an operation, when the operation happened
    - `since`: the start of the period, ending at `at`, in which the change happened
    - `version`: the id of the `ResourceVersion`, which retention may delete
    - `assessment`: the number of the assessment that found the change
    - `differences`: the first changed properties as {"path": [...], "before": ..., "now": ...}. `before` is missing if
      the property did not exist before, and `now` is missing if it no longer exists. Long values are cut. For an
      operation on an object of the directory, the differences come from the audit log
    - `difference_count`: the number of all differences
    - `properties`: the paths of the changed properties as text
    - `candidates`: the operations that may have made the change (`portal.changes.attribution`)
    - `gap`: why operations may be missing from `candidates`, as a sentence; `gap_kind`: the kind of this reason
    - `verdicts`: the changes of verdicts on this resource at the same time, as {"finding", "control", "severity",
      "before", "after"}
    - `approval`: the approved configuration from which the resource differs after the change; None if the resource does
      not differ. A deleted resource differs
    - `approved_differences`: like `differences`, with the approved value as `before`

    The review:

    - `rules`: the names of the rules that caught the change; empty if no rule caught the change
    - `severity`: the highest severity of these rules; empty if no rule caught the change (`state` is NOT_CAUGHT)
    - `plan`: the planned change in which the change was expected
    """

    protection = Protection.CONFIDENTIAL

    class Kind(models.TextChoices):
        CREATED = "created", "Created"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"
        OPERATION = "operation", "Operation"

    class State(models.TextChoices):
        NOT_CAUGHT = "", "Not caught by a rule"
        WAITING = "waiting", "Waiting for review"
        EXPECTED = "expected", "Expected"
        UNEXPECTED = "unexpected", "Unexpected"
        ROLLED_BACK = "rolled_back", "Rolled back"

    class GapKind(models.TextChoices):
        NONE = "", "No gap"
        NO_OPERATION = "no_operation", "The activity log has no operation on the resource"
        NOT_READ = "not_read", "The activity log was not read for the whole period"
        UNREADABLE = "unreadable", "The activity log could not be read completely"

    OPEN = (State.WAITING, State.UNEXPECTED)

    key = models.CharField(max_length=64, help_text="SHA-256 of what identifies the change")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="changes"
    )
    azure_id = models.TextField(help_text="the resource id in the spelling of Azure")
    name = models.CharField(max_length=300)
    type = models.CharField(max_length=200, help_text="in lower case")
    unit = models.CharField(max_length=60)
    resource_group = models.CharField(max_length=100, blank=True)
    tags = models.JSONField(default=dict)
    version = models.UUIDField(null=True)
    assessment = models.PositiveIntegerField(null=True)
    differences = models.JSONField(default=list)
    difference_count = models.PositiveIntegerField(default=0)
    properties = ArrayField(models.TextField(), default=list)
    candidates = models.JSONField(default=list)
    actors = ArrayField(models.TextField(), default=list, help_text="user names or ids, in lower case")
    operations = ArrayField(models.TextField(), default=list, help_text="in lower case")
    gap = models.TextField(blank=True)
    gap_kind = models.CharField(max_length=20, choices=GapKind, blank=True)
    is_attributed = models.BooleanField(default=False, help_text="no later reading can add operations")
    verdicts = models.JSONField(default=list)
    worsened = models.CharField(
        max_length=20, blank=True, help_text="highest severity of the findings that began to fail"
    )

    approval = models.ForeignKey(
        ApprovedConfiguration, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    approved_differences = models.JSONField(default=list)
    approved_difference_count = models.PositiveIntegerField(default=0)

    rules = ArrayField(models.CharField(max_length=120), default=list)
    severity = models.CharField(max_length=20, choices=Finding.Severity, blank=True)
    state = models.CharField(max_length=20, choices=State, blank=True)
    plan = models.ForeignKey(
        PlannedChange, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    overdue_notified_for = models.DateTimeField(
        null=True, blank=True, help_text="`due_at` of the last notice"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    ticket = models.CharField(max_length=120, blank=True)

    azure_ref = StoredColumn(
        expression=key_of_text(Lower("azure_id")),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="key of the resource id among the tenant's `ChangeText`",
    )
    actors_ref = StoredColumn(
        expression=key_of_text(ACTORS_TEXT),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="key of the actors among the tenant's `ChangeText`",
    )

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="changes_resourcechange_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="changes_resourcechange_tenant_id"),
            same_tenant("resource_id", "assessments_resource"),
            same_tenant("plan_id", "changes_plannedchange"),
            same_tenant("approval_id", "changes_approvedconfiguration"),
            models.CheckConstraint(
                condition=Q(state="", severity="") | (~Q(state="") & ~Q(severity="")),
                name="changes_resourcechange_caught",
            ),
            models.CheckConstraint(
                condition=~Q(state="unexpected") | Q(owner__isnull=False, due_at__isnull=False),
                name="changes_resourcechange_work",
            ),
        ]
        indexes = [
            # A search for text reads only this index, newest change first, until it has found enough changes for the
            # page.
            models.Index(
                fields=["tenant", "-at", "-id"],
                include=["azure_ref", "actors_ref"],
                name="changes_resourcechange_newest",
            ),
            models.Index(fields=["tenant", "azure_ref", "-at"], name="changes_change_azure"),
            models.Index(fields=["tenant", "actors_ref", "-at"], name="changes_change_actors"),
            models.Index(fields=["tenant", "resource", "-at"], name="changes_change_of_resource"),
            models.Index(fields=["tenant", "type", "-at", "-id"], name="changes_change_of_type"),
            models.Index(
                fields=["tenant", "state", "-at"],
                condition=~Q(state=""),
                name="changes_change_caught",
            ),
            models.Index(
                fields=["tenant", "at"], condition=Q(is_attributed=False), name="changes_change_unattributed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def summary(self) -> str:
        """A description of the change in a few words: the operation, the path of the first property, or both."""
        found = (
            [str(self.candidates[0]["operation"])]
            if self.kind == self.Kind.OPERATION and self.candidates
            else []
        )
        found += [self.properties[0].removeprefix("properties.")] if self.properties else []
        if found:
            return ": ".join(found)
        return self.Kind(self.kind).label


class ReviewEvent(TenantOwned):
    """An event in the timeline of a change. `by` is null if Surety itself caused the event.

    The application's database role can neither update nor delete events.
    """

    protection = Protection.CONFIDENTIAL
    append_only = True

    class Kind(models.TextChoices):
        CAUGHT = "caught", "Caught by a rule"
        PLANNED = "planned", "Expected by a planned change"
        EXPECTED = "expected", "Reviewed: expected"
        UNEXPECTED = "unexpected", "Reviewed: unexpected"
        ROLLED_BACK = "rolled_back", "Rolled back"
        ASSIGNED = "assigned", "Assigned"

    change = models.ForeignKey(ResourceChange, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["at", "id"]
        constraints = [same_tenant("change_id", "changes_resourcechange")]
        indexes = [models.Index(fields=["tenant", "change", "at"], name="changes_reviewevent_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.change_id}"
