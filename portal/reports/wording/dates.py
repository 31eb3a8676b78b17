"""Write dates and times in the language of a report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.template.defaultfilters import date as formatted
from django.utils.translation import pgettext

# The formats of dates and times that reports use. The catalogue of each language translates them, with the context
# "date", to the formats of the language.
DATE_FORMS: Final = ("Y-m-d", "Y-m-d H:i", "Y-m-d H:i:s", "j F Y", "j F Y, H:i")


def dated(value: date | datetime | str | None, form: str) -> str:
    """Return a date or time as the language writes it. `form` is one of DATE_FORMS.

    `value` may also be a date as text, YYYY-MM-DD. Return an empty string for None.
    """
    if isinstance(value, str) and value:
        value = date.fromisoformat(value)
    if form not in DATE_FORMS:
        raise ValueError(f"Reports cannot show the date form {form!r}. Use one of DATE_FORMS.")
    return formatted(value, pgettext("date", form))
