"""Check before mailing whether notices are still valid, and update their text.

A digest is mailed long after its events, when findings may be resolved or reassigned. notify may not import treatment,
so `portal.treatment` registers validators for its kinds:

    register_validator(("assigned", "reopened"), current_texts)

Only the mail gets the updated text. The person's list in the portal keeps the text from the time of the event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.notify.models import Notice
from tenants.models import Tenant

OUTDATED: Final = "Not mailed: the cause of the notification no longer exists."


@dataclass(frozen=True, slots=True)
class CurrentText:
    """The current text of a notice. `finding_id` is set if the notice is about exactly one finding."""

    title: str
    lines: tuple[str, ...]
    path: str
    finding_id: UUID | None = None


# A validator gets one person's notices of one kind, in the tenant's scope. It returns {id of a notice:
# current text, or None if the notice is no longer valid}. If the result lacks a notice, the notice is valid, and its
# text does not change.
type Validator = Callable[[Tenant, Sequence[Notice], datetime], Mapping[UUID, CurrentText | None]]

_VALIDATORS: Final[dict[str, Validator]] = {}


def register_validator(kinds: Iterable[str], validator: Validator) -> None:
    """Register the validator that checks notices of these kinds before they are mailed."""
    for kind in kinds:
        _VALIDATORS[kind] = validator


def still_valid(notices: Sequence[Notice], tenant: Tenant) -> list[Notice]:
    """Return the valid notices among one person's notices, with their current text (not saved).

    Needs the tenant's scope. The number of queries depends on the kinds, not on the number of notices.
    """
    by_kind: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        if notice.kind in _VALIDATORS:
            by_kind[notice.kind].append(notice)
    now = timezone.now()
    texts: dict[UUID, CurrentText | None] = {}
    for kind, rows in by_kind.items():
        texts.update(_VALIDATORS[kind](tenant, rows, now))
    for notice in notices:
        if (text := texts.get(notice.pk)) is not None:
            notice.title, notice.body = text.title, "\n".join(text.lines)
            notice.path, notice.finding_id = text.path, text.finding_id
    return [notice for notice in notices if texts.get(notice.pk, ()) is not None]
