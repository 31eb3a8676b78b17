"""Prevent pipelines from obeying commands that are hidden in the names of Azure objects.

    protect_output()                       for everything that this process prints from now on
    break_commands(text, Notation.JSON)    for data that another program reads

Pipelines read the output of programs line by line. Azure Pipelines obeys `##vso[…]` anywhere in a line. GitHub Actions
obeys `##[…]` anywhere in a line, and `::name::` at the beginning of a line, even if blanks precede it. So anybody who
may name a resource could change PATH or other variables of a pipeline. GitHub's command `::stop-commands::` does not
solve this, because Azure Pipelines does not know it.

The package of Surety's command line contains a copy of this file. So this file may use only Python 3.11 and its
standard library.
"""

from __future__ import annotations

import re
import sys
from enum import Enum
from typing import Any, Final, TextIO, cast

# `break_commands` replaces the last character of each match.
_COMMAND: Final = re.compile(r"##(?=[A-Za-z]*\[)|(?<![^\r\n])[^\S\r\n]*::")
# The number of characters that `CommandFreeStream` remembers from the end of the current line, because a program can
# write a command with two calls of `write`. The beginnings of commands, such as `##vso[`, are shorter.
_REMEMBERED: Final = 64


class Notation(Enum):
    """The format of a text. The value of a member is a pair: the replacement for the last character of `##`, and the
    replacement for the last character of `::`.

    In JSON and XML, a replacement is an escape sequence, so parsers read the same data as before. In a text for people,
    `##vso[` becomes `##_vso[`, and `::` becomes `:_:`.
    """

    TEXT = ("#_", "_:")
    JSON = (r"\u0023", r"\u003a")
    XML = ("&#35;", "&#58;")


def break_commands(text: str, notation: Notation = Notation.TEXT) -> str:
    """Return the text with its commands made ineffective. A text in JSON or XML must be a complete value or element."""
    number, colon = notation.value
    return _COMMAND.sub(lambda found: found[0][:-1] + (number if found[0][-1] == "#" else colon), text)


class CommandFreeStream:
    """A text stream that makes pipeline commands ineffective, and writes the result to another stream immediately.

    A call of `write` can get any part of a text for people. In JSON and XML, it must get complete values or elements.
    """

    def __init__(self, target: TextIO, notation: Notation = Notation.TEXT) -> None:
        self._target, self._notation = target, notation
        self._line = ""  # The end of the current line, as it was written.

    def write(self, text: str) -> int:
        """Write the text. Return its length."""
        if self._notation is Notation.TEXT:
            self._target.write(self._continued(text))
        else:
            self._target.write(break_commands(text, self._notation))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each text."""
        for line in lines:
            self.write(line)

    def _continued(self, text: str) -> str:
        """Return the text with its commands made ineffective, also commands that began in an earlier text."""
        written, line = len(self._line), self._line + text
        parts, copied = [], written
        for found in _COMMAND.finditer(line):
            place = max(written, found.end() - (found[0][-1] == ":"))
            parts += [line[copied:place], "_"]
            copied = place
        result = "".join([*parts, line[copied:]])
        self._line = re.split(r"[\r\n]", self._line + result)[-1][-_REMEMBERED:]
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


def protect_output() -> None:
    """From this call on, make pipeline commands in standard output and standard error ineffective."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, CommandFreeStream):
            setattr(sys, name, CommandFreeStream(stream))


def standard_output(notation: Notation) -> TextIO:
    """Return a stream to standard output that makes pipeline commands in texts of this notation ineffective."""
    return cast("TextIO", CommandFreeStream(sys.stdout, notation))
