"""HTML as tests compare it: without the white space that only lays out the template's source."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

_VERBATIM = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2>)", re.DOTALL)


def squeeze(html: str) -> str:
    """Remove line breaks beside tags and replace all other white space by single spaces, except in pre, textarea,
    script and style.

    >>> squeeze('<p>\\n  Two\\n  words <b>here</b>\\n</p>')
    '<p>Two words <b>here</b></p>'
    """
    pieces = _VERBATIM.split(html)
    # split() yields text, the verbatim element, its tag name, text, ...
    return "".join(
        _squeeze(piece) if number % 3 == 0 else piece
        for number, piece in enumerate(pieces)
        if number % 3 != 2
    )


def _squeeze(html: str) -> str:
    html = re.sub(r"\s*\n\s*(?=<)|(?<=>)\s*\n\s*", "", html)
    html = re.sub(r"\s+", " ", html)
    return re.sub(r" +(/?>)", r"\1", html)


def compact_tags(html: str) -> str:
    """Replace white space by single spaces inside of tags only; texts do not change."""
    return re.sub(r"<[^<>]+>", lambda tag: re.sub(r" +(/?>)", r"\1", re.sub(r"\s+", " ", tag[0])), html)


_request = Client.request


def _squeezed_request(self: Client, **request: Any) -> Any:
    response = _request(self, **request)
    if isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html"):
        response.content = squeeze(response.content.decode()).encode()
    return response


def install() -> None:
    """Make Django's test client return squeezed HTML."""
    Client.request = _squeezed_request  # type: ignore[method-assign]
