"""What can go wrong with an answer, apart from the errors of azure-core. None of these is an AzureError,
which the retry policy would try again.
"""

from __future__ import annotations


class Cancelled(Exception):
    """The caller's `cancelled()` said so between two requests."""


class ForeignHost(Exception):
    """A request, such as a followed nextLink, would have left for another host than the cloud's."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host or 'an unnamed host'} is not the cloud's; the request was not sent")
        self.host = host


class WriteBlocked(Exception):
    """A request other than a read was about to leave; collecting never writes."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"{method} {path} was not sent: collecting only reads")


class BadAnswer(Exception):
    """An answer with status 200 that is not of the shape it must have. `status` is the HTTP status."""

    def __init__(self, problem: str, status: int | None = 200, request_id: str = "") -> None:
        super().__init__(problem)
        self.status = status
        self.request_id = request_id
