"""Assign unassigned findings to the person who started the job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from portal.bulk_jobs.kinds.assign import Assign
from portal.bulk_jobs.kinds.base import Reason, Step
from portal.treatment.actions.owners.assign import require_eligible
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.roles import Capability

_HAS_OWNER: Final = Reason("has_owner", "The finding already has an owner.")


class Claim(Assign):
    """Assign unassigned findings to the person who started the job. Findings with an owner are skipped."""

    key = "claim"
    label = "Assign to the person who started the job"
    # Only people with VIEW_ALL see unassigned findings.
    capabilities = (Capability.TREAT, Capability.VIEW_ALL)
    reasons = (_HAS_OWNER,)
    note = "For people only: a service account cannot own findings"

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


KIND = Claim()
