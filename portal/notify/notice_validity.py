"""Looking once more before it is mailed: whether what a notice says of findings still holds for who is told.

A digest leaves hours or days after what it tells of. What a notice says of findings is known above this package
(`portal.treatment.notice_validity`), so that one registers there for the kinds it knows:

    register(("assigned", "reopened"), recheck)

The mail says what holds when it is made; the notice in the person's list stays as it was told.
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

OUTDATED: Final = "Not mailed: nothing of it holds any more."


@dataclass(frozen=True, slots=True)
class CurrentText:
    """What a notice says of what still holds; `finding_id` where that is one alone."""

    title: str
    lines: tuple[str, ...]
    path: str
    finding_id: UUID | None = None


# Of one person's notices of one kind, in the tenant's scope: what each says now, None where nothing holds. One
# that is not among the answers stays as it is.
type Validator = Callable[[Tenant, Sequence[Notice], datetime], Mapping[UUID, CurrentText | None]]

_REGISTERED: Final[dict[str, Validator]] = {}


def register_validator(kinds: Iterable[str], recheck: Validator) -> None:
    """Have these kinds looked at before they are mailed."""
    for kind in kinds:
        _REGISTERED[kind] = recheck


def still_valid(notices: Sequence[Notice], tenant: Tenant) -> list[Notice]:
    """Of one person's notices those of which something still holds, with the words for that (not saved).

    In the tenant's scope; as many queries for a hundred notices of a kind as for one.
    """
    by_kind: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        if notice.kind in _REGISTERED:
            by_kind[notice.kind].append(notice)
    now = timezone.now()
    said: dict[UUID, CurrentText | None] = {}
    for kind, rows in by_kind.items():
        said.update(_REGISTERED[kind](tenant, rows, now))
    for notice in notices:
        if (words := said.get(notice.pk)) is not None:
            notice.title, notice.body = words.title, "\n".join(words.lines)
            notice.path, notice.finding_id = words.path, words.finding_id
    return [notice for notice in notices if said.get(notice.pk, ()) is not None]
