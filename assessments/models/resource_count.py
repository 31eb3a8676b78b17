"""The stored number of resources of each type in a subscription. Pages about many customers read these numbers instead
of counting the resources.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Collate

from tenants.models import TenantOwned
from tenants.protection import Protection


def first_spelling(column: str, **options: Any) -> models.Min:
    """Return an aggregate that chooses one spelling of a resource type. The collation "C" sorts capitals first, so a
    spelling with capitals is chosen, as in Azure's documentation.
    """
    return models.Min(Collate(column, "C"), **options)


class ResourceCount(TenantOwned):
    """The number of existing resources of one type and region in a unit (`Resource.unit`).

    If a row of a unit no longer fits the unit's resources, all rows of the unit are replaced. A type without resources
    has no row. `type` is in lower case. `spelling` is one of the spellings that Azure uses for the type; it is empty in
    rows of earlier versions of Surety. `location` may be empty.
    """

    protection = Protection.CONFIDENTIAL

    unit = models.CharField(max_length=60)
    type = models.CharField(max_length=200)
    spelling = models.CharField(max_length=200, blank=True, default="", db_default="")
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
