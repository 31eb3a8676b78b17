"""Answers that every unit of an assessment would ask for alike, kept for a short while by the session.

Without this each subscription would list the alert rules of every other one: N times N requests instead of N.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from assessments.collect.wire import Document
from assessments.estate.collection import Collection
from assessments.estate.ids import fold

type Pages = list[tuple[list[Document], str]]

SECONDS = 120.0
MOST = 256


class SharedAnswers:
    """Whole answers (pages, each with its request id) of collections that are `shared`; threads may use it.

    An answer is given again for `SECONDS`, so that an assessment hardly sees another state than the one it would
    have asked for. Failures are not kept. At most `MOST` answers; the oldest goes first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, Pages]] = OrderedDict()

    def get(self, collection: Collection, scope: str) -> Pages | None:
        """A fresh answer, if there is one."""
        if not collection.shared:
            return None
        with self._lock:
            at, pages = self._kept.get((collection.name, fold(scope)), (float("-inf"), []))
        return pages if time.monotonic() - at < SECONDS else None

    def put(self, collection: Collection, scope: str, pages: Pages) -> None:
        """Keep an answer that was read to its end."""
        if not collection.shared:
            return
        with self._lock:
            self._kept[collection.name, fold(scope)] = (time.monotonic(), pages)
            self._kept.move_to_end((collection.name, fold(scope)))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
