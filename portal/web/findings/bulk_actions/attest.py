"""Answer the selected manual controls, on a separate page."""

from __future__ import annotations

from datetime import datetime

from portal.treatment.actions.attestations.bulk import KIND, restore_answers
from portal.treatment.models import Batch
from portal.web.findings.bulk_actions.base import BulkAction
from tenants.models import Person
from tenants.roles import Capability


class Attest(BulkAction):
    """Open the form for one answer to the selected manual controls."""

    key = KIND
    label = "Answer controls"
    icon = "attestations"
    position = 50
    capability = Capability.ATTEST
    page = "attestations-answer"

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        """Withdraw the answers of the batch."""
        return restore_answers(batch, by, at)


ACTION = Attest()
