"""Compute due dates: a failing finding is due a number of days after it began to fail.

The tenant's policy (`Tenant.due_days`) has the number of days for each severity. If a severity has no number, its
findings have no due date. A due date applies only in the shown states `portal.treatment.states.WITH_DUE_DATE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value, When

from assessments.models import Finding
from tenants.models import Tenant

type DueDays = Mapping[str, int | None]
"""For each severity, the number of days from the beginning of the failure to the due date. A severity that is missing
or has None has no due date.
"""


def due_date(due_days: DueDays, severity: str, failing_since: datetime | None) -> datetime | None:
    """Return the due date of a failure, or None if its severity has no due date."""
    days = due_days.get(severity)
    if failing_since is None or days is None:
        return None
    return failing_since + timedelta(days=int(days))


def due_at(tenant: Tenant, finding: Finding) -> datetime | None:
    """Return the due date of a finding, or None if the finding does not fail or its severity has no due date."""
    if finding.outcome != Finding.Outcome.FAIL:
        return None
    return due_date(tenant.due_days, finding.severity, finding.failing_since)


def overdue_days(due: datetime, moment: datetime) -> int:
    """Return the number of days for which a failure has been overdue: whole days, but at least 1. Return 0 if it is not
    overdue.
    """
    return max(1, (moment - due).days) if due < moment else 0


def past_due(due_days: DueDays, moment: datetime, finding: str = "") -> Q:
    """Return the query condition that a failure was due before the moment.

    The condition does not check that a finding fails, so use it only in queries of failures. It uses only `severity`
    and `failing_since`, which one index covers. `finding` is the prefix of these fields, such as `finding__`, if the
    query is about rows that refer to a finding.
    """
    condition = Q(pk__in=())
    for severity, days in due_days.items():
        if days is not None:
            condition |= Q(
                **{
                    f"{finding}severity": severity,
                    f"{finding}failing_since__lt": moment - timedelta(days=int(days)),
                }
            )
    return condition


def due_before(tenant: Tenant, moment: datetime, finding: str = "") -> Q:
    """Return the query condition that a finding fails and is due before the moment.

    `finding` is the prefix of the finding's fields, such as `finding__`, if the query is about rows that refer to a
    finding.
    """
    failing = Q(**{f"{finding}outcome": Finding.Outcome.FAIL, f"{finding}gone_at__isnull": True})
    return failing & past_due(tenant.due_days, moment, finding)


def due_date_cases(tenant: Tenant) -> list[When]:
    """Return the SQL `When` cases for the due date of an open finding, one for each severity with a number
    of due days.
    """
    return [
        When(
            severity=severity,
            state=Finding.State.OPEN,
            then=ExpressionWrapper(
                F("failing_since") + Value(timedelta(days=int(days))), output_field=DateTimeField()
            ),
        )
        for severity, days in tenant.due_days.items()
    ]
