"""What a control sees of the estate: reads that say when something could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.estate.collection import Collection
from assessments.estate.estate import Estate
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.estate.view import Trace, View


class Unanswered(Exception):
    """A collection that the control needs could not be read; ends as `unknown` with the gap's reason."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.sentence())
        self.gap = gap


class Context:
    """The reading side of one evaluation of one control.

    `params` are the control's parameters with the tenant's overrides; `now` is aware.
    """

    def __init__(self, estate: Estate, params: Mapping[str, Any]) -> None:
        self.estate = estate
        self.params = params
        self.now = estate.now
        self.scope_id = estate.scope_id
        self.trace = Trace()
        self._ended: list[Trace] = []

    def fresh_trace(self) -> Trace:
        """Begin the evidence of another subject."""
        self._ended.append(self.trace)
        self.trace = Trace()
        return self.trace

    def ended_traces(self) -> list[Trace]:
        """The traces that ended since this was asked last."""
        ended, self._ended = self._ended, []
        return ended

    def bind(self, views: Iterable[View]) -> list[View]:
        """The views, noting their reads in the current trace."""
        return [view.bound(self.trace) for view in views]

    def all(self, collection: Collection) -> list[View]:
        """Every document of the collection in the unit; raises Unanswered if any part is missing."""
        documents, gaps = self.partial(collection)
        if gaps:
            raise Unanswered(gaps[0])
        return documents

    def partial(self, collection: Collection) -> tuple[list[View], list[Gap]]:
        """What could be read of the collection, and the gaps (for rules that can decide on a part)."""
        if not self.estate.asked(collection.name):
            return [], [self._not_collected(collection, "")]
        gaps = [answer.gap for answer in self.estate.answers(collection.name) if answer.gap]
        return self.bind(self.estate.documents(collection.name)), gaps

    def of(self, collection: Collection, scope: str) -> list[View]:
        """The documents of one parent (or of `/subscriptions/<guid>`); raises Unanswered."""
        answer = self.estate.answer(collection.name, scope)
        if answer is None:
            raise Unanswered(self._not_collected(collection, scope))
        if answer.gap:
            raise Unanswered(answer.gap)
        return self.bind(answer.documents)

    def part(self, collection: Collection, scope: str) -> tuple[list[View], Gap | None]:
        """What could be read at one scope, and the gap if part of it could not."""
        answer = self.estate.answer(collection.name, scope)
        if answer is None:
            return [], self._not_collected(collection, scope)
        return self.bind(answer.documents), answer.gap

    def one(self, collection: Collection, scope: str) -> View | None:
        """The single document of one parent; None where Azure says that there is none; raises Unanswered."""
        found = self.of(collection, scope)
        return found[0] if found else None

    def gap(self, collection: Collection, scope: str) -> Gap | None:
        """The gap at one scope, if any."""
        answer = self.estate.answer(collection.name, scope)
        return answer.gap if answer else self._not_collected(collection, scope)

    def first_gap(self, collection: Collection) -> Gap | None:
        """The first gap in any part of the collection, without looking at its documents."""
        if not self.estate.asked(collection.name):
            return self._not_collected(collection, "")
        return next((answer.gap for answer in self.estate.answers(collection.name) if answer.gap), None)

    def complete(self, collection: Collection) -> None:
        """Raise Unanswered if any part of the collection is missing."""
        if gap := self.first_gap(collection):
            raise Unanswered(gap)

    def find(self, collection: Collection, identifier: str) -> View | None:
        """The document with an ARM id among what was read of the collection; None if it is not there."""
        wanted = fold(identifier)
        for view in self._index(collection).get(wanted, ()):
            return view.bound(self.trace)
        return None

    def _index(self, collection: Collection) -> dict[str, tuple[View, ...]]:
        cache: dict[str, dict[str, tuple[View, ...]]] = self.__dict__.setdefault("_indexes", {})
        if collection.name not in cache:
            cache[collection.name] = {fold(v.id): (v,) for v in self.estate.documents(collection.name)}
        return cache[collection.name]

    @staticmethod
    def _not_collected(collection: Collection, scope: str) -> Gap:
        return Gap(collection.name, scope, Reason.NOT_COLLECTED, permission=collection.permission)
