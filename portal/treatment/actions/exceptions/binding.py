"""Bind exceptions to findings and to their observed values.

An exception has an item for each of its findings. If the exception has a list of findings, its items never change. If
the exception has a rule, an item is added when the rule matches a further finding. An item is dropped when the rule no
longer matches the item's finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.models import Finding
from portal.treatment.actions.exceptions.records import record_timeline
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.matching import match
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.selectors.exception_scope import failing_findings
from tenants.actors import Actor

Scope = FindingException.Scope
_BINDING_COLUMNS: Final = ("approved_sha256", "approved_observed", "approved_at", "changed_at")

type Observations = Mapping[UUID, tuple[str, Any]]
"""{finding id: (hash of the observed value, observed value)}."""


def drop_unmatched(
    exception: FindingException, *, by: Actor, now: datetime, approving: bool = False
) -> list[UUID]:
    """Drop the items of findings that the exception's rule no longer matches. Return the ids of the dropped findings.

    If `approving` is True (an approver is deciding about the exception), also drop items that were never approved and
    whose findings no longer fail.
    """
    if exception.scope != Scope.RULE:
        return []
    matching = Finding.objects.filter(tenant_id=exception.tenant_id, pk=OuterRef("finding_id")).filter(
        match(exception)
    )
    condition = Q(~Exists(matching))
    if approving:
        condition |= Q(~Exists(matching.filter(outcome=Finding.Outcome.FAIL)), approved_sha256="")
    rows = exception.items.filter(condition)
    dropped = list(rows.order_by("finding_id").values_list("finding_id", "approved_sha256"))
    # Delete by id. If the query was repeated instead, it could find other items than those that are recorded below,
    # because another process may have written a verdict meanwhile.
    exception.items.filter(finding__in=[pk for pk, _ in dropped]).delete()
    was_bound = [pk for pk, sha256 in dropped if sha256]
    record_timeline(exception, was_bound, by=by, at=now, kind=TreatmentEvent.Kind.EXCEPTION_LEFT)
    return [pk for pk, _ in dropped]


def bind(exception: FindingException, *, now: datetime) -> dict[UUID, str]:
    """Bind the exception to the current observed value of each failing finding in its scope; return {finding id: hash}.

    Items of findings that do not fail keep their binding. Clear `changed_at` of all items, so that a later difference
    from the approved value counts as a new change.
    """
    exception.items.filter(changed_at__isnull=False).update(changed_at=None)
    observations = _observations(failing_findings(exception))
    items = dict(exception.items.values_list("finding_id", "pk"))
    existing = {pk: value for pk, value in observations.items() if pk in items}
    _write(exception, existing, now=now, ids=[items[pk] for pk in existing])
    new = {pk: value for pk, value in observations.items() if pk not in items}
    add_items(exception, new, now=now, added=False)
    return {pk: sha256 for pk, (sha256, _) in observations.items()}


def add_items(exception: FindingException, observations: Observations, *, now: datetime, added: bool) -> None:
    """Add findings as items of the exception, bound to their observed values.

    `added` is True if the rule began to match these findings after the approval.
    """
    _write(exception, observations, now=now, added_at=now if added else None)


def _write(
    exception: FindingException,
    observations: Observations,
    *,
    now: datetime,
    ids: Sequence[UUID] | None = None,
    added_at: datetime | None = None,
) -> None:
    if not observations:
        return
    hashes = [sha256 for sha256, _ in observations.values()]
    observed = [value for _, value in observations.values()]
    columns: dict[str, Sequence[Any] | Constant] = {
        "tenant": Constant(exception.tenant_id),
        "exception": Constant(exception),
        "finding": list(observations),
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
