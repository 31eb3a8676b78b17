"""Everything that happened to a finding, newest first: verdicts, what people did, comments. A page at a time."""

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
    """A place in a timeline: what comes before it (`at`, then id) is older."""

    at: datetime
    pk: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"

    @staticmethod
    def parse(text: str) -> Cursor | None:
        """The place that an address names; None for none and for what is no place."""
        moment, _, pk = text.partition("~")
        identifier = parse_uuid(pk)
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        # Without a zone, or beyond what PostgreSQL keeps with one.
        if identifier is None or at.tzinfo is None or not 2 < at.year < 9998:
            return None
        return Cursor(at, identifier)


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is where the next page begins; None when this is the end."""

    items: list[TimelineItem]
    older: Cursor | None


def timeline(finding: Finding, *, before: Cursor | None = None, most: int = PER_PAGE) -> Page:
    """Up to `most` things that happened to the finding before that place, in three queries."""
    found: list[TimelineItem] = [
        *_page_of(FindingChange.objects.filter(finding=finding).select_related("assessment"), before, most),
        *_page_of(TreatmentEvent.objects.filter(finding=finding).select_related("exception"), before, most),
        *_page_of(Comment.objects.filter(finding=finding).select_related("author"), before, most),
    ]
    found.sort(key=lambda item: (item.at, item.pk), reverse=True)
    shown = found[:most]
    older = Cursor(shown[-1].at, shown[-1].pk) if len(found) > most else None
    return Page(shown, older)


def _page_of[M: Model](rows: QuerySet[M, Any], before: Cursor | None, most: int) -> list[M]:
    if before is not None:
        rows = rows.filter(Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.pk))
    return list(rows.order_by("-at", "-pk")[: most + 1])
