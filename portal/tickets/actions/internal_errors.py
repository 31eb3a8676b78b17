"""Turn unexpected errors in the code of Surety into InternalError, so that work on other tickets and systems
continues.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import InterfaceError, OperationalError

from portal.tickets.errors import InternalError, TicketError

log = structlog.get_logger(__name__)


@contextmanager
def internal_errors(event: str, *passing: type[Exception], **facts: str) -> Iterator[None]:
    """Turn an unexpected error of the `with` block into InternalError. Log where in the code the error occurred.

    `event` is the text of the log entry, `facts` are further values of the log entry. TicketError and the classes of
    `passing` are passed on unchanged. Errors of the database connection are passed on too, so that Celery repeats the
    task.
    """
    expected: tuple[type[Exception], ...] = (TicketError, OperationalError, InterfaceError, *passing)
    try:
        yield
    except expected:
        raise
    except Exception as error:  # noqa: BLE001 - raised again as InternalError
        # Do not log the text of the error, which may contain any part of a ticket system's answer.
        name, place = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        log.error(event, error=name, trace=place, **facts)
        raise InternalError(
            f"This attempt ended because of an error in Surety ({name}). Ask the operator to read the log of the"
            " worker."
        ) from None
