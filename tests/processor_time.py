"""Limits of processor time that hold on slow and busy machines too.

The limits for hostile input are seconds of processor time on a usual machine. A fixed piece of work is measured before
and after the tested code: if it takes longer than on the usual machine, the limit grows in proportion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STEPS = 200_000
# The time that `fixed_work` takes on the usual machine (of 2024, with 2 cores).
USUAL_SECONDS = 0.010


def fixed_work() -> int:
    """Count and look up values, as most of the tested code does."""
    known = {number: number + 1 for number in range(1_000)}
    total = 0
    for number in range(STEPS):
        total += known[number % 1_000]
    return total


def seconds_of(work: Callable[[], object]) -> float:
    """Return how much processor time this process uses for the work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def slowness() -> float:
    """Return by what factor this machine is now slower than the usual machine, at least 1."""
    return max(1.0, seconds_of(fixed_work) / USUAL_SECONDS)


@contextmanager
def at_most(seconds: float, what: object = "") -> Iterator[None]:
    """Fail if the block takes more processor time than `seconds`, multiplied by the slowness of this machine."""
    before = slowness()
    began = time.process_time()
    yield
    taken = time.process_time() - began
    limit = seconds * max(before, slowness())
    assert taken < limit, f"{what} took {taken:.2f} s of processor time, more than {limit:.2f} s"
