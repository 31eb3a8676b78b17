"""The figures of a tenant by day, for trends."""

from django.db import models

from tenants.models import TenantOwned


class Snapshot(TenantOwned):
    """The figures of one tenant and UTC day. Today's row is rewritten with each change, and once after midnight.

    `score` is raw and `adjusted` reflects exceptions and attestations: 0 to 100, null if no verdict counts.
    `states` is {shown state: number of findings}. `opened` and `closed` count the findings that began and
    ceased to fail that day. `through` is the number of the last assessment that the figures include.
    `taken_at` is when the figures were computed, or the midnight that ends the day if the row has the final
    figures.

    `verdicts` counts findings by verdict: [section, severity, outcome, state, number]. `shown` counts them by shown
    state: [severity, outcome, shown state, number], and `late` has the number of overdue findings by severity.
    `shown` and `late` are the numbers at `taken_at`; in a row with the final figures, they are older, because
    closing the day does not compute them again. They are valid until `valid_until`, when an exception or
    attestation begins or ends or a finding becomes overdue; null means without limit. `work` counts the failing
    findings of owners: [owner's id, open, open and critical, overdue, acknowledged]. `totals` are the fields of
    `portal.treatment.scores.Totals`, computed from `shown`. A migration that changes this computation sets `totals`
    to null. Only the newest row has `verdicts`, `shown`, `totals` and `work`.

    If `facets_until` is not null, the tenant's rows of `FacetCount` belong to this row. At `facets_until`, a finding
    moves to another group by age or due date. Without `all_tags`, only the most frequent tags have rows. Without
    `has_pairs`, the rows count no pairs of values.
    """

    day = models.DateField()
    taken_at = models.DateTimeField(null=True, help_text="when the figures were computed")
    through = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True)
    adjusted = models.FloatField(null=True)
    coverage = models.FloatField(null=True)
    states = models.JSONField(default=dict)
    overdue = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    verdicts = models.JSONField(default=list)
    shown = models.JSONField(default=list)
    late = models.JSONField(default=dict)
    totals = models.JSONField(null=True, help_text="null: not stored")
    work = models.JSONField(null=True, help_text="null: not stored")
    valid_until = models.DateTimeField(null=True)
    facets_until = models.DateTimeField(null=True, help_text="null: not stored")
    all_tags = models.BooleanField(default=False)
    has_pairs = models.BooleanField(default=False, db_default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["tenant", "day"], name="treatment_snapshot_day")]

    def __str__(self) -> str:
        return f"{self.day}"
