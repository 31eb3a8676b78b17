"""Give a control access to the collected documents. Most methods raise an error if some of the requested documents
could not be collected.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from assessments.estate.collection import Collection
from assessments.estate.estate import Answer, Estate
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.estate.retired import Feature, retirement
from assessments.estate.view import Trace, View


class CollectionUnavailable(Exception):
    """A collection that the control needs could not be read. The verdict becomes unknown, with the reason of the
    gap.
    """

    def __init__(self, gap: Gap) -> None:
        super().__init__(describe_gap(gap))
        self.gap = gap


class Context:
    """One evaluation of one control on one unit.

    `params` are the control's parameters with the tenant's overrides; `now` has a time zone.
    """

    def __init__(self, estate: Estate, params: Mapping[str, Any]) -> None:
        self.estate = estate
        self.params = params
        self.now = estate.now
        self.scope_id = estate.scope_id
        self.trace = Trace()
        self._read_whole: set[str] = set()
        self._read_at: set[tuple[str, str]] = set()
        self._ended: list[Trace] = []
        self._memo: dict[Hashable, Any] = {}

    def memo[T](self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the result of `make`, which is called only once for each `key`. If `make` raises an error, the next
        call with this key tries again.
        """
        if key not in self._memo:
            self._memo[key] = make()
        result: T = self._memo[key]
        return result

    def retirement(self, feature: Feature) -> str:
        """Return a sentence that says when the unit's cloud lost a feature. Return an empty text if the cloud still had
        the feature when the unit was read.
        """
        return retirement(self.estate.cloud, feature, self.now)

    def fresh_trace(self) -> Trace:
        """End the current trace and return a new trace. A trace records what a rule reads about one subject, as the
        subject's evidence.
        """
        self._ended.append(self.trace)
        self.trace = Trace()
        return self.trace

    def take_ended_traces(self) -> list[Trace]:
        """Return the traces that ended since the previous call."""
        ended, self._ended = self._ended, []
        return ended

    def take_lists(self) -> dict[str, list[Answer]]:
        """Return the complete answers on which the verdict on the current subject can depend, by the name of their
        collection.

        If the control read a whole collection, include all complete answers of the collection. If it read a collection
        only at single scopes, include only the complete answers that it read since the previous call.
        """
        found = {name: self.estate.answers(name) for name in sorted(self._read_whole)}
        for name, scope in sorted(self._read_at):
            answer = self.estate.answer(name, scope)
            if name not in self._read_whole and answer is not None:
                found.setdefault(name, []).append(answer)
        self.forget_reads_at_scopes()
        return {
            name: complete
            for name, answers in found.items()
            if (complete := [answer for answer in answers if answer.is_complete])
        }

    def forget_reads_at_scopes(self) -> None:
        """Forget which answers were read so far at single scopes. These answers belong to the previous verdict, so
        `take_lists` must not return them for the next verdict.
        """
        self._read_at.clear()

    def bind(self, views: Iterable[View]) -> list[View]:
        """Return the documents in a form that records in the current trace which properties the control reads. These
        properties become evidence.
        """
        return [view.bound(self.trace) for view in views]

    def documents(self, collection: Collection) -> list[View]:
        """Return every document of the collection in the unit. Raise CollectionUnavailable if any part is missing."""
        documents, gaps = self.partial(collection)
        if gaps:
            raise CollectionUnavailable(gaps[0])
        return documents

    def partial(self, collection: Collection) -> tuple[list[View], list[Gap]]:
        """Return the documents of the collection that could be read, and the gaps of the collection. This method is for
        controls that can judge although some documents are missing.
        """
        self._read_whole.add(collection.name)
        if collection.only_if_listed:
            self._read_whole.update(collection.after)
        if not self.estate.was_asked(collection.name):
            return [], [self._not_collected(collection, "")]
        return self.bind(self.estate.documents(collection.name)), self.estate.gaps_of(collection.name)

    def documents_at(self, collection: Collection, scope: str) -> list[View]:
        """Return the documents of the collection at one scope, such as a parent resource or a subscription
        (`/subscriptions/<guid>`). Raise CollectionUnavailable if some of these documents could not be read.
        """
        answer = self._answer_at(collection, scope)
        if answer is None:
            raise CollectionUnavailable(self._not_collected(collection, scope))
        if answer.gap:
            raise CollectionUnavailable(answer.gap)
        return self.bind(answer.documents)

    def partial_at(self, collection: Collection, scope: str) -> tuple[list[View], Gap | None]:
        """Return the documents that could be read at one scope, and the gap if some could not be read."""
        answer = self._answer_at(collection, scope)
        if answer is None:
            return [], self._not_collected(collection, scope)
        return self.bind(answer.documents), answer.gap

    def single(self, collection: Collection, scope: str) -> View | None:
        """Return the only document of a collection at one scope. A scope is, for example, the id of a parent resource.
        Return None if Azure answers that there is no document.

        Raise CollectionUnavailable if the document could not be read.
        """
        found = self.documents_at(collection, scope)
        return found[0] if found else None

    def gap_at(self, collection: Collection, scope: str) -> Gap | None:
        """Return the gap of the collection at one scope, or None."""
        answer = self.estate.answer(collection.name, scope)
        return answer.gap if answer else self._not_collected(collection, scope)

    def first_gap(self, collection: Collection) -> Gap | None:
        """Return the first gap of the collection in any scope, or None if the collection is complete."""
        self._read_whole.add(collection.name)
        if not self.estate.was_asked(collection.name):
            return self._not_collected(collection, "")
        return next(iter(self.estate.gaps_of(collection.name)), None)

    def require_complete(self, collection: Collection) -> None:
        """Raise CollectionUnavailable if any part of the collection is missing."""
        if gap := self.first_gap(collection):
            raise CollectionUnavailable(gap)

    def _answer_at(self, collection: Collection, scope: str) -> Answer | None:
        self._read_at.add((collection.name, fold(scope)))
        return self.estate.answer(collection.name, scope)

    def find(self, collection: Collection, identifier: str) -> View | None:
        """Return the collected document with this ARM id, or None."""
        by_id = self.memo(
            ("documents by id", collection.name),
            lambda: {fold(view.id): view for view in self.estate.documents(collection.name)},
        )
        view = by_id.get(fold(identifier))
        return view.bound(self.trace) if view is not None else None

    @staticmethod
    def _not_collected(collection: Collection, scope: str) -> Gap:
        return Gap(collection.name, scope, Reason.NOT_COLLECTED, permission=collection.permission)
