"""Query exceptions: the register, the exceptions that end soon, the preview of a rule, and the covered findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.conditions import set_conditions
from portal.treatment.matching import match
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.naming import control_problem
from portal.treatment.selectors.exception_scope import binding_digest, failing_findings, unbound_matches
from portal.treatment.selectors.findings import visible_exceptions
from tenants import scope
from tenants.isolation.managers import reviewed
from tenants.models import Tenant

SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """The findings that a rule matches now.

    - `count`: number of matching findings
    - `failing`: number of matching findings that fail; an exception would cover only these findings
    - `by_control`: number of these failing findings by control
    - `sample`: the most severe failing findings
    """

    count: int
    failing: int
    by_control: tuple[tuple[str, int], ...]
    sample: tuple[Finding, ...]


def preview(tenant: Tenant, rule: Mapping[str, str]) -> Preview:
    """Preview an exception with this rule. Raises InvalidInput if the rule is invalid."""
    draft = FindingException(tenant=tenant)
    set_conditions(draft, rule)
    rows = Finding.objects.filter(match(draft), tenant=tenant)
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
    """Return the exceptions that the person of the current scope (`tenants.scope`) can see, newest first.

    Annotations: `findings`, the number of items; `changed`, the number of items whose observed value has changed.
    """
    rows = visible_exceptions(tenant).select_related("requested_by", "decided_by", "ended_by")
    return rows.annotate(
        findings=Count("items"), changed=Count("items", filter=Q(items__changed_at__isnull=False))
    ).order_by("-number")


def ending(tenant: Tenant, *, within: timedelta, now: datetime | None = None) -> QuerySet[FindingException]:
    """Return the exceptions in force that end at most `within` after `now`, soonest first."""
    now = now or timezone.now()
    return register(tenant).filter(FindingException.ends_within(within, now)).order_by("ends_at", "number")


def problems(exceptions: Collection[FindingException]) -> dict[UUID, str]:
    """Return the problem that each exception accepts, or a text such as “Findings of several controls”."""
    rows = ExceptionItem.objects.filter(exception__in=[row.pk for row in exceptions if not _has_rule(row)])
    found = (
        rows.order_by().values_list("exception").annotate(Min("finding__control"), Max("finding__control"))
    )
    controls = {pk: (first, last) for pk, first, last in found}
    return {row.pk: problem_of(row, *controls.get(row.pk, ("", ""))) for row in exceptions}


def problem_of(exception: FindingException, first: str, last: str) -> str:
    """Return the problem that the exception accepts, or a text such as “Findings of several controls”.

    `first` and `last` are the alphabetically first and last control of its findings.
    """
    if _has_rule(exception):
        return control_problem(exception.control) if exception.control else "Findings that match a rule"
    return control_problem(first) if first == last else "Findings of several controls"


def name_with_problem(exception: FindingException) -> str:
    """Name an exception with its problem, for use in a sentence: ``Exception 5 (SSH open to the Internet)``."""
    problem = problems([exception])[exception.pk]
    return f"{exception} ({problem})" if problem else str(exception)


def _has_rule(exception: FindingException) -> bool:
    return exception.scope == FindingException.Scope.RULE


def changed() -> Q:
    """Return the query condition for exception items whose observed value has changed since the approval.

    For an auditor with a review period, only changes before the end of the period count.
    """
    current = scope.current()
    found = Q(changed_at__isnull=False)
    return found & reviewed(current, ExceptionItem.changed_in_review) if current.review_periods else found


def items(exception: FindingException, *, to_decide_first: bool = False) -> QuerySet[ExceptionItem]:
    """Return the items of the exception with their findings, most severe first.

    The annotation `differs` says whether the current observed value differs from the approved value or, before the
    first decision, from the requested value. If `to_decide_first` is set and the exception waits for a decision,
    failing findings whose value differs come before all others.
    """
    expected = F("requested_sha256") if exception.decided_at is None else F("approved_sha256")
    rows = exception.items.select_related("finding").annotate(differs=~Q(finding__observed_sha256=expected))
    order = ["finding__severity_rank", "finding__control", "finding_id"]
    if not to_decide_first or exception.state not in FindingException.PENDING:
        return rows.order_by(*order)
    fails = Q(finding__outcome=Finding.Outcome.FAIL, finding__gone_at__isnull=True)
    is_to_decide = When(fails & Q(differs=True), then=Value(0))
    return rows.order_by(Case(is_to_decide, default=Value(1), output_field=IntegerField()), *order)


def excess(exception: FindingException) -> QuerySet[Finding]:
    """Return the failing findings that the exception's rule matches and that are not items yet. An approval now would
    add these findings.
    """
    if exception.scope != FindingException.Scope.RULE:
        return Finding.objects.none()
    return unbound_matches(exception)


def bindable_hashes(exception: FindingException) -> dict[UUID, str]:
    """Return the findings and observed values to which an approval now would bind the exception, as {finding id: hash
    of the observed value}.
    """
    return dict(failing_findings(exception).values_list("pk", "observed_sha256"))


def seen_digest(exception: FindingException) -> str:
    """Return the digest of the observed values of the exception's failing findings.

    The decision form contains this digest and sends it as `seen`, so that approvers approve only what they have seen.
    """
    return binding_digest(bindable_hashes(exception))
