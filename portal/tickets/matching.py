"""Compute the tickets that a customer should have, from its failing findings and the rules of its organization."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from assessments.models import Finding
from portal.tickets.models import TicketPlace, TicketRule, TicketRuleCustomer, TicketSystem
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant

FINDING: Final = "finding:"
"""The beginning of the key of a ticket about a single finding."""


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule that applies to a customer, with the project in which the customer's tickets are opened."""

    system_id: UUID
    kind: str
    project: str
    per: str
    severities: frozenset[str]
    controls: frozenset[str]

    def matches(self, control: str, severity: str) -> bool:
        """Return whether the rule applies to findings of this control and severity."""
        return (not self.severities or severity in self.severities) and (
            not self.controls or control in self.controls
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ticket that a rule asks for. `finding_id` is None for a ticket about a control."""

    system_id: UUID
    kind: str
    project: str
    control: str
    finding_id: UUID | None = None

    @property
    def key(self) -> str:
        """The key that identifies what the ticket is about (`Ticket.key`)."""
        return f"{FINDING}{self.finding_id}" if self.finding_id else f"control:{self.control}"


def failing(tenant: Tenant, now: datetime) -> QuerySet[Finding]:
    """Return the findings that fail and that no approved exception covers. The tenant's scope
    (`tenants.scope`) must be open.
    """
    rows = Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN).annotate(shown=shown_state(now))
    return rows.filter(shown__in=WITH_DUE_DATE)


def unknown_failures(tenant: Tenant) -> QuerySet[Finding]:
    """Return the findings whose verdict is unknown now and was a failure before. Such a finding neither opens nor
    closes a ticket.
    """
    return Finding.objects.filter(
        tenant=tenant, outcome=Finding.Outcome.UNKNOWN, failing_since__isnull=False, gone_at__isnull=True
    )


def applied_rules(tenant: Tenant, rules: Iterable[TicketRule] | None = None) -> list[AppliedRule]:
    """Return the rules that apply to a customer, oldest first. Call this function in the organization's scope
    (`tenants.scope`).

    If `rules` is None, all enabled rules of enabled systems are examined. Tickets are opened in the project that is
    set for the customer, or else in the project of the system. If this project is empty, no rule of the system applies.
    """
    if rules is None:
        enabled = TicketRule.objects.filter(
            organization=tenant.organization_id, enabled=True, system__enabled=True
        )
        rules = enabled.select_related("system").order_by("created_at", "pk")
    places = dict(TicketPlace.objects.filter(tenant=tenant).values_list("system_id", "project"))
    chosen = set(TicketRuleCustomer.objects.filter(tenant=tenant).values_list("rule_id", flat=True))
    found = []
    for rule in rules:
        project = places.get(rule.system_id, rule.system.project)
        is_for_customer = not rule.only_chosen or rule.pk in chosen
        has_label = not rule.labels or set(rule.labels) & set(tenant.labels)
        if project and is_for_customer and has_label:
            found.append(applied(rule, project))
    return found


def applied(rule: TicketRule, project: str) -> AppliedRule:
    """Return the rule as it applies to a customer whose tickets are opened in this project."""
    return AppliedRule(
        rule.system_id,
        rule.system.kind,
        project,
        rule.per,
        frozenset(rule.severities),
        frozenset(rule.controls),
    )


def wanted_tickets(tenant: Tenant, rules: Sequence[AppliedRule], now: datetime) -> list[Wanted]:
    """Return the tickets that the rules ask for. The tenant's scope (`tenants.scope`) must be open.

    Tickets about all findings of a control come first, then tickets about single findings. In both groups, the most
    severe come first.
    """
    if not rules:
        return []
    groups = failing(tenant, now).order_by("severity_rank", "control")
    found: list[Wanted] = []
    per_finding: dict[str, list[AppliedRule]] = {}
    seen = set[tuple[UUID, str]]()
    for control, severity, _rank, _number in groups.values_list(
        "control", "severity", "severity_rank"
    ).annotate(number=Count("pk")):
        decided = set[UUID]()
        for rule in rules:
            if rule.system_id in decided or not rule.matches(control, severity):
                continue
            decided.add(rule.system_id)
            if rule.per == TicketRule.Per.FINDING:
                per_finding.setdefault(f"{severity} {control}", []).append(rule)
            elif (rule.system_id, control) not in seen:
                seen.add((rule.system_id, control))
                found.append(Wanted(rule.system_id, rule.kind, rule.project, control))
    return [*found, *_of_findings(tenant, per_finding, now)]


def _of_findings(tenant: Tenant, rules: dict[str, list[AppliedRule]], now: datetime) -> list[Wanted]:
    if not rules:
        return []
    condition = Q()
    for key in rules:
        severity, control = key.split(" ", 1)
        condition |= Q(severity=severity, control=control)
    rows = failing(tenant, now).filter(condition).order_by("severity_rank", "control", "pk")
    return [
        Wanted(rule.system_id, rule.kind, rule.project, control, pk)
        for pk, control, severity in rows.values_list("pk", "control", "severity")
        for rule in rules[f"{severity} {control}"]
    ]


def enabled_systems(organization_id: UUID) -> QuerySet[TicketSystem]:
    """Return the enabled systems with credentials. The organization's scope (`tenants.scope`) must be open."""
    return TicketSystem.objects.filter(organization=organization_id, enabled=True, secrets__isnull=False)
