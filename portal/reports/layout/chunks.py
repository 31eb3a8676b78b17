"""Split a long report into chunks, which are typeset one after the other.

Typst needs about 2 MB of memory for each page, so a long report in one piece would need too much. The **front** (cover
and contents) is typeset last, because it states on which page each part begins. The footers state page numbers too, and
these are known only at the end. So the footers of all chunks are typeset together with the front: for each page of the
chunks, the PDF of the front has a page that shows only the footer. `portal.reports.layout.joining` joins the PDFs.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from portal.reports.layout.typesetter import USUAL

type Block = dict[str, Any]
type Report = Mapping[str, Any]

# The maximum number of lines in a chunk, as `Chunk.lines` estimates them. A chunk of this size has about 80 pages, for
# which Typst needs 180 MB of memory.
LINES: Final = 6500
# Characters that the style files in `typst/` add: the bullet of list items, and spaces.
_FROM_STYLES: Final = "•\u00a0 "
_LINK: Final = re.compile(r'"to": ("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive blocks of a report.

    If the chunk begins in the middle of a part, `above` is the heading of the part, which an earlier chunk shows.
    """

    blocks: list[Block]
    above: tuple[Block, ...] = ()

    @property
    def lines(self) -> int:
        """The estimated number of lines of text."""
        return sum(block["lines"] for block in self.blocks)


def chunks_of(report: Report) -> tuple[list[Block], list[Chunk]]:
    """Return the front and the chunks of a report.

    If the report is short or has no table of contents, the front has all blocks, and there are no chunks.
    """
    body: list[Block] = report["body"]
    start = next((place for place, block in enumerate(body) if _begins_page(block, "contents")), None)
    if start is None or report["compact"] or sum(block["lines"] for block in body) <= LINES:
        return body, []
    front, rest = body[: start + 1], body[start + 1 :]
    if not rest or not _begins_page(rest[0]):
        return body, []
    chunks = list(_gathered(_pieces(rest)))
    return (front, chunks) if len(chunks) > 1 else (body, [])


def front_report(
    report: Report, front: list[Block], pages: Sequence[Iterable[str]], characters: str
) -> dict[str, Any]:
    """Return the front (cover and contents) as a report to typeset.

    The report to typeset begins with an additional page that `joining` removes. This page has all `characters` of the
    report, so that the front has the same fonts as the chunks. `pages` are the anchors on each page of the chunks, for
    the table of contents.
    """
    return {
        **report,
        "body": front,
        "characters": characters,
        "pages_after": [list(anchors) for anchors in pages],
    }


def chunk_report(report: Report, chunk: Chunk, characters: str) -> dict[str, Any]:
    """Return a chunk as a report to typeset.

    The report to typeset begins with an additional page that `joining` removes. The additional page has the headings
    above the chunk, all `characters` of the report, and the anchors for links that lead out of the chunk. A font in a
    PDF contains only the characters that the PDF uses. All PDFs use the same characters, so their fonts are equal, and
    `joining` keeps each font once.
    """
    own = set(anchors_in(chunk.blocks))
    outside = dict.fromkeys(target for target in _links_in(chunk.blocks) if target not in own)
    title = {"k": "heading", "level": 1, "id": "", "c": [], "x": [report["title"]], "lines": 3}
    # Leave out the anchors of the headings above the chunk: if a link leads to such a heading, `outside` already has
    # its anchor.
    above = [title, *({**heading, "id": ""} for heading in chunk.above)]
    return {
        **report,
        "body": chunk.blocks,
        "above": above,
        "outside": list(outside),
        "characters": characters,
    }


def characters_in(report: Report) -> str:
    """Return the characters in a report and in the style files, each once. Characters that one of the product's fonts
    lacks are left out.
    """
    found = {
        character for block in report["body"] for character in set(json.dumps(block, ensure_ascii=False))
    }
    found.update(
        report["customer"], report["classification"], report["report"], report["pages"], string.digits
    )
    return _FROM_STYLES + "".join(sorted(filter(str.isprintable, found & USUAL - set(_FROM_STYLES))))


def _begins_page(block: Block, name: str = "part") -> bool:
    return block["k"] == "box" and "part" in block["c"] and name in block["c"]


def _pieces(blocks: Sequence[Block]) -> Iterator[Chunk]:
    """Yield the smallest pieces into which a report can be split: its parts, and the topics of a long part."""
    for block in blocks:
        topics = (
            [place for place, inner in enumerate(block["x"]) if _is_topic(inner)]
            if block["k"] == "box"
            else []
        )
        if block["lines"] <= LINES or not topics:
            yield Chunk([block])
            continue
        heading = next(inner for inner in block["x"] if inner["k"] == "heading")
        for begin, end in zip([0, *topics[1:]], [*topics[1:], None], strict=True):
            content = block["x"][begin:end]
            lines = sum(inner["lines"] for inner in content)
            yield Chunk([{**block, "x": content, "lines": lines}], (heading,) if begin else ())


def _is_topic(block: Block) -> bool:
    return block["k"] == "box" and "topic" in block["c"]


def _gathered(pieces: Iterable[Chunk]) -> Iterator[Chunk]:
    """Join pieces into chunks, and yield the chunks. Pieces are not split.

    If a piece would make the current chunk longer than `LINES` lines, the piece begins a new chunk. A piece that
    cannot begin a page is added to the current chunk nevertheless.
    """
    current: Chunk | None = None
    for piece in pieces:
        if current is None:
            current = piece
        elif current.lines + piece.lines > LINES and (piece.above or _begins_page(piece.blocks[0])):
            yield current
            current = piece
        elif piece.above:
            # Put topics of the same part into one box, because each box of a part begins a new page.
            last = current.blocks[-1]
            joined = {**last, "x": [*last["x"], *piece.blocks[0]["x"]], "lines": last["lines"] + piece.lines}
            current = replace(current, blocks=[*current.blocks[:-1], joined])
        else:
            current = replace(current, blocks=[*current.blocks, *piece.blocks])
    if current is not None:
        yield current


def anchors_in(value: Any) -> Iterator[str]:
    """Yield the anchors of all headings in the blocks."""
    if isinstance(value, dict):
        if value.get("k") == "heading" and value["id"]:
            yield value["id"]
        elif value.get("k") in ("box", "list", "table"):
            for inner in value.get("x", ()):
                yield from anchors_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from anchors_in(inner)


def _links_in(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield the anchors to which the links in the blocks lead."""
    # Searching the JSON takes a quarter of the time of visiting all blocks. The pattern matches only links, never text
    # of the report, because JSON escapes the quotes in texts.
    return map(json.loads, _LINK.findall(json.dumps(blocks)))
