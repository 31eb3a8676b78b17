"""Check the answers of ticket systems before other code of Surety uses them.

An answer of an unexpected form raises Unavailable. So the worker continues with the other ticket systems. Characters
that the database cannot store are replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import structlog

from portal.tickets.connectors.base import Draft, Remote, RemoteComment, Tracker
from portal.tickets.connectors.client import UNEXPECTED, UNKNOWN_FORM
from portal.tickets.errors import MorePages, TicketError, Unavailable
from tenants.values.storable_text import storable_text

log = structlog.get_logger(__name__)

MAX_ID: Final = 100
_YEARS: Final = range(1970, 9000)


@contextmanager
def _documented() -> Iterator[None]:
    """Turn unexpected errors of the `with` block into Unavailable. Raise a TicketError again, with a message that the
    database can store.
    """
    try:
        yield
    except TicketError as error:
        error.message = storable_text(error.message)
        raise
    except UNEXPECTED as error:
        # Do not log the text of the error, which may contain any part of the answer.
        log.warning("ticket system answered in an unknown form", error=type(error).__name__)
        raise Unavailable(UNKNOWN_FORM) from None


@dataclass(frozen=True, slots=True)
class Guarded:
    """A tracker that calls the methods of `inner`, checks what they return, and raises only documented
    errors.
    """

    inner: Tracker = field(repr=False)

    def check(self, project: str) -> str:
        with _documented():
            return storable_text(self.inner.check(project))

    def open(self, project: str, draft: Draft) -> Remote:
        with _documented():
            return _remote(self.inner.open(project, draft))

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        with _documented():
            found = self.inner.find(project, marker, since)
            return None if found is None else _remote(found)

    def read(self, project: str, ticket: str) -> Remote:
        with _documented():
            return _remote(self.inner.read(project, ticket))

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        with _documented():
            return _remote(self.inner.set_open(project, ticket, is_open=is_open))

    def comment(self, project: str, ticket: str, text: str) -> None:
        with _documented():
            self.inner.comment(project, ticket, text)

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        found = self.inner.changed(project, since)
        while True:
            with _documented():
                try:
                    remote = next(found, None)
                except MorePages as more:
                    raise MorePages(None if more.reached is None else _moment(more.reached)) from None
                if remote is not None:
                    remote = _remote(remote)
            if remote is None:
                return
            yield remote

    def comments(self, project: str, ticket: str, since: datetime | None) -> Iterator[RemoteComment]:
        with _documented():
            found = iter(self.inner.comments(project, ticket, since))
        while True:
            with _documented():
                comment = next(found, None)
                if comment is not None:
                    comment = _comment(comment)
            if comment is None:
                return
            yield comment


def _remote(found: Remote) -> Remote:
    return replace(
        found,
        id=_identifier(found.id),
        key=storable_text(found.key),
        url=storable_text(found.url),
        status=storable_text(found.status),
        updated_at=None if found.updated_at is None else _moment(found.updated_at),
    )


def _comment(found: RemoteComment) -> RemoteComment:
    return RemoteComment(
        id=_identifier(found.id),
        author=storable_text(found.author),
        body=storable_text(found.body),
        at=_moment(found.at),
    )


def _identifier(text: str) -> str:
    """Return the id. Refuse an id that is too long: if ids were cut, two of them could become equal."""
    if not 0 < len(text) <= MAX_ID or not text.isprintable():
        raise ValueError("id")
    return text


def _moment(moment: datetime) -> datetime:
    """Return the time with a time zone. A time without a time zone is read as UTC."""
    if moment.year not in _YEARS:
        raise ValueError("time")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
