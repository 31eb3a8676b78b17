"""Text that contains names of objects. It can be shown as plain text in mail and spreadsheets, and as HTML on pages and
in reports. Pure functions.

`Text` is a subclass of `str`. Templates call `__html__`, which shows each name with its id in small print. Names are in
`<bdi>` elements, so a name that is written from right to left does not reorder the text around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Self

from assessments.display.names import Name

type Fragment = str | Named | Code


class Term(str):
    """Words of Surety in a `Text`. Reports in another language translate these words, not the values beside them."""

    __slots__ = ()


class Named:
    """A GUID with the name of its object, or with the reason why the name is missing. If `name` is None, the reason is
    not known either.

    The HTML shows the id beside the name, unless `shows_id` is false. Without a name, the HTML always shows the id.
    """

    __slots__ = ("guid", "name", "shows_id")

    def __init__(self, guid: str, name: Name | None, *, shows_id: bool = True) -> None:
        self.guid, self.name, self.shows_id = guid.lower(), name, shows_id

    @property
    def plain(self) -> str:
        """The name. Without a name: the id, and the reason why the name is missing, if known."""
        if self.name is None:
            return self.guid
        return self.name.label or f"{self.guid} ({self.name.problem})"

    @property
    def html(self) -> str:
        """The name with the id beside it. Without a name: the id, and the reason why the name is missing, if known."""
        if self.name is None:
            return f'<code class="id">{self.guid}</code>'
        if self.name.label:
            beside = f' <small class="id">{self.guid}</small>' if self.shows_id else ""
            return f'<span class="named"><bdi>{escape(self.name.label)}</bdi>{beside}</span>'
        return (
            f'<span class="named"><code class="id">{self.guid}</code>'
            f" <small>({escape(self.name.problem)})</small></span>"
        )


class Code:
    """The name of a resource or property. `full` is its id, which a page shows when a person points at the name."""

    __slots__ = ("full", "plain")

    def __init__(self, plain: str, full: str = "") -> None:
        self.plain, self.full = plain, full

    @property
    def html(self) -> str:
        """The name in a `<code>` element."""
        title = f' title="{escape(self.full)}"' if self.full and self.full != self.plain else ""
        return f"<code{title}>{escape(self.plain)}</code>"


class Text(str):
    """Text for people. The string is plain text. `__html__` returns the text as HTML, with elements around the
    names."""

    __slots__ = ("fragments",)

    fragments: tuple[Fragment, ...]

    def __new__(cls, *fragments: Fragment) -> Self:
        made = super().__new__(cls, "".join(map(_plain, fragments)))
        made.fragments = fragments
        return made

    def __html__(self) -> str:
        return "".join(map(_html, self.fragments))

    def capitalized(self) -> Text:
        """Return the text with a capital first letter, unless it begins with a name."""
        first, *rest = self.fragments or ("",)
        if not isinstance(first, str) or isinstance(first, Text):
            return self
        return Text(first[:1].upper() + first[1:], *rest)

    def without_ids(self) -> Text:
        """Return the same text, but without ids in its HTML, for pages that show the ids in another place."""
        return Text(
            *(
                Named(part.guid, part.name, shows_id=False) if isinstance(part, Named) else part
                for part in self.fragments
            )
        )

    def in_one_line(self) -> Text:
        """Return the text on one line. Semicolons replace the line breaks, which separate the items of a list."""
        return Text(*map(_in_one_line, self.fragments))

    def shortened(self, limit: int) -> Text:
        """Return the text, cut to `limit` characters if it is longer. A cut text ends with “…”. If the cut is inside a
        name, the beginning of the name becomes plain text, without an HTML element."""
        return self if len(self) <= limit else Text(*self._beginning(limit - 1), "…")

    def _beginning(self, limit: int) -> list[Fragment]:
        kept: list[Fragment] = []
        for fragment in self.fragments:
            plain = _plain(fragment)
            if len(plain) > limit:
                if isinstance(fragment, Text):
                    return [*kept, *fragment._beginning(limit)]
                return [*kept, plain[:limit].rstrip()]
            kept.append(fragment)
            limit -= len(plain)
        return kept


def _plain(fragment: Fragment) -> str:
    return str.__str__(fragment) if isinstance(fragment, str) else fragment.plain


def _html(fragment: Fragment) -> str:
    if isinstance(fragment, Text):
        return fragment.__html__()
    return escape(fragment) if isinstance(fragment, str) else fragment.html


def _in_one_line(fragment: Fragment) -> Fragment:
    if isinstance(fragment, Text):
        return fragment.in_one_line()
    if isinstance(fragment, str) and "\n" in fragment:
        return fragment.replace("\n", "; ")
    return fragment


def joined(texts: Iterable[Fragment], separator: str = ", ") -> Text:
    """Return the texts with a separator between them."""
    fragments: list[Fragment] = []
    for text in texts:
        if fragments:
            fragments.append(separator)
        fragments.append(text)
    return Text(*fragments)
