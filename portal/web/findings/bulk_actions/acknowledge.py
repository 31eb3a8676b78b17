"""Acknowledge findings, with an optional plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from portal.bulk_jobs.kinds.acknowledge import KIND
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.acknowledge import acknowledge, first_planned_day
from portal.treatment.models import Batch
from portal.web.findings.bulk_actions.base import BulkAction, count_findings
from portal.web.shared.forms.treatments import AcknowledgeForm
from tenants.models import Person, Tenant


class Acknowledge(BulkAction):
    """Acknowledge failing findings, with an optional plan."""

    kind = KIND
    label = "Acknowledge"
    position = 30
    is_checked_in_browser = True
    skipped_because = "do not fail, have an exception or were already acknowledged"

    def form(self, tenant: Tenant, data: Mapping[str, Any] | None = None) -> forms.Form:
        form = AcknowledgeForm(data, auto_id="bulk_%s", today=first_planned_day(tenant, timezone.now()))
        form.fields[
            "planned_for"
        ].help_text = (
            "If you leave this field or the plan empty, findings keep the day or plan that they already have."
        )
        return form

    def run(self, tenant: Tenant, selection: FindingSelection, by: Person, values: dict[str, Any]) -> Batch:
        return acknowledge(
            tenant=tenant,
            findings=selection.rows,
            by=by,
            plan=values["plan"],
            planned_for=values["planned_for"],
            filters=selection.query or "",
            kind=self.key,
        )

    def success_message(self, batch: Batch, values: dict[str, Any]) -> str:
        return f"Acknowledged {count_findings(batch.count)}."


ACTION = Acknowledge()
