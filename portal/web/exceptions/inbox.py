"""Build the approver's inbox: the rows of its list, and the request that is shown beside the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse

from portal.queries.exceptions.inbox import NO_FINDINGS, SEVERITIES
from portal.treatment.models import ExceptionComment, FindingException
from portal.treatment.naming import control_problem
from portal.web.exceptions.rows import ExceptionSummary, scope_of, title_of
from tenants.models import Person
from tenants.values import time_display

State = FindingException.State
SHOWN: Final = {"": "To decide", "ending": "Ending soon", "decided": "Decided"}


@dataclass(frozen=True, slots=True)
class Row:
    """One exception in the list.

    `at` is the time that matters in the present view of the inbox: the time since which the exception waits for a
    decision (“To decide”), its end (“Ending soon”), or the time of the decision (“Decided”).
    """

    url: str
    pk: object
    title: str
    scope: str
    customer: str
    severity: str
    state: str
    who: str
    at: datetime
    is_current: bool


def rows(summaries: Iterable[ExceptionSummary], shown: str, query: str, current: object) -> list[Row]:
    """Return the rows of the list; `current` is the id of the exception shown beside the list."""
    return [_row(summary, shown, query, current) for summary in summaries]


def _row(summary: ExceptionSummary, shown: str, query: str, current: object) -> Row:
    found: Any = summary.exception
    at = found.returned_at if found.state == State.RETURNED else found.requested_at
    if shown:
        at = found.ends_at if shown == "ending" else found.decided_at
    return Row(
        url=reverse("inbox-request", args=[found.pk]) + (f"?{query}" if query else ""),
        pk=found.pk,
        title=request_title(summary),
        scope=scope_of(summary),
        customer=found.tenant.name,
        severity=SEVERITIES[found.rank] if found.rank < NO_FINDINGS else "",
        state=found.state,
        who=found.requested_by.get_full_name(),
        at=at,
        is_current=found.pk == current,
    )


def groups(found: Sequence[Row], shown: str) -> list[tuple[str, list[Row]]]:
    """Return the rows by heading. Exceptions that changed since their approval come before new requests."""
    if shown:
        return [("", list(found))] if found else []
    parts = (
        ("Changed since approval", [row for row in found if row.state == State.RETURNED]),
        ("New requests", [row for row in found if row.state != State.RETURNED]),
    )
    return [(heading, part) for heading, part in parts if part]


def segments(query: QueryDict, shown: str, counts: dict[str, int]) -> list[tuple[str, str, int | None, bool]]:
    """For each view of the inbox, return (label, URL, number or None, whether the page shows this view now)."""
    found = []
    for key, label in SHOWN.items():
        changed = query.copy()
        for name in ("show", "page"):
            changed.pop(name, None)
        if key:
            changed["show"] = key
        address = f"{reverse('inbox')}{'?' if changed else ''}{changed.urlencode()}"
        found.append((label, address, counts.get(key), key == shown))
    return found


def request_title(summary: ExceptionSummary) -> str:
    """Return the problem that an exception accepts. If it accepts several problems, return the problem of the most
    severe finding and the number of the other findings.

    The exception must be annotated by `portal.queries.exceptions.inbox.with_rank`.
    """
    exception: Any = summary.exception
    if exception.control or exception.worst_control is None or len({*summary.controls}) == 1:
        return title_of(summary)
    others = summary.findings - 1
    return (
        f"{control_problem(exception.worst_control)} and {others} other finding{'' if others == 1 else 's'}"
    )


def sentence(summary: ExceptionSummary) -> str:
    """Return the sentence that tells the approver which decision is needed."""
    found, title = summary.exception, request_title(summary)
    if found.state == State.RETURNED:
        decider = found.decided_by.get_full_name() if found.decided_by else "an approver"
        day = f" on {time_display.day(found.decided_at)}" if found.decided_at else ""
        approved = f"after {decider} approved the request{day}"
        if found.returned_because == FindingException.Because.GROWN:
            return f"{title}: the number of matching findings exceeded the maximum {approved}"
        if summary.findings == 1:
            return f"{title}: the finding changed {approved}"
        if summary.changed:
            are = "finding" if summary.changed == 1 else "findings"
            return f"{title}: {summary.changed} {are} changed {approved}"
        return f"{title}: findings changed {approved}"
    if found.state == State.REQUESTED:
        who = found.requested_by.get_full_name()
        return f"{title}: {who} asks to accept this until {time_display.day(found.ends_at)}"
    return title


def why_first(row: Row) -> str:
    """Return why the inbox suggests deciding this request first. A sentence of the page ends with this text."""
    severity = f"{row.severity}, " if row.severity else ""
    if row.state == State.RETURNED:
        return f"{severity}returned after the approval"
    return f"{severity}requested by {row.who}"


def comments(found: FindingException, who: Person) -> list[tuple[ExceptionComment, bool]]:
    """Return (comment, flag) for each comment on the exception, oldest first. The flag says whether `who` wrote the
    comment and it is not deleted.
    """
    written = ExceptionComment.objects.filter(exception=found).select_related("author").order_by("at", "pk")
    return [(one, one.author_id == who.pk and one.deleted_at is None) for one in written]
