"""Answer the selected manual controls, on a separate page."""

from __future__ import annotations

from portal.bulk_jobs.kinds.attest import KIND
from portal.web.findings.bulk_actions.base import BulkAction


class Attest(BulkAction):
    """Open the form for one answer to the selected manual controls."""

    kind = KIND
    label = "Answer controls"
    icon = "attestations"
    position = 50
    page = "attestations-answer"


ACTION = Attest()
