"""Signing and verifying also where an event loop runs, as in an asynchronous server."""

from __future__ import annotations

import asyncio

import pytest

from portal.reports.pyhanko_thread import run_in_own_thread


def test_a_call_that_starts_a_loop_works_inside_a_running_one() -> None:
    async def inner() -> int:
        return 7

    async def outer() -> int:
        return run_in_own_thread(lambda: asyncio.run(inner()))

    # In a thread: a browser's driver may keep a loop running in the tests' own.
    assert run_in_own_thread(lambda: asyncio.run(outer())) == 7


def test_errors_come_through() -> None:
    with pytest.raises(ZeroDivisionError):
        run_in_own_thread(lambda: 1 // 0)
