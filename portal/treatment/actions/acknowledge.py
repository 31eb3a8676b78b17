"""Acknowledge failures. An acknowledgement applies only to the current failure of a finding, not to a later failure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment import timeline
from portal.treatment.actions._text import clean_filters, clean_text
from portal.treatment.actions._treatment_rows import (
    ACKNOWLEDGED_FIELDS,
    counted_batch,
    plain_query,
    upsert_treatments,
)
from portal.treatment.errors import NotFailing, WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Batch, Treatment, TreatmentEvent
from portal.treatment.states import is_covered
from portal.treatment.task_names import REFRESH
from tenants import journal
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.models import Person, Tenant

MAX_PLAN: Final = 4000
_MAX_LISTED: Final = 10


class _Row(NamedTuple):
    """A failing finding, with the columns `ACKNOWLEDGED_FIELDS` of its treatment. If the finding has no treatment, the
    columns are None.
    """

    pk: UUID
    failing_since: datetime | None
    acknowledged_by: UUID | None
    acknowledged_at: datetime | None
    acknowledged_failing_since: datetime | None
    plan: str | None
    planned_for: date | None

    @property
    def is_acknowledged(self) -> bool:
        return self.acknowledged_failing_since == self.failing_since


@transaction.atomic
def acknowledge(
    *,
    tenant: Tenant,
    findings: QuerySet[Finding],
    by: Person,
    plan: str = "",
    planned_for: date | None = None,
    filters: str = "",
    kind: str = "acknowledge",
    batch: Batch | None = None,
    replace: bool = False,
) -> Batch:
    """Acknowledge the failing findings, optionally with a plan and a planned day. The batch counts the changed
    findings.

    Findings that do not fail, or that an exception covers, are skipped. `replace` concerns only findings that are
    already acknowledged:

    - True: the finding gets exactly the given plan and day. An empty `plan` removes the stored plan, and None as
      `planned_for` removes the stored day. If no plan and no day are given or stored, the finding is skipped.
    - False: an empty `plan` keeps the stored plan, and None keeps the stored day. If no plan and no day are given, the
      finding is skipped.

    Raises NotFailing if none of the findings is a failure without an exception. Raises InvalidInput for a plan that is
    too long, and for a day in the past.

    `batch` is the batch of an earlier call with the same plan and day, to which the findings are added.
    """
    now, filters = timezone.now(), clean_filters(filters)
    plan = valid_plan(tenant, plan, planned_for, now)
    lock_treatments(tenant.pk)
    found = (
        plain_query(tenant, findings)
        .filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
        .exclude(pk__in=Finding.objects.filter(is_covered(now), tenant=tenant).values("pk"))
        .values_list("pk", "failing_since", *(f"treatment__{name}" for name in ACKNOWLEDGED_FIELDS))
    )
    rows = [_Row(*values) for values in found]
    if not rows:
        raise NotFailing(
            "No finding was acknowledged, because only failing findings without an exception can be acknowledged."
        )
    if not plan and planned_for is None:
        rows = [
            row
            for row in rows
            if not row.is_acknowledged or (replace and (row.plan or row.planned_for is not None))
        ]
    batch = counted_batch(
        batch,
        tenant=tenant,
        kind=kind,
        by=by,
        at=now,
        count=len(rows),
        filters=filters,
        values={"plan": plan, "planned_for": planned_for.isoformat() if planned_for else None},
    )
    if not rows:
        return batch
    plans = [_plan_of(row, plan, planned_for, replace=replace) for row in rows]
    upsert_treatments(
        tenant,
        [(row.pk, by.pk, now, row.failing_since, *held) for row, held in zip(rows, plans, strict=True)],
        ACKNOWLEDGED_FIELDS,
    )
    timeline.write_bulk_events(
        tenant=tenant,
        by=by,
        at=now,
        kind=TreatmentEvent.Kind.ACKNOWLEDGED,
        batch=batch,
        lines=[
            timeline.Line(
                row.pk,
                "Acknowledged" if row.is_acknowledged else "Open",
                "Acknowledged" + (f", planned for {day.isoformat()}" if day else ""),
                text,
                _undo_values(*row[2:]),
            )
            for row, (text, day) in zip(rows, plans, strict=True)
        ],
    )
    journal.record(
        tenant=tenant,
        actor=by,
        action="finding.acknowledged",
        target=f"{len(rows)} findings" if len(rows) > 1 else f"finding:{rows[0].pk}",
        details={
            "batch": batch.pk,
            "count": len(rows),
            "findings": [str(row.pk) for row in rows[:_MAX_LISTED]],
            "planned_for": planned_for,
            "filters": filters,
        },
    )
    return batch


def _plan_of(row: _Row, plan: str, planned_for: date | None, *, replace: bool) -> tuple[str, date | None]:
    """Return the plan and the day that the finding gets. The docstring of `acknowledge` explains `replace`."""
    if replace or not row.is_acknowledged:
        return plan, planned_for
    return plan or row.plan or "", planned_for or row.planned_for


def first_planned_day(tenant: Tenant, now: datetime) -> date:
    """Return the first day for which a correction can be planned: today in the tenant's time zone."""
    return now.astimezone(ZoneInfo(tenant.timezone)).date()


def valid_plan(tenant: Tenant, plan: str, planned_for: date | None, now: datetime) -> str:
    """Return the plan in its stored form. Raise InvalidInput for a plan that is too long or a day in the past."""
    if planned_for is not None and planned_for < first_planned_day(tenant, now):
        raise invalid("planned_for", "The planned day has passed. Choose today or a later day.", code="past")
    return clean_text("plan", plan, MAX_PLAN)


def _undo_values(
    by: UUID | None, at: datetime | None, failing_since: datetime | None, plan: str | None, day: date | None
) -> dict[str, Any]:
    return {
        "acknowledged_by": str(by) if by else None,
        "acknowledged_at": at.isoformat() if at else None,
        "acknowledged_failing_since": failing_since.isoformat() if failing_since else None,
        "plan": plan or "",
        "planned_for": day.isoformat() if day else None,
    }


@transaction.atomic
def withdraw_acknowledgement(*, finding: Finding, by: Person) -> None:
    """Undo the acknowledgement of the current failure. Raise WrongState if the failure is not acknowledged."""
    tenant = finding.tenant
    lock_treatments(tenant.pk)
    held = Treatment.objects.filter(finding=finding).select_related("finding").first()
    if (
        held is None
        or held.acknowledged_failing_since is None
        or held.acknowledged_failing_since != held.finding.failing_since
    ):
        raise WrongState("This finding is not acknowledged. Reload the page to see its current state.")
    plan = held.plan
    held.acknowledged_by = held.acknowledged_at = held.acknowledged_failing_since = held.planned_for = None
    held.plan = ""
    held.save(update_fields=ACKNOWLEDGED_FIELDS)
    timeline.write_events(
        [
            timeline.build_event(
                tenant=tenant,
                finding_id=finding.pk,
                by=by,
                at=timezone.now(),
                kind=TreatmentEvent.Kind.UNACKNOWLEDGED,
                before="Acknowledged",
                after="Open",
                note=f"Previous plan: {plan}" if plan else "",
            )
        ]
    )
    journal.record(
        tenant=tenant, actor=by, action="finding.acknowledgement_withdrawn", target=finding, details={}
    )
    enqueue(REFRESH, tenant.pk)
