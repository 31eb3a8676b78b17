"""Read the timeline of a finding: changes of verdict, events of treatment, and comments, newest first and in pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from assessments.models import Finding, FindingChange
from portal.treatment.models import Comment, TreatmentEvent
from tenants.ids import parse_uuid

PER_PAGE: Final = 50

type TimelineItem = FindingChange | TreatmentEvent | Comment


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a timeline. Items are ordered by `at`, then by id. An item with the same `at` and a smaller id
    counts as older.
    """

    at: datetime
    pk: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"

    @staticmethod
    def parse(text: str) -> Cursor | None:
        """Parse the text of a cursor. Return None if the text is empty or invalid."""
        moment, _, pk = text.partition("~")
        identifier = parse_uuid(pk)
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        # Refuse a time that has no time zone. Also refuse the first and last years of Python's range, because
        # converting such a time to another time zone can overflow.
        if identifier is None or at.tzinfo is None or not 2 < at.year < 9998:
            return None
        return Cursor(at, identifier)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the timeline. `older` is the cursor of the next page, or None on the last page."""

    items: list[TimelineItem]
    older: Cursor | None


def timeline(finding: Finding, *, before: Cursor | None = None, limit: int = PER_PAGE) -> Page:
    """Return up to `limit` items that are older than the cursor, in three queries."""
    found: list[TimelineItem] = [
        *_page_of(FindingChange.objects.filter(finding=finding).select_related("assessment"), before, limit),
        *_page_of(TreatmentEvent.objects.filter(finding=finding).select_related("exception"), before, limit),
        *_page_of(Comment.objects.filter(finding=finding).select_related("author"), before, limit),
    ]
    found.sort(key=lambda item: (item.at, item.pk), reverse=True)
    shown = found[:limit]
    older = Cursor(shown[-1].at, shown[-1].pk) if len(found) > limit else None
    return Page(shown, older)


def _page_of[M: Model](rows: QuerySet[M, Any], before: Cursor | None, limit: int) -> list[M]:
    if before is not None:
        rows = rows.filter(Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.pk))
    return list(rows.order_by("-at", "-pk")[: limit + 1])
