"""Remove white space from HTML if it only serves the layout of the template's source. Tests compare the result."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, utils
from django.test.signals import template_rendered

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
    body = html.strip()
    begin = html[: len(html) - len(html.lstrip())]
    end = html[len(html.rstrip()) :] if body else ""
    # Use methods of str, because regular expressions would take five times as long here.
    lines = [" ".join(words) for line in body.split("\n") if (words := line.split())]
    text = "\n".join(lines).replace("\n<", "<").replace(">\n", ">").replace("\n", " ")
    if begin and not ("\n" in begin and body.startswith("<")):
        text = f" {text}"
    if end and not ("\n" in end and body.endswith(">")):
        text = f"{text} "
    return text.replace(" />", "/>").replace(" >", ">")


def compact_tags(html: str) -> str:
    """Replace white space inside of tags by single spaces. White space in texts does not change."""
    return re.sub(r"<[^<>]+>", lambda tag: re.sub(r" +(/?>)", r"\1", re.sub(r"\s+", " ", tag[0])), html)


_request = Client.request
_content = HttpResponse.content


def _squeezable_request(self: Client, **request: Any) -> Any:
    response = _request(self, **request)
    if isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html"):
        response._is_as_rendered = True  # type: ignore[attr-defined]
    return response


def _squeezed_content(self: HttpResponse) -> bytes:
    # Squeeze only when a test reads the content, because many tests look only at the status.
    if self.__dict__.pop("_is_as_rendered", False):
        self.content = squeeze(_content.fget(self).decode()).encode()  # type: ignore[attr-defined]
    return _content.fget(self)  # type: ignore[attr-defined]


def _render(self: Template, context: Context) -> str:
    # Send `template_rendered` only for the page, whose context tests read from `response.context`. A page can include
    # hundreds of templates, and Django's test client copies the context of each template that sends the signal.
    if context.template is self:
        template_rendered.send(sender=self, template=self, context=context)
    return self.nodelist.render(context)


def install() -> None:
    """Make Django's test client return squeezed HTML, and keep the contexts of pages, not of included templates."""
    utils.instrumented_test_render = _render  # type: ignore[attr-defined]
    Client.request = _squeezable_request  # type: ignore[method-assign]
    HttpResponse.content = property(_squeezed_content, _content.fset)  # type: ignore[attr-defined, assignment]
