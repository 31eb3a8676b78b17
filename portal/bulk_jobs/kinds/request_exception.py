"""Request one exception for all failing findings of the selection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.models import Finding
from portal.bulk_jobs.kinds.base import NOT_FAILING, JobKind, Reason, ShownValue, Step
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.actions.exceptions.request import unsaved_exception
from portal.treatment.models import FindingException
from tenants.models import Person, Tenant
from tenants.roles import Capability

MAX_FINDINGS: Final = 10_000
Scope = FindingException.Scope


class RequestException(JobKind):
    """Request an exception. One exception covers all findings of the job, so the job has a single step."""

    key = "request-exception"
    label = "Request exception"
    capabilities = (Capability.TREAT,)
    shown_values = (
        ShownValue("reason", "Reason"),
        ShownValue("compensating_control", "Compensating control"),
        ShownValue("starts_at", "Starts", datetime.fromisoformat),
        ShownValue("ends_at", "Ends", datetime.fromisoformat),
    )
    reasons = (NOT_FAILING,)
    note = "One exception covers all findings of the job"
    step = MAX_FINDINGS
    max_findings = MAX_FINDINGS
    cannot_be_undone = "This job has requested an exception. Withdraw the request instead."

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        exception = unsaved_exception(tenant=tenant, by=by, scope=Scope.LIST, now=now, **values)
        starts_at: datetime | None = values["starts_at"]
        return {
            "reason": exception.reason,
            "compensating_control": exception.compensating_control,
            "starts_at": starts_at.isoformat() if starts_at else None,
            "ends_at": exception.ends_at.isoformat(),
        }

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        failing = set(
            step.rows.filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True).values_list("pk", flat=True)
        )
        return {item.finding_id: NOT_FAILING for item in step.items if item.finding_id not in failing}

    def run(self, step: Step) -> dict[UUID, Reason]:
        values = step.job.parameters
        starts_at = datetime.fromisoformat(values["starts_at"]) if values["starts_at"] else None
        step.job.exception = request_exception(
            tenant=step.tenant,
            by=step.by,
            scope=Scope.FINDING if len(step.items) == 1 else Scope.LIST,
            findings=step.rows,
            reason=values["reason"],
            compensating_control=values["compensating_control"],
            # If the start of the exception has passed while the job waited for a worker, the exception starts now.
            starts_at=starts_at if starts_at and starts_at > step.now else None,
            ends_at=datetime.fromisoformat(values["ends_at"]),
            now=step.now,
        )
        return {}


KIND = RequestException()
