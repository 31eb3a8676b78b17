"""The filters of the journal's page: from its address to the entries, and the counts beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple, Self

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan
from django.http import QueryDict

from assessments.selectors import words_of
from portal.treatment.models import ExceptionItem, TreatmentEvent
from portal.web.components.facets import Facet, facet
from portal.web.components.form_parts import start_of
from portal.web.journal.actors import key_of, names_of, who
from portal.web.journal.targets import SORTS
from portal.web.journal.words import KINDS, kind_of
from tenants.ids import parse_uuid
from tenants.models import JournalEntry

MOST_TEXT: Final = 200
MOST_FOUND: Final = 1000
_ABOUT: Final = re.compile(r"([a-z]+):([A-Za-z0-9-]{1,120})")


class Cell(NamedTuple):
    """How many entries there are of one action by one actor."""

    action: str
    actor: str
    entries: int


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """What the address asks for: values of one name are alternatives, names narrow each other.

    `kind` keys of KINDS, `by` keys of actors, `q` words in the target or the actor, `of` one object as
    `<kind>:<id>`, `since` and `until` days in UTC, both included. `wrong` says what could not be understood.
    """

    kind: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    q: str = ""
    of: str = ""
    since: date | None = None
    until: date | None = None
    wrong: tuple[str, ...] = ()
    found: tuple[int, ...] | None = None
    """The sequence numbers of all that search and object leave, where that was looked up and is little."""

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        wrong: list[str] = []
        of = _text(query, "of")
        known = _ABOUT.fullmatch(of)
        if of and (known is None or known[1] not in SORTS):
            wrong.append(
                f"“{of}” names no object of the journal: it is read as kind:id, as links have it. It was left out."
            )
            of = ""
        since, until = _day(query, "from", wrong), _day(query, "to", wrong)
        if since and until and since > until:
            wrong.append("“From” is after “to”: no entry can be in between.")
        return cls(
            tuple(query.getlist("kind")),
            tuple(value.replace("\0", "") for value in query.getlist("by")),
            _text(query, "q"),
            of,
            since,
            until,
            tuple(wrong),
        )

    @property
    def active(self) -> int:
        """How many filters are on."""
        return len(self.kind) + len(self.by) + sum(map(bool, (self.q, self.of, self.since, self.until)))

    def searched(self, rows: QuerySet[JournalEntry]) -> Self:
        """The same with search and object looked up once, where few entries match; else as it is."""
        if not (self.q or self.of):
            return self
        matching = rows.filter(self._days(), self._said()).order_by("-sequence")
        found = tuple(matching.values_list("sequence", flat=True)[: MOST_FOUND + 1])
        return replace(self, found=found) if len(found) <= MOST_FOUND else self

    def narrowed(self, rows: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
        """The entries before kinds and people are chosen."""
        if self.found is not None:
            return rows.filter(sequence__in=self.found)
        return rows.filter(self._days(), self._said())

    def _days(self) -> Q:
        found = Q()
        if self.since:
            found &= Q(at__gte=start_of(self.since))
        # After the calendar's last day there is none, and no entry either.
        if self.until and self.until < date.max:
            found &= Q(at__lt=start_of(self.until + timedelta(1)))
        return found

    def _said(self) -> Q:
        found = Q()
        for word in words_of(self.q)[0]:
            # Of access the journal names whom it is about in the details.
            places = ("target", "actor", *(KeyTextTransform(key, "details") for key in ("person", "email")))
            somewhere = Q()
            for place in places:
                somewhere |= Q(_has(place, word))
            found &= somewhere
        return found & _about(self.of) if self.of else found


class Counted:
    """The entries that the filters leave, and how many there are of each kind and by each person: one query."""

    def __init__(self, rows: QuerySet[JournalEntry], asked: JournalFilter) -> None:
        self._asked = asked
        self._rows = asked.narrowed(rows)
        counted = self._rows.order_by().values_list("action", "actor").annotate(entries=Count("*"))
        self._cells = [Cell(*row) for row in counted]

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of all people who did something, by id."""
        return names_of(cell.actor for cell in self._cells)

    @property
    def total(self) -> int:
        return sum(cell.entries for cell in self._chosen(self._asked.kind, self._asked.by))

    def entries(self) -> QuerySet[JournalEntry]:
        """The matching entries, newest first."""
        rows, asked = self._rows.order_by("-sequence"), self._asked
        if asked.kind:
            rows = rows.filter(action__in={cell.action for cell in self._chosen(asked.kind, ())})
        if asked.by:
            rows = rows.filter(actor__in={cell.actor for cell in self._chosen((), asked.by)})
        return rows

    def facets(self, query: QueryDict) -> list[Facet]:
        """Each facet's counts under the filters of the others."""
        kinds: Counter[str] = Counter()
        for cell in self._chosen((), self._asked.by):
            kinds[kind_of(cell.action)] += cell.entries
        people: Counter[str] = Counter()
        for cell in self._chosen(self._asked.kind, ()):
            people[key_of(cell.actor)] += cell.entries
        labels = {key_of(cell.actor): who(cell.actor, self.names).name for cell in self._cells}
        kind_labels = {key: kind.label for key, kind in KINDS.items()}
        return [
            facet("Kind", "kind", kinds, query, order=KINDS, labels=kind_labels),
            facet("By", "by", people, query, labels=labels, most=10),
        ]

    def _chosen(self, kinds: Collection[str], by: Collection[str]) -> list[Cell]:
        return [
            cell
            for cell in self._cells
            if (not kinds or kind_of(cell.action) in kinds) and (not by or key_of(cell.actor) in by)
        ]


def _has(text: Any, word: str) -> Any:
    # Counting bytes on finds a word faster than LIKE does, and needs no escapes.
    return GreaterThan(StrIndex(Lower(text), Lower(Value(word))), 0)


def _about(of: str) -> Q:
    """The entries about an object. A finding's are also those of its exceptions, and of what was done to many
    findings at once: such an entry names the first of them alone, and the batch that it names knows them all.
    """
    kind, _, identifier = of.partition(":")
    pk = parse_uuid(identifier) if kind == "finding" else None
    if pk is None:
        return _target(of)
    batches = TreatmentEvent.objects.filter(finding=pk, batch__isnull=False).order_by()
    ids = [str(batch) for batch in batches.values_list("batch", flat=True).distinct()]
    items = ExceptionItem.objects.filter(finding=pk).order_by()
    found = _target(of) | Q(details__finding=str(pk)) | Q(target__in=[f"batch:{batch}" for batch in ids])
    if ids:
        found |= Q(details__batch__in=ids)
    for exception in items.values_list("exception", flat=True).distinct():
        found |= _target(f"findingexception:{exception}")
    return found


def _target(of: str) -> Q:
    return Q(target=of) | Q(target__startswith=f"{of} ")


def _text(query: QueryDict, name: str) -> str:
    # A NUL cannot be in a text of PostgreSQL, so nothing can match it.
    return query.get(name, "").replace("\0", "").strip()[:MOST_TEXT]


def _day(query: QueryDict, name: str, wrong: list[str]) -> date | None:
    text = _text(query, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong.append(f"“{text}” is no day: write it as 2026-11-25. It was left out.")
        return None
