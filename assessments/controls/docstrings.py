"""Read the parts of a control's docstring, such as the problem and the expectation."""

from __future__ import annotations

import re
import string
from typing import Any, NamedTuple

from assessments.estate.quantities import addresses, counted, number, percent


class _Expectations(string.Formatter):
    """A formatter that fills the values of parameters into expectations, with their units: `{max_age:days}` becomes,
    for example, “90 days”. Other examples of fields in expectations are `{share:percent}` and `{n:ipv4}`.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "count":
                return number(value)
            case "days" | "hours":
                return counted(value, format_spec.removesuffix("s"))
            case "percent":
                return percent(value)
            case "ipv4" | "ipv6":
                return addresses(value, int(format_spec[-1]))
        return str(super().format_field(value, format_spec))


EXPECTATIONS = _Expectations()
_SECTIONS = ("Problem", "Expected", "Judged", "Why")
_HEADING = re.compile(rf"^({'|'.join(_SECTIONS)}):", re.MULTILINE)


class Doc(NamedTuple):
    """The parts of a control's docstring, which become fields of `Control`."""

    title: str
    problem: str
    expected: str
    judged: str
    why: str


def parse_doc(doc: str) -> Doc:
    """Split a control's docstring. Raise ValueError if a part is missing."""
    lines = doc.strip().splitlines()
    text = "\n".join(line.strip() for line in lines)
    pieces = _HEADING.split(text)
    title = pieces[0].strip().rstrip(".")
    parts = {pieces[i]: pieces[i + 1].strip() for i in range(1, len(pieces) - 1, 2)}
    missing = [name for name in _SECTIONS if name not in parts]
    if missing or not title:
        raise ValueError(f"the docstring of {title or 'a control'} lacks {', '.join(missing) or 'a title'}")
    return Doc(title, *(_prose(parts[name]) for name in _SECTIONS))


def _prose(text: str) -> str:
    """Join the lines of each paragraph."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
