"""How many resources of each type a subscription has, so that pages about many customers do not count resources."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Collate

from tenants.models import TenantOwned


def first_spelling(column: str, **options: Any) -> models.Min:
    """Return an aggregate that chooses one spelling of a resource type. The collation "C" sorts capitals first, so the
    spelling of Azure's documentation comes before a type in lower case."""
    return models.Min(Collate(column, "C"), **options)


class ResourceCount(TenantOwned):
    """The number of existing resources of one type and region in a unit (`Resource.unit`).

    Writing the list of resources of a unit replaces its rows if a number has changed. `type` is in lower case, because
    Azure returns the same type in different spellings. `spelling` is one of these, or empty if an earlier version of
    Surety wrote the row. `location` may be empty. A type and region without resources have no row.
    """

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
