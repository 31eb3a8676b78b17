"""The figures of a tenant by day, for trends."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class Snapshot(TenantOwned):
    """The figures of one tenant and UTC day. The row of a day is rewritten with each change on that day, and once after
    the midnight that ends the day.

    - `score` (raw), `adjusted` (with exceptions and attestations): 0 to 100, null if no verdict counts
    - `states`: {shown state: number of findings}
    - `opened`, `closed`: the number of findings that began to fail that day, and the number of findings that ceased to
      fail
    - `through`: the number of the last assessment that the figures include
    - `taken_at`: when the figures were computed. If they are the final figures of the day, this is the midnight that
      ends the day
    - `verdicts`: findings by verdict as [section, severity, outcome, state, number]
    - `shown`: findings as [severity, outcome, shown state, number]; `late`: overdue findings by severity. When the row
      is rewritten after midnight, these two columns keep their values
    - `valid_until`: the next time at which an exception starts or ends, an attestation ends or a due date passes.
      `shown` and `late` are correct until this time; null means without limit
    - `work`: numbers of failing findings by owner, as [owner's id, open, open and critical, overdue, acknowledged]
    - `totals`: the fields of `portal.treatment.scores.Totals`, computed from `shown`. A migration that changes the
      computation sets this column to null
    - `facets_until`: the next time at which a finding moves to another group by age or due date. The tenant's rows of
      `FacetCount` are correct until this time; null means that the rows do not belong to this snapshot
    - `all_tags`: whether all tags have rows of `FacetCount`, or only the most frequent tags; `has_pairs`: whether pairs
      of values have rows of `FacetCount`

    Only the newest row has `verdicts`, `shown`, `totals` and `work`.
    """

    protection = Protection.CONFIDENTIAL

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
