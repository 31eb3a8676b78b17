"""Assign unassigned findings to the signed-in person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.restore import restore_owners
from portal.treatment.models import Batch
from portal.web.findings.bulk_actions.base import BulkAction, count_findings
from portal.web.shared.visible import may
from tenants.models import Person, Tenant
from tenants.roles import Capability


class Claim(BulkAction):
    """Assign unassigned findings to the person. Findings with an owner are skipped."""

    key = "claim"
    label = "Assign to me"
    icon = "person"
    position = 10
    capability = Capability.TREAT
    skipped_because = "already have an owner"

    def is_offered(self, tenant: Tenant) -> bool:
        """Offer the action only to people who can see unassigned findings."""
        return super().is_offered(tenant) and may(Capability.VIEW_ALL, tenant)

    def run(self, tenant: Tenant, selection: FindingSelection, by: Person, values: dict[str, Any]) -> Batch:
        unassigned = selection.rows.filter(treatment__owner__isnull=True)
        return assign(
            tenant=tenant,
            findings=unassigned,
            owner=by,
            by=by,
            filters=selection.query or "",
            kind=self.key,
        )

    def success_message(self, batch: Batch, values: dict[str, Any]) -> str:
        return f"Assigned {count_findings(batch.count)} to you."

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        return restore_owners(batch, by, at)


ACTION = Claim()
