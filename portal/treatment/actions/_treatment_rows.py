"""Read and write the treatments of many findings at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from assessments.models import Finding
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.models import Batch, Treatment
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
    """Return a query for the same findings. It has none of the joins, ordering and slicing of `findings`."""
    return Finding.objects.filter(tenant=tenant, pk__in=findings.values("pk"))


def upsert_treatments(tenant: Tenant, rows: Sequence[tuple[Any, ...]], fields: Sequence[str]) -> None:
    """Write columns of treatments; create a treatment for each finding that has none.

    Each row is a sequence: the finding's id, then the values of `fields` in this order. The value of a relation is the
    id of the related object.
    """
    if not rows:
        return
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    values = dict(zip(("finding", *fields), columns, strict=True))
    bulk_insert(Treatment, {"tenant": Constant(tenant), **values}, unique="finding", update=fields)


def counted_batch(batch: Batch | None, **new: Any) -> Batch:
    """Add `new["count"]` to the count of `batch`, or create a batch with the fields `new` if `batch` is None.

    Return the batch. Each call sets its `at`, because people can undo a batch for some time after `at`.
    """
    if batch is None:
        return Batch.objects.create(**new)
    batch.count += new["count"]
    batch.at = new["at"]
    batch.save(update_fields=["count", "at"])
    return batch


def id_or_none(instance: Model | None) -> str | None:
    """Return the object's id as text, for journal entries and the undo of batches. Return None if there is no
    object.
    """
    return str(instance.pk) if instance is not None else None


def owner_before(owner: UUID | None) -> dict[str, str | None]:
    """Return the value of `TreatmentEvent.undo` for a change of the owner that belongs to no batch.

    The value has only the id of the previous owner.
    """
    return {"owner": str(owner) if owner else None}
