"""The estate of one unit has the collected documents and the gaps, by collection and scope.

A scope is `/subscriptions/<guid>` for subscription-wide lists, the parent's id for child lists and single settings, or
an empty string for the directory. At each scope, a collection has an answer, or was never requested. An answer has any
number of documents, a gap, or both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold
from assessments.estate.view import View


class UnitKind(StrEnum):
    """The kind of a unit. A unit of an assessment covers either a subscription or a directory."""

    SUBSCRIPTION = "subscription"
    DIRECTORY = "directory"


@dataclass(slots=True)
class Answer:
    """The result of reading a collection at one scope: documents, a gap, or both if a later page of the list failed.

    `request_id` and `api_version` belong to the last page.
    """

    scope: str
    documents: list[View] = field(default_factory=list)
    gap: Gap | None = None
    request_id: str = ""
    api_version: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the answer is complete: Azure returned all documents, or answered that there is nothing at this scope
        (404)."""
        return self.gap is None or (self.gap.reason is Reason.NOT_FOUND and not self.documents)


class _Types:
    """The resource types of the documents in an answer. Types that were found are remembered, so that repeated calls of
    `has` read no document twice.
    """

    __slots__ = ("_found", "_read", "answer")

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self._read = 0
        self._found: set[str] = set()

    def has(self, resource_type: str) -> bool:
        """Return whether a document of the answer has this resource type, given in lower case. Documents after the
        first match are not read.
        """
        while resource_type not in self._found and self._read < len(self.answer.documents):
            kind = self.answer.documents[self._read].raw("type")
            self._read += 1
            if isinstance(kind, str):
                self._found.add(fold(kind))
        return resource_type in self._found


class Estate:
    """Everything collected from one unit at one time.

    - `unit_id`: the GUID of the subscription or directory
    - `subscriptions`: the GUIDs of the subscriptions whose ARM lists belong to the unit: only the subscription itself
      if the unit is a subscription, or all subscriptions of the directory if the unit is a directory
    - `now`: the time at which the documents were read, with a time zone
    - `directory_id`: the GUID of the directory to which the unit belongs; empty until something was collected
    - `excluded`: GUIDs of subscriptions that an administrator excluded. No list is read from these subscriptions. Only
      single resources to which this unit refers are read from them: flow logs, action groups, and storage accounts that
      store logs.
    - `assessed`: GUIDs of the customer's assessed subscriptions whose load balancers may be read; empty if the unit is
      a delegated subscription
    - `foreign`: GUIDs of subscriptions of other directories, which may belong to other customers; nothing is read from
      them
    - `cloud`: a name of `tenants.cloud_table.CLOUDS`; if empty, no feature of Azure counts as retired
      (`assessments.estate.retired`)
    """

    def __init__(
        self,
        *,
        kind: UnitKind,
        unit_id: str,
        subscriptions: Iterable[str],
        now: datetime,
        excluded: Iterable[str] = (),
        assessed: Iterable[str] = (),
        foreign: Iterable[str] = (),
        cloud: str = "",
    ) -> None:
        self.cloud = cloud
        self.excluded = frozenset(guid.casefold() for guid in excluded)
        self.assessed = frozenset(guid.casefold() for guid in assessed)
        self.foreign = frozenset(guid.casefold() for guid in foreign)
        self.directory_id = ""
        self.kind = kind
        self.unit_id = unit_id
        self.subscriptions = tuple(subscriptions)
        self.now = now
        self._answers: dict[str, dict[str, Answer]] = {}
        self._sorted: dict[str, list[View]] = {}
        self._gaps: dict[str, list[Gap]] = {}
        self._types: dict[str, list[_Types]] = {}

    @property
    def scope_id(self) -> str:
        """The subject of verdicts that are about the whole unit: `/subscriptions/<guid>` or `directory:<guid>`."""
        if self.kind is UnitKind.DIRECTORY:
            return f"directory:{self.unit_id}"
        return f"/subscriptions/{self.unit_id}"

    def add_documents(
        self,
        collection: str,
        scope: str,
        bodies: Iterable[Mapping[str, Any]],
        request_id: str = "",
        api_version: str = "",
    ) -> None:
        """Add one page of the documents that a collection has at a scope."""
        answer = self._answer(collection, scope)
        answer.request_id = request_id or answer.request_id
        answer.api_version = api_version or answer.api_version
        answer.documents.extend(
            View(body, collection=collection, request_id=request_id, api_version=api_version)
            for body in bodies
        )

    def add_gap(self, gap: Gap) -> None:
        """Record that a collection could not be read completely at a scope."""
        self._answer(gap.collection, gap.scope).gap = gap

    def answers(self, collection: str) -> list[Answer]:
        """Return all answers of a collection, ordered by scope."""
        found = self._answers.get(collection, {})
        return [found[scope] for scope in sorted(found)]

    def answer(self, collection: str, scope: str) -> Answer | None:
        """Return the answer of a collection at one scope, or None if the collection was never requested there."""
        return self._answers.get(collection, {}).get(fold(scope))

    def scopes_with(self, collection: str, resource_type: str) -> list[str]:
        """Return the scopes at which a collection has a resource of the type. Scopes at which the collection could
        not be read completely are included.
        """
        if collection not in self._types:
            self._types[collection] = [_Types(answer) for answer in self.answers(collection)]
        wanted = fold(resource_type)
        return [
            types.answer.scope
            for types in self._types[collection]
            if types.answer.gap is not None or types.has(wanted)
        ]

    def was_asked(self, collection: str) -> bool:
        """Return whether the collection was requested at any scope."""
        return collection in self._answers

    def documents(self, collection: str) -> list[View]:
        """Return the documents of a collection in all scopes, ordered by id, each id once."""
        if collection in self._sorted:
            return self._sorted[collection]
        seen: dict[str, View] = {}
        for answer in self.answers(collection):
            for view in answer.documents:
                seen.setdefault(fold(view.id) or f"#{len(seen)}", view)
        self._sorted[collection] = [seen[key] for key in sorted(seen)]
        return self._sorted[collection]

    def gaps_of(self, collection: str) -> list[Gap]:
        """Return the gaps of a collection, ordered by scope."""
        if collection not in self._gaps:
            self._gaps[collection] = [answer.gap for answer in self.answers(collection) if answer.gap]
        return self._gaps[collection]

    def gaps(self) -> list[Gap]:
        """Return all gaps, ordered by collection and scope."""
        found = [gap for name in self._answers for gap in self.gaps_of(name)]
        return sorted(found, key=lambda gap: (gap.collection, fold(gap.scope)))

    def collections(self) -> list[str]:
        """Return the names of the collections that were requested."""
        return sorted(self._answers)

    def _answer(self, collection: str, scope: str) -> Answer:
        self._sorted.pop(collection, None)
        self._gaps.pop(collection, None)
        self._types.pop(collection, None)
        return self._answers.setdefault(collection, {}).setdefault(fold(scope), Answer(scope))
