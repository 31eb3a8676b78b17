"""The language in which a report is printed.

Facts, `results.json` and the other attachments are always English. The pages are rendered while the report's language
is active, so that Django's gettext translates the sentences of templates and of the code of reports. The catalogues are
in `portal/reports/locale/` (ADR 19).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Final

from django.template.defaultfilters import date as formatted
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext, pgettext

from portal.reports.vocabulary import expressions

SOURCE: Final = "en"
"""The language of the facts, and of texts without a translation."""

# How templates and code name the form of a date or time. A catalogue translates each, with the context "date".
DATE_FORMS: Final = ("Y-m-d", "Y-m-d H:i", "Y-m-d H:i:s", "j F Y", "j F Y, H:i")


@contextmanager
def printed_in(language: str) -> Iterator[None]:
    """Print texts in the language and times in UTC inside the block."""
    with timezone.override(UTC), translation.override(language):
        yield


def printed_language() -> str:
    """Return the language that is active, such as "de"."""
    return (get_language() or SOURCE).partition("-")[0]


def dated(value: date | datetime | str | None, form: str) -> str:
    """Return a date or time as the language writes it. `form` is one of DATE_FORMS.

    `value` may be a date as YYYY-MM-DD; None gives "".
    """
    if isinstance(value, str) and value:
        value = date.fromisoformat(value)
    if form not in DATE_FORMS:
        raise ValueError(f"Reports do not use the date form {form!r}. Use one of DATE_FORMS.")
    return formatted(value, pgettext("date", form))


def translated(text: str) -> str | None:
    """Return the translation of a text of the facts, or None if it has none. English needs no translation."""
    if printed_language() == SOURCE:
        return text
    found = gettext(text) if text else text
    if found != text or not any(map(str.isalpha, text)):
        return found
    for pattern, expression in expressions():
        if match := expression.fullmatch(text):
            return gettext(pattern).format(
                **{name: _value(name, it) for name, it in match.groupdict().items()}
            )
    return None


def _value(name: str, text: str) -> str:
    if name == "time":
        return dated(datetime.fromisoformat(text), "Y-m-d H:i")
    word = gettext("and")
    return text.replace(" and ", f" {word} ") if name in ("list", "graph") else text


def in_language(text: str) -> str:
    """Return the translation of a text of the facts, as part of another sentence, or the text if it has none."""
    return translated(text) or text
