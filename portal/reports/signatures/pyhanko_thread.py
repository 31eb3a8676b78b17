"""Call pyHanko's synchronous functions from any thread, even from one whose event loop is running."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def run_in_own_thread[T](call: Callable[[], T]) -> T:
    """Run `call` in a new thread and return its result.

    pyHanko calls `asyncio.run`, which fails in a thread whose event loop is running, such as the thread of an
    asynchronous server. Do not use the database in `call`: the new thread has no tenant scope.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pyhanko") as pool:
        return pool.submit(call).result()
