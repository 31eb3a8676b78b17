"""Request an exception for the selected findings, on a separate page."""

from __future__ import annotations

from portal.bulk_jobs.kinds.request_exception import KIND
from portal.web.findings.bulk_actions.base import BulkAction


class RequestException(BulkAction):
    """Open the request form with the selected findings."""

    kind = KIND
    label = "Request exception"
    icon = "excepted"
    position = 40
    page = "exception-request"


ACTION = RequestException()
