"""Write the values inside sentences in the active language.

`portal.reports.wording.reason_templates` explains how the name of a value determines how the value is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext, trans_real

from assessments.display.text import Fragment, Text
from portal.reports.wording.dates import dated

type Translate = Callable[[str], str | None]

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"\d{1,3}(,\d{3})*(\.\d+)?|\d+(\.\d+)?")
_SEPARATORS = re.compile(r"(, and |, | and | or )")


def is_translated(text: str) -> bool:
    """Return whether the catalogue of the active language translates this text, even if the translation equals it."""
    catalogue: Any = trans_real.catalog()
    return text in catalogue._catalog


def value_of(name: str, text: str, translate: Translate) -> str | None:
    """Return `text`, a value in a sentence, in the active language. Return None if a necessary translation is missing.

    `name` is the name of the placeholder: the kind of the value, and often a number, such as `number2`.
    """
    kind = name.rstrip("0123456789")
    if kind == "number":
        return in_separators(text)
    if kind == "time":
        return _time(text)
    if kind == "dates":
        return _DATE.sub(lambda found: _day(found[0]), text)
    if kind in ("words", "sentence"):
        return translate(text)
    if kind == "cause":
        return translate(text[:1].upper() + text[1:]) if type(text) is str else translate(text)
    if kind == "label":
        return gettext(text) if is_translated(text) else None
    if kind == "terms":
        return _terms(text, translate)
    if kind == "details":
        return _details(text, translate)
    if kind in ("list", "graph", "permissions", "networks"):
        return _listed(text)
    return text


def _time(text: str) -> str | None:
    """Return a time as the language writes it. Return None for an invalid time, which Azure can return."""
    try:
        return dated(datetime.fromisoformat(text), "Y-m-d H:i")
    except ValueError:
        return None


def _day(text: str) -> str:
    try:
        return dated(text, "Y-m-d")
    except ValueError:
        return text


def in_separators(text: str) -> str:
    """Return a number such as 1,234.5 with the separators of the language."""
    if not _NUMBER.fullmatch(text):
        return text
    marks = {",": str(get_format("THOUSAND_SEPARATOR")), ".": str(get_format("DECIMAL_SEPARATOR"))}
    return "".join(marks.get(character, character) for character in text)


def _terms(text: str, translate: Translate) -> str | None:
    if (whole := translate(text)) is not None:
        return whole
    pieces = _SEPARATORS.split(text)
    if len(pieces) == 1:
        return None
    # Inside a sentence, a label can begin with a small letter. The catalogue may list the label with a capital letter.
    found = [
        _joint(piece) if n % 2 else translate(piece) or translate(piece[:1].upper() + piece[1:])
        for n, piece in enumerate(pieces)
    ]
    return "".join(part for part in found if part is not None) if None not in found else None


def _details(text: str, translate: Translate) -> str | None:
    """Translate the name of the collection, with which the text begins. The name may contain commas. The rest of the
    text is Azure's answer and stays unchanged.
    """
    pieces = text.split(", ")
    for end in range(len(pieces), 0, -1):
        if (name := translate(", ".join(pieces[:end]))) is not None:
            return ", ".join((name, *pieces[end:]))
    return None


def _listed(text: str) -> str:
    """Translate “and”, “or” and “to” between names. The names of objects in a `Text` stay marked as names."""
    if isinstance(text, Text):
        return Text(*(_listed(each) if type(each) is str else each for each in text.fragments))
    text = (
        text.replace(", and ", " and ")
        .replace(" and ", f" {gettext('and')} ")
        .replace(" or ", f" {gettext('or')} ")
    )
    return re.sub(r"(?<=[\da-f:]) to (?=[\da-f:])", f" {gettext('to')} ", text)


def _joint(separator: str) -> str:
    word = separator.strip(" ,")
    return f" {gettext(word)} " if word else ", "


def part(text: str, start: int, end: int) -> str:
    """Return the text between two positions.

    If `text` is a `Text`, the names of objects that are completely between the positions stay marked as names.
    """
    if not isinstance(text, Text):
        return text[start:end]
    kept: list[Fragment] = []
    place = 0
    for each in text.fragments:
        plain = str.__str__(each) if isinstance(each, str) else each.plain
        first, last = max(start - place, 0), min(end - place, len(plain))
        if first < last:
            is_whole = first == 0 and last == len(plain)
            kept.append(each if is_whole else plain[first:last])
        place += len(plain)
    found = Text(*kept)
    return found if any(type(each) is not str for each in kept) else str(found)


def filled(template: str, values: Mapping[str, str | None]) -> str:
    """Return the template with the values filled in. The names of objects in a value stay marked as names."""
    pieces: list[Fragment] = []
    for words, name, _, _ in Formatter().parse(template):
        pieces.append(words)
        if name is not None:
            pieces.append(values[name] or "")
    if any(isinstance(piece, Text) for piece in pieces):
        return Text(*(piece for piece in pieces if piece != ""))
    return "".join(str(piece) for piece in pieces)
