"""How tenants stand: scores, shown states, what is overdue and what nobody owns; for one tenant or many.

Verdicts are taken from the newest snapshot, or counted from an index alone where an assessment has written
since. Few findings are shown otherwise than by their verdict, because of what somebody did about them: these
are looked at with their treatment, as it is at this moment, and moved to what is shown of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.treatment.due_dates import past_due
from portal.treatment.models import Snapshot, Treatment
from portal.treatment.scores import summarize_treated
from portal.treatment.states import ACTIONABLE, CHANGES_SHOWN_STATE, TREATABLE, WITH_DUE_DATE, shown_state
from tenants.models import Tenant

# (section, severity, outcome, state) -> number of findings.
type Verdicts = Counter[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """One tenant at one moment. `raw`, `adjusted`, `states`: see `summarize_treated`.

    `overdue`: {severity: number}, by the tenant's policy.
    """

    raw: dict[str, Any]
    adjusted: dict[str, Any]
    states: dict[str, int]
    overdue: dict[str, int]

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
    found = _snapshot_verdicts(ids)
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


def _snapshot_verdicts(ids: list[UUID]) -> dict[UUID, Verdicts]:
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


def snapshot_count(tenant: Tenant) -> int | None:
    """How many findings the tenant has, without those that are gone, where the newest snapshot says it."""
    found = _snapshot_verdicts([tenant.pk])
    return sum(found[tenant.pk].values()) if tenant.pk in found else None


def with_treatment(
    tenants: list[Tenant], found: Mapping[UUID, Verdicts], now: datetime
) -> dict[UUID, Standing]:
    """How the tenants stand with those verdicts and the present treatment."""
    shown = {tenant.pk: Counter(found.get(tenant.pk, {})) for tenant in tenants}
    overdue: dict[UUID, Counter[str]] = defaultdict(Counter)
    for tenant_id, severity, number in _overdue_counts(tenants, now):
        overdue[tenant_id][severity] += number
    for tenant_id, section, severity, outcome, state, seen, number, late in _treated_counts(tenants, now):
        shown[tenant_id][section, severity, outcome, state] -= number
        shown[tenant_id][section, severity, outcome, seen] += number
        if seen not in WITH_DUE_DATE:
            overdue[tenant_id][severity] -= late
    return {
        tenant.pk: Standing(
            # `+` leaves out what is none.
            **summarize_treated([(*key, number) for key, number in (+shown[tenant.pk]).items()]),
            overdue=dict(+overdue[tenant.pk]),
        )
        for tenant in tenants
    }


def count_unassigned(tenant: Tenant, now: datetime) -> int:
    """How many findings that ask somebody to do something have no owner."""
    owned = Treatment.objects.filter(tenant=tenant, finding_id=OuterRef("pk"), owner__isnull=False)
    # Indexes alone say which have none; the few of these that nobody need do anything about are counted apart.
    free = Finding.objects.filter(tenant=tenant, state__in=TREATABLE).filter(~Exists(owned))
    done = (
        Finding.objects.filter(
            CHANGES_SHOWN_STATE, tenant=tenant, state__in=TREATABLE, treatment__owner__isnull=True
        )
        .annotate(shown=shown_state(now))
        .exclude(shown__in=ACTIONABLE)
    )
    # Two looks: an assessment may write in between.
    return max(0, free.count() - done.count())


def _treated_counts(tenants: list[Tenant], now: datetime) -> Any:
    """(tenant, section, severity, outcome, state, shown, number, of these past their date) of what is treated."""
    return (
        Finding.objects.filter(
            CHANGES_SHOWN_STATE, tenant_id__in=[tenant.pk for tenant in tenants], state__in=TREATABLE
        )
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", "section", "severity", "outcome", "state", "shown")
        .annotate(number=Count("id"), late=Count("id", filter=_past_due(tenants, now)))
        .order_by()
    )


def _overdue_counts(tenants: list[Tenant], now: datetime) -> Any:
    """(tenant, severity, number) of what fails and is past its date, whatever was done about it."""
    rows = Finding.objects.filter(
        _past_due(tenants, now), state=Finding.State.OPEN, outcome=Finding.Outcome.FAIL
    )
    return rows.values_list("tenant_id", "severity").annotate(number=Count("*")).order_by()


def _past_due(tenants: list[Tenant], now: datetime) -> Q:
    """What failed so long ago that it is due: one condition for all tenants that share a policy.

    As `due_dates.due_before`, for findings that are known to fail: in terms of one index.
    """
    policies: dict[tuple[tuple[str, int], ...], list[UUID]] = defaultdict(list)
    for tenant in tenants:
        policies[tuple(sorted(tenant.due_days.items()))].append(tenant.pk)
    found = Q(pk__in=())
    for policy, alike in policies.items():
        for severity, days in policy:
            found |= Q(tenant_id__in=alike) & past_due({severity: days}, now)
    return found
