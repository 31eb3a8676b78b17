"""Request an exception for the selected findings, on a separate page."""

from __future__ import annotations

from portal.web.findings.bulk_actions.base import BulkAction
from tenants.roles import Capability


class RequestException(BulkAction):
    """Open the request form with the selected findings."""

    key = "request-exception"
    label = "Request exception"
    icon = "excepted"
    position = 40
    capability = Capability.TREAT
    page = "exception-request"


ACTION = RequestException()
