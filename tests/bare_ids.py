"""Find ids that a text shows alone, although the name of their object is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from assessments.display.names import GUID

# Elements in which ids may appear without a name: commands, scripts, templates, titles, and fields that a person fills
# in.
_SKIPPED = frozenset({"pre", "script", "style", "template", "textarea", "title"})
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
# Matches the path of a resource, such as `/subscriptions/…/resourceGroups/rg`, and `directory:` with the id after it.
_PATH = re.compile(r"(?:directory:|/)[\w.~:/()-]*/?", re.IGNORECASE)


class _Text(HTMLParser):
    """Collects the text of a page, without the places where ids are shown on purpose: beside names, in commands and in
    full ids of resources.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        css = (dict(attrs).get("class") or "").split()
        if tag not in _VOID:
            self._open.append((tag, tag in _SKIPPED or (tag == "small" and "id" in css)))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not any(skipped for _, skipped in self._open):
            self.parts.append(data)


def text_of_page(html: str) -> str:
    """Return the text that a page shows, without ids beside names and without commands."""
    reader = _Text()
    reader.feed(html)
    return " ".join(" ".join(reader.parts).split())


def bare_ids(text: str, names: Mapping[str, str]) -> Iterator[str]:
    """Yield each id that the text shows without the known name of its object, with the text around the id.

    `names` is {GUID in lower case: name}. Ids in the path of a resource are not reported.
    """
    paths = [found.span() for found in _PATH.finditer(text)]
    for found in GUID.finditer(text):
        name = names.get(found.group().lower())
        if name is None or any(start <= found.start() < end for start, end in paths):
            continue
        before = text[max(0, found.start() - 3 - len(name)) : found.start()]
        if name not in before:
            yield f"{name}: …{text[max(0, found.start() - 70) : found.end() + 20]}…"
