"""Mark the sentences of a report that have no translation as English.

While a report is printed in another language, Django's gettext returns a sentence without a translation in English,
between the characters `_BEGIN` and `_END`. Both are noncharacters of Unicode: they have no other meaning, and survive
formatting and escaping. `with_english_marked` replaces them in the finished HTML by `<span lang="en">`.
"""

from __future__ import annotations

import copy
import re
from functools import cache
from gettext import NullTranslations
from typing import Any, Final

from django.utils.translation import trans_real

SOURCE: Final = "en"
"""The language in which facts are recorded, and in which texts without a translation appear."""

_BEGIN: Final = "\ufdd0"
_END: Final = "\ufdd1"
# Django joins the context of a message and the message with this character.
_CONTEXT: Final = trans_real.CONTEXT_SEPARATOR
# The context of date formats (`portal.reports.wording.dates`). A format is not printed, so it is not marked.
_FORMATS: Final = "date"
# The number of nested levels, counted from the inside, on which marks (`_BEGIN` … `_END`) become elements. Sentences of
# Surety have no more levels. A text of Azure can have any number, but Typst refuses about sixty nested elements, and
# lxml drops the text inside about three hundred. So all other marks are removed.
_MAX_NESTED: Final = 4
_SENTENCE: Final = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_EITHER: Final = re.compile(f"[{_BEGIN}{_END}]")
# The parts of HTML that cannot contain a `<span>`: the element `title`, and tags with their attributes.
_PLAIN: Final = re.compile(r"<title\b[^>]*>.*?</title>|<[^>]*>", re.DOTALL)
_TAG: Final = re.compile(r"<(/?)(\w+)[^>]*>")
# The inline elements that may be inside a sentence. `br` is permitted too, but it has no end tag (`_is_inline`).
_INSIDE: Final = frozenset({"a", "b", "bdi", "code", "small", "span", "strong", "i"})


class _Marking(NullTranslations):
    """The fallback of the translations. It contains no sentence, and marks every sentence as English."""

    def gettext(self, message: str) -> str:
        context, separator, text = message.rpartition(_CONTEXT)
        return text if separator and context == _FORMATS else english(text)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def english(text: str) -> str:
    """Put marks around an English text. `with_english_marked` replaces the marks with an element."""
    return f"{_BEGIN}{text}{_END}"


def activate_marks(language: str) -> None:
    """Let gettext mark sentences without a translation, until another language is activated in this thread.

    `language` is the active language, and not English.
    """
    active: Any = trans_real._active  # type: ignore[attr-defined]
    active.value = _with_marks(language)


@cache
def _with_marks(language: str) -> Any:
    """Copy Django's translations of a language, so that sentences without a translation are marked as English.

    The copy shares the sentences with Django's object.
    """
    translations: Any = copy.copy(trans_real.translation(language))
    translations._fallback = _Marking()
    return translations


def with_english_marked(html: str) -> str:
    """Return HTML in which sentences without a translation are inside of `<span lang="en">`.

    Attributes and the title of the document cannot contain elements, so their sentences are not marked.
    """
    if _BEGIN not in html and _END not in html:
        return html
    html = _PLAIN.sub(lambda found: _EITHER.sub("", found[0]), html)
    # A sentence can contain another one, in place of a value. The inner one is marked first.
    for _ in range(_MAX_NESTED):
        html = _SENTENCE.sub(_span, html)
    return _EITHER.sub("", html)


def _span(found: re.Match[str]) -> str:
    text = found[1]
    return f'<span lang="{SOURCE}">{text}</span>' if _is_inline(text) else text


def _is_inline(html: str) -> bool:
    """Return whether HTML between two marks consists of text and whole inline elements.

    Sentences of Surety always do. But a text of Azure can contain the marks anywhere, and a `<span>` in their place
    could damage the page.
    """
    opened: list[str] = []
    for closing, name in _TAG.findall(html):
        if name == "br":
            continue
        if name not in _INSIDE:
            return False
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened
