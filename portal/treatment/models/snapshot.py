"""How a tenant stood at the end of each day: what trends are drawn from."""

from django.db import models

from tenants.models import TenantOwned


class Snapshot(TenantOwned):
    """One row a tenant and UTC day; today's is rewritten as things change, and once more when the day is over.

    `score` raw and `adjusted` after exceptions and attestations, 0 to 100, null where nothing is decided;
    `states` is {shown state: number of findings}; `opened` and `closed` count the findings that began to fail
    and that ceased to, that day; `through` is the number of the last assessment whose news were told when it
    was taken; `taken_at` that moment, or the midnight that ends the day where the row is of its very end.
    """

    day = models.DateField()
    taken_at = models.DateTimeField(null=True, help_text="when its figures were counted")
    through = models.PositiveIntegerField(default=0)
    score = models.FloatField(null=True)
    adjusted = models.FloatField(null=True)
    coverage = models.FloatField(null=True)
    states = models.JSONField(default=dict)
    open_by_severity = models.JSONField(default=dict)
    overdue = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    verdicts = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["tenant", "day"], name="treatment_snapshot_day")]

    def __str__(self) -> str:
        return f"{self.day}"
