"""Match texts by patterns in a time that is linear in the length of the text.

People type the patterns, and Python's `re` needs exponential time for some patterns. This module follows all
alternatives at once (Thompson's construction). It does not support back-references and look-around.

Supported: literal characters, `.`, classes such as `[a-z0-9_-]` and `[^x]`, `\\d`, `\\w`, `\\s` and their opposites,
groups, `|`, `*`, `+`, `?`, `{2}`, `{2,5}`, `{2,}`, `^` and `$`. Case is ignored, as Azure does for most names. `\\d`,
`\\w` and `\\s` match only ASCII characters.

Source: https://swtch.com/~rsc/regexp/regexp1.html
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

MAX_LENGTH: Final = 200
MAX_STATES: Final = 500
MAX_TEXT: Final = 2_000
MAX_REPEAT: Final = 100
_MAX_DEPTH: Final = 20
# Reading one character takes as long as this many steps of the pattern.
_WORK_OF_CHARACTER: Final = 10
# The sets of places in the cache of one pattern (`Pattern._steps`) have at most about this many places in total,
# because such sets take much memory.
_MAX_CACHED: Final = 10_000
_DIGITS: Final = frozenset(string.digits)
_WORD: Final = frozenset(string.ascii_letters + string.digits + "_")
_BLANK: Final = frozenset(" \t\n\r\f\v")
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": _BLANK}
_NAMED: Final = {"t": "\t", "n": "\n", "r": "\r"}


class InvalidPattern(ValueError):
    """A pattern is not supported. The message says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class _Chars:
    """The characters that match at one place of a pattern. A character matches if it is in `chars` or `ranges`, or is
    missing from one of the sets in `without`. If `negated` is true, exactly the other characters match.
    """

    chars: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    without: tuple[frozenset[str], ...] = ()
    negated: bool = False

    def has(self, char: str) -> bool:
        for one in {char, char.lower(), char.upper()}:
            if one in self.chars or any(low <= one <= high for low, high in self.ranges):
                return not self.negated
            if any(one not in known for known in self.without):
                return not self.negated
        return self.negated


_ANY: Final = _Chars(negated=True)


@dataclass(slots=True)
class _Program:
    """A compiled pattern. Its places are numbered. `chars` has the characters that match at each place. `jumps` has the
    places that may follow each place. `starts` are the places of `^`, which match only at the beginning of the text.
    `ends` are the places of `$`, which match only at the end of the text.
    """

    chars: dict[int, _Chars] = field(default_factory=dict)
    jumps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    starts: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    size: int = 0

    def place(self) -> int:
        if self.size >= MAX_STATES:
            raise InvalidPattern(f"the pattern is too large: repetitions give more than {MAX_STATES} steps")
        self.size += 1
        return self.size - 1


# A function that adds a part of a pattern to the program. It gets the program and the place after the part, and returns
# the first place of the part.
type _Part = Callable[[_Program, int], int]


def _one(chars: _Chars) -> _Part:
    def build(program: _Program, after: int) -> int:
        place = program.place()
        program.chars[place], program.jumps[place] = chars, (after,)
        return place

    return build


def _anchor(*, start: bool) -> _Part:
    def build(program: _Program, after: int) -> int:
        place = program.place()
        (program.starts if start else program.ends).add(place)
        program.jumps[place] = (after,)
        return place

    return build


def _sequence(parts: list[_Part]) -> _Part:
    def build(program: _Program, after: int) -> int:
        for part in reversed(parts):
            after = part(program, after)
        return after

    return build


def _either(parts: list[_Part]) -> _Part:
    def build(program: _Program, after: int) -> int:
        place = program.place()
        # Several empty alternatives begin at the same place, so `dict.fromkeys` removes repeated places.
        program.jumps[place] = tuple(dict.fromkeys(part(program, after) for part in parts))
        return place

    return build


def _repeated(part: _Part, least: int, most: int | None) -> _Part:
    def build(program: _Program, after: int) -> int:
        if most is None:
            loop = program.place()
            program.jumps[loop] = (part(program, loop), after)
            after = loop
        else:
            end = after
            for _ in range(most - least):
                place = program.place()
                program.jumps[place] = (part(program, after), end)
                after = place
        for _ in range(least):
            before = program.size
            after = part(program, after)
            if program.size == before:
                # The part is empty, such as “()”, so more repetitions change nothing. Stop here: in nested repetitions,
                # each level would otherwise make the loop up to MAX_REPEAT times longer.
                break
        return after

    return build


# The empty pattern, which matches an empty text.
_NOTHING: Final = _sequence([])


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def parse(self) -> _Part:
        found = self._alternatives()
        if self.at < len(self.text):
            raise InvalidPattern("the pattern has “)” without “(”")
        return found

    def _next(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._next() == "|":
            self.at += 1
            found = self._sequence()
            if found is not _NOTHING or _NOTHING not in parts:
                parts.append(found)
        return parts[0] if len(parts) == 1 else _either(parts)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repetition(self._atom()))
        return _sequence(parts) if parts else _NOTHING

    def _repetition(self, part: _Part) -> _Part:
        sign = self._next()
        if sign not in ("*", "+", "?", "{"):
            return part
        if sign == "{":
            least, most = self._numbers()
        else:
            self.at += 1
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        if self._next() in ("*", "+", "?", "{"):
            raise InvalidPattern(f"“{self._next()}” cannot follow another repetition")
        return _repeated(part, least, most)

    def _numbers(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not low.isascii() or not low.isdigit() or (high and not (high.isascii() and high.isdigit())):
            raise InvalidPattern("a repetition is {2}, {2,5} or {2,}; write \\{ for the character")
        least = int(low[:4])
        most = int(high[:4]) if high else (None if comma else least)
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise InvalidPattern(f"a repetition must be between 0 and {MAX_REPEAT}, the smaller number first")
        self.at = end + 1
        return least, most

    def _atom(self) -> _Part:
        char = self._next()
        self.at += 1
        match char:
            case "(":
                return self._group()
            case "[":
                return _one(self._class())
            case ".":
                return _one(_ANY)
            case "^" | "$":
                return _anchor(start=char == "^")
            case "\\":
                return _one(self._escaped())
            case "*" | "+" | "?" | "{":
                raise InvalidPattern(f"“{char}” has nothing to repeat; write \\{char} for the character")
            case "]" | "}":
                raise InvalidPattern(f"write \\{char} for the character “{char}”")
        return _one(_Chars(frozenset(char)))

    def _group(self) -> _Part:
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self._next() == "?":
            raise InvalidPattern("groups that begin with “(?” are not supported, except “(?:”")
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise InvalidPattern(f"groups are nested more than {_MAX_DEPTH} levels deep")
        found = self._alternatives()
        if self._next() != ")":
            raise InvalidPattern("a group has no “)”")
        self.at += 1
        self.depth -= 1
        return found

    def _escaped(self) -> _Chars:
        char = self._next()
        self.at += 1
        if char.lower() in _CLASSES and char:
            known = _CLASSES[char.lower()]
            return _Chars(known) if char.islower() else _Chars(without=(known,))
        if char in _NAMED:
            return _Chars(frozenset(_NAMED[char]))
        if not char or char.isalnum():
            raise InvalidPattern(f"“\\{char}” is not supported")
        return _Chars(frozenset(char))

    def _class(self) -> _Chars:
        negated = self._next() == "^"
        self.at += negated
        chars: set[str] = set()
        ranges: list[tuple[str, str]] = []
        without: list[frozenset[str]] = []
        first = True
        while (char := self._next()) != "]" or first:
            if not char:
                raise InvalidPattern("a class has no “]”")
            first = False
            found = self._member()
            if isinstance(found, _Chars):
                chars |= found.chars
                without += found.without
            elif self._next() == "-" and self.text[self.at + 1 : self.at + 2] not in ("", "]"):
                self.at += 1
                high = self._member()
                if isinstance(high, _Chars) or high < found:
                    raise InvalidPattern(
                        "a range in brackets must go from the smaller character to the larger character, such as"
                        " a-z"
                    )
                ranges.append((found, high))
            else:
                chars.add(found)
        self.at += 1
        return _Chars(frozenset(chars), tuple(ranges), tuple(without), negated)

    def _member(self) -> str | _Chars:
        char = self._next()
        self.at += 1
        if char != "\\":
            return char
        found = self._escaped()
        return next(iter(found.chars)) if len(found.chars) == 1 else found


class Pattern:
    """A pattern. Raise InvalidPattern if it is not supported."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise InvalidPattern(f"the pattern has more than {MAX_LENGTH} characters")
        self._program = _Program()
        self._end = self._program.place()
        self._first = _Parser(text).parse()(self._program, self._end)
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._room = _MAX_CACHED

    @property
    def size(self) -> int:
        """The number of places of the compiled pattern, at most MAX_STATES."""
        return self._program.size

    def fits(self, text: str, spend: Callable[[int], None] | None = None) -> bool:
        """Return whether the whole text, of at most MAX_TEXT characters, matches. `spend` gets the number of steps for
        each character, and may raise an exception.
        """
        return self._run(text, whole=True, spend=spend)

    def occurs_in(self, text: str, spend: Callable[[int], None] | None = None) -> bool:
        """Return whether some part of the text matches. The arguments are the same as for `fits`."""
        return self._run(text, whole=False, spend=spend)

    def _run(self, text: str, *, whole: bool, spend: Callable[[int], None] | None = None) -> bool:
        if len(text) > MAX_TEXT:
            raise ValueError(f"the text has more than {MAX_TEXT} characters")
        now: frozenset[int] = frozenset()
        for position, char in enumerate(text):
            if position == 0 or not whole:
                now |= {self._first}
            now = self._closure(now, at_start=position == 0, at_end=False)
            if spend is not None:
                spend(len(now) + _WORK_OF_CHARACTER)
            if not whole and self._end in now:
                return True
            now = self._step(now, char)
        if not text or not whole:
            now |= {self._first}
        return self._end in self._closure(now, at_start=not text, at_end=True)

    def _step(self, now: frozenset[int], char: str) -> frozenset[int]:
        key = (now, char)
        found = self._steps.get(key)
        if found is None:
            chars, jumps = self._program.chars, self._program.jumps
            # The places of a repeated class, such as `[a-z]{5}`, share one `_Chars` object. So the character is
            # compared with the class only once.
            asked = {id(chars[place]): chars[place] for place in now if place in chars}
            matching = {key for key, one in asked.items() if one.has(char)}
            found = frozenset(
                jumps[place][0] for place in now if place in chars and id(chars[place]) in matching
            )
            self._room -= len(now) + len(found) + 1
            if self._room >= 0:
                self._steps[key] = found
        return found

    def _closure(self, places: frozenset[int], *, at_start: bool, at_end: bool) -> frozenset[int]:
        return frozenset(_reached(self._program, places, at_start=at_start, at_end=at_end))


def _reached(program: _Program, places: frozenset[int], *, at_start: bool, at_end: bool) -> Iterator[int]:
    """Yield the given places, and all places that can be reached from the given places without reading a character."""
    seen, waiting = set(places), list(places)
    while waiting:
        place = waiting.pop()
        yield place
        if place in program.chars:
            continue
        if (place in program.starts and not at_start) or (place in program.ends and not at_end):
            continue
        for following in program.jumps.get(place, ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)


@lru_cache(maxsize=512)
def pattern(text: str) -> Pattern:
    """Return the compiled pattern. Patterns that were used recently are not compiled again."""
    return Pattern(text)
