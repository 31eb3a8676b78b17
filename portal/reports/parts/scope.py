"""Scope: subscriptions and directories that were assessed, subscriptions that were not, and frameworks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.controls.registry import catalogue
from assessments.models import Unit
from portal.reports.facts import UnitFact
from portal.reports.parts import results
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.source import ReportSource
from tenants.models import Subscription, Tenant


@dataclass(frozen=True, slots=True)
class Excluded:
    """A subscription that was not assessed, with the reason."""

    name: str
    azure_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """`frameworks`: (framework, number of controls that map to it)."""

    units: tuple[UnitFact, ...]
    excluded: tuple[Excluded, ...]
    frameworks: tuple[tuple[str, int], ...]


def _gather(source: ReportSource) -> ScopeFacts:
    return ScopeFacts(
        units=tuple(source.unit_facts),
        excluded=tuple(_excluded_subscriptions(source.tenant, source.units)),
        frameworks=_frameworks(),
    )


def _excluded_subscriptions(tenant: Tenant, units: list[Unit]) -> list[Excluded]:
    assessed = {unit.azure_id for unit in units}
    excluded = []
    for row in (
        Subscription.objects.filter(tenant=tenant)
        .select_related("directory")
        .order_by("display_name", "subscription_id")
    ):
        if row.subscription_id in assessed:
            continue
        if row.is_foreign:
            reason = f"Belongs to another directory ({row.home_directory_id}), so it is not assessed for this customer"
        elif row.holds_no_resources:
            reason = "Holds no resources (Access to Azure Active Directory)"
        elif not row.included:
            reason = "Excluded in the customer’s settings"
        elif row.state == Subscription.VANISHED:
            reason = (
                f"No longer visible to the service principal, last seen {row.last_seen_at:%Y-%m-%d}: the subscription "
                "was deleted or access to it was removed"
            )
        else:
            reason = f"Not assessed this time (state in Azure: {row.state})"
        excluded.append(Excluded(row.display_name or row.subscription_id, row.subscription_id, reason))
    return excluded


def _frameworks() -> tuple[tuple[str, int], ...]:
    counted: Counter[str] = Counter()
    for control in catalogue().values():
        counted.update(control.references.by_framework().keys())
    return tuple(counted.items())


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    controls = facts.of(results.PART).controls
    automated = sum(control.automated for control in controls)
    return {"controls_total": len(controls), "automated": automated, "manual": len(controls) - automated}


PART = Part("scope", 30, "Scope", gather=_gather, context=_context)
