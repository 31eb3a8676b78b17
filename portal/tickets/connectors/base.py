"""Define the interface of connectors: the data that describes a kind of ticket system, and the requests that Surety
sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

MAX_PAGES: Final = 20
"""The maximum number of pages of a list that one run reads."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a new ticket.

    `lines` are paragraphs that Surety wrote. `facts` are labels with values, and `items` are names of resources. Values
    and items come from customers, so they must not act as markup or mentions. `marker` is a word in the ticket by which
    Surety finds the ticket again.
    """

    title: str
    facts: Mapping[str, str]
    lines: Sequence[str]
    items: Sequence[str]
    link: str
    marker: str


def plain_text(draft: Draft) -> str:
    """Return the text of a ticket for systems that show text as it is, without markup."""
    facts = "\n".join(f"{label}: {' '.join(value.split())}" for label, value in draft.facts.items())
    items = "\n".join(f"- {' '.join(item.split())}" for item in draft.items)
    parts = [*draft.lines, facts, items, f"Open in Surety: {draft.link}", f"Reference: {draft.marker}"]
    return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Remote:
    """A ticket as the ticket system describes it. `key` is the name that people see, such as “SEC-12”. `status` is the
    system's word for the state of the ticket.
    """

    id: str
    key: str
    url: str
    is_open: bool
    status: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteComment:
    """A comment on a ticket."""

    id: str
    author: str
    body: str
    at: datetime


class Tracker(Protocol):
    """A client of one ticket system, with its credentials. All methods send requests, and raise the errors of
    `portal.tickets.errors`.

    `project` names the place of the tickets, such as a repository. `ticket` is the `Remote.id` of a ticket.
    """

    def check(self, project: str) -> str:
        """Return a sentence about the connection. If `project` is empty, only the credentials are tested."""

    def open(self, project: str, draft: Draft) -> Remote:
        """Open a ticket."""

    def find(self, project: str, marker: str, since: datetime) -> Remote | None:
        """Return the ticket that has the marker and was opened after `since`, or None if no such ticket exists."""

    def read(self, project: str, ticket: str) -> Remote:
        """Return the present state of a ticket. Raises Missing if it was deleted."""

    def set_open(self, project: str, ticket: str, *, is_open: bool) -> Remote:
        """Close or reopen a ticket. Do nothing if the ticket already has this state."""

    def comment(self, project: str, ticket: str, text: str) -> None:
        """Write a comment."""

    def changed(self, project: str, since: datetime) -> Iterator[Remote]:
        """Yield the tickets of the project that changed after `since`, oldest change first.

        Tickets that Surety did not open may be among them. If there are more than `MAX_PAGES` pages, MorePages is
        raised after the tickets of these pages.
        """

    def comments(self, project: str, ticket: str, since: datetime | None) -> Iterable[RemoteComment]:
        """Yield the comments of a ticket that were written or changed after `since` (None for all), oldest first.

        If the API cannot select comments by time, yield the newest 100. If there are more than `MAX_PAGES` pages,
        MorePages is raised after the comments of these pages. Internal comments are left out, because people of the
        customer see the comments in Surety.
        """


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a person enters to connect a system."""

    name: str
    label: str
    help: str = ""
    initial: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """A kind of ticket system.

    - `project`: the system's word for the place of tickets, such as “Repository”
    - `project_pattern`: a regular expression for the names of such places
    - `settle_seconds`: the number of seconds after which the system's search finds a newly opened ticket
    - `writes_per_minute`: the maximum number of tickets that Surety opens or changes in a minute; it is below the
      documented limit of the system
    """

    key: str
    label: str
    address: str
    address_help: str
    project: str
    project_pattern: str
    project_example: str
    inputs: tuple[Input, ...]
    settle_seconds: int
    writes_per_minute: int
    source: str
    connect: Callable[[str, Mapping[str, str]], Tracker] = field(repr=False)
    """A function that returns the tracker for an address and the values of `inputs`."""
