"""Calling pyHanko in a thread whose event loop runs, as in an asynchronous server."""

from __future__ import annotations

import asyncio

import pytest

from portal.reports.signatures.pyhanko_thread import run_in_own_thread


def test_call_may_start_a_loop_inside_a_running_one() -> None:
    async def inner() -> int:
        return 7

    async def outer() -> int:
        return run_in_own_thread(lambda: asyncio.run(inner()))

    # Run `outer` in a new thread. In the main thread, the driver of a browser test may already run an event loop.
    assert run_in_own_thread(lambda: asyncio.run(outer())) == 7


def test_errors_are_raised_again() -> None:
    with pytest.raises(ZeroDivisionError):
        run_in_own_thread(lambda: 1 // 0)
