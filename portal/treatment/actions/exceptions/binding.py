"""Which findings an exception means, and to which observed value each is bound.

A list means what it lists. A rule means what it matches at the moment: what it no longer matches (a tag was
taken off, the resource is gone) leaves it, and does not come back in but as something new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.models import Finding
from portal.treatment.actions.exceptions.audit import record_timeline
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.matching import match
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.selectors.exception_scope import failing_findings
from tenants.actors import Actor

Scope = FindingException.Scope
_BINDING_COLUMNS = ("approved_sha256", "approved_observed", "approved_at", "changed_at")

# {finding id: (hash, what was observed)}
type Observations = Mapping[UUID, tuple[str, Any]]


def drop_unmatched(
    exception: FindingException, *, by: Actor, now: datetime, approving: bool = False
) -> list[UUID]:
    """Let go of what a rule no longer matches; at an approval also of what was asked for and fails no more."""
    if exception.scope != Scope.RULE:
        return []
    meant = Finding.objects.filter(tenant_id=exception.tenant_id, pk=OuterRef("finding_id")).filter(
        match(exception)
    )
    gone = Q(~Exists(meant))
    if approving:
        gone |= Q(~Exists(meant.filter(outcome=Finding.Outcome.FAIL)), approved_sha256="")
    rows = exception.items.filter(gone)
    left = list(rows.order_by("finding_id").values_list("finding_id", "approved_sha256"))
    # By what was read: verdicts may be written between two statements.
    exception.items.filter(finding__in=[pk for pk, _ in left]).delete()
    was_bound = [pk for pk, sha256 in left if sha256]
    record_timeline(exception, was_bound, by=by, at=now, kind=TreatmentEvent.Kind.EXCEPTION_LEFT)
    return [pk for pk, _ in left]


def bind(exception: FindingException, *, now: datetime) -> dict[UUID, str]:
    """Bind everything that it means and that fails to what is observed now: {finding id: hash}.

    What does not fail keeps what it was bound to, if anything. Nothing is marked as changed any more: what is
    not as it was bound when it fails again has changed anew, and is to be told.
    """
    exception.items.filter(changed_at__isnull=False).update(changed_at=None)
    seen = _observations(failing_findings(exception))
    held = dict(exception.items.values_list("finding_id", "pk"))
    known = {pk: value for pk, value in seen.items() if pk in held}
    _write(exception, known, now=now, ids=[held[pk] for pk in known])
    add_items(exception, {pk: value for pk, value in seen.items() if pk not in held}, now=now, added=False)
    return {pk: sha256 for pk, (sha256, _) in seen.items()}


def add_items(exception: FindingException, seen: Observations, *, now: datetime, added: bool) -> None:
    """New items, bound to what is seen of them; `added`: a rule met them after the approval."""
    _write(exception, seen, now=now, added_at=now if added else None)


def _write(
    exception: FindingException,
    seen: Observations,
    *,
    now: datetime,
    ids: Sequence[UUID] | None = None,
    added_at: datetime | None = None,
) -> None:
    if not seen:
        return
    hashes, observed = [sha256 for sha256, _ in seen.values()], [value for _, value in seen.values()]
    columns: dict[str, Sequence[Any] | Constant] = {
        "tenant": Constant(exception.tenant_id),
        "exception": Constant(exception),
        "finding": list(seen),
        "requested_sha256": hashes,
        "requested_observed": observed,
        "approved_sha256": hashes,
        "approved_observed": observed,
        "approved_at": Constant(now),
        "added_at": Constant(added_at),
    }
    if ids is None:
        bulk_insert(ExceptionItem, columns)
    else:
        bulk_insert(ExceptionItem, {"id": ids, **columns}, unique="id", update=_BINDING_COLUMNS)


def _observations(rows: QuerySet[Finding]) -> Observations:
    found = rows.order_by("pk").values_list("pk", "observed_sha256", "observed")
    return {pk: (sha256, observed) for pk, sha256, observed in found}
