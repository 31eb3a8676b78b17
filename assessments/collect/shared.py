"""A short-lived cache (`Session.shared`) for answers that several units of an assessment need. For example, each of N
units needs the alert rules of all N subscriptions. With the cache, N requests suffice instead of N × N.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from assessments.collect.http.wire import Document
from assessments.estate.collection import Collection
from assessments.estate.ids import fold

type Pages = list[tuple[list[Document], str, str]]
"""The documents of each page, with the request id and the api-version of its request."""

SECONDS = 120.0
MAX_ANSWERS = 256


class SharedAnswers:
    """The complete answers of collections that set `shared`, as `Pages`. The class is thread-safe.

    An answer is reused for at most `SECONDS`; failures are not cached. At most `MAX_ANSWERS` answers are kept; the
    oldest are dropped.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str], tuple[float, Pages]] = OrderedDict()

    def get(self, collection: Collection, scope: str) -> Pages | None:
        """Return the stored pages of the collection at the scope. Return None if there are no stored pages, or if
        they are older than `SECONDS`.
        """
        if not collection.shared:
            return None
        with self._lock:
            at, pages = self._answers.get((collection.name, fold(scope)), (float("-inf"), []))
        return pages if time.monotonic() - at < SECONDS else None

    def put(self, collection: Collection, scope: str, pages: Pages) -> None:
        """Store an answer that was read completely."""
        if not collection.shared:
            return
        with self._lock:
            self._answers[collection.name, fold(scope)] = (time.monotonic(), pages)
            self._answers.move_to_end((collection.name, fold(scope)))
            while len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)
