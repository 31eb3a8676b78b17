"""Define the errors of requests to ticket systems."""

from __future__ import annotations

from datetime import datetime

from tenants.errors import Refusal


class TicketError(Refusal, code="ticket_error"):
    """A request failed. The message is a sentence for administrators, without text that could be a credential."""


class Unavailable(TicketError, code="ticket_system_unavailable"):
    """The system did not answer, or answered with a temporary error. The request is repeated later."""


class OutOfTime(Unavailable, code="ticket_system_slow"):
    """The time limit of the run has passed, for example because the system answers slowly. No further request
    was sent.
    """


class MorePages(TicketError, code="ticket_pages_left"):
    """A list has more pages than are read at once. The entries of the first pages have been returned.

    `reached` is the time at which the last returned entry changed. A later reading can begin at this time. For an
    unordered list, `reached` is None.
    """

    def __init__(self, reached: datetime | None) -> None:
        super().__init__("The list has more pages than Surety reads in one run. Surety continues later.")
        self.reached = reached


class Throttled(TicketError, code="ticket_system_throttled"):
    """The system refuses requests for some time. No request is sent for `seconds` seconds."""

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class CredentialsRefused(TicketError, code="ticket_credentials_refused"):
    """The system refuses the credentials. No request is sent for 15 minutes, or until a person has entered other
    credentials.
    """


class Rejected(TicketError, code="ticket_rejected"):
    """The system refuses the content, such as a field. Repeating the request does not help."""


class Missing(TicketError, code="ticket_missing"):
    """The ticket or the project does not exist, or the credentials give no access to it."""


class InternalError(TicketError, code="ticket_internal_error"):
    """An error in the code of Surety. A request may have been sent before the error. The log says where in the code the
    error occurred.
    """
