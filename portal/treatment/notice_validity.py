"""Whether what an owner is told of findings still holds when the mail is made; registered with `notify.rechecks`.

A finding counts while it is the owner's (since before the notice, so that one that was given away and back is
told of once) and what was said of it is so: it still fails as it did then, is still overdue by the policy, is
not covered by an exception. Given findings count until they were resolved, ceased to apply or went away.
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
from portal.treatment.actions.owner_messages import MAX_LISTED, lines, path, title
from portal.treatment.due_dates import due_before
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant

_ASKING: Final = (Finding.Outcome.FAIL, Finding.Outcome.MANUAL, Finding.Outcome.UNKNOWN)


class _Facts(NamedTuple):
    pk: UUID
    outcome: str
    shown: str
    failing_since: datetime | None
    changed_at: datetime
    owned_at: datetime


def _still_fails(facts: _Facts, told_at: datetime) -> bool:
    return facts.shown in WITH_DUE_DATE and facts.failing_since is not None and facts.failing_since <= told_at


def _still_assigned(facts: _Facts, told_at: datetime) -> bool:
    return facts.owned_at <= told_at and (facts.outcome in _ASKING or facts.changed_at <= told_at)


# Kind of notice -> what still holds of a finding since the notice was made.
VALIDATORS: Final[Mapping[str, Callable[[_Facts, datetime], bool]]] = {
    "assigned": _still_assigned,
    "reopened": _still_fails,
    "overdue": _still_fails,
}


def current_texts(
    tenant: Tenant, notices: Sequence[Notice], now: datetime
) -> Mapping[UUID, CurrentText | None]:
    """What one person's notices of one of the kinds of `HOLDS` say now: two queries, however many they are."""
    kind = notices[0].kind
    about = {notice.pk: _finding_ids(notice) for notice in notices}
    # Empty where it was made before the ids were kept with it: that one stays as it is.
    about = {pk: ids for pk, ids in about.items() if ids}
    rows = Finding.objects.filter(
        due_before(tenant, now) if kind == "overdue" else Q(),
        tenant=tenant,
        pk__in={pk for ids in about.values() for pk in ids},
        gone_at__isnull=True,
        treatment__owner=notices[0].person_id,
    ).annotate(shown=shown_state(now))
    columns = ("pk", "outcome", "shown", "failing_since", "changed_at", "treatment__owned_at")
    found = map(_Facts._make, rows.order_by("severity_rank", "control", "id").values_list(*columns))
    ranked = {facts.pk: (rank, facts) for rank, facts in enumerate(found)}
    left: dict[UUID, list[UUID]] = {}
    for notice in notices:
        if notice.pk in about:
            there = sorted(ranked[pk] for pk in set(about[notice.pk]) if pk in ranked)
            left[notice.pk] = [facts.pk for _, facts in there if VALIDATORS[kind](facts, notice.created_at)]
    named = Finding.objects.defer("observed", "expected", "evidence", "remarks").in_bulk(
        {pk for ids in left.values() for pk in ids[:MAX_LISTED]}
    )
    return {pk: _current_text(kind, tenant, ids, named) for pk, ids in left.items()}


def _finding_ids(notice: Notice) -> list[UUID]:
    return notice.findings or ([notice.finding_id] if notice.finding_id else [])


def _current_text(
    kind: str, tenant: Tenant, ids: list[UUID], named: Mapping[UUID, Finding]
) -> CurrentText | None:
    rows = [named[pk] for pk in ids[:MAX_LISTED] if pk in named]
    if not rows:
        return None
    return CurrentText(
        title=title(kind, rows, len(ids)),
        lines=lines(kind, tenant, rows, len(ids)),
        path=path(tenant, rows, len(ids)),
        finding_id=ids[0] if len(ids) == 1 else None,
    )
