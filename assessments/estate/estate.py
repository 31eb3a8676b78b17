"""The estate of one unit: what was collected, indexed by collection and by what was asked.

Each collection is kept per scope: `/subscriptions/<guid>` for subscription-wide lists, the parent's
id for child lists and single settings, `` for directory-wide ones. A scope is either answered (with
any number of documents), has a gap, or was never asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from assessments.estate.gaps import Gap
from assessments.estate.ids import fold
from assessments.estate.view import View


class UnitKind(StrEnum):
    """What an assessment's unit is."""

    SUBSCRIPTION = "subscription"
    DIRECTORY = "directory"


@dataclass(slots=True)
class Answer:
    """What one request for a collection at a scope brought: documents, a gap, or both (a later page failed)."""

    scope: str
    documents: list[View] = field(default_factory=list)
    gap: Gap | None = None


class Estate:
    """Everything known of one unit at one time.

    `unit_id` is the subscription's or directory's GUID; `subscriptions` the GUIDs whose ARM lists
    belong to the unit (one for a subscription, all of its own for a directory). `now` is aware.
    """

    def __init__(self, *, kind: UnitKind, unit_id: str, subscriptions: Iterable[str], now: datetime) -> None:
        self.kind = kind
        self.unit_id = unit_id
        self.subscriptions = tuple(subscriptions)
        self.now = now
        self._answers: dict[str, dict[str, Answer]] = {}
        self._sorted: dict[str, list[View]] = {}

    @property
    def scope_id(self) -> str:
        """The subject of unit-wide controls: `/subscriptions/<guid>` or `directory:<guid>`."""
        if self.kind is UnitKind.DIRECTORY:
            return f"directory:{self.unit_id}"
        return f"/subscriptions/{self.unit_id}"

    def add_documents(
        self, collection: str, scope: str, bodies: Iterable[Mapping[str, Any]], request_id: str = ""
    ) -> None:
        """Note documents of a collection at a scope; called again for one scope it adds a page."""
        answer = self._answer(collection, scope)
        answer.documents.extend(View(body, collection=collection, request_id=request_id) for body in bodies)

    def add_gap(self, gap: Gap) -> None:
        """Note that a collection could not be read (to its end) at a scope."""
        self._answer(gap.collection, gap.scope).gap = gap

    def answers(self, collection: str) -> list[Answer]:
        """All answers of a collection, in the order of their scopes."""
        found = self._answers.get(collection, {})
        return [found[scope] for scope in sorted(found)]

    def answer(self, collection: str, scope: str) -> Answer | None:
        """The answer at one scope; None where it was never asked."""
        return self._answers.get(collection, {}).get(fold(scope))

    def was_asked(self, collection: str) -> bool:
        """Whether the collection was asked anywhere."""
        return collection in self._answers

    def documents(self, collection: str) -> list[View]:
        """The documents of a collection over all scopes, ordered by id, each id once."""
        if collection in self._sorted:
            return self._sorted[collection]
        seen: dict[str, View] = {}
        for answer in self.answers(collection):
            for view in answer.documents:
                seen.setdefault(fold(view.id) or f"#{len(seen)}", view)
        self._sorted[collection] = [seen[key] for key in sorted(seen)]
        return self._sorted[collection]

    def gaps(self) -> list[Gap]:
        """All gaps, in a stable order."""
        found = [a.gap for name in sorted(self._answers) for a in self.answers(name) if a.gap]
        return sorted(found, key=lambda gap: (gap.collection, fold(gap.scope)))

    def collections(self) -> list[str]:
        """Names of the collections that were asked."""
        return sorted(self._answers)

    def _answer(self, collection: str, scope: str) -> Answer:
        self._sorted.pop(collection, None)
        return self._answers.setdefault(collection, {}).setdefault(fold(scope), Answer(scope))
