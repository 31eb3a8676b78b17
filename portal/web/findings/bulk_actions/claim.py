"""Assign unassigned findings to the signed-in person."""

from __future__ import annotations

from typing import Any

from portal.bulk_jobs.kinds.claim import KIND
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import Batch
from portal.web.findings.bulk_actions.base import BulkAction, count_findings
from tenants.models import Person, Tenant


class Claim(BulkAction):
    """Assign unassigned findings to the person. Findings with an owner are skipped."""

    kind = KIND
    label = "Assign to me"
    icon = "person"
    position = 10
    skipped_because = "already have an owner"

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


ACTION = Claim()
