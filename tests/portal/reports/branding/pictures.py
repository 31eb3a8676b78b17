"""Logos for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

SVG_HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 240 80">'


def svg(body: bytes, head: bytes = SVG_HEAD) -> bytes:
    return head + body + b"</svg>"


GOOD_SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/1.1/svg11.dtd">'
    + svg(
        b"<style>.a{fill:url(#g)} .b,.c{fill:#0a5;opacity:.6}</style><title>secret title</title><!-- secret note -->"
        b'<defs><linearGradient id="g"><stop offset="0" stop-color="#f06"/>'
        b'<stop offset="1" style="stop-color:navy;stop-opacity:.8"/></linearGradient>'
        b'<clipPath id="k"><circle cx="120" cy="40" r="30"/></clipPath></defs>'
        b'<rect class="a" x="0" y="10" width="60" height="60" rx="8"/>'
        b'<g clip-path="url(#k)"><path class="b" d="M90 0h60v80h-60z"/></g><circle class="c" cx="200" cy="40" r="35"/>'
    )
)


def png(width: int = 1600, height: int = 500, mode: str = "RGBA", **options: Any) -> bytes:
    image = Image.new(mode, (width, height))
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()
