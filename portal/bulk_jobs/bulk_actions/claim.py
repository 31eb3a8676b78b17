"""Assign unassigned findings to the person who started the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.estate.quantities import counted
from portal.bulk_jobs.bulk_actions.assign import Assign
from portal.bulk_jobs.bulk_actions.base import Change, Reason, Step
from portal.bulk_jobs.bulk_actions.values import Value
from portal.treatment.actions.owners.assign import require_eligible
from portal.treatment.models import Batch
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.roles import Capability

_HAS_OWNER: Final = Reason("has_owner", "The finding already has an owner.")


class Claim(Assign):
    """Assign unassigned findings to the person who started the job. Findings with an owner are skipped."""

    key = "claim"
    label = "Assign to the person who started the job"
    button = "Assign to me"
    icon = "person"
    position = 10
    # The right VIEW_ALL is needed, because other people do not see unassigned findings.
    capabilities = (Capability.TREAT, Capability.VIEW_ALL)
    values = ()
    reasons = (_HAS_OWNER,)
    skipped_because = "already have an owner"
    note = "For people only: a service account cannot own findings"

    def shown_values(self) -> tuple[Value, ...]:
        """Return the values of `Assign`: jobs store the owner's address, but requests do not contain it."""
        return Assign.values

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        if by.is_service:
            raise invalid(
                "action",
                "A service account cannot own findings. Send the action assign with the address of a person.",
            )
        require_eligible(tenant, by)
        return {"owner": str(by.pk), "email": by.email}

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        owned = step.rows.filter(treatment__owner__isnull=False)
        return dict.fromkeys(owned.values_list("pk", flat=True), _HAS_OWNER)

    def change(self, change: Change) -> Batch:
        unassigned = change.findings.filter(treatment__owner__isnull=True)
        return super().change(replace(change, findings=unassigned))

    def result_text(self, batch: Batch) -> str:
        return f"Assigned {counted(batch.count, 'finding')} to you."


ACTION = Claim()
