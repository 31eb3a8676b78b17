"""The forms and parameters of a page, read from its HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# Elements and types of inputs into which people type.
TYPED = ("text", "textarea", "search", "email", "url", "password")

_OF_FORMS = frozenset({"form", "input", "select", "textarea", "button", "option"})
_WITHOUT_FORMS = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"""</?(?P<name>[a-z][a-z0-9-]*)(?:[^"'>]|"[^"]*"|'[^']*')*>""")


@dataclass
class Form:
    """A form: its URL, its method, and its fields with the values on the page.

    People type any text into the fields `typed`. `ticks` are checkboxes whose value does not matter: any value
    counts as a tick.
    """

    path: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    ticks: set[str] = field(default_factory=set)


@dataclass
class PageForms:
    """All forms of a page, and the query parameters of its links, as {path: names of parameters}."""

    forms: list[Form] = field(default_factory=list)
    parameters: dict[str, set[str]] = field(default_factory=dict)


def read(html: str, path: str) -> PageForms:
    """Return the forms of the page at `path`, and the query parameters of its links."""
    tags = _TAG.finditer(_WITHOUT_FORMS.sub("", html))
    reader = _Reader(path)
    # Python's parser is slow. So pass only the tags of forms, and tags with a question mark, such as links.
    reader.feed("".join(tag[0] for tag in tags if tag["name"] in _OF_FORMS or "?" in tag[0]))
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.found = PageForms()
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, Any] = {name: value or "" for name, value in given}
        if tag == "form":
            self._form = Form(
                urlsplit(attributes.get("action") or self.path).path, attributes.get("method", "get").lower()
            )
            self.found.forms.append(self._form)
        for name in ("href", "hx-get", "hx-post"):
            if "?" in attributes.get(name, ""):
                self._note(attributes[name])
        if tag == "select":
            self._select = attributes.get("name", "")
        name = attributes.get("name", "") if tag in ("input", "select", "textarea", "button") else ""
        if name and self._form is not None and name != "csrfmiddlewaretoken":
            self._form.fields.setdefault(name, attributes.get("value", ""))
            kind = attributes.get("type", "text") if tag == "input" else tag
            if kind in TYPED:
                self._form.typed.add(name)
            if kind == "checkbox" and attributes.get("value", "on") == "on":
                self._form.ticks.add(name)
        if tag == "option" and self._form is not None and self._select and attributes.get("value"):
            current = self._form.fields.get(self._select, "")
            if not current or "selected" in attributes:
                self._form.fields[self._select] = attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""

    def _note(self, link: str) -> None:
        parts = urlsplit(link)
        if parts.netloc:
            return
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        self.found.parameters.setdefault(parts.path or self.path, set()).update(names)
