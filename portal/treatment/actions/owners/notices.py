"""Notify owners of findings that fail again or are overdue."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange
from portal.notify.models import Notice
from portal.treatment.actions.owners.messages import notify_owner
from portal.treatment.due_dates import due_before
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Treatment
from portal.treatment.selectors.orphaned_owners import owned_by_former_owner
from portal.treatment.states import is_covered
from tenants.models import Person, Tenant

_UNUSED_COLUMNS: Final = ("observed", "expected", "evidence", "remarks")


def notify_reopened(*, tenant: Tenant, assessment: Assessment, now: datetime | None = None) -> int:
    """Notify owners whose findings began to fail again in this assessment. Return the number of new notices and channel
    posts.

    A second call adds no notices. These findings are left out:

    - findings whose verdict was unknown, but never passing, between the two failures
    - findings that were assigned after they failed, because the notice of the assignment names them
    - findings that an exception covers
    """
    changes = FindingChange.objects.filter(
        tenant=tenant,
        assessment=assessment,
        after_outcome=Finding.Outcome.FAIL,
        finding__failing_since=F("at"),
    ).exclude(before_outcome__in=["", Finding.Outcome.FAIL])
    again = Finding.objects.filter(
        tenant=tenant,
        pk__in=changes.values("finding"),
        outcome=Finding.Outcome.FAIL,
        gone_at__isnull=True,
        treatment__owner__isnull=False,
        treatment__owned_at__lte=F("failing_since"),
    ).exclude(pk__in=Finding.objects.filter(is_covered(now or timezone.now()), tenant=tenant).values("pk"))
    return sum(
        _notify(tenant, owner, rows, "reopened", f"assessment:{assessment.pk}")
        for owner, rows in _by_owner(tenant, again).items()
    )


@transaction.atomic
def notify_overdue(*, tenant: Tenant, now: datetime) -> int:
    """Notify owners whose findings are overdue and have no exception. Return the number of new notices and channel
    posts.

    Each failure (a finding and its `failing_since`) is announced once. Each owner gets at most one notice on a day of
    the tenant's time zone.
    """
    lock_treatments(tenant.pk)
    day = now.astimezone(ZoneInfo(tenant.timezone)).date()
    key = f"overdue:{day.isoformat()}"
    notified = Notice.objects.filter(tenant=tenant, kind="overdue", key__startswith=f"{key}:")
    late = (
        Finding.objects.filter(due_before(tenant, now), tenant=tenant, treatment__owner__isnull=False)
        .exclude(pk__in=Finding.objects.filter(is_covered(now), tenant=tenant).values("pk"))
        .exclude(treatment__overdue_told_for=F("failing_since"))
        .exclude(treatment__owner__in=notified.values("person"))
    )
    new = 0
    for owner, rows in _by_owner(tenant, late).items():
        new += _notify(tenant, owner, rows, "overdue", key)
        Treatment.objects.filter(finding__in=[row.pk for row in rows]).update(
            overdue_told_for=Subquery(
                Finding.objects.filter(pk=OuterRef("finding_id")).values("failing_since")[:1]
            )
        )
    return new


def _by_owner(tenant: Tenant, findings: QuerySet[Finding]) -> dict[Person, list[Finding]]:
    """Group the findings by owner, except findings whose owner has lost access."""
    found: dict[Person, list[Finding]] = defaultdict(list)
    findings = findings.exclude(owned_by_former_owner(tenant))
    # A stricter policy can make tens of thousands of findings overdue at once, so load only the columns in
    # use.
    rows = findings.select_related("treatment__owner").defer(*_UNUSED_COLUMNS)
    for row in rows.order_by("severity_rank", "control", "id"):
        if row.treatment.owner is not None:
            found[row.treatment.owner].append(row)
    return found


def _notify(tenant: Tenant, owner: Person, rows: list[Finding], kind: str, key: str) -> int:
    findings = [row.pk for row in rows]
    return notify_owner(tenant=tenant, owner=owner, rows=rows, findings=findings, kind=kind, key=key)
