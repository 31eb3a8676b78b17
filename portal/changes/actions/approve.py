"""Approve configurations of resources, and withdraw approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments.models import Resource, ResourceVersion
from assessments.resource_versions import read
from portal.changes.actions.review import MAX_REASON, clean_text, own_change
from portal.changes.approved import seen_digest, with_newest
from portal.changes.errors import OwnChange
from portal.changes.models import ApprovedConfiguration, ResourceChange
from portal.changes.rules import are_only
from tenants import journal
from tenants.actions.organizations import lock_settings
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.people.service_accounts import author_addresses, made_by
from tenants.values.stale_values import CODE

Kind = ResourceChange.Kind
State = ResourceChange.State
MAX_APPROVED: Final = 1000
"""The maximum number of resources that can be approved in one action."""
_BATCH: Final = 100


@transaction.atomic
def approve_configurations(
    *,
    tenant: Tenant,
    resources: Sequence[Resource],
    by: Person,
    reason: str,
    expected: str | None = None,
) -> int:
    """Approve the newest version of each of these resources; return their number. Earlier approvals end.

    `expected` is the `seen_digest` of the resources and versions that the person saw.

    Raises InvalidInput if the reason is missing, or if there are no resources or more than 1000. Raises Conflict if a
    resource has no stored version, was deleted, or has changed since the person saw it. Raises OwnChange if the
    approval would cover a change that only the person can have made.
    """
    text = clean_text("reason", reason, MAX_REASON, required=True)
    if not resources:
        raise invalid("resources", "Select at least one resource.")
    if len(resources) > MAX_APPROVED:
        raise invalid("resources", f"Approve at most {MAX_APPROVED} resources at a time. Add a filter.")
    lock_settings([tenant])
    rows = Resource.objects.filter(tenant=tenant, pk__in=[row.pk for row in resources])
    found: list[Any] = list(with_newest(rows).order_by("pk"))
    for row in found:
        if row.gone_at is not None:
            raise Conflict(f"{row.name} was deleted in Azure, so its configuration cannot be approved.")
        if row.newest is None:
            raise Conflict(
                f"The configuration of {row.name} was deleted under the retention policy, so it cannot be approved."
            )
    if expected is not None and expected != seen_digest((row.pk, row.newest) for row in found):
        raise Conflict(
            "The resources or their configurations have changed since you opened this page. "
            "Check them, then approve again.",
            code=CODE,
        )
    _refuse_own(tenant, by, found)
    now = timezone.now()
    replaced = ApprovedConfiguration.objects.filter(tenant=tenant, resource__in=found, ended_at__isnull=True)
    count = replaced.update(ended_at=now, ended_by=by)
    for first in range(0, len(found), _BATCH):
        _store(tenant, found[first : first + _BATCH], by, text, now)
    journal.record(
        tenant=tenant,
        actor=by,
        action="approved_configuration.created",
        target=f"resource:{found[0].pk} {found[0].name}" if len(found) == 1 else f"{len(found)} resources",
        details={
            "count": len(found),
            "resources": [row.resource_id for row in found[:100]],
            "replaced": count,
            "reason": text,
        },
    )
    return len(found)


@transaction.atomic
def withdraw_approval(*, approval: ApprovedConfiguration, by: Person) -> ApprovedConfiguration:
    """Withdraw an approval, so that the resource is no longer compared with it. Raises Conflict if the approval has
    already ended.
    """
    rows = ApprovedConfiguration.objects.select_for_update(of=("self",)).defer("content")
    row = rows.select_related("resource", "tenant").get(pk=approval.pk)
    if row.ended_at is not None:
        raise Conflict("This approval has already ended. Reload the page.")
    row.ended_at, row.ended_by, row.is_withdrawn = timezone.now(), by, True
    row.save(update_fields=["ended_at", "ended_by", "is_withdrawn"])
    journal.record(
        tenant=row.tenant,
        actor=by,
        action="approved_configuration.withdrawn",
        target=f"resource:{row.resource.pk} {row.resource.name}",
        details={"resource": row.resource.resource_id, "approved_at": row.approved_at.isoformat()},
    )
    return row


def _store(tenant: Tenant, found: Sequence[Any], by: Person, reason: str, now: datetime) -> None:
    versions = read(ResourceVersion.objects.all(), tenant_id=tenant.pk, ids=[row.newest for row in found])
    ApprovedConfiguration.objects.bulk_create(
        ApprovedConfiguration(
            tenant=tenant,
            resource=row,
            version=row.newest,
            version_at=versions[row.newest].at,
            content=versions[row.newest].document,
            reason=reason,
            approved_by=by,
            approved_at=now,
        )
        for row in found
    )


def _refuse_own(tenant: Tenant, by: Person, found: Sequence[Any]) -> None:
    """Raise OwnChange if the approval would cover a change that only this person can have made. If `by` is a service
    account, the people who control the account count too.

    The new approval covers these changes of a resource:

    - if no version is approved yet: all changes, except changes that another person has reviewed as expected or rolled
      back
    - if an older version is approved: all changes after this version
    - if the newest version is already approved: the change that led to this version

    Changes of the kind OPERATION never count, because no version shows them.
    """
    approvals = ApprovedConfiguration.objects.filter(
        tenant=tenant, resource=OuterRef("resource"), ended_at__isnull=True
    )
    stored_at = ResourceVersion.objects.filter(tenant=tenant, pk=OuterRef("version")).values("at")[:1]
    rows = ResourceChange.objects.filter(tenant=tenant, resource__in=found).exclude(kind=Kind.OPERATION)
    rows = rows.annotate(
        approved_version=Subquery(approvals.values("version")[:1]),
        approved_at=Subquery(approvals.values("version_at")[:1]),
        # `approved_at` is the time of a version. So compare `approved_at` with the time of the change's version,
        # not with the time of the change itself, which is later.
        read_at=Coalesce(Subquery(stored_at), F("at")),
    ).filter(
        Q(approved_at__isnull=True) & ~_reviewed_by_another(by)
        | Q(read_at__gt=F("approved_at")) & ~Q(version=F("approved_version"))
        | Q(approved_at__isnull=False, version__in=[row.newest for row in found])
    )
    several = rows.exclude(actors=[]).order_by().values_list("actors", flat=True).distinct()
    addresses = author_addresses(by)
    own = [actors for actors in several if are_only(actors, addresses)]
    if own and (name := rows.filter(actors__in=own).values_list("resource__name", flat=True).first()):
        raise OwnChange(f"{own_change(by, name)} Ask somebody else to approve it.")


def _reviewed_by_another(by: Person) -> Q:
    """Return the query condition for changes that another person has reviewed as expected or rolled back. A service
    account does not count as another person if `by` could act as this account.
    """
    closed = Q(state__in=(State.EXPECTED, State.ROLLED_BACK), reviewed_by__isnull=False)
    return closed & ~made_by(by.pk, "reviewed_by")
