"""Acknowledge findings, with an optional plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from assessments.models import Finding
from portal.bulk_jobs.kinds.base import NOT_FAILING, JobKind, Reason, ShownValue, Step
from portal.treatment.actions.acknowledge import acknowledge, valid_plan
from portal.treatment.actions.restore import restore_acknowledgements
from portal.treatment.models import Batch
from portal.treatment.states import is_acknowledged, is_covered
from tenants.models import Person, Tenant
from tenants.roles import Capability

_EXCEPTED: Final = Reason("excepted", "An exception covers the finding.")
_ACKNOWLEDGED: Final = Reason("acknowledged", "The failure is already acknowledged.")


class Acknowledge(JobKind):
    """Acknowledge failing findings. Findings under an exception are skipped. Findings that are already acknowledged are
    skipped too, unless the job sets a plan or a date.
    """

    key = "acknowledge"
    label = "Acknowledge"
    capabilities = (Capability.TREAT,)
    shown_values = (
        ShownValue("plan", "Plan"),
        ShownValue("planned_for", "Planned for", date.fromisoformat),
    )
    reasons = (NOT_FAILING, _EXCEPTED, _ACKNOWLEDGED)
    note = (
        "Without `plan`, findings keep their plan. Without `planned_for`, findings keep their planned day. Without"
        " both, acknowledged findings are skipped"
    )

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        day: date | None = values["planned_for"]
        plan = valid_plan(tenant, values["plan"], day, now)
        return {"plan": plan, "planned_for": day.isoformat() if day else None}

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        failing = step.rows.filter(outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
        found = {item.finding_id: NOT_FAILING for item in step.items}
        for pk in failing.values_list("pk", flat=True):
            del found[pk]
        if not step.job.parameters["plan"] and step.job.parameters["planned_for"] is None:
            found |= dict.fromkeys(
                step.rows.filter(is_acknowledged()).values_list("pk", flat=True), _ACKNOWLEDGED
            )
        covered = step.rows.filter(is_covered(step.now)).values_list("pk", flat=True)
        return found | dict.fromkeys(covered, _EXCEPTED)

    def run(self, step: Step) -> dict[UUID, Reason]:
        day = step.job.parameters["planned_for"]
        step.job.batch = acknowledge(
            tenant=step.tenant,
            findings=step.rows,
            by=step.by,
            plan=step.job.parameters["plan"],
            planned_for=date.fromisoformat(day) if day else None,
            filters=step.job.filters,
            kind=self.key,
            batch=step.job.batch,
        )
        return {}

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        return restore_acknowledgements(batch, by, at)


KIND = Acknowledge()
