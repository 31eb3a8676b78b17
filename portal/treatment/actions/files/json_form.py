"""Check that a file is JSON, without building its values.

While `json.loads` reads a file, no other thread of the process runs, which takes seconds for a file of 10 MB. This
module reads one sign, text or number after the other, so other threads can run in between.

`assessments.scan_files.json_values` is for files whose values are needed. It builds them with the standard library, so
it limits the length of a value. Evidence may contain longer values.
"""

from __future__ import annotations

import codecs
import re
from enum import Enum, auto
from typing import Final

MAX_DEPTH: Final = 500
# A sign, a text, or another value. All repetitions are possessive, so the time is linear.
_TOKEN: Final = re.compile(
    rb"[ \t\n\r]*+(?:"
    rb"(?P<sign>[{}\[\],:])"
    rb'|(?P<text>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    rb"|(?P<other>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+|true|false|null|NaN|-?Infinity))"
)
_SPACE: Final = b" \t\n\r"


class _Next(Enum):
    """What may follow."""

    VALUE = auto()
    VALUE_OR_END = auto()
    NAME = auto()
    NAME_OR_END = auto()
    COLON = auto()
    COMMA_OR_END = auto()


def is_json(content: bytes) -> bool:
    """Return whether the content is one JSON value in UTF-8, nested at most MAX_DEPTH levels deep. Like `json.loads`,
    accept NaN, Infinity and a byte order mark.
    """
    at = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    ends: list[bytes] = []  # the signs that end the open lists and objects
    following = _Next.VALUE
    while ends or following is _Next.VALUE:
        found = _TOKEN.match(content, at)
        if found is None:
            return False
        at = found.end()
        after = _after(found, following, ends)
        if after is None or len(ends) > MAX_DEPTH:
            return False
        following = after
    return not content[at:].strip(_SPACE)


def _after(found: re.Match[bytes], following: _Next, ends: list[bytes]) -> _Next | None:
    """Return what may follow this token, or None if the token may not be here. Add or remove an end if a list or object
    begins or ends.
    """
    sign = found["sign"]
    match following:
        case _Next.COLON:
            return _Next.VALUE if sign == b":" else None
        case _Next.COMMA_OR_END if sign == b",":
            return _Next.NAME if ends[-1] == b"}" else _Next.VALUE
        case _Next.COMMA_OR_END | _Next.NAME_OR_END | _Next.VALUE_OR_END if sign == ends[-1]:
            ends.pop()
            return _Next.COMMA_OR_END
        case _Next.NAME | _Next.NAME_OR_END:
            return _Next.COLON if found["text"] else None
        case _Next.VALUE | _Next.VALUE_OR_END if sign in (b"{", b"["):
            ends.append(b"}" if sign == b"{" else b"]")
            return _Next.NAME_OR_END if sign == b"{" else _Next.VALUE_OR_END
        case _Next.VALUE | _Next.VALUE_OR_END if sign is None:
            return _Next.COMMA_OR_END
    return None
