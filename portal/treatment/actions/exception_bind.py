"""Which findings an exception means, and to which observed value each is bound.

A list means what it lists. A rule means what it matches at the moment: what it no longer matches (a tag was
taken off, the resource is gone) leaves it, and does not come back in but as something new.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.models import Finding
from portal.treatment.actions.exception_words import timeline
from portal.treatment.matching import match
from portal.treatment.meant import failing
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.timeline import BATCH
from tenants.actors import Actor

Scope = FindingException.Scope
BOUND = ["approved_sha256", "approved_observed", "approved_at", "changed_at"]


def leave(exception: FindingException, *, by: Actor, now: datetime, approving: bool = False) -> int:
    """Let go of what a rule no longer matches; at an approval also of what was asked for and fails no more."""
    if exception.scope != Scope.RULE:
        return 0
    meant = Finding.objects.filter(tenant_id=exception.tenant_id, pk=OuterRef("finding_id")).filter(
        match(exception)
    )
    gone = Q(~Exists(meant))
    if approving:
        gone |= Q(~Exists(meant.filter(outcome=Finding.Outcome.FAIL)), approved_sha256="")
    rows = exception.items.filter(gone)
    was_bound = list(rows.exclude(approved_sha256="").values_list("finding_id", flat=True))
    _, deleted = rows.delete()
    timeline(exception, was_bound, by=by, at=now, kind=TreatmentEvent.Kind.EXCEPTION_LEFT)
    return deleted.get(ExceptionItem._meta.label, 0)


def bind(exception: FindingException, *, now: datetime) -> dict[UUID, str]:
    """Bind everything that it means and that fails to what is observed now: {finding id: hash}.

    What does not fail keeps what it was bound to, if anything.
    """
    seen = _observed(failing(exception))
    items = {item.finding_id: item for item in exception.items.filter(finding__in=seen.keys())}
    for pk, (sha256, observed) in seen.items():
        if pk in items:
            item = items[pk]
            item.approved_sha256, item.approved_observed = sha256, observed
            item.approved_at, item.changed_at = now, None
    _rebind(list(items.values()))
    take_in(exception, {pk: value for pk, value in seen.items() if pk not in items}, now=now, added=False)
    return {pk: sha256 for pk, (sha256, _) in seen.items()}


def take_in(
    exception: FindingException, seen: dict[UUID, tuple[str, Any]], *, now: datetime, added: bool
) -> None:
    """New items, bound to what is seen of them."""
    ExceptionItem.objects.bulk_create(
        [
            ExceptionItem(
                tenant_id=exception.tenant_id,
                exception=exception,
                finding_id=pk,
                requested_sha256=sha256,
                requested_observed=observed,
                approved_sha256=sha256,
                approved_observed=observed,
                approved_at=now,
                added_at=now if added else None,
            )
            for pk, (sha256, observed) in seen.items()
        ],
        batch_size=BATCH,
    )


def _rebind(items: list[ExceptionItem]) -> None:
    """By upsert: an eighth of the time of `bulk_update`."""
    ExceptionItem.objects.bulk_create(
        items, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=BOUND
    )


def _observed(rows: QuerySet[Finding]) -> dict[UUID, tuple[str, Any]]:
    found = rows.order_by("pk").values_list("pk", "observed_sha256", "observed")
    return {pk: (sha256, observed) for pk, sha256, observed in found}
