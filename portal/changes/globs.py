"""Globs: `*` stands for any text, `?` for one character. Case is ignored.

This module uses no regular expressions, because they could take very long for some texts. Matching a glob reads the
text only once: the search for each part between two stars begins after the previous part, and ends at the first match.
A `Budget` limits the total time of many comparisons.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

MAX_COMPILED: Final = 4096


class OutOfTime(Exception):
    """The time of the budget was used up before the comparison of globs was finished."""


@dataclass(slots=True)
class Budget:
    """Processor time, in seconds, that a thread may use for matching. `spent` is the time used so far."""

    seconds: float
    spent: float = field(default=0.0, init=False)

    @property
    def is_spent(self) -> bool:
        return self.spent >= self.seconds


def matches(glob: str, text: str) -> bool:
    """Return whether the glob matches the whole text."""
    return _matches(_parts(glob.casefold()), text.casefold())


def any_matches(globs: Iterable[str], texts: Iterable[str], budget: Budget | None = None) -> bool:
    """Return whether one of the globs matches one of the texts. Raise OutOfTime if the budget ends before this is
    known.
    """
    values = [text.casefold() for text in texts]
    for glob in globs:
        if budget is not None and budget.is_spent:
            raise OutOfTime
        start = time.thread_time() if budget is not None else 0.0
        parts = _parts(glob.casefold())
        found = any(_matches(parts, value) for value in values)
        if budget is not None:
            budget.spent += time.thread_time() - start
        if found:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a glob: the text before, between or after its stars.

    In `free`, bit n is set if the character at position n of the part is a `?`. `masks` is {character: number} for the
    characters of the part: bit n of the number is set if position n of the part matches the character. If the part has
    no `?`, `masks` is None.
    """

    text: str
    masks: Mapping[str, int] | None
    free: int

    def is_at(self, value: str, position: int) -> bool:
        if self.masks is None:
            return value.startswith(self.text, position)
        here = value[position : position + len(self.text)]
        return len(here) == len(self.text) and all(
            own in ("?", other) for own, other in zip(self.text, here, strict=True)
        )

    def find(self, value: str, start: int, end: int) -> int:
        """Return the first place of the part in `value[start:end]`, or -1.

        A part with `?` is searched with the Shift-And algorithm. Bit n of `state` is set if the first n + 1 characters
        of the part match the n + 1 characters of `value` that end at `position`.
        """
        if self.masks is None:
            return value.find(self.text, start, end)
        state, whole = 0, 1 << (len(self.text) - 1)
        for position in range(start, end):
            state = (state << 1 | 1) & self.masks.get(value[position], self.free)
            if state & whole:
                return position - len(self.text) + 1
        return -1


@lru_cache(MAX_COMPILED)
def _parts(pattern: str) -> Sequence[_Part]:
    return tuple(map(_part, pattern.split("*")))


def _part(text: str) -> _Part:
    if "?" not in text:
        return _Part(text, None, 0)
    free = sum(1 << place for place, character in enumerate(text) if character == "?")
    masks = dict.fromkeys(text, free)
    for place, character in enumerate(text):
        masks[character] |= 1 << place
    return _Part(text, masks, free)


def _matches(parts: Sequence[_Part], value: str) -> bool:
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return len(value) == len(first.text) and first.is_at(value, 0)
    position, end = len(first.text), len(value) - len(last.text)
    if position > end or not first.is_at(value, 0) or not last.is_at(value, end):
        return False
    for part in parts[1:-1]:
        found = part.find(value, position, end)
        if found < 0:
            return False
        position = found + len(part.text)
    return True
