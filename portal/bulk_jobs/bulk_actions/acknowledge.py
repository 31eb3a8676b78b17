"""Acknowledge findings, with an optional plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.base import NOT_FAILING, BulkAction, Change, Reason, Step
from portal.bulk_jobs.bulk_actions.values import Value, ValueType
from portal.treatment.actions.acknowledge import MAX_PLAN, acknowledge, first_planned_day, valid_plan
from portal.treatment.actions.restore import restore_acknowledgements
from portal.treatment.models import Batch
from portal.treatment.states import is_acknowledged, is_covered
from tenants.models import Person, Tenant
from tenants.roles import Capability

_EXCEPTED: Final = Reason("excepted", "An exception covers the finding.")
_ACKNOWLEDGED: Final = Reason("acknowledged", "The failure is already acknowledged.")
PLAN: Final = Value(
    "plan",
    "Plan",
    required=False,
    max_length=MAX_PLAN,
    form_help="The steps with which you will correct the failure.",
)
PLANNED_FOR: Final = Value(
    "planned_for",
    "Planned for",
    ValueType.DAY,
    required=False,
    help="The day by which the failure should be corrected",
    form_help="If this field is empty, findings keep their day. If the plan is empty, findings keep their plan.",
    first_day=first_planned_day,
)


class Acknowledge(BulkAction):
    """Acknowledge failing findings. Findings under an exception are skipped. Findings that are already acknowledged are
    skipped too, unless the job sets a plan or a date.
    """

    key = "acknowledge"
    label = "Acknowledge"
    position = 30
    capabilities = (Capability.TREAT,)
    values = (PLAN, PLANNED_FOR)
    reasons = (NOT_FAILING, _EXCEPTED, _ACKNOWLEDGED)
    skipped_because = "do not fail, have an exception or were already acknowledged"
    result = "Acknowledged {findings}."
    note = (
        "Without `plan`, findings keep their plan. Without `planned_for`, findings keep their planned day. Without"
        " both, acknowledged findings are skipped"
    )

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        plan = valid_plan(tenant, values["plan"], values["planned_for"], now)
        return super().parameters(tenant, by, {**values, "plan": plan}, now)

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

    def change(self, change: Change) -> Batch:
        return acknowledge(
            tenant=change.tenant,
            findings=change.findings,
            by=change.by,
            plan=change.values["plan"],
            planned_for=change.values["planned_for"],
            filters=change.filters,
            kind=self.key,
            batch=change.batch,
        )

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        return restore_acknowledgements(batch, by, at)


ACTION = Acknowledge()
