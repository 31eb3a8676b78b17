"""The timeline of a finding as its page shows it: verdicts, what people did, and what they wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from assessments.models import FindingChange
from portal.treatment.models import TreatmentEvent
from portal.treatment.selectors.timeline import Happened
from portal.web.components.timeline import Entry
from portal.web.finding import page as finding_page
from tenants.models import Person

Kind = TreatmentEvent.Kind
# kind of event -> icon and role of its mark
MARKS: Final = {
    Kind.OWNER: ("person", "accent"),
    Kind.ACKNOWLEDGED: ("acknowledged", "warn"),
    Kind.UNACKNOWLEDGED: ("undo", "unknown"),
    Kind.EXCEPTION_REQUESTED: ("queued", "warn"),
    Kind.EXCEPTION_APPROVED: ("tick", "pass"),
    Kind.EXCEPTION_REFUSED: ("close", "unknown"),
    Kind.EXCEPTION_WITHDRAWN: ("left", "unknown"),
    Kind.EXCEPTION_STARTED: ("excepted", "manual"),
    Kind.EXCEPTION_EXTENDED: ("plus", "manual"),
    Kind.EXCEPTION_LEFT: ("left", "unknown"),
    Kind.EXCEPTION_RETURNED: ("undo", "fail"),
    Kind.EXCEPTION_EXPIRED: ("lapsed", "unknown"),
    Kind.EXCEPTION_REVOKED: ("stopped", "unknown"),
    Kind.ATTESTED: ("attested", "pass"),
    Kind.ATTESTATION_WITHDRAWN: ("left", "unknown"),
    Kind.ATTESTATION_LAPSED: ("lapsed", "fail"),
}


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


def entry(item: Happened, who: Person, may_treat: bool) -> Entry | Written:
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
    if item.exception is not None:
        title = f"{title}: {item.exception}"
    return Entry(
        item.at, icon, role, title, before=item.before, after=item.after, note=item.note, who=item.actor
    )
