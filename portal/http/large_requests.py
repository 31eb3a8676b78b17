"""Free the memory of requests with large bodies soon.

Django's requests are in reference cycles (`request.user` and `request.htmx`), so only the garbage collector frees them.
The garbage collector counts objects and ignores their size. So dozens of bodies of some megabytes could remain in
memory.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from portal.http.request_bodies import BODY_BYTES

COLLECT_BYTES: Final = 8 * 2**20
"""Garbage is collected after large bodies with this total number of bytes have been received. It is not collected after
each request, because a collection takes about 20 ms.
"""


class LargeRequests:
    """Counts the bytes of large bodies, and collects garbage when the count is high."""

    def __init__(self) -> None:
        self._lock, self._received = Lock(), 0

    def collect_after(self, environ: Mapping[str, Any]) -> None:
        """Count the body of a finished request, and collect garbage if enough bytes have been counted since
        the last collection.
        """
        size = environ.get(BODY_BYTES, 0)
        if not size:
            return
        with self._lock:
            self._received += size
            if self._received < COLLECT_BYTES:
                return
            self._received = 0
        gc.collect()


def freeze_started_objects() -> None:
    """Exempt all present objects from garbage collection, so that collections are much faster.

    These objects live as long as the process.
    """
    gc.collect()
    gc.freeze()
