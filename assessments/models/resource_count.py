"""How many resources of each type a subscription has, so that pages about many customers do not count resources."""

from __future__ import annotations

from django.db import models

from tenants.models import TenantOwned


class ResourceCount(TenantOwned):
    """The number of existing resources of one type and region in a unit (`Resource.unit`).

    When a unit's inventory is written, its rows are replaced if a number has changed. `type` is in lower case,
    because Azure returns the same type in different spellings; `location` may be empty. A pair without resources
    has no row.
    """

    unit = models.CharField(max_length=60)
    type = models.CharField(max_length=200)
    location = models.CharField(max_length=60, blank=True)
    resources = models.PositiveIntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "unit", "type", "location"], name="assessments_resourcecount_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type}: {self.resources}"
