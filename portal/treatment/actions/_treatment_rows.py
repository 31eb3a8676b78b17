"""Reading and writing treatments of many findings at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, QuerySet

from assessments.models import Finding
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.models import Treatment
from tenants.models import Tenant

OWNER_FIELDS = ("owner", "owner_source", "owner_rule", "owned_at")
ACKNOWLEDGED_FIELDS = (
    "acknowledged_by",
    "acknowledged_at",
    "acknowledged_failing_since",
    "plan",
    "planned_for",
)


def plain_query(tenant: Tenant, findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """The findings as a plain query that can be filtered on, whatever the given one joins, sorts or cuts."""
    return Finding.objects.filter(tenant=tenant, pk__in=findings.values("pk"))


def upsert_treatments(tenant: Tenant, rows: Sequence[tuple[Any, ...]], fields: Sequence[str]) -> None:
    """Write these columns, with a treatment for each finding that has none yet.

    A row is the finding's id and the values of `fields` in their order: ids for other objects.
    """
    if not rows:
        return
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    given = dict(zip(("finding", *fields), columns, strict=True))
    bulk_insert(Treatment, {"tenant": Constant(tenant), **given}, unique="finding", update=fields)


def id_or_none(instance: Model | None) -> str | None:
    """An id for the journal or an undo."""
    return str(instance.pk) if instance is not None else None
