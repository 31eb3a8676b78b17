"""The manifest of a unit lists all collected documents. For each document, it has the hashes of the evidence that
contains parts of the document.

Exports rebuild the estate of an assessment from the manifests of its units. The manifest also lists documents that no
control read, because their mere existence can decide a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.ids import fold
from assessments.evaluate import Evidence


class Manifest:
    """Collects the hashes of a unit's evidence by collection and document."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[str, str], set[str]] = {}
        self._lists: set[str] = set()

    def add(self, evidence: Iterable[Evidence]) -> None:
        """Add the hashes of evidence that the unit has stored."""
        for item in evidence:
            if item.is_list:
                self._lists.add(item.sha256)
                continue
            self._hashes.setdefault((item.collection, fold(item.document_id)), set()).add(item.sha256)

    def keep(self, collection: str, document_id: str, hashes: Iterable[str]) -> None:
        """Add hashes that an earlier manifest has for the evidence of this document."""
        self._hashes.setdefault((collection, fold(document_id)), set()).update(hashes)

    def keep_lists(self, hashes: Iterable[str]) -> None:
        """Add hashes from `lists` of an earlier manifest (see `content`). The evidence with these hashes shows that
        something does not exist.
        """
        self._lists.update(hashes)

    def content(self, estate: Estate) -> dict[str, Any]:
        """Return {"unit": scope id, "subscriptions": [guid], "answers": {collection: {scope: [[id, [sha256]]]}},
        "lists": [sha256]}.

        `answers` has, for each collection and scope, the id of each document and the hashes of the evidence that
        contains parts of the document. `lists` has the hashes of evidence that shows that something does not exist,
        such as a list without a certain document. `lists` is missing if there is no such evidence. Evidence is not
        deleted as long as a manifest contains its hash.
        """
        answers: dict[str, dict[str, list[Any]]] = {}
        for name in estate.collections():
            for answer in estate.answers(name):
                if answer.gap is not None and not answer.documents:
                    continue
                answers.setdefault(name, {})[answer.scope] = [
                    [view.id, sorted(self._hashes.get((name, fold(view.id)), ()))]
                    for view in answer.documents
                ]
        content = {"unit": estate.scope_id, "subscriptions": list(estate.subscriptions), "answers": answers}
        return content | {"lists": sorted(self._lists)} if self._lists else content
