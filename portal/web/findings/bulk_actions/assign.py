"""Assign findings to a person, or remove their owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.bulk_jobs.kinds.assign import KIND
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import Batch
from portal.treatment.selectors.owners import count_assigned_again, eligible_owners
from portal.web.findings.bulk_actions.base import BulkAction, count_findings
from portal.web.shared.forms.treatments import OwnerForm
from tenants.errors import InvalidInput
from tenants.models import Person, Tenant


class Assign(BulkAction):
    """Assign findings to a chosen member, or remove their owner."""

    kind = KIND
    label = "Assign"
    position = 20
    skipped_because = "already have this owner"

    def form(self, tenant: Tenant, data: Mapping[str, Any] | None = None) -> forms.Form:
        return OwnerForm(data, people=eligible_owners(tenant), auto_id="bulk_%s")

    def cleaned(self, tenant: Tenant, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the chosen owner. If no choice was made, raise InvalidInput, because a missing choice does not mean
        “Unassigned”.
        """
        form = OwnerForm(data, people=eligible_owners(tenant))
        if not form.is_valid() or "owner" not in data:
            raise InvalidInput("Choose an owner who has access to this customer, or Unassigned.")
        return {"owner": form.chosen()}

    def run(self, tenant: Tenant, selection: FindingSelection, by: Person, values: dict[str, Any]) -> Batch:
        return assign(
            tenant=tenant,
            findings=selection.rows,
            owner=values["owner"],
            by=by,
            filters=selection.query or "",
            kind=self.key,
        )

    def success_message(self, batch: Batch, values: dict[str, Any]) -> str:
        owner: Person | None = values["owner"]
        if owner is None:
            text = f"Unassigned {count_findings(batch.count)}."
            if again := count_assigned_again(batch):
                text += f" Owner rules will assign {again:,} of them again."
            return text
        return f"Assigned {count_findings(batch.count)} to {owner.get_full_name()}."


ACTION = Assign()
