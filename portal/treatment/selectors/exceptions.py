"""Reads of exceptions: the preview of a rule, the register, what waits for an approver, an exception's findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.conditions import set_conditions
from portal.treatment.matching import match
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.selectors.exception_scope import binding_digest, failing_findings, unbound_matches
from portal.treatment.selectors.findings import visible_exceptions
from tenants.models import Person, Tenant

SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule means now: how many findings, how many of them fail (those would be covered), the failing
    ones by control, most first, and the first few of them."""

    count: int
    failing: int
    by_control: tuple[tuple[str, int], ...]
    sample: tuple[Finding, ...]


def preview(tenant: Tenant, rule: Mapping[str, str]) -> Preview:
    """What an exception with this rule would mean. InvalidInput for a rule that cannot be asked for."""
    wanted = FindingException(tenant=tenant)
    set_conditions(wanted, rule)
    rows = Finding.objects.filter(match(wanted), tenant=tenant)
    fails = rows.filter(outcome=Finding.Outcome.FAIL)
    by_control = fails.values_list("control").annotate(count=Count("pk")).order_by("-count", "control")
    groups = tuple((control, count) for control, count in by_control)
    return Preview(
        count=rows.count(),
        failing=sum(count for _, count in groups),
        by_control=groups,
        sample=tuple(fails.order_by("severity_rank", "control", "pk")[:SAMPLE_SIZE]),
    )


def register(tenant: Tenant) -> QuerySet[FindingException]:
    """Every exception that the person in scope sees, newest first, with `findings` (how many items) and
    `changed` (how many of them wait because what is observed has changed)."""
    rows = visible_exceptions(tenant).select_related("requested_by", "decided_by", "ended_by")
    return rows.annotate(
        findings=Count("items"), changed=Count("items", filter=Q(items__changed_at__isnull=False))
    ).order_by("-number")


def pending(tenant: Tenant) -> QuerySet[FindingException]:
    """What waits for a decision, the longest waiting first."""
    return register(tenant).filter(state__in=FindingException.PENDING).order_by("requested_at", "number")


def pending_for(person: Person, tenant: Tenant) -> QuerySet[FindingException]:
    """What waits for this approver: nobody decides their own request."""
    return pending(tenant).exclude(requested_by=person)


def ending(tenant: Tenant, *, within: timedelta, now: datetime | None = None) -> QuerySet[FindingException]:
    """What is in force and ends within that time, the soonest first."""
    now = now or timezone.now()
    rows = register(tenant).filter(state__in=FindingException.IN_FORCE)
    return rows.filter(ends_at__gt=now, ends_at__lte=now + within).order_by("ends_at", "number")


def items(exception: FindingException) -> QuerySet[ExceptionItem]:
    """Its findings, the gravest first: `requested_*`, `approved_*` and, in `item.finding`, what is there now.

    `differs`: what is observed now is not what was requested (before a decision) or approved (after it).
    """
    then = F("requested_sha256") if exception.decided_at is None else F("approved_sha256")
    rows = exception.items.select_related("finding").annotate(differs=~Q(finding__observed_sha256=then))
    return rows.order_by("finding__severity_rank", "finding__control", "finding_id")


def excess(exception: FindingException) -> QuerySet[Finding]:
    """The failing findings that a rule matches and that are not among its items: what an approval would add."""
    if exception.scope != FindingException.Scope.RULE:
        return Finding.objects.none()
    return unbound_matches(exception)


def matching_findings(exception: FindingException) -> QuerySet[Finding]:
    """The findings, whatever their verdict, that the exception's rule matches now or that its list holds."""
    rows = Finding.objects.filter(tenant_id=exception.tenant_id)
    if exception.scope == FindingException.Scope.RULE:
        return rows.filter(match(exception))
    return rows.filter(pk__in=exception.items.values("finding"))


def bindable_hashes(exception: FindingException) -> dict[UUID, str]:
    """{finding id: hash of what is observed}: what an approval at this moment would bind."""
    return dict(failing_findings(exception).values_list("pk", "observed_sha256"))


def seen_digest(exception: FindingException) -> str:
    """What a decision's form hands back as `seen`, so that nobody approves what they have not looked at."""
    return binding_digest(bindable_hashes(exception))
