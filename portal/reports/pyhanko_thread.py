"""Calling pyHanko from wherever we are: its plain calls start an event loop of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def run_in_own_thread[T](call: Callable[[], T]) -> T:
    """The result of `call`, run in a thread of its own.

    `asyncio.run`, which pyHanko calls inside, refuses in a thread whose event loop is running, as that
    of an asynchronous server is. Not for calls that use the database: the scope does not go along.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pyhanko") as pool:
        return pool.submit(call).result()
