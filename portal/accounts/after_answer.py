"""Work that is done after a request was answered, so that the time until the answer does not depend on it.

Recording a failed sign-in takes several queries for an account that exists, and nothing for an address without an
account. Before the answer, this time would tell whether an account exists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_WORK: Final = "_surety_after_answer"

type Work = Callable[[], object]


def collect(request: HttpRequest) -> None:
    """Let the work of this request wait for its answer. `follow` must get the answer."""
    setattr(request, _WORK, [])


def after_answer(request: HttpRequest | None, work: Work) -> None:
    """Do the work after the answer, or at once if nothing collects the work of the request."""
    waiting: list[Work] | None = getattr(request, _WORK, None)
    if waiting is None:
        work()
    else:
        waiting.append(work)


def follow(request: HttpRequest, response: HttpResponseBase) -> None:
    """Do the work of the request when the server closes this answer, which it has sent by then."""
    waiting: list[Work] = getattr(request, _WORK, [])
    for work in waiting:
        response._resource_closers.append(_logging_errors(work))  # type: ignore[attr-defined]  # not in the stubs


def _logging_errors(work: Work) -> Work:
    def done() -> None:
        try:
            work()
        except (DatabaseError, RedisError) as error:
            # Django ignores errors while it closes an answer.
            log.error("work after an answer failed", error=type(error).__name__)

    return done
