"""Filter of the journal, and the counts of its facets."""

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

from assessments.selectors import search_words
from portal.queries.journal.actions import ACTIONS, KINDS, OTHER, kind_of
from portal.queries.journal.actors import key_of, names_of, parse_actor
from portal.queries.parameters import Condition, Parameters, text_of, values_of
from portal.treatment.models import ExceptionItem, TreatmentEvent
from tenants.ids import parse_uuid
from tenants.values.days import start_of_day

MAX_MATCHING_ENTRIES: Final = 1000
# Kinds of objects that an entry can be about, as `tenants.journal.target_of` writes them.
OBJECT_KINDS: Final = frozenset(
    "assessment attestation batch channel control directory exclusionrule finding findingexception invitation "
    "membership notice organization ownerrule person report savedview serviceaccount serviceprincipal subscription "
    "tenant ticket ticketrule ticketsystem".split()
)

_OBJECT: Final = re.compile(r"([a-z]+):([A-Za-z0-9-]{1,120})")


class ActionCount(NamedTuple):
    """Number of entries of one action by one actor."""

    action: str
    actor: str
    entries: int


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Filter of one journal. Values of one parameter are alternatives (OR); several parameters must all match (AND).

    - `kinds`: keys of KINDS; `actors`: keys of `portal.queries.journal.actors.key_of`
    - `search`: words; each must occur in the target, the actor, or the person or email address in the details
    - `about`: one object as `<kind>:<id>`
    - `since`, `until`: days in UTC, both included
    - `problems`: sentences about ignored parameters
    """

    kinds: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    search: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None
    problems: tuple[str, ...] = ()
    matching: tuple[int, ...] | None = None
    """The sequence numbers of the entries that match the search, the object and the days. `look_up_search` sets them if
    at most 1,000 entries match.
    """

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters `kind`, `by`, `q`, `of`, `from` and `to` state."""
        problems: list[str] = []
        about = text_of(parameters, "of")
        known = _OBJECT.fullmatch(about)
        if about and (known is None or known[1] not in OBJECT_KINDS):
            problems.append(f"“{about}” is not an object in the form kind:id, so the filter was ignored.")
            about = ""
        since, until = _day(parameters, "from", problems), _day(parameters, "to", problems)
        if since and until and since > until:
            problems.append("“From” is later than “To”, so no entry can match. Correct one of the dates.")
        return cls(
            kinds=tuple(values_of(parameters, "kind")),
            actors=tuple(values_of(parameters, "by")),
            search=text_of(parameters, "q"),
            about=about,
            since=since,
            until=until,
            problems=tuple(problems),
        )

    @property
    def active_count(self) -> int:
        """The number of filter values in use."""
        single = (self.search, self.about, self.since, self.until)
        return len(self.kinds) + len(self.actors) + sum(map(bool, single))

    def describe(self, names: dict[str, str] | None = None) -> list[Condition]:
        """Return the filter in words; `names` maps keys of actors to names."""
        days = {"from": ("From", self.since), "to": ("To", self.until)}
        labels = tuple(KINDS[key].label if key in KINDS else key for key in self.kinds)
        found = [
            Condition("kind", "Kind", labels),
            Condition("by", "By", tuple((names or {}).get(key, key) for key in self.actors)),
            Condition("q", "Search", (self.search,) if self.search else ()),
            Condition("of", "About", (self.about,) if self.about else ()),
            *(Condition(name, label, (str(day),)) for name, (label, day) in days.items() if day),
        ]
        return [condition for condition in found if condition.values]

    def look_up_search(self, rows: QuerySet[Any]) -> Self:
        """Look up the entries that match the search, the object and the days, if there is a search or an object.

        If at most 1,000 entries match, the returned filter lists them in `matching`. `narrow` then uses this list
        instead of the search, the object and the days.
        """
        if not (self.search or self.about):
            return self
        rows = rows.filter(self._days(), self._text_condition()).order_by("-sequence")
        matching = tuple(rows.values_list("sequence", flat=True)[: MAX_MATCHING_ENTRIES + 1])
        return replace(self, matching=matching) if len(matching) <= MAX_MATCHING_ENTRIES else self

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the entries that match the filter, ignoring its kinds and actors."""
        if self.matching is not None:
            return rows.filter(sequence__in=self.matching)
        return rows.filter(self._days(), self._text_condition())

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the entries that match the whole filter."""
        rows = self.narrow(rows)
        if self.kinds:
            known = [action for action, one in ACTIONS.items() if one.kind in self.kinds]
            found = Q(action__in=known)
            rows = rows.filter(found | ~Q(action__in=list(ACTIONS)) if OTHER in self.kinds else found)
        if self.actors:
            found = Q()
            for key in self.actors:
                person = parse_uuid(key)
                found |= Q(actor__endswith=f" (person:{person})") if person else Q(actor=key)
            rows = rows.filter(found)
        return rows

    def _days(self) -> Q:
        found = Q()
        if self.since:
            found &= Q(at__gte=start_of_day(self.since))
        # Ignore 9999-12-31 as the last day, because Python cannot compute the day after it.
        if self.until and self.until < date.max:
            found &= Q(at__lt=start_of_day(self.until + timedelta(1)))
        return found

    def _text_condition(self) -> Q:
        found = Q()
        for word in search_words(self.search)[0]:
            # Also search the details, because entries about access name the person in their details.
            places = ("target", "actor", *(KeyTextTransform(key, "details") for key in ("person", "email")))
            anywhere = Q()
            for place in places:
                anywhere |= Q(_contains(place, word))
            found &= anywhere
        return found & _is_about(self.about) if self.about else found


class JournalSearch:
    """The entries that match a filter, and the number of entries by kind and by actor.

    One query returns all numbers.
    """

    def __init__(self, rows: QuerySet[Any], chosen: JournalFilter) -> None:
        self._chosen = chosen
        self._rows = chosen.narrow(rows)
        counted = self._rows.order_by().values_list("action", "actor").annotate(entries=Count("*"))
        self._counts = [ActionCount(*row) for row in counted]

    @cached_property
    def names(self) -> dict[str, str]:
        """{id: name} of all people among the actors."""
        return names_of(count.actor for count in self._counts)

    @cached_property
    def actor_names(self) -> dict[str, str]:
        """{key of an actor: name} of all actors."""
        return {key_of(count.actor): parse_actor(count.actor, self.names).name for count in self._counts}

    @property
    def total(self) -> int:
        """Number of matching entries."""
        return sum(count.entries for count in self._matching(self._chosen.kinds, self._chosen.actors))

    def entries(self) -> QuerySet[Any]:
        """Return the matching entries, newest first."""
        rows, chosen = self._rows.order_by("-sequence"), self._chosen
        if chosen.kinds:
            rows = rows.filter(action__in={count.action for count in self._matching(chosen.kinds, ())})
        if chosen.actors:
            rows = rows.filter(actor__in={count.actor for count in self._matching((), chosen.actors)})
        return rows

    def facet_counts(self) -> dict[str, Counter[str]]:
        """Return {parameter: {value: number of entries}}; the counts of a parameter ignore the filter on this
        parameter.
        """
        kinds: Counter[str] = Counter()
        for count in self._matching((), self._chosen.actors):
            kinds[kind_of(count.action)] += count.entries
        actors: Counter[str] = Counter()
        for count in self._matching(self._chosen.kinds, ()):
            actors[key_of(count.actor)] += count.entries
        return {"kind": kinds, "by": actors}

    def _matching(self, kinds: Collection[str], actors: Collection[str]) -> list[ActionCount]:
        return [
            count
            for count in self._counts
            if (not kinds or kind_of(count.action) in kinds) and (not actors or key_of(count.actor) in actors)
        ]


def _contains(text: Any, word: str) -> Any:
    # StrIndex is faster than LIKE here and needs no escaping.
    return GreaterThan(StrIndex(Lower(text), Lower(Value(word))), 0)


def _is_about(about: str) -> Q:
    """Return the condition that a journal entry is about an object.

    Entries about a finding include the entries about its exceptions and about bulk actions on the finding. The entry of
    a bulk action does not list all findings, so it is found by the id of the bulk action: the timelines of all these
    findings have this id (`TreatmentEvent.batch`).
    """
    kind, _, identifier = about.partition(":")
    pk = parse_uuid(identifier) if kind == "finding" else None
    if pk is None:
        return _has_target(about)
    batches = TreatmentEvent.objects.filter(finding=pk, batch__isnull=False).order_by()
    ids = [str(batch) for batch in batches.values_list("batch", flat=True).distinct()]
    items = ExceptionItem.objects.filter(finding=pk).order_by()
    found = _has_target(about) | Q(details__finding=str(pk))
    found |= Q(target__in=[f"batch:{batch}" for batch in ids])
    if ids:
        found |= Q(details__batch__in=ids)
    for exception in items.values_list("exception", flat=True).distinct():
        found |= _has_target(f"findingexception:{exception}")
    return found


def _has_target(target: str) -> Q:
    return Q(target=target) | Q(target__startswith=f"{target} ")


def _day(parameters: Parameters, name: str, problems: list[str]) -> date | None:
    text = text_of(parameters, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(
            f"“{text}” is not a date, so the filter was ignored. Write a date in the form 2026-11-25."
        )
        return None
