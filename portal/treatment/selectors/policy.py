"""Preview a changed policy: which findings would be overdue, and which exceptions exceed the new maximum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Greatest

from assessments.models import Finding
from portal.treatment.due_dates import past_due
from portal.treatment.models import FindingException
from portal.treatment.states import is_covered
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class SeverityPreview:
    """The failing findings of one severity, except findings that an exception covers.

    `overdue` is the number of findings that are overdue now. `would_be` is the number of findings that would be overdue
    under the new policy, or None if the policy is invalid.
    """

    severity: str
    failing: int
    overdue: int
    would_be: int | None


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """The effects of a changed policy.

    `running` is the number of approved exceptions that last longer than the new maximum. `waiting` is the number of
    pending exceptions that could then be approved only with an earlier end. Both are None if the new maximum is
    invalid.
    """

    by_severity: tuple[SeverityPreview, ...]
    running: int | None
    waiting: int | None


def preview_policy(
    tenant: Tenant, *, due_days: Mapping[str, int | None], cap_days: int | None, now: datetime
) -> PolicyPreview:
    """Return the effects of these due days (by severity) and of this maximum duration of exceptions: how many findings
    would be overdue, and how many exceptions would exceed the maximum.
    """
    return PolicyPreview(tuple(_overdue(tenant, due_days, now)), *_exceptions(tenant, cap_days, now))


def _overdue(tenant: Tenant, due_days: Mapping[str, int | None], now: datetime) -> list[SeverityPreview]:
    """Count, for each severity, the failing findings, the overdue findings, and the findings that would be overdue with
    the new due days.
    """
    excepted = Finding.objects.filter(is_covered(now), tenant=tenant, state=Finding.State.OPEN)
    excepted = excepted.filter(treatment__tenant=tenant)
    rows = (
        Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN)
        .exclude(pk__in=excepted.order_by().values("pk"))
        .values_list("severity")
        .annotate(
            failing=Count("pk"),
            overdue=Count("pk", filter=past_due(tenant.due_days, now)),
            would_be=Count("pk", filter=past_due(due_days, now)),
        )
        .order_by()
    )
    found = {severity: numbers for severity, *numbers in rows}
    answer = []
    for severity, days in due_days.items():
        number, overdue, would_be = found.get(severity, (0, 0, 0))
        answer.append(SeverityPreview(severity, number, overdue, None if days is None else would_be))
    return answer


def _exceptions(tenant: Tenant, cap_days: int | None, now: datetime) -> tuple[int | None, int | None]:
    if cap_days is None:
        return None, None
    cap = timedelta(days=cap_days)
    state = FindingException.State
    lasts = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    # For an undecided exception, the maximum duration counts from its start. If the start has passed, the maximum
    # duration counts from now.
    left = ExpressionWrapper(
        F("ends_at") - Greatest(F("starts_at"), Value(now)), output_field=DurationField()
    )
    found = (
        FindingException.objects.filter(tenant=tenant, ends_at__gt=now)
        .alias(lasts=lasts, left=left)
        .aggregate(
            running=Count(
                "pk", filter=Q(state__in=[state.APPROVED, *FindingException.IN_FORCE], lasts__gt=cap)
            ),
            waiting=Count("pk", filter=Q(state__in=FindingException.PENDING, left__gt=cap)),
        )
    )
    return found["running"], found["waiting"]
