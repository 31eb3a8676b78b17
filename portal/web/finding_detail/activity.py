"""Build the timeline of a finding: changes of verdict, events of its treatment, and comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from assessments.display.names import Names
from assessments.models import FindingChange
from portal.queries.findings.filters import OWNER_LABELS
from portal.treatment.models import TreatmentEvent
from portal.treatment.selectors.timeline import TimelineItem
from portal.web.components.timeline import Entry
from portal.web.finding_detail import page as finding_page
from portal.web.shared.event_marks import MARKS
from tenants.models import Person

Kind = TreatmentEvent.Kind


@dataclass(frozen=True, slots=True)
class CommentEntry:
    """A comment in the timeline. `mine` says whether the person may edit and delete the comment."""

    at: datetime
    pk: str
    author: str
    body: str
    edited_at: datetime | None
    deleted: bool
    mine: bool
    comment: bool = field(default=True)


def entry(
    item: TimelineItem, person: Person, may_treat: bool, names: Names, zone: tzinfo
) -> Entry | CommentEntry:
    """Return one entry of the timeline. `person` and `may_treat` decide whether the entry of a comment has the buttons
    that edit and delete the comment.
    """
    if isinstance(item, FindingChange):
        return finding_page.entry(item, names, zone)
    if isinstance(item, TreatmentEvent):
        return _event(item)
    deleted = item.deleted_at is not None
    return CommentEntry(
        at=item.at,
        pk=str(item.pk),
        author=item.author.get_full_name(),
        body=item.body,
        edited_at=item.edited_at,
        deleted=deleted,
        mine=may_treat and not deleted and item.author_id == person.pk,
    )


def _event(item: TreatmentEvent) -> Entry:
    mark = MARKS[Kind(item.kind)]
    title = mark.label
    if item.exception is not None and not item.after.startswith(str(item.exception)):
        title = f"{title}: {item.exception}"
    note = item.note
    if item.exception is not None and item.kind == Kind.EXCEPTION_REQUESTED:
        # The reason is stored only once, with the exception, and not in the events of the findings.
        note = item.exception.reason
    before, after = item.before, item.after
    if item.kind == Kind.OWNER:
        before, after = (OWNER_LABELS.get(owner, owner) for owner in (before, after))
    return Entry(item.at, mark.icon, mark.role, title, before=before, after=after, note=note, who=item.actor)
