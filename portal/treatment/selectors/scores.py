"""How tenants stand: scores, shown states, what is overdue and what nobody owns; for one tenant or many.

Two counts make it. What passes, is unknown or does not apply looks the same with any treatment: it is taken
from the newest snapshot, or counted from an index alone where an assessment has written since. What fails or
waits for an answer is looked at with its treatment, as it is at this moment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.treatment.models import Snapshot
from portal.treatment.scores import Row, summarize_treated
from portal.treatment.states import DUE, TODO, due_before, shown_state
from tenants.models import Tenant

# (section, severity, outcome, state) -> number of findings.
type Verdicts = Counter[tuple[str, str, str, str]]

# The states of verdicts that a treatment can show otherwise.
TREATABLE: Final = (Finding.State.OPEN, Finding.State.MANUAL)


@dataclass(frozen=True, slots=True)
class Standing:
    """One tenant at one moment. `raw`, `adjusted`, `states`: see `summarize_treated`.

    `overdue`: {severity: number}, by the tenant's policy; `unowned`: how many of what is to be done have no
    owner.
    """

    raw: dict[str, Any]
    adjusted: dict[str, Any]
    states: dict[str, int]
    overdue: dict[str, int]
    unowned: int

    @property
    def overdue_total(self) -> int:
        """Overdue findings of every severity."""
        return sum(self.overdue.values())


def standing(tenant: Tenant, now: datetime | None = None) -> Standing:
    """How the tenant stands."""
    return standings([tenant], now)[tenant.pk]


def standings(tenants: Iterable[Tenant], now: datetime | None = None) -> dict[UUID, Standing]:
    """The same of several, in as many queries as of one; a tenant without findings is there too."""
    tenants = list(tenants)
    ids = [tenant.pk for tenant in tenants]
    found = _settled(ids)
    if missing := [tenant_id for tenant_id in ids if tenant_id not in found]:
        found |= verdicts(missing)
    return with_treatment(tenants, found, now or timezone.now())


def verdicts(tenant_ids: Iterable[UUID]) -> dict[UUID, Verdicts]:
    """Tenant -> its findings by verdict, counted now; what is gone is not among them."""
    found: dict[UUID, Verdicts] = defaultdict(Counter)
    rows = (
        Finding.objects.filter(tenant_id__in=list(tenant_ids))
        .exclude(state=Finding.State.GONE)
        # By control as well: so it is the order of an index, which is counted through without sorting.
        .values_list("tenant_id", "control", "severity", "section", "outcome", "state")
        .annotate(count=Count("*"))
        .order_by()
    )
    for tenant_id, _, severity, section, outcome, state, count in rows:
        found[tenant_id][section, severity, outcome, state] += count
    return found


def _settled(ids: list[UUID]) -> dict[UUID, Verdicts]:
    """The same where the newest snapshot has it: verdicts change in assessments alone, so what was counted
    after the newest of all had ended still holds."""
    newest = (
        Assessment.objects.filter(tenant_id=OuterRef("tenant_id")).order_by("-number").values("number")[:1]
    )
    rows = Snapshot.objects.filter(tenant_id__in=ids, through=Subquery(newest)).exclude(verdicts=[])
    found: dict[UUID, Verdicts] = {}
    for tenant_id, counts in rows.order_by("day").values_list("tenant_id", "verdicts"):
        found[tenant_id] = Counter({(a, b, c, d): number for a, b, c, d, number in counts})
    return found


def with_treatment(
    tenants: list[Tenant], found: Mapping[UUID, Verdicts], now: datetime
) -> dict[UUID, Standing]:
    """How the tenants stand with those verdicts; of the treatable ones only the present treatment is asked."""
    rows: dict[UUID, list[Row]] = {
        tenant_id: [(*key, number) for key, number in counts.items() if key[3] not in TREATABLE]
        for tenant_id, counts in found.items()
    }
    overdue: dict[UUID, Counter[str]] = defaultdict(Counter)
    unowned: Counter[UUID] = Counter()
    for tenant_id, section, severity, outcome, shown, number, late, free in _treatable(tenants, now):
        rows.setdefault(tenant_id, []).append((section, severity, outcome, shown, number))
        overdue[tenant_id] += Counter({severity: late})
        unowned[tenant_id] += free
    return {
        tenant.pk: Standing(
            **summarize_treated(rows.get(tenant.pk, [])),
            overdue=dict(overdue[tenant.pk]),
            unowned=unowned[tenant.pk],
        )
        for tenant in tenants
    }


def _treatable(tenants: list[Tenant], now: datetime) -> Any:
    """(tenant, section, severity, outcome, shown, number, of these overdue, of these to do without owner)."""
    return (
        Finding.objects.filter(tenant_id__in=[tenant.pk for tenant in tenants], state__in=TREATABLE)
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", "section", "severity", "outcome", "shown")
        .annotate(
            number=Count("id"),
            late=Count("id", filter=_late(tenants, now) & Q(shown__in=DUE)),
            free=Count("id", filter=Q(treatment__owner__isnull=True, shown__in=TODO)),
        )
        .order_by()
    )


def _late(tenants: list[Tenant], now: datetime) -> Q:
    """What is overdue: one condition for all tenants that share a policy."""
    policies: dict[tuple[tuple[str, int], ...], list[Tenant]] = defaultdict(list)
    for tenant in tenants:
        policies[tuple(sorted(tenant.due_days.items()))].append(tenant)
    found = Q(pk__in=())
    for alike in policies.values():
        found |= Q(tenant_id__in=[tenant.pk for tenant in alike]) & due_before(alike[0], now)
    return found
