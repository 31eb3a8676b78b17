"""Check that a file is JSON, without building its values.

`json.loads` takes seconds to read a file of 10 MB, and meanwhile no other thread of the process runs. This module reads
one token after the other, so other threads can run in between. A token is a punctuation mark, a string, or another
value such as a number.

To read the values of a file, use `assessments.scan_files.json_values`. That module limits the length of a value, so it
is not used here: evidence may contain longer values.
"""

from __future__ import annotations

import codecs
import re
from enum import Enum, auto
from typing import Final

MAX_DEPTH: Final = 500
# A token: a punctuation mark, a string, or another value. The repetitions in this pattern are possessive. So the
# pattern never backtracks, and its time is linear in the length of the content.
_TOKEN: Final = re.compile(
    rb"[ \t\n\r]*+(?:"
    rb"(?P<sign>[{}\[\],:])"
    rb'|(?P<text>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    rb"|(?P<other>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+|true|false|null|NaN|-?Infinity))"
)
_SPACE: Final = b" \t\n\r"


class _Next(Enum):
    """The kind of token that may come next in the file."""

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
    ends: list[bytes] = []  # the closing brackets of the open lists and objects, the innermost last
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
    """Return what may follow this token, or None if the token may not be here.

    If the token opens a list or object, append its closing bracket to `ends`. If the token closes one, remove the
    bracket.
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
