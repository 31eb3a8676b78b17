"""Compare resources with their approved configurations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from assessments.estate.differences import Difference, differences
from assessments.models import Resource, ResourceVersion
from assessments.resource_versions import read, read_newest
from portal.changes.facts import stored_differences
from portal.changes.models import ApprovedConfiguration, ResourceChange
from tenants.models import Tenant

BATCH = 100


def approval_of(resource: Resource) -> ApprovedConfiguration | None:
    """Return the approval in force, with the person who gave it. Return None if no approval is in force. Needs the
    tenant's scope.
    """
    rows = ApprovedConfiguration.objects.filter(
        tenant_id=resource.tenant_id, resource=resource, ended_at__isnull=True
    )
    return rows.select_related("approved_by").first()


def approvals_of(tenant: Tenant, resources: Sequence[Resource]) -> dict[UUID, ApprovedConfiguration]:
    """Return the approvals in force by resource id. Sends one query, which does not read the approved
    configurations.
    """
    if not resources:
        return {}
    rows = ApprovedConfiguration.objects.filter(tenant=tenant, resource__in=resources, ended_at__isnull=True)
    return {row.resource_id: row for row in rows.select_related("approved_by").defer("content")}


def with_newest(rows: QuerySet[Resource]) -> QuerySet[Resource]:
    """Annotate resources with `newest`, the id of the newest stored version, or None if no version is stored."""
    versions = ResourceVersion.objects.filter(resource=OuterRef("pk")).order_by("-at", "-id")
    return rows.annotate(newest=Subquery(versions.values("pk")[:1]))


def seen_digest(versions: Iterable[tuple[UUID, UUID | None]]) -> str:
    """Return the SHA-256, as hexadecimal text, of pairs (id of a resource, id of its newest version). The order of the
    pairs does not matter.

    A form contains this digest. So nobody approves a resource or version other than the one that the page showed.
    """
    lines = sorted(f"{resource} {version}" for resource, version in versions)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def deviations_of(approval: ApprovedConfiguration, newest: ResourceVersion) -> list[Difference]:
    """Return the differences between the approved configuration and the newest version; empty if there are none."""
    if approval.version == newest.pk:
        return []
    return differences(approval.content, newest.document)


def compare_with_approved(tenant: Tenant, changes: Sequence[ResourceChange]) -> None:
    """Compare the resources of these new changes with their approved configurations.

    If a resource differs, set `approval` in the change, and `differs_since` in the approval. Versions up to the
    approved version are not compared, because the approver has seen them.
    """
    wanted = {change.resource_id for change in changes if change.resource_id}
    rows = ApprovedConfiguration.objects.filter(tenant=tenant, ended_at__isnull=True).defer("content")
    approvals: dict[UUID | None, ApprovedConfiguration] = {}
    if wanted:
        approvals = {row.resource_id: row for row in rows.filter(resource__in=wanted)}
    compared = [change for change in changes if change.resource_id in approvals]
    for first in range(0, len(compared), BATCH):
        _compare(compared[first : first + BATCH], approvals)


def compare_returned(tenant: Tenant, unit: str) -> None:
    """Clear `differs_since` of approvals whose resource was deleted, and now exists again with the approved
    configuration.

    `unit` is the scope id of the subscription. A resource that exists again without a difference has no new version, so
    `compare_with_approved` gets no change for this resource.
    """
    deletions = ResourceChange.objects.filter(approval=OuterRef("pk"), kind=ResourceChange.Kind.DELETED)
    rows = ApprovedConfiguration.objects.filter(
        Exists(deletions.filter(at__gte=OuterRef("differs_since"))),
        tenant=tenant,
        resource__unit=unit,
        resource__gone_at__isnull=True,
        ended_at__isnull=True,
        differs_since__isnull=False,
    )
    approvals = list(rows)
    newest = read_newest(
        ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=[row.resource_id for row in approvals]
    )
    for row in approvals:
        version = newest.get(row.resource_id)
        if version is not None and not deviations_of(row, version):
            row.differs_since = None
            row.save(update_fields=["differs_since"])


def _compare(
    changes: Sequence[ResourceChange], approvals: Mapping[UUID | None, ApprovedConfiguration]
) -> None:
    ids = {approvals[change.resource_id].pk for change in changes}
    approved = dict(ApprovedConfiguration.objects.filter(pk__in=ids).values_list("pk", "content"))
    versions = read(
        ResourceVersion.objects.all(),
        tenant_id=changes[0].tenant_id,
        ids=[change.version for change in changes if change.version],
    )
    moved = []
    for change in changes:
        approval = approvals[change.resource_id]
        version = versions.get(change.version) if change.version else None
        is_newer = (version.at if version else change.at) > approval.version_at
        if not is_newer or (version is None and change.kind != ResourceChange.Kind.DELETED):
            continue
        found = differences(approved[approval.pk], version.document) if version else []
        if found or version is None:
            change.approval = approval
            change.approved_differences, change.approved_difference_count, _ = stored_differences(found)
            approval.differs_since = approval.differs_since or change.at
        else:
            approval.differs_since = None
        moved.append(approval)
    ApprovedConfiguration.objects.bulk_update({row.pk: row for row in moved}.values(), ["differs_since"])
