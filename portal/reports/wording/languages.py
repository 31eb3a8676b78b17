"""The language in which a report is printed.

The data of a report is always English, and so are its attachments, such as `results.json`. While the pages are
rendered, the report's language is active, and Django's gettext translates sentences. The catalogues are in
`portal/reports/locale/` (ADR 19). A sentence without a translation is printed in English and marked as English
(ADR 38).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from functools import lru_cache, partial
from html import escape, unescape
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import get_language, gettext

from assessments.display.text import Fragment, Term, Text
from portal.reports.wording.dates import DATE_FORMS, dated
from portal.reports.wording.sentence_values import filled, in_separators, is_translated, part, value_of
from portal.reports.wording.untranslated import SOURCE, activate_marks, english
from portal.reports.wording.vocabulary import templates

__all__ = (
    "DATE_FORMS",
    "SOURCE",
    "dated",
    "forget_translated",
    "in_language",
    "localized",
    "printed_in",
    "printed_language",
    "translated",
    "value_in_language",
    "with_reasons_stated",
)

MAX_PARTS: Final = 40
"""The maximum number of commas, semicolons and colons in a text that is translated. Each part of the text can be a
sentence of its own, which is translated by a nested call. Without this limit, the hundreds of parts of a long message
of Azure would end the report with a RecursionError.
"""


@contextmanager
def printed_in(language: str) -> Iterator[None]:
    """Activate the language and UTC for everything that the `with` block renders.

    Unless the language is English, sentences without translation get marks that
    `portal.reports.wording.untranslated.with_english_marked` must replace in the rendered HTML.
    """
    with timezone.override(UTC), translation.override(language):
        if language != SOURCE:
            activate_marks(language)
        yield


def printed_language() -> str:
    """Return the language that is active, such as "de"."""
    return (get_language() or SOURCE).partition("-")[0]


def translated(text: str, section: str = "") -> str | None:
    """Return an English text of a report's data in the language of the report, or None if it has no translation.

    `section` is the section of the control that wrote the text. For a sentence with values, only the templates of this
    section and the shared templates are tried (`reason_templates`). If `section` is empty, the templates of all
    sections are tried.
    """
    if printed_language() == SOURCE:
        return text
    if isinstance(text, Text) and any(type(each) is not str for each in text.fragments):
        return _translated(text, section)
    return _remembered(printed_language(), str(text), section)


@lru_cache(maxsize=4096)
def _remembered(_language: str, text: str, section: str) -> str | None:
    return _translated(text, section)


def forget_translated() -> None:
    """Forget the texts that `translated` has translated in this process, because the catalogue has changed."""
    _remembered.cache_clear()


def _translated(text: str, section: str) -> str | None:
    if not any(map(str.isalpha, text)):
        return str(text)
    if is_translated(str(text)):
        return gettext(str(text))
    if sum(map(text.count, ",;:")) > MAX_PARTS:
        return None
    for template in templates(section):
        if template.rarest in text and (match := template.expression.fullmatch(text)):
            values = _values(match, text, section)
            if values is not None:
                # Do not try further templates: with less text outside placeholders, they would translate fewer words.
                return filled(gettext(template.text), values) if is_translated(template.text) else None
    return None


def _values(match: re.Match[str], text: str, section: str) -> dict[str, str] | None:
    """Return the values of a sentence in the language of the report, or None if a value has no translation."""
    values: dict[str, str] = {}
    for name in match.groupdict():
        value = value_of(name, part(text, *match.span(name)), partial(translated, section=section))
        if value is None:
            return None
        values[name] = value
    return values


def localized(text: Text) -> Text:
    """Return a text of observed values in the language of the report. The words that Surety added are translated. The
    words of Azure are not.
    """
    if printed_language() == SOURCE:
        return text
    return Text(*map(_localized, text.fragments))


def _localized(fragment: Fragment) -> Fragment:
    if isinstance(fragment, Text):
        return localized(fragment)
    if isinstance(fragment, Term):
        return in_separators(in_language(fragment))
    return fragment


# The HTML that `assessments.display.text.Named` writes for an id whose name is missing: the id and the reason. Texts of
# Azure and of people are escaped, so they cannot match this pattern.
_WITHOUT_NAME: Final = re.compile(
    r'(?P<id><span class="named"><code class="id">[^<]*</code> <small>\()(?P<why>[^<]+)\)</small></span>'
)


def with_reasons_stated(html: str) -> str:
    """Return HTML in which the reasons for missing names of objects are in the language of the report."""
    if printed_language() == SOURCE:
        return html
    return _WITHOUT_NAME.sub(
        lambda found: f"{found['id']}{escape(in_language(unescape(found['why'])))})</small></span>", html
    )


def in_language(text: str) -> str:
    """Return a text of a report's data in the language of the report. A text without a translation is English, and
    marked as English in the finished HTML.
    """
    found = translated(text)
    return english(text) if found is None else found


def value_in_language(text: str) -> str:
    """Return a value, such as a parameter of a control, in the language of the report. A value without a translation
    can be a name in Azure, so it is not marked as English.
    """
    return translated(text) or text
