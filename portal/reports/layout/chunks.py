"""Split a long report into chunks, which are typeset one after the other.

Typst needs about 2 MB of memory for each page, so the memory of a long report would grow with its pages. The cover and
the contents, which are the **front**, are typeset last, because they state page numbers. Their PDF has an
empty page with a footer in place of each page of the chunks. `portal.reports.layout.joining` joins the PDFs.
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

# A chunk has at most this number of estimated lines, which are about 80 pages, for which Typst needs 180 MB. A shorter
# report is not split.
LINES: Final = 6500
# Characters that the style files add: the bullet of list items, and blanks.
_FROM_STYLES: Final = "•\u00a0 "
_LINK: Final = re.compile(r'"to": ("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive blocks of a report. `above` are the headings of these blocks that an earlier chunk shows."""

    blocks: list[Block]
    above: tuple[Block, ...] = ()

    @property
    def lines(self) -> int:
        """The estimated number of lines of text."""
        return sum(block["lines"] for block in self.blocks)


def chunks_of(report: Report) -> tuple[list[Block], list[Chunk]]:
    """Return the front and the chunks of a report. There are no chunks if the report is short or has no cover."""
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
    """Return the front as a report to typeset.

    The front begins with a page that `joining` leaves out. This page contains the `characters`. `pages`: the
    anchors on each page of the chunks.
    """
    return {
        **report,
        "body": front,
        "characters": characters,
        "pages_after": [list(anchors) for anchors in pages],
    }


def chunk_report(report: Report, chunk: Chunk, characters: str) -> dict[str, Any]:
    """Return a chunk as a report to typeset.

    The chunk begins with a page that `joining` leaves out. This page contains the headings above the chunk,
    the anchors outside of the chunk to which its links lead, and the `characters`. If `characters` has all
    characters of the report, the PDFs of all chunks and of the front (the cover and the contents) have the
    same fonts, so `joining` keeps each font once.
    """
    own = set(anchors_in(chunk.blocks))
    outside = dict.fromkeys(target for target in _links_in(chunk.blocks) if target not in own)
    title = {"k": "heading", "level": 1, "id": "", "c": [], "x": [report["title"]], "lines": 3}
    # The headings above the chunk need no anchors: if a link leads to such a heading, `outside` contains its anchor.
    above = [title, *({**heading, "id": ""} for heading in chunk.above)]
    return {
        **report,
        "body": chunk.blocks,
        "above": above,
        "outside": list(outside),
        "characters": characters,
    }


def characters_in(report: Report) -> str:
    """Return the usual characters of a report and of the style files, each once.

    Unusual characters are left out. The product's fonts may lack them, so each chunk has them in its own fonts.
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
    """Yield the blocks as the smallest chunks that may begin a page: parts, and the topics of a long part."""
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
    """Join pieces to chunks of at most `LINES` lines, and yield the chunks. A piece that is longer than this
    is not divided.
    """
    current: Chunk | None = None
    for piece in pieces:
        if current is None:
            current = piece
        elif current.lines + piece.lines > LINES and (piece.above or _begins_page(piece.blocks[0])):
            yield current
            current = piece
        elif piece.above:
            # Topics of the same part stay in one box, because each box of a part begins a page.
            last = current.blocks[-1]
            joined = {**last, "x": [*last["x"], *piece.blocks[0]["x"]], "lines": last["lines"] + piece.lines}
            current = replace(current, blocks=[*current.blocks[:-1], joined])
        else:
            current = replace(current, blocks=[*current.blocks, *piece.blocks])
    if current is not None:
        yield current


def anchors_in(value: Any) -> Iterator[str]:
    """Yield the anchors of the headings in blocks."""
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
    """Yield the anchors to which links in blocks lead."""
    # Inside a text, JSON escapes the quotes, so only keys match. Walking through all runs takes four times as long.
    return map(json.loads, _LINK.findall(json.dumps(blocks)))
