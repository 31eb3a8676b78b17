"""Read the HTML of a report as data for the style files in `typst/`.

An element or class that this package does not handle causes UnknownMarkup, so that no content is lost unnoticed. The
result is JSON. Its texts are strings, which Typst never reads as markup. A **block**, such as a paragraph or a table,
is a mapping with its kind `k`. Lengths are millimetres.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any, Final
from urllib.parse import unquote

import lxml.html

from portal.reports.layout.errors import UnknownMarkup
from portal.reports.layout.line_breaks import Place
from portal.reports.layout.runs import (
    INLINE,
    Run,
    classes_of,
    finished,
    fitted_text,
    length,
    raw_run,
    runs_of,
)
from portal.reports.layout.tables import cell_place, column_widths, millimetres

type Block = dict[str, Any]

_HEADINGS: Final = {"h1": (1, 34.0), "h2": (2, 17.0), "h3": (3, 13.0), "h4": (4, 9.5)}
_CONTAINERS: Final = ("section", "div")
_IMAGE: Final = "data:image/svg+xml;utf8,"
_PICTURE: Final = "data:image/png;base64,"
# A container or row of at most this number of lines is not divided between pages. A page has more than 50 lines.
_LINES_TOGETHER: Final = 40
# An introduction of at most this number of lines stays on the page of its table.
_LINES_BEFORE_TABLE: Final = 12
# Padding in millimetres, left and right together, by the class of the container.
_PADDING: Final[Mapping[str, float]] = {"cover": 11, "box": 8.5, "demo": 11, "fix": 3.5, "masthead": 8}
_TEXT: Final = 9.0
_TABLE_TEXT: Final = 8.0
_CONTENTS_TEXT: Final = 10.0
# The size of the text in the header of a page, in points. The customer's name may take 70 % of the width of the header.
# The rest is for the classification.
_HEADER: Final = 7.5
_NAME_IN_HEADER: Final = 0.7


def read_document(html: str, *, width: float) -> dict[str, Any]:
    """Return the HTML of a report as data. `width` is the width of the text on a page."""
    root = lxml.html.document_fromstring(html)
    body = root.find("body")
    described = {meta.get("name"): meta.get("content", "") for meta in root.iter("meta")}
    return {
        "title": (root.findtext("head/title") or "").strip(),
        "language": root.get("lang", "en"),
        "author": described.get("author", ""),
        "description": described.get("description", ""),
        "customer": _on_one_line(body.get("data-customer", ""), Place(width * _NAME_IN_HEADER, _HEADER)),
        "classification": body.get("data-classification", ""),
        "report": body.get("data-report", ""),
        "pages": body.get("data-pages", "Page {page} of {pages}"),
        "accent": body.get("data-accent", ""),
        "compact": "compact" in classes_of(body),
        "body": _introduced(list(_blocks(body, Place(width, _TEXT)))),
    }


def _on_one_line(text: str, place: Place) -> str:
    """Return the name of the customer for the header, shortened with “…” if it is wider than the space. The cover has
    the whole name.
    """
    if place.measured(text) <= place.width:
        return text
    while text and place.measured(f"{text}…") > place.width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _is_block(element: Any) -> bool:
    return element.tag not in INLINE or (element.tag == "span" and "sub" in classes_of(element))


def _blocks(parent: Any, place: Place) -> Iterator[Block]:
    """Yield the blocks in an element. Text that is not inside a block becomes a block of the kind `line`."""
    pending: list[Run] = [parent.text] if parent.text else []
    for child in parent:
        if isinstance(child.tag, str):
            if _is_block(child):
                yield from _line(pending, place)
                pending = []
                yield _block(child, place)
            else:
                pending.extend(raw_run(child))
        if child.tail:
            pending.append(child.tail)
    yield from _line(pending, place)


def _line(runs: list[Run], place: Place) -> Iterator[Block]:
    if content := finished(runs, place):
        yield {"k": "line", "x": content, "lines": place.lines(length(content))}


def _block(element: Any, place: Place) -> Block:
    tag, classes = element.tag, classes_of(element)
    if tag in _HEADINGS:
        level, size = _HEADINGS[tag]
        runs = runs_of(element, Place(place.width, size))
        return {
            "k": "heading",
            "level": level,
            "id": element.get("id", ""),
            "c": classes,
            "x": runs,
            "lines": 3,
        }
    if tag in ("p", "span"):
        runs = runs_of(element, place.styled(classes))
        lines = place.lines(length(runs)) + (tag == "p")
        return {"k": "p" if tag == "p" else "sub", "c": classes, "x": runs, "lines": lines}
    if tag == "ul":
        items = [list(_blocks(item, place.narrower(5))) for item in element]
        return {"k": "list", "x": items, "lines": sum(map(_lines, items))}
    if tag == "ol":
        return {"k": "contents", "x": [_entry(item, place) for item in element], "lines": 0}
    if tag == "table":
        return _table(element, classes, place)
    if tag == "pre":
        return _code(element, place)
    if tag == "img" and "logo" in classes:
        return _logo(element)
    if tag == "img":
        return {"k": "image", "svg": _svg(element.get("src")), "alt": element.get("alt"), "lines": 8}
    if tag in _CONTAINERS:
        return _container(element, classes, place)
    raise UnknownMarkup(f"Reports cannot show the element <{tag}>.")


def _lines(blocks: list[Block]) -> int:
    return sum(block["lines"] for block in blocks)


def _container(element: Any, classes: list[str], place: Place) -> Block:
    if "bar" in classes:
        return {"k": "bar", "x": [_bar_part(part) for part in element], "lines": 2}
    if {"figures", "ends"} & set(classes):
        place = Place(place.width / max(1, len(element)) - 8, place.size)
    narrower = sum(_PADDING.get(name, 0) for name in classes)
    content = _introduced(list(_blocks(element, place.narrower(narrower))))
    lines = _lines(content) + 1
    return {"k": "box", "c": classes, "x": content, "together": lines <= _LINES_TOGETHER, "lines": lines}


def _introduced(blocks: list[Block]) -> list[Block]:
    """Return the blocks, with the class `intro` added to short introductions: a few paragraphs between a heading and a
    table, bar or subheading.

    The style files keep paragraphs with this class on the page of the block that follows them.
    """
    found = list(blocks)
    for place, heading in enumerate(blocks):
        if heading["k"] != "heading":
            continue
        sentences = list(takewhile(_is_sentence, blocks[place + 1 :]))
        end = place + 1 + len(sentences)
        if (
            end < len(blocks)
            and _is_introduced(heading, blocks[end])
            and _lines(sentences) <= _LINES_BEFORE_TABLE
        ):
            found[place + 1 : end] = [{**block, "c": [*block["c"], "intro"]} for block in sentences]
    return found


def _is_sentence(block: Block) -> bool:
    return block["k"] == "p" and not {"title", "brand", "legend", "tags"}.intersection(block["c"])


def _is_introduced(heading: Block, block: Block) -> bool:
    """Return whether the heading and its paragraphs introduce this block: a table, a bar or a subheading."""
    return block["k"] in ("table", "bar") or (block["k"] == "heading" and block["level"] > heading["level"])


def _bar_part(element: Any) -> dict[str, Any]:
    (name,) = classes_of(element)
    share = element.get("style").removeprefix("width:").strip().removesuffix("%")
    return {"c": name, "percent": float(share)}


def _entry(item: Any, place: Place) -> dict[str, Any]:
    """Return an entry of the table of contents: number, title, anchor and the entries below it."""
    (link,) = item.findall("a")
    number = item.find("span")
    return {
        "number": "" if number is None else (number.text or "").strip(),
        "title": runs_of(link, Place(place.width, _CONTENTS_TEXT)),
        "to": link.get("href").removeprefix("#"),
        "entries": [_entry(below, place) for below in item.findall("ol/li")],
    }


def _table(element: Any, classes: list[str], place: Place) -> Block:
    heads = element.findall("thead/tr/th")
    rows = element.findall("tbody/tr")
    given = [millimetres(head.get("style", "")) for head in heads]
    if not heads:
        given = [44.0 if "pairs" in classes else None, *[None] * (len(rows[0]) - 1)]
    widths = column_widths(given, millimetres(element.get("style", "")) or place.width)
    found = [_row(row, widths) for row in rows]
    return {
        "k": "table",
        "c": classes,
        "caption": (element.findtext("caption") or "").strip(),
        "language": str(element.xpath("string(caption/@lang)")),
        "widths": widths,
        "head": [_cell(head, Place(width, _TABLE_TEXT)) for head, width in zip(heads, widths, strict=True)]
        if heads
        else [],
        "rows": found,
        "lines": sum(row["lines"] + 1 for row in found) + 2,
    }


def _row(row: Any, widths: list[float]) -> dict[str, Any]:
    cells = []
    column = 0
    for cell in row:
        span = int(cell.get("colspan", 1))
        cells.append(_cell(cell, Place(sum(widths[column : column + span]), _TABLE_TEXT)))
        column += span
    if column != len(widths):
        raise UnknownMarkup("The cells of each row of a table in a report must fill all columns.")
    lines = max(_lines(cell["x"]) for cell in cells)
    return {
        "group": "group" in classes_of(row),
        "together": lines <= _LINES_TOGETHER,
        "cells": cells,
        "lines": lines,
    }


def _cell(cell: Any, place: Place) -> dict[str, Any]:
    classes = classes_of(cell)
    found: dict[str, Any] = {"x": list(_blocks(cell, cell_place(place).styled(classes)))}
    if "num" in classes:
        found["num"] = True
    if names := [name for name in classes if name in ("mono", "small", "zero")]:
        found["c"] = names
    if cell.tag == "th":
        found["header"] = cell.get("scope") == "row"
        found["strong"] = "font-weight: 400" not in cell.get("style", "")
    if (span := int(cell.get("colspan", 1))) > 1:
        found["span"] = span
    return found


def _code(element: Any, place: Place) -> Block:
    """Return a block of commands, line by line, with all spaces."""
    inside = Place(place.width - 6, 7.6, is_mono=True)
    rows = element.text_content().strip("\n").split("\n")
    return {
        "k": "code",
        "x": [list(fitted_text(row, inside)) for row in rows],
        "lines": sum(max(1, inside.lines(len(row))) for row in rows),
    }


def _logo(element: Any) -> Block:
    """Return a logo. An SVG is a string, a PNG a list of numbers, because JSON has no bytes."""
    source = element.get("src")
    is_svg = source.startswith(_IMAGE)
    if not is_svg and not source.startswith(_PICTURE):
        raise UnknownMarkup("A logo in a report must be part of its HTML, as SVG or PNG.")
    width, height = (float(element.get(f"data-{side}")) for side in ("width", "height"))
    return {
        "k": "logo",
        "format": "svg" if is_svg else "png",
        "data": _svg(source) if is_svg else list(b64decode(source.removeprefix(_PICTURE))),
        "alt": element.get("alt"),
        "width": width,
        "height": height,
        "lines": int(height / 4) + 1,
    }


def _svg(source: str) -> str:
    """Return the SVG of an image. An image must be part of the report's HTML."""
    if not source.startswith(_IMAGE):
        raise UnknownMarkup("A report shows only drawings that are part of its HTML.")
    return unquote(source.removeprefix(_IMAGE))
