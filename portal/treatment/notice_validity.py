"""Decide just before mailing whether notices to an owner still apply, and to which findings.

A finding is included as long as the recipient owns it and the reason of the notice persists: the finding still needs
work, still fails without interruption, or is still overdue. If a finding was assigned to somebody else and then back to
the recipient, only the newer notice includes it. Excepted findings do not count as failing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q

from assessments.models import Finding
from portal.notify.models import Notice
from portal.notify.notice_validity import CurrentText
from portal.treatment.actions.owners.messages import MAX_LISTED, lines, path, title
from portal.treatment.due_dates import due_before
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant

_NEEDS_WORK: Final = (Finding.Outcome.FAIL, Finding.Outcome.MANUAL, Finding.Outcome.UNKNOWN)


class _Facts(NamedTuple):
    pk: UUID
    outcome: str
    shown: str
    failing_since: datetime | None
    changed_at: datetime
    owned_at: datetime


def still_assigned(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate assignment notices. A notice applies to a finding while the recipient owns the finding. A finding that
    needs no work must be unchanged since the notice.
    """
    return _current_texts("assigned", tenant, notices, now, _is_assigned)


def still_failing(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate notices of findings that fail again. A notice applies while its findings fail without interruption."""
    return _current_texts("reopened", tenant, notices, now, _fails_since)


def still_overdue(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """Validate notices of overdue findings. A notice applies while its findings are overdue by the current policy."""
    return _current_texts("overdue", tenant, notices, now, _fails_since, due_before(tenant, now))


def _fails_since(facts: _Facts, notified_at: datetime) -> bool:
    return (
        facts.shown in WITH_DUE_DATE
        and facts.failing_since is not None
        and facts.failing_since <= notified_at
    )


def _is_assigned(facts: _Facts, notified_at: datetime) -> bool:
    # Passing findings can be assigned too. A finding stays in the notice if it already passed when it was assigned. If
    # it began to pass after its assignment, it is removed from the notice.
    return facts.owned_at <= notified_at and (facts.outcome in _NEEDS_WORK or facts.changed_at <= notified_at)


def _current_texts(
    kind: str,
    tenant: Tenant,
    notices: Sequence[Notice],
    now: datetime,
    applies: Callable[[_Facts, datetime], bool],
    condition: Q = Q(),  # noqa: B008 - a constant
) -> Mapping[UUID, CurrentText | None]:
    """Return the current text of each notice, with only the findings to which the notice still applies.

    Sends two queries for all notices.
    """
    subjects = {notice.pk: _finding_ids(notice) for notice in notices}
    # Notices that older versions wrote have no ids of findings. Such notices are mailed unchanged.
    subjects = {pk: ids for pk, ids in subjects.items() if ids}
    rows = Finding.objects.filter(
        condition,
        tenant=tenant,
        pk__in={pk for ids in subjects.values() for pk in ids},
        gone_at__isnull=True,
        treatment__owner=notices[0].person_id,
    ).annotate(shown=shown_state(now))
    columns = ("pk", "outcome", "shown", "failing_since", "changed_at", "treatment__owned_at")
    found = map(_Facts._make, rows.order_by("severity_rank", "control", "id").values_list(*columns))
    ranked = {facts.pk: (rank, facts) for rank, facts in enumerate(found)}
    valid: dict[UUID, list[UUID]] = {}
    for notice in notices:
        if notice.pk in subjects:
            in_order = sorted(ranked[pk] for pk in set(subjects[notice.pk]) if pk in ranked)
            valid[notice.pk] = [facts.pk for _, facts in in_order if applies(facts, notice.created_at)]
    listed = Finding.objects.defer("observed", "expected", "evidence", "remarks").in_bulk(
        {pk for ids in valid.values() for pk in ids[:MAX_LISTED]}
    )
    return {pk: _text(kind, tenant, ids, listed) for pk, ids in valid.items()}


def _finding_ids(notice: Notice) -> list[UUID]:
    return notice.findings or ([notice.finding_id] if notice.finding_id else [])


def _text(kind: str, tenant: Tenant, ids: list[UUID], listed: Mapping[UUID, Finding]) -> CurrentText | None:
    rows = [listed[pk] for pk in ids[:MAX_LISTED] if pk in listed]
    if not rows:
        return None
    return CurrentText(
        title=title(kind, rows, len(ids)),
        lines=lines(kind, tenant, rows, len(ids)),
        path=path(tenant, rows, len(ids)),
        finding_id=ids[0] if len(ids) == 1 else None,
    )
