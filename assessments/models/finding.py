"""Findings. A finding is the current verdict of a control on a subject. All changes of the verdict are stored too."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Concat, Lower

from assessments.models.assessment import Assessment
from assessments.models.generated import StoredColumn, key_of_text
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Finding(TenantOwned):
    """The verdict of a control on a subject. Tenant, control and the subject in lower case identify the finding
    permanently.

    - `unit`: the scope id of the unit that judges the finding (`/subscriptions/<guid>` or `directory:<guid>`)
    - `state`: depends only on verdicts; other tables record the treatment of the finding by people
    - `observed_sha256`: an approved exception covers the finding only while this hash has the approved value
    - `failing_since`: remains unchanged while the verdict is unknown, so that an unknown verdict does not interrupt a
      failure
    - `gone_at`: when the finding became gone: its subject no longer existed, or was no longer assessed
    - `is_gone_by_exclusion`: whether the finding is gone only because its subscription was excluded, or its control was
      switched off or removed from the catalogue; if the finding later returns and fails, its earlier failure counts as
      uninterrupted
    """

    protection = Protection.CONFIDENTIAL

    class Outcome(models.TextChoices):
        PASS = "pass", "Pass"
        FAIL = "fail", "Fail"
        NOT_APPLICABLE = "not_applicable", "Not applicable"
        MANUAL = "manual", "Manual"
        UNKNOWN = "unknown", "Unknown"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"
        PASSING = "passing", "Passing"
        MANUAL = "manual", "Manual"
        UNKNOWN = "unknown", "Unknown"
        NOT_APPLICABLE = "not_applicable", "Not applicable"
        GONE = "gone", "Gone"

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    # This column gets no index of its own. All other indexes begin with the tenant, and PostgreSQL would sometimes
    # wrongly prefer an index on the tenant alone.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )
    control = models.CharField(max_length=80)
    section = models.CharField(max_length=40)
    severity = models.CharField(max_length=20, choices=Severity)
    severity_rank = models.PositiveSmallIntegerField(help_text="0 is the most severe")
    subject = models.TextField(help_text="in the spelling of Azure")
    subject_key = models.CharField(max_length=64, help_text="SHA-256 of the subject in lower case")
    subject_name = models.CharField(max_length=300)
    subject_type = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    resource_group = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome)
    outcome_rank = StoredColumn(
        expression=models.Case(
            models.When(outcome="fail", then=0),
            models.When(outcome="unknown", then=1),
            models.When(outcome="manual", then=2),
            models.When(outcome="pass", then=3),
            default=4,
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
        help_text="position in lists, from 0: fail, unknown, manual, pass, not applicable",
    )
    state = models.CharField(max_length=20, choices=State)
    reason = models.TextField()
    expected = models.TextField()
    observed = models.JSONField(default=dict)
    observed_sha256 = models.CharField(max_length=64)
    remarks = models.JSONField(default=list)
    unknown_because = models.CharField(max_length=40, blank=True)
    evidence = ArrayField(models.CharField(max_length=64), default=list)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="when the outcome last changed")
    failing_since = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    is_gone_by_exclusion = models.BooleanField(default=False, db_default=False)

    subject_ref = StoredColumn(
        expression=key_of_text(Lower("subject")),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="key of the subject among the tenant's `FindingText`",
    )
    reason_ref = StoredColumn(
        expression=key_of_text(
            Lower(Concat("control", models.Value("\n"), "reason", output_field=models.TextField()))
        ),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="key of control and reason among the tenant's `FindingText`",
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "control", "subject_key"], name="assessments_finding_identity"
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="assessments_finding_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(outcome="fail", failing_since__isnull=False)
                | models.Q(outcome="unknown")
                | ~models.Q(outcome__in=["fail", "unknown"]) & models.Q(failing_since__isnull=True),
                name="assessments_finding_failing_since",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="unknown") | ~models.Q(unknown_because=""),
                name="assessments_finding_unknown_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "severity_rank", "outcome_rank", "control", "id"],
                # Lists filter by these columns. Because the index contains them, PostgreSQL skips the findings of
                # earlier pages of a list without reading table rows.
                include=["state", "severity", "outcome", "section", "unit"],
                name="assessments_finding_worst",
            ),
            models.Index(fields=["tenant", "subject_name"], name="assessments_finding_subject"),
            # This index finds the findings on a resource.
            models.Index(fields=["tenant", "subject_ref"], name="assessments_finding_resource"),
            models.Index(fields=["tenant", "state", "severity_rank"], name="assessments_finding_state"),
            # The next three indexes are small. PostgreSQL uses them to count findings for filters and scores without
            # reading table rows.
            models.Index(fields=["tenant", "unit", "control", "state"], name="assessments_finding_unit"),
            models.Index(
                fields=[
                    "tenant",
                    "control",
                    "severity",
                    "section",
                    "outcome",
                    "state",
                    "unit",
                    "unknown_because",
                ],
                name="assessments_finding_facets",
            ),
            models.Index(
                fields=["tenant", "state", "severity", "outcome", "failing_since", "first_seen_at"],
                name="assessments_finding_since",
            ),
            # Queries that count or sort findings by owner or due date join findings with treatments. This index is
            # ordered by finding, as are indexes of the treatments, so PostgreSQL can merge them.
            models.Index(
                fields=["tenant", "id"],
                include=[
                    "state",
                    "severity",
                    "outcome",
                    "control",
                    "section",
                    "unit",
                    "failing_since",
                    "first_seen_at",
                    "severity_rank",
                    "outcome_rank",
                    "subject_ref",
                    "reason_ref",
                ],
                name="assessments_finding_cover",
            ),
            # This index has only the findings that people can treat. It includes all columns that determine the state
            # that pages show.
            models.Index(
                fields=["tenant", "id"],
                include=[
                    "state",
                    "outcome",
                    "severity",
                    "control",
                    "section",
                    "unit",
                    "failing_since",
                    "first_seen_at",
                    "gone_at",
                    "observed_sha256",
                    "severity_rank",
                    "outcome_rank",
                    "subject_ref",
                    "reason_ref",
                ],
                condition=models.Q(state__in=["open", "manual"]),
                name="assessments_finding_treatable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control} on {self.subject_name}"


class FindingChange(TenantOwned):
    """One change of a finding's verdict, with the assessment that found it.

    `before_outcome` is empty if the finding was new. `after_outcome` is `gone` if the subject no longer exists or
    is no longer assessed.
    `severity_rank` is the rank that the finding had when its verdict changed.
    """

    protection = Protection.CONFIDENTIAL

    class Kind(models.IntegerChoices):
        """The kinds of changes, the most urgent first."""

        BEGAN = 0, "Began to fail"
        UNKNOWN = 1, "Became unknown"
        RESOLVED = 2, "Resolved"
        OBSERVED = 3, "Value changed"
        NEW = 4, "New"
        GONE = 5, "Gone"
        OTHER = 6, "Verdict changed"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="changes")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    before_outcome = models.CharField(max_length=20, blank=True)
    after_outcome = models.CharField(max_length=20)
    before_observed = models.JSONField(null=True)
    after_observed = models.JSONField(null=True)
    reason = models.TextField()
    severity_rank = models.PositiveSmallIntegerField(default=3, help_text="0 is the most severe")
    kind = StoredColumn(
        expression=models.Case(
            models.When(after_outcome="gone", then=Kind.GONE),
            models.When(before_outcome="", then=Kind.NEW),
            models.When(before_outcome=models.F("after_outcome"), then=Kind.OBSERVED),
            models.When(after_outcome="fail", then=Kind.BEGAN),
            models.When(after_outcome="unknown", then=Kind.UNKNOWN),
            models.When(before_outcome="fail", then=Kind.RESOLVED),
            default=Kind.OTHER,
        ),
        output_field=models.PositiveSmallIntegerField(choices=Kind),
        db_persist=True,
    )

    class Meta(TenantOwned.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "assessment"], name="assessments_change_once"),
            same_tenant("finding_id", "assessments_finding"),
            same_tenant("assessment_id", "assessments_assessment"),
        ]
        indexes = [
            models.Index(fields=["assessment", "after_outcome"], name="assessments_change_recent"),
            # This index is for lists of changes and for the counts of such lists. A list of changes can be long: the
            # first assessment stores one change per finding.
            models.Index(
                fields=["tenant", "assessment", "kind", "severity_rank", "id"],
                name="assessments_change_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before_outcome or 'new'} → {self.after_outcome}"
