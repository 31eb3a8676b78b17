"""Return numbers of findings by verdict, without treatment. If the stored numbers are out of date, count the
findings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import (
    Count,
)

from assessments.models import Finding
from portal.treatment.selectors.valid_snapshots import (
    up_to_date_snapshots,
)
from tenants.models import Tenant

type Verdicts = Counter[tuple[str, str, str, str]]
"""(section, severity, outcome, state) -> number of findings."""
type ControlVerdicts = Counter[tuple[str, str, str, str, str]]
"""(control, severity, section, outcome, state) -> number of findings."""


def in_one_section(counts: Verdicts) -> Verdicts:
    """Return the sums over all sections. The name of the section in the result is empty."""
    merged: Verdicts = Counter()
    for (_, severity, outcome, state), number in counts.items():
        merged["", severity, outcome, state] += number
    return merged


def verdicts(tenant_ids: Iterable[UUID]) -> dict[UUID, Verdicts]:
    """Count the findings of each tenant by verdict, except findings whose resource is gone."""
    return {
        tenant_id: without_controls(counts) for tenant_id, counts in verdicts_by_control(tenant_ids).items()
    }


def without_controls(counts: ControlVerdicts) -> Verdicts:
    """Sum the counts over all controls, so that the result is no longer split by control."""
    found: Verdicts = Counter()
    for (_, severity, section, outcome, state), number in counts.items():
        found[section, severity, outcome, state] += number
    return found


def verdicts_by_control(tenant_ids: Iterable[UUID]) -> dict[UUID, ControlVerdicts]:
    """Count the findings of each tenant by control and verdict, except findings whose resource is gone."""
    found: dict[UUID, ControlVerdicts] = defaultdict(Counter)
    rows = (
        Finding.objects.filter(tenant_id__any_of=list(tenant_ids))
        .exclude(state=Finding.State.GONE)
        # The columns are in the order of an index, so that PostgreSQL groups the rows without sorting them.
        .values_list("tenant_id", "control", "severity", "section", "outcome", "state")
        .annotate(count=Count("*"))
        .order_by()
    )
    for tenant_id, *key, count in rows:
        found[tenant_id][*key] += count
    return found


def snapshot_verdicts(ids: list[UUID], *, by_section: bool = True) -> dict[UUID, Verdicts]:
    """Return the counts of the newest snapshots, for the tenants whose newest snapshot is up to date.

    If `by_section` is False, the counts are sums over all sections, and the name of the section is empty.
    """
    rows = up_to_date_snapshots(ids)
    found: dict[UUID, Verdicts] = {}
    for tenant_id, counts in rows.order_by("day").values_list("tenant_id", "verdicts"):
        stored: Verdicts = Counter({(a, b, c, d): number for a, b, c, d, number in counts})
        found[tenant_id] = stored if by_section else in_one_section(stored)
    return found


def snapshot_count(tenant: Tenant) -> int | None:
    """Return the number of findings according to the newest snapshot, or None if the snapshot is out of date. Findings
    whose resource is gone do not count.
    """
    found = snapshot_verdicts([tenant.pk])
    return sum(found[tenant.pk].values()) if tenant.pk in found else None
