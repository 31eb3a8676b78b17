"""Scores and what asks for attention, counted in the database, for one tenant or many.

Verdicts are taken from the newest snapshot, or counted from an index alone where no assessment that has
ended is in it yet. Only the findings whose treatment can change what is shown are looked at one by one, always
as they are now, and those are few beside the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.treatment.models import Snapshot, Treatment
from portal.treatment.scores import Row, summarize_treated
from portal.treatment.states import DUE, TODO, due_before, shown_state
from tenants.models import Tenant

# (section, severity, outcome, state) -> number of findings.
type Verdicts = Counter[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits in a tenant: overdue findings by severity, and how many to be dealt with nobody owns."""

    overdue: dict[str, int]
    unowned: int

    @property
    def overdue_total(self) -> int:
        """Overdue findings of every severity."""
        return sum(self.overdue.values())


def counted(tenant_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[Row]]:
    """Tenant -> rows for `summarize_treated`; what is gone is not among them."""
    ids = list(tenant_ids)
    found = _settled(ids)
    if missing := [tenant_id for tenant_id in ids if tenant_id not in found]:
        found |= verdicts(missing)
    return as_shown(found, now)


def as_shown(found: Mapping[UUID, Verdicts], now: datetime) -> dict[UUID, list[Row]]:
    """The rows of those verdicts: what a treatment shows otherwise is moved to what it is shown as."""
    rows = {tenant_id: Counter(counts) for tenant_id, counts in found.items()}
    for tenant_id, section, severity, outcome, state, shown, count in _treated(list(found), now):
        if shown != state:
            rows[tenant_id][section, severity, outcome, state] -= count
            rows[tenant_id][section, severity, outcome, shown] += count
    return {
        tenant_id: [(a, b, c, d, number) for (a, b, c, d), number in sorted(counts.items()) if number > 0]
        for tenant_id, counts in rows.items()
    }


def verdicts(tenant_ids: Iterable[UUID]) -> dict[UUID, Verdicts]:
    """Tenant -> {(section, severity, outcome, state): number of findings}, counted now."""
    found: dict[UUID, Verdicts] = defaultdict(Counter)
    rows = (
        Finding.objects.filter(tenant_id__in=list(tenant_ids))
        .exclude(state=Finding.State.GONE)
        .values_list("tenant_id", "section", "severity", "outcome", "state")
        .annotate(count=Count("id"))
        .order_by()
    )
    for tenant_id, section, severity, outcome, state, count in rows:
        found[tenant_id][section, severity, outcome, state] += count
    return found


def _settled(ids: list[UUID]) -> dict[UUID, Verdicts]:
    """The same where the newest snapshot has it: verdicts change in assessments alone, so what was counted
    after the newest of all had ended still holds."""
    newest = (
        Assessment.objects.filter(tenant_id=OuterRef("tenant_id")).order_by("-number").values("number")[:1]
    )
    rows = Snapshot.objects.filter(tenant_id__in=ids, through=Subquery(newest)).exclude(verdicts=[])
    found: dict[UUID, Verdicts] = defaultdict(Counter)
    for tenant_id, counts in rows.order_by("day").values_list("tenant_id", "verdicts"):
        found[tenant_id] = Counter({(a, b, c, d): number for a, b, c, d, number in counts})
    return found


def _treated(ids: list[UUID], now: datetime) -> Any:
    """(tenant, section, severity, outcome, state, shown, count) of findings that are shown otherwise."""
    touched = (
        Q(excepted_until__gt=now)
        | Q(acknowledged_failing_since__isnull=False)
        | Q(attested_until__isnull=False)
    )
    return (
        Treatment.objects.filter(touched, tenant_id__in=ids, finding__gone_at__isnull=True)
        .annotate(shown=shown_state(now, treatment="", finding="finding__"))
        .values_list(
            "tenant_id",
            "finding__section",
            "finding__severity",
            "finding__outcome",
            "finding__state",
            "shown",
        )
        .annotate(count=Count("id"))
        .order_by()
    )


def scores(tenant: Tenant, now: datetime | None = None) -> dict[str, Any]:
    """Raw and adjusted summary of one tenant: see `portal.treatment.scores.summarize_treated`."""
    return scores_of([tenant.pk], now)[tenant.pk]


def scores_of(tenant_ids: Iterable[UUID], now: datetime | None = None) -> dict[UUID, dict[str, Any]]:
    """The same of several tenants, in as many queries as of one; a tenant without findings is there too."""
    ids = list(tenant_ids)
    rows = counted(ids, now or timezone.now())
    return {tenant_id: summarize_treated(rows.get(tenant_id, [])) for tenant_id in ids}


def attention(tenants: Iterable[Tenant], now: datetime | None = None) -> dict[UUID, Attention]:
    """Tenant -> what is overdue and what nobody owns, by each tenant's own policy."""
    now = now or timezone.now()
    tenants = list(tenants)
    overdue: dict[UUID, dict[str, int]] = defaultdict(dict)
    unowned: Counter[UUID] = Counter()
    rows = (
        Finding.objects.filter(
            tenant_id__in=[tenant.pk for tenant in tenants],
            state__in=[Finding.State.OPEN, Finding.State.MANUAL],
        )
        .annotate(shown=shown_state(now))
        .filter(shown__in=TODO)
        .values_list("tenant_id", "severity")
        .annotate(
            overdue=Count("id", filter=_late(tenants, now) & Q(shown__in=DUE)),
            unowned=Count("id", filter=Q(treatment__owner__isnull=True)),
        )
        .order_by()
    )
    for tenant_id, severity, late, free in rows:
        unowned[tenant_id] += free
        if late:
            overdue[tenant_id][severity] = late
    return {tenant.pk: Attention(overdue.get(tenant.pk, {}), unowned[tenant.pk]) for tenant in tenants}


def _late(tenants: list[Tenant], now: datetime) -> Q:
    """What is overdue: one condition for all tenants that share a policy."""
    policies: dict[tuple[tuple[str, int], ...], list[Tenant]] = defaultdict(list)
    for tenant in tenants:
        policies[tuple(sorted(tenant.due_days.items()))].append(tenant)
    found = Q(pk__in=())
    for alike in policies.values():
        found |= Q(tenant_id__in=[tenant.pk for tenant in alike]) & due_before(alike[0], now)
    return found
