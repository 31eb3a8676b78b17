"""The exit statuses of `surety`, and the errors that end a command with one of these statuses."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of the command, which docs/cli.md also lists."""

    OK = 0
    FOUND = 1
    """Findings fail (`--fail-on`), or a verified file is invalid."""
    USAGE = 2
    """The arguments, the stored sign-in or a local file cannot be used."""
    REFUSED = 3
    """Surety refused the request, for example because a right is missing, an object does not exist, or another
    assessment is running.
    """
    UNREACHABLE = 4
    """No usable answer from Surety: no connection, no trusted certificate, or an error of the server."""
    NOT_COMPLETED = 5
    """The assessment, the report or the job was cancelled or failed, or did not end in time."""
    UNKNOWN = 6
    """Some subjects could not be checked, so it is unknown whether findings fail."""
    INTERNAL = 70
    """A bug in the command `surety`."""
    INTERRUPTED = 130


class Failure(Exception):
    """Ends the command. `message` is a sentence that says what to do."""

    status = Exit.USAGE

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageFailure(Failure):
    """The arguments, the stored sign-in or a local file cannot be used."""


class Unreachable(Failure):
    """Surety gave no usable answer."""

    status = Exit.UNREACHABLE


class NoAnswer(Unreachable):
    """The request was sent, or may have been sent, but no answer came. Surety may have carried out the request."""


class NotCompleted(Failure):
    """Work on the server failed, was cancelled, or did not end in time."""

    status = Exit.NOT_COMPLETED


class Refused(Failure):
    """Surety refused the request.

    `http_status` is the status of the answer. `code` comes from the problem details, and is empty if the answer
    contained no problem details.
    """

    status = Exit.REFUSED

    def __init__(
        self, message: str, http_status: int, code: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.code = code
        self.retry_after = retry_after
        """Seconds to wait before the next try, if the answer states them."""
