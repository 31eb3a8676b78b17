"""Answer the selected manual controls, on a separate page."""

from __future__ import annotations

from portal.bulk_jobs.bulk_actions.attest import ACTION
from portal.web.findings.buttons.base import Button


class Attest(Button):
    """Open the form for one answer to the selected manual controls."""

    page = "attestations-answer"


BUTTON = Attest(ACTION)
