"""Request an exception for the selected findings, on a separate page."""

from __future__ import annotations

from portal.bulk_jobs.bulk_actions.request_exception import ACTION
from portal.web.findings.buttons.base import Button


class RequestException(Button):
    """Open the request form with the selected findings."""

    page = "exception-request"


BUTTON = RequestException(ACTION)
