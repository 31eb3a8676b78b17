"""Find the findings before and after a finding in a list, and its place in the list, without reading the whole list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, DateTimeField, Expression, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from assessments.models import Finding
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.ordering import MOST_SEVERE_FIRST
from portal.treatment.date_buckets import SINCE
from portal.treatment.due_dates import due_date_cases
from portal.treatment.states import is_covered

# The date that replaces the due date of findings without one, so that these findings come last.
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
# {key of `ordering.ORDERS`: the sort keys of this order}. "-" marks a descending sort key. Orders that are missing here
# sort by MOST_SEVERE_FIRST.
_KEYS: Final = {
    "due": ("due_or_never", *MOST_SEVERE_FIRST),
    "age": ("since", *MOST_SEVERE_FIRST),
    "new": ("-since", *MOST_SEVERE_FIRST),
    "subject": ("subject_name", "subject", "control", "id"),
}


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The findings before and after one finding in a list.

    `number` is the place of the finding in the list, from 1, and `count` the length of the list. `listed` is False if
    the finding no longer matches the filter, so that the list does not contain it.
    """

    previous: UUID | None
    next: UUID | None
    number: int
    count: int
    listed: bool


def neighbours(rows: QuerySet[Finding], chosen: FindingFilter, order: str, pk: UUID) -> Neighbours | None:
    """Return the neighbours of the finding in the filtered list, or None if the finding is not in `rows`."""
    keys = _KEYS.get(order, MOST_SEVERE_FIRST)
    names = [key.removeprefix("-") for key in keys]
    computed = _computed(chosen, names)
    place = rows.filter(pk=pk).annotate(**computed).values_list(*names).first()
    if place is None:
        return None
    matching = chosen.apply(rows).alias(**computed)
    before = matching.filter(_beyond(keys, place, forward=False))
    after = matching.filter(_beyond(keys, place, forward=True))
    number = before.count() + 1
    listed = matching.filter(pk=pk).exists()
    return Neighbours(
        previous=before.order_by(*_reversed(keys)).values_list("pk", flat=True).first(),
        next=after.order_by(*keys).values_list("pk", flat=True).first(),
        number=number,
        count=number - 1 + after.count() + listed,
        listed=listed,
    )


def _computed(chosen: FindingFilter, names: Sequence[str]) -> dict[str, Expression]:
    """Return {name: SQL expression} of the sort keys that are not columns."""
    if "since" in names:
        return {"since": SINCE}
    if "due_or_never" not in names:
        return {}
    due = Case(
        When(is_covered(chosen.now), then=None),
        *due_date_cases(chosen.tenant),
        output_field=DateTimeField(),
    )
    return {"due_or_never": Coalesce(due, Value(_NEVER, output_field=DateTimeField()))}


def _beyond(keys: Sequence[str], place: Sequence[Any], *, forward: bool) -> Q:
    """Return the condition that a finding comes after the finding whose sort keys have the values `place`. If `forward`
    is false, return the condition that a finding comes before that finding.
    """
    condition, same = Q(pk__in=()), Q()
    for key, value in zip(keys, place, strict=True):
        name = key.removeprefix("-")
        is_greater = forward != key.startswith("-")
        condition |= same & Q(**{f"{name}__{'gt' if is_greater else 'lt'}": value})
        same &= Q(**{name: value})
    return condition


def _reversed(keys: Sequence[str]) -> list[Any]:
    return [key.removeprefix("-") if key.startswith("-") else F(key).desc() for key in keys]
