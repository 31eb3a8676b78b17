"""Scores and what asks for attention, counted in the database, for one tenant or many.

Verdicts are counted from an index alone; only the findings whose treatment can change what is shown are
looked at one by one, and those are few beside the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.scores import Row, summarize_treated
from portal.treatment.states import DUE, TODO, due_before, shown_state
from tenants.models import Tenant

_GROUPS = ("tenant_id", "section", "severity", "outcome")


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
    found: dict[UUID, Counter[tuple[str, str, str, str]]] = defaultdict(Counter)
    verdicts = (
        Finding.objects.filter(tenant_id__in=ids)
        .exclude(state=Finding.State.GONE)
        .values_list(*_GROUPS, "state")
        .annotate(count=Count("id"))
        .order_by()
    )
    for tenant_id, section, severity, outcome, state, count in verdicts:
        found[tenant_id][section, severity, outcome, state] += count
    for tenant_id, section, severity, outcome, state, shown, count in _treated(ids, now):
        if shown != state:
            found[tenant_id][section, severity, outcome, state] -= count
            found[tenant_id][section, severity, outcome, shown] += count
    return {
        tenant_id: [(*key, count) for key, count in sorted(rows.items()) if count > 0]
        for tenant_id, rows in found.items()
    }


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
