"""Request one exception for all failing findings of the selection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.base import NOT_FAILING, BulkAction, Reason, Step
from portal.bulk_jobs.bulk_actions.values import Value, ValueType
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.actions.exceptions.request import MAX_TEXT, unsaved_exception
from portal.treatment.models import FindingException
from tenants.models import Person, Tenant
from tenants.roles import Capability

MAX_FINDINGS: Final = 10_000
Scope = FindingException.Scope


class RequestException(BulkAction):
    """Request an exception. One exception covers all findings of the job, so the job has a single step."""

    key = "request-exception"
    label = "Request exception"
    icon = "excepted"
    position = 40
    capabilities = (Capability.TREAT,)
    values = (
        Value("reason", "Reason", max_length=MAX_TEXT, help="At least three words"),
        Value("compensating_control", "Compensating control", required=False, max_length=MAX_TEXT),
        Value("starts_at", "Starts", ValueType.TIME, required=False, help="By default, now"),
        Value("ends_at", "Ends", ValueType.TIME),
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
        cleaned = {name: getattr(exception, name) for name in ("reason", "compensating_control", "ends_at")}
        return super().parameters(tenant, by, {**values, **cleaned}, now)

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        failing = set(
            step.rows.filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True).values_list("pk", flat=True)
        )
        return {item.finding_id: NOT_FAILING for item in step.items if item.finding_id not in failing}

    def run(self, step: Step) -> dict[UUID, Reason]:
        values = self.read(step.job.parameters)
        starts_at = values["starts_at"]
        step.job.exception = request_exception(
            tenant=step.tenant,
            by=step.by,
            scope=Scope.FINDING if len(step.items) == 1 else Scope.LIST,
            findings=step.rows,
            reason=values["reason"],
            compensating_control=values["compensating_control"],
            # If the start of the exception has passed while the job waited for a worker, the exception starts now.
            starts_at=starts_at if starts_at and starts_at > step.now else None,
            ends_at=values["ends_at"],
            now=step.now,
        )
        return {}


ACTION = RequestException()
