"""Write and read versions of resources in tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from assessments.evaluate import digest
from assessments.models import Assessment, Resource, ResourceVersion
from assessments.resource_versions import read, use_changes
from tenants.models import Tenant

type Document = dict[str, Any]


def configuration(row: ResourceVersion) -> Document:
    """The whole configuration of a stored version. Needs the tenant's scope."""
    return read(ResourceVersion.objects.all(), tenant_id=row.tenant_id, ids=[row.pk])[row.pk].document


def configurations(tenant: Tenant, ids: Sequence[UUID]) -> list[Document]:
    """The configurations of these versions, in this order."""
    found = read(ResourceVersion.objects.all(), tenant_id=tenant.pk, ids=ids)
    return [found[pk].document for pk in ids]


def resource_of(tenant: Tenant) -> Resource:
    """Store a resource without a version, and return it."""
    name = uuid4().hex
    return Resource.objects.create(
        tenant=tenant,
        resource_id=f"/subscriptions/x/{name}",
        key=digest(name),
        type="t",
        name=name,
        unit="/subscriptions/x",
        sha256=digest({}),
        first_seen_at=timezone.now(),
        changed_at=timezone.now(),
    )


def assessments_of(tenant: Tenant, number: int) -> list[Assessment]:
    """Store this number of finished assessments, numbered after the existing ones, and return them."""
    last = (
        Assessment.objects.filter(tenant=tenant).order_by("-number").values_list("number", flat=True).first()
        or 0
    )
    return Assessment.objects.bulk_create(
        Assessment(tenant=tenant, number=last + place, state="finished", ended_at=timezone.now())
        for place in range(1, number + 1)
    )


def history_of(
    tenant: Tenant,
    documents: Iterable[Document],
    *,
    resource: Resource | None = None,
    times: Sequence[datetime] = (),
) -> list[ResourceVersion]:
    """Store these configurations of a resource one after the other, as assessments do."""
    bodies = list(documents)
    row = resource or resource_of(tenant)
    begin = timezone.now() - timedelta(hours=len(bodies))
    at = times or [begin + timedelta(hours=place) for place in range(len(bodies))]
    found = []
    for body, assessment, moment in zip(bodies, assessments_of(tenant, len(bodies)), at, strict=True):
        version = ResourceVersion(
            tenant=tenant, resource=row, assessment=assessment, at=moment, sha256=digest(body), stored=body
        )
        use_changes(tenant_id=tenant.pk, versions=[version])
        version.save(force_insert=True)
        found.append(version)
    return found
