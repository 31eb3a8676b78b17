"""Dates and times as the language of a report writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.template.defaultfilters import date as formatted
from django.utils.translation import pgettext

# The names of the forms of dates and times, in templates and code. A catalogue translates each name, with the context
# "date".
DATE_FORMS: Final = ("Y-m-d", "Y-m-d H:i", "Y-m-d H:i:s", "j F Y", "j F Y, H:i")


def dated(value: date | datetime | str | None, form: str) -> str:
    """Return a date or time as the language writes it. `form` is one of DATE_FORMS.

    `value` may be a date as YYYY-MM-DD; None gives "".
    """
    if isinstance(value, str) and value:
        value = date.fromisoformat(value)
    if form not in DATE_FORMS:
        raise ValueError(f"Reports do not use the date form {form!r}. Use one of DATE_FORMS.")
    return formatted(value, pgettext("date", form))
