"""Read a JSON text value by value.

While `json.loads` reads a text, no other thread of the process runs. A text of 100 MB would take many seconds. So this
module gives the decoder only values of limited length.

To check that a file is JSON without using its values, use `portal.treatment.actions.files.json_form`, which accepts
values of any length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

MAX_VALUE: Final = 256 * 1024
"""Maximum number of characters of a value that is read in one call of the decoder."""
# The end of a value is not known before the value is read. So the decoder first gets a short piece of the text, and
# then longer pieces.
_PIECES: Final = (2 * 1024, 32 * 1024, MAX_VALUE)
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


class Damaged(Exception):
    """The text is not JSON."""


class TooLong(Exception):
    """A value has more than MAX_VALUE characters, or is not JSON."""


class JSONReader:
    """Reads a text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def next_sign(self) -> str:
        """Return the next character that is not white space, but do not move past it. At the end, return an empty
        text.
        """
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found is not None else self._at
        return self._text[self._at : self._at + 1]

    def value(self) -> Any:
        """Read a value. After the error Damaged or TooLong, no part of the value counts as read."""
        self.next_sign()
        for size in _PIECES:
            is_rest = self._at + size >= len(self._text)
            try:
                found, length = _DECODER.raw_decode(self._text[self._at : self._at + size])
            except (ValueError, RecursionError):
                if is_rest:
                    raise Damaged from None
                continue
            # A number may be cut off at the end of the piece. For example, if the piece ends with the first three
            # characters of “1e+5”, the decoder finds 1. So accept a value only if more than two characters follow it.
            if is_rest or length + len("e+") < size:
                self._at += length
                return found
        raise TooLong

    def items(self, begin: str, end: str) -> Iterator[None]:
        """Read a list or an object. The caller must read each item, or each name and its value, when this function
        yields.
        """
        self._take(begin)
        if self.next_sign() == end:
            self._take(end)
            return
        while True:
            yield
            if self.next_sign() == end:
                self._take(end)
                return
            self._take(",")

    def name(self) -> str:
        """Read the name of a member of an object, and the colon after it."""
        found = self.value()
        if not isinstance(found, str):
            raise Damaged
        self._take(":")
        return found

    def require_end(self) -> None:
        """Raise Damaged if more text follows."""
        self._take("")

    def _take(self, sign: str) -> None:
        if self.next_sign() != sign:
            raise Damaged
        self._at += len(sign)
