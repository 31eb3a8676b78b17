"""The values that a browser submits from an unchanged form of a page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client


def filled(html: str, action: str = "") -> dict[str, Any]:
    """Return the fields of the form with this action. Without an action, take the first form with a field `start`.

    Several checked boxes of one name become a list. Submit buttons are not included.
    """
    for found, fields in forms(html):
        if found == action if action else "start" in fields:
            return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}
    raise AssertionError(f"The page has no form {action or 'with starting values'}.")


def start_of(client: Client, url: str, action: str = "") -> dict[str, str]:
    """Open a page, and return the hidden field `start` of its form: the values with which the form was opened."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return {"start": filled(answer.content.decode(), action)["start"]}


def forms(html: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (action, fields) of each form of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self._fields: dict[str, Any] = {}
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._fields = {}
            self.forms.append((given.get("action", ""), self._fields))
        elif tag == "input" and name:
            self._input(name, given)
        elif tag == "textarea":
            self._text = name
            self._fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._fields or "selected" in given):
            self._fields[self._select] = given.get("value", "")

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" not in given:
                return
            if kind == "checkbox" and "value" in given and given["value"] != "on":
                self._fields.setdefault(name, []).append(given["value"])
                return
        self._fields[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self._text:
            self._fields[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = {}
        elif tag == "textarea":
            self._fields[self._text] = self._fields[self._text].removeprefix("\n")
            self._text = ""
        elif tag == "select":
            self._select = ""
