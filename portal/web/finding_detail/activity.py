"""The timeline of a finding as its page shows it: verdicts, what people did, and what they wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from assessments.models import FindingChange
from portal.treatment.models import TreatmentEvent
from portal.treatment.selectors.timeline import TimelineItem
from portal.web.components.timeline import Entry
from portal.web.finding_detail import page as finding_page
from portal.web.shared.event_marks import MARKS
from tenants.models import Person

Kind = TreatmentEvent.Kind


@dataclass(frozen=True, slots=True)
class Written:
    """A comment among the entries. `mine`: the person who looks may change and delete it."""

    at: datetime
    pk: str
    who: str
    body: str
    edited_at: datetime | None
    deleted: bool
    mine: bool
    comment: bool = field(default=True)


def entry(item: TimelineItem, who: Person, may_treat: bool) -> Entry | Written:
    """One line of the timeline for the person who looks."""
    if isinstance(item, FindingChange):
        return finding_page.entry(item)
    if isinstance(item, TreatmentEvent):
        return _event(item)
    deleted = item.deleted_at is not None
    return Written(
        at=item.at,
        pk=str(item.pk),
        who=item.author.get_full_name(),
        body=item.body,
        edited_at=item.edited_at,
        deleted=deleted,
        mine=may_treat and not deleted and item.author_id == who.pk,
    )


def _event(item: TreatmentEvent) -> Entry:
    icon, role = MARKS[Kind(item.kind)]
    title = item.get_kind_display()
    if item.exception is not None and not item.after.startswith(str(item.exception)):
        title = f"{title}: {item.exception}"
    note = item.note
    if item.exception is not None and item.kind == Kind.EXCEPTION_REQUESTED:
        note = item.exception.reason  # kept once, not with each finding
    return Entry(item.at, icon, role, title, before=item.before, after=item.after, note=note, who=item.actor)
