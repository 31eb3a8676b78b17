"""Scope: assessed subscriptions and directories, subscriptions that were not assessed, and frameworks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from assessments.controls.registry import catalogue
from assessments.models import Unit
from portal.queries.subscriptions import listed_subscriptions, state_remark, why_not_assessed
from portal.reports.facts import UnitFact
from portal.reports.parts import results
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.source import ReportSource
from tenants.models import Subscription


@dataclass(frozen=True, slots=True)
class Excluded:
    """A subscription that was not assessed, with the reason; or an assessed subscription with a remark on its state."""

    name: str
    azure_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """The facts of the part.

    `frameworks`: (framework, number of controls that map to it). `customer_archived_at` is None for a customer
    that is not archived. Surety reads Azure only for these customers.
    """

    units: tuple[UnitFact, ...]
    excluded: tuple[Excluded, ...]
    frameworks: tuple[tuple[str, int], ...]
    subscription_remarks: tuple[Excluded, ...] = ()
    customer_archived_at: datetime | None = None

    @property
    def nothing_read(self) -> bool:
        """Whether no subscription or directory could be read, so that the report has no result."""
        return all(unit.reached == "not at all" for unit in self.units)


def _gather(source: ReportSource) -> ScopeFacts:
    rows = list(listed_subscriptions(source.tenant))
    return ScopeFacts(
        units=tuple(source.unit_facts),
        excluded=tuple(_excluded_subscriptions(rows, source.units)),
        frameworks=_frameworks(),
        subscription_remarks=tuple(_remarks(rows, source.units)),
        customer_archived_at=source.tenant.archived_at,
    )


def _excluded_subscriptions(rows: list[Subscription], units: list[Unit]) -> Iterator[Excluded]:
    assessed = {unit.azure_id for unit in units}
    for row in rows:
        if row.subscription_id not in assessed:
            reason = why_not_assessed(row) or f"Not assessed this time (state in Azure: {row.state})"
            yield Excluded(str(row), row.subscription_id, reason)


def _remarks(rows: list[Subscription], units: list[Unit]) -> Iterator[Excluded]:
    assessed = {unit.azure_id for unit in units}
    for row in rows:
        if row.subscription_id in assessed and (remark := state_remark(row)):
            yield Excluded(str(row), row.subscription_id, remark)


def _frameworks() -> tuple[tuple[str, int], ...]:
    counted: Counter[str] = Counter()
    for control in catalogue().values():
        counted.update(control.references.by_framework().keys())
    return tuple(counted.items())


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    controls = facts.of(results.PART).controls
    automated = sum(control.automated for control in controls)
    return {"controls_total": len(controls), "automated": automated, "manual": len(controls) - automated}


PART = Part("scope", gettext_noop("Scope"), gather=_gather, context=_context)
