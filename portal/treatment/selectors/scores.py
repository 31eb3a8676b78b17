"""Compute the figures of one tenant or many: scores, shown states, overdue and unassigned findings.

While the numbers of the newest snapshot are correct (`valid_shown_counts`), all figures come from this snapshot.
Otherwise, they are computed from the numbers of findings by verdict, and from the treated findings, which are few. If
the snapshot includes the newest assessment, the numbers by verdict come from the snapshot. If not, an index-only scan
counts them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    JSONField,
    Min,
    OuterRef,
    Q,
    Sum,
    When,
)
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.due_dates import past_due
from portal.treatment.models import ControlCount, Treatment
from portal.treatment.models.control_count import OUTCOME_OF_STATE, STATES, TREATED
from portal.treatment.scores import Row, Totals, is_known, sum_treated, summarize_treated
from portal.treatment.selectors.valid_snapshots import (
    valid_owner_counts,
    valid_shown_counts,
)
from portal.treatment.selectors.verdict_counts import Verdicts, in_one_section, snapshot_verdicts, verdicts
from portal.treatment.states import (
    CHANGES_SHOWN_STATE,
    TREATABLE,
    WITH_DUE_DATE,
    ShownState,
    shown_state,
)
from tenants.models import Tenant


@dataclass(frozen=True)
class Standing:
    """The figures of a tenant at one time, for pages, mails and snapshots.

    `rows` are (section, severity, outcome, shown state, number of findings). `overdue` is {severity: number}. `raw`,
    `adjusted`, `states` and `shown` are computed when first read. `totals`, for lists of customers, has no sections and
    is computed faster.
    """

    rows: list[Row]
    overdue: dict[str, int]

    @cached_property
    def _summary(self) -> dict[str, Any]:
        return summarize_treated(self.rows)

    @cached_property
    def totals(self) -> Totals:
        """The numbers of the tenant, for its row in a list of customers."""
        return sum_treated(self.rows)

    @property
    def raw(self) -> dict[str, Any]:
        """The summary of the verdicts."""
        found: dict[str, Any] = self._summary["raw"]
        return found

    @property
    def adjusted(self) -> dict[str, Any]:
        """The summary that also reflects exceptions and attestations."""
        found: dict[str, Any] = self._summary["adjusted"]
        return found

    @property
    def states(self) -> dict[str, int]:
        """{shown state: number of findings}."""
        found: dict[str, int] = self._summary["states"]
        return found

    @property
    def shown(self) -> dict[tuple[str, str, str], int]:
        """{(section, severity, shown state): number of findings}."""
        found: dict[tuple[str, str, str], int] = self._summary["shown"]
        return found

    def open(self, severity: str | None = None, section: str | None = None) -> int:
        """Return the number of open findings: failing, neither acknowledged nor excepted."""
        return sum(
            number
            for (in_section, of_severity, state), number in self.shown.items()
            if state == ShownState.OPEN and severity in (None, of_severity) and section in (None, in_section)
        )

    @property
    def is_known(self) -> bool:
        """Whether the result of the automatic checks is known (`portal.treatment.scores.is_known`). If not, pages show
        numbers as unknown, not as 0.
        """
        return is_known(self.raw)

    @property
    def overdue_total(self) -> int:
        """The number of overdue findings of all severities."""
        return sum(self.overdue.values())


class CustomerTotals(NamedTuple):
    """The figures of one tenant, for its row in a list of customers. `totals` and `overdue` mean the same as in
    `Standing`.
    """

    totals: Totals
    overdue: dict[str, int]

    @property
    def overdue_total(self) -> int:
        """The number of overdue findings of all severities."""
        return sum(self.overdue.values())


def standing(tenant: Tenant, now: datetime | None = None) -> Standing:
    """Return a tenant's scores, numbers of findings by state, and overdue findings at `now` (default: the
    current time)."""
    return standings([tenant], now)[tenant.pk]


def standings(
    tenants: Iterable[Tenant], now: datetime | None = None, *, by_section: bool = True
) -> dict[UUID, Standing]:
    """Return the figures of several tenants, including tenants without findings, in a fixed number of queries.

    If `by_section` is False, all findings are in one section with an empty name. Most figures are read from snapshots.
    """
    tenants, now = list(tenants), now or timezone.now()
    ids = [tenant.pk for tenant in tenants]
    stored = _stored_by_section(ids, now) if by_section else _stored_standings(ids, now)
    others = [tenant for tenant in tenants if tenant.pk not in stored]
    return stored | (_computed_standings(others, now, by_section=by_section) if others else {})


def _computed_standings(tenants: list[Tenant], now: datetime, *, by_section: bool) -> dict[UUID, Standing]:
    """Return the figures of tenants whose numbers by shown state are not stored."""
    ids = [tenant.pk for tenant in tenants]
    found = snapshot_verdicts(ids, by_section=by_section)
    if missing := [tenant_id for tenant_id in ids if tenant_id not in found]:
        counted = verdicts(missing)
        found |= counted if by_section else {pk: in_one_section(counts) for pk, counts in counted.items()}
    return with_treatment(tenants, found, now, by_section=by_section)


def customer_totals(tenants: Iterable[Tenant], now: datetime) -> dict[UUID, CustomerTotals]:
    """Return the totals of several tenants, including tenants without findings, in a fixed number of queries.

    The result equals the totals of `standings`. If the tenants' totals are stored in snapshots, this function takes a
    quarter of the time of `standings`.
    """
    tenants = list(tenants)
    # Snapshots of earlier versions have no totals. For such snapshots, read `shown`, and compute the totals from it.
    without = Case(When(totals__isnull=True, then=F("shown")), output_field=JSONField())
    stored = valid_shown_counts([tenant.pk for tenant in tenants], now).order_by("day")
    found = {
        tenant_id: CustomerTotals(Totals(**totals) if totals else sum_treated(_unsectioned(shown)), late)
        for tenant_id, totals, late, shown in stored.values_list("tenant_id", "totals", "late", without)
    }
    if others := [tenant for tenant in tenants if tenant.pk not in found]:
        computed = _computed_standings(others, now, by_section=False)
        found |= {pk: CustomerTotals(one.totals, one.overdue) for pk, one in computed.items()}
    return found


def _unsectioned(shown: Iterable[tuple[str, str, str, int]]) -> list[Row]:
    return [("", severity, outcome, state, number) for severity, outcome, state, number in shown]


def _stored_standings(ids: list[UUID], now: datetime) -> dict[UUID, Standing]:
    """Return the figures of the tenants whose stored counts of findings by shown state are still valid
    (`valid_shown_counts`).

    All findings are in one section with an empty name.
    """
    rows = valid_shown_counts(ids, now).order_by("day").values_list("tenant_id", "shown", "late")
    return {tenant_id: Standing(_unsectioned(shown), late) for tenant_id, shown, late in rows}


def _stored_by_section(ids: list[UUID], now: datetime) -> dict[UUID, Standing]:
    """Return the figures of the tenants whose stored counts of findings by shown state are still valid
    (`valid_shown_counts`).

    The rows are sums of `ControlCount` by section and severity. The number of overdue findings comes from the snapshot.
    """
    late = dict(valid_shown_counts(ids, now).order_by("day").values_list("tenant_id", "late"))
    if not late:
        return {}
    sums = [Sum(column) for column in (*STATES, *TREATED)]
    counted = ControlCount.objects.filter(tenant_id__any_of=late).order_by()
    rows: dict[UUID, list[Row]] = defaultdict(list)
    for tenant_id, section, severity, *numbers in counted.values_list(
        "tenant_id", "section", "severity"
    ).annotate(*sums):
        states = Counter(dict(zip(STATES, numbers, strict=False)))
        for (shown, state), number in zip(TREATED.items(), numbers[len(STATES) :], strict=True):
            states[state] -= number
            if number:
                rows[tenant_id].append((section, severity, OUTCOME_OF_STATE[state], shown, number))
        found = ((state, number) for state, number in states.items() if number > 0)
        rows[tenant_id] += [
            (section, severity, OUTCOME_OF_STATE[state], state, number) for state, number in found
        ]
    return {tenant_id: Standing(found, late[tenant_id]) for tenant_id, found in rows.items()}


def with_treatment(
    tenants: list[Tenant], found: Mapping[UUID, Verdicts], now: datetime, *, by_section: bool = True
) -> dict[UUID, Standing]:
    """Compute the figures of tenants from the numbers of verdicts in `found` and the present treatments.

    If `by_section` is False, `found` has one section with an empty name.
    """
    shown = {tenant.pk: Counter(found.get(tenant.pk, {})) for tenant in tenants}
    overdue: dict[UUID, Counter[str]] = defaultdict(Counter)
    for tenant_id, severity, number in _overdue_counts(tenants, now):
        overdue[tenant_id][severity] += number
    for tenant_id, *of_section, severity, outcome, state, seen, number, late in _treated_counts(
        tenants, now, by_section=by_section
    ):
        section = of_section[0] if of_section else ""
        shown[tenant_id][section, severity, outcome, state] -= number
        shown[tenant_id][section, severity, outcome, seen] += number
        if seen not in WITH_DUE_DATE:
            overdue[tenant_id][severity] -= late
    return {
        tenant.pk: Standing(
            [(*key, number) for key, number in (+shown[tenant.pk]).items()], dict(+overdue[tenant.pk])
        )
        for tenant in tenants
    }


def count_unassigned(tenant: Tenant, now: datetime) -> int:
    """Return the number of open findings without an owner. If the stored number is out of date, count the findings."""
    valid = valid_owner_counts([tenant.pk], now).order_by().values("tenant_id")
    rows = ControlCount.objects.filter(tenant=tenant, tenant_id__in=valid)
    stored: int | None = rows.aggregate(number=Sum("unassigned_open"))["number"]
    if stored is not None:
        return stored
    owned = Treatment.objects.filter(tenant=tenant, finding_id=OuterRef("pk"), owner__isnull=False)
    # Count all unassigned failures with index-only scans, and subtract the few that are acknowledged or excepted.
    failing = Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN)
    treated = (
        failing.filter(CHANGES_SHOWN_STATE, treatment__owner__isnull=True)
        .annotate(shown=shown_state(now))
        .exclude(shown=ShownState.OPEN)
    )
    # The difference could be negative, because an assessment may write between the two queries.
    return max(0, failing.filter(~Exists(owned)).count() - treated.count())


@dataclass(frozen=True, slots=True)
class TreatedCount:
    """The number of findings of a tenant, control and severity whose stored state is `state` and whose shown state is
    `shown`.
    """

    tenant_id: UUID
    control: str
    severity: str
    state: str
    shown: str
    number: int


def treated_by_control(ids: Collection[UUID], now: datetime) -> list[TreatedCount]:
    """Count the treated findings of these tenants, by control, severity, stored state and shown state."""
    rows = Finding.objects.filter(CHANGES_SHOWN_STATE, tenant_id__any_of=ids, state__in=TREATABLE)
    counted = (
        rows.annotate(shown=shown_state(now))
        .values_list("tenant_id", "control", "severity", "state", "shown")
        .annotate(number=Count("id"))
        .order_by()
    )
    return [TreatedCount(*row) for row in counted]


def next_change_at(tenant: Tenant, now: datetime) -> datetime | None:
    """Return the next time at which a shown state changes or a finding becomes overdue because a date passes. Return
    None if there is no such time.
    """
    treated = Treatment.objects.filter(tenant=tenant)
    dates = [
        treated.filter(**{f"{column}__gt": now}).aggregate(next=Min(column))["next"]
        for column in ("excepted_from", "excepted_until", "attested_until")
    ]
    failing = Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN, outcome=Finding.Outcome.FAIL)
    for severity, days in tenant.due_days.items():
        if days is not None:
            period = timedelta(days=int(days))
            begun = failing.filter(severity=severity, failing_since__gte=now - period)
            first = begun.aggregate(next=Min("failing_since"))["next"]
            # The number of overdue findings changes one moment after the due date, not at the due date.
            dates.append(first and first + period + timedelta(microseconds=1))
    return min((date for date in dates if date is not None), default=None)


def _treated_counts(tenants: list[Tenant], now: datetime, *, by_section: bool) -> Any:
    """Return counts of the treated findings, as (tenant, section, severity, outcome, state, shown state, number of
    findings, number of these findings that are past due).

    If `by_section` is False, the rows have no section.
    """
    section = ["section"] if by_section else []
    return (
        Finding.objects.filter(
            CHANGES_SHOWN_STATE, tenant_id__any_of=[tenant.pk for tenant in tenants], state__in=TREATABLE
        )
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", *section, "severity", "outcome", "state", "shown")
        .annotate(number=Count("id"), late=Count("id", filter=past_due_in(tenants, now)))
        .order_by()
    )


def _overdue_counts(tenants: list[Tenant], now: datetime) -> Any:
    """Count the failing findings that are past due, as (tenant, severity, number). Acknowledged and excepted failures
    count too.
    """
    rows = Finding.objects.filter(
        past_due_in(tenants, now), state=Finding.State.OPEN, outcome=Finding.Outcome.FAIL
    )
    return rows.values_list("tenant_id", "severity").annotate(number=Count("*")).order_by()


def past_due_in(tenants: list[Tenant], now: datetime) -> Q:
    """Return the query condition for failures that are past due. Tenants with the same policy share one condition.

    The condition does not check that a finding fails, so use it only in queries of failures. One index can answer such
    queries. For other queries, use `due_dates.due_before`.
    """
    policies: dict[tuple[tuple[str, int], ...], list[UUID]] = defaultdict(list)
    for tenant in tenants:
        policies[tuple(sorted(tenant.due_days.items()))].append(tenant.pk)
    found = Q(pk__in=())
    for policy, alike in policies.items():
        for severity, days in policy:
            found |= Q(tenant_id__any_of=alike) & past_due({severity: days}, now)
    return found
