"""Globs: `*` stands for any text, `?` for one character. Case is ignored.

Regular expressions are not offered, because some need exponential time. `matches` needs at most
len(glob) * len(text) steps.
"""

from __future__ import annotations

from collections.abc import Iterable


def matches(glob: str, text: str) -> bool:
    """Return whether the glob matches the whole text."""
    pattern, value = glob.casefold(), text.casefold()
    at = position = 0
    star, resume = -1, 0
    while position < len(value):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, position
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", value[position]):
            at += 1
            position += 1
        elif star >= 0:  # The last star takes one more character. Earlier stars never need another length.
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return all(character == "*" for character in pattern[at:])


def any_matches(globs: Iterable[str], texts: Iterable[str]) -> bool:
    """Return whether one of the globs matches one of the texts."""
    values = list(texts)
    return any(matches(glob, text) for glob in globs for text in values)
