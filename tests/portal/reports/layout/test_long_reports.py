"""A long report is typeset in chunks, but its text, tags, bookmarks and links are the same as without chunks."""

from __future__ import annotations

import io
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, NameTree, NumberTree

from portal.reports.layout import chunks
from portal.reports.layout.chunks import Chunk, anchors_in, chunk_report, chunks_of
from portal.reports.layout.document import laid_out
from portal.reports.layout.errors import UnknownMarkup
from portal.reports.layout.markup import read_document
from tests import verapdf

CREATED = datetime(2026, 11, 29, tzinfo=UTC)
LINES = 120
TOPICS = 6
# A drawing without a text: its tag has no content.
BAR = '<div class="bar"><i class="b-fail" style="width: 40%"></i><i class="b-pass" style="width: 60%"></i></div>'


def table(name: str, rows: int) -> str:
    body = "".join(
        f'<tr><th scope="row">{name} {row}</th><td>Value<span class="sub">{row}</span></td></tr>'
        for row in range(rows)
    )
    head = '<tr><th scope="col">Resource</th><th scope="col">Observed</th></tr>'
    return f"<table><caption>{name}</caption><thead>{head}</thead><tbody>{body}</tbody></table>"


def html(rows: int = 14, link: str = "scope") -> str:
    topics = "".join(
        f'<section class="topic"><h3 id="s-{topic}">Topic {topic}</h3><h4>Control {topic}</h4>'
        f"{table(f'Topic {topic}', rows)}{BAR}</section>"
        for topic in range(TOPICS)
    )
    entries = "".join(f'<li><a href="#s-{topic}">Topic {topic}</a></li>' for topic in range(TOPICS))
    parts = (("scope", "Scope", "<p>Text</p>"), ("results", "Results", topics), ("end", "End", "<p>End</p>"))
    contents = "".join(
        f'<li><span class="no">{number}</span><a href="#{key}">{title}</a>'
        f"{f'<ol>{entries}</ol>' if key == 'results' else ''}</li>"
        for number, (key, title, _) in enumerate(parts, 1)
    )
    content = "".join(
        f'<section class="part"><h2 id="{key}"><span class="no">{number}</span> {title}</h2>{body}</section>'
        for number, (key, title, body) in enumerate(parts, 1)
    )
    return (
        '<html lang="en"><head><title>Report</title></head><body data-customer="Contoso" data-report="Report 7"'
        ' data-classification="Secret"><section class="cover"><h1>Report</h1></section>'
        f'<section class="part contents"><h2>Contents</h2><ol>{contents}</ol></section>{content}'
        f'<section class="part"><h2>Links</h2><p>See <a href="#{link}">the scope</a> and <strong>more</strong></p>'
        "</section></body></html>"
    )


def read(text: str) -> dict[str, Any]:
    return {**read_document(text, width=176), "page": {"width": 210, "height": 297}}


def typeset(text: str) -> bytes:
    out = io.BytesIO()
    with laid_out(read(text), created=CREATED) as pdf:
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


@cache
def at_once() -> bytes:
    return typeset(html())


@cache
def in_chunks() -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "LINES", LINES)
        assert len(chunks_of(read(html()))[1]) == 3
        return typeset(html())


@pytest.fixture
def pdf() -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(in_chunks())) as opened:
        yield opened


def pages(content: bytes, path: Path) -> list[list[str]]:
    """Return the lines of each page."""
    path.write_bytes(content)
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    )
    return [page.splitlines() for page in done.stdout.removesuffix("\f").split("\f")]


def page_of(pdf: pikepdf.Pdf, target: Any) -> int:
    return [page.obj.objgen for page in pdf.pages].index(target[0].objgen) + 1


def targets(pdf: pikepdf.Pdf) -> dict[str, Any]:
    return {str(name): target for name, target in NameTree(pdf.Root.Names.Dests).items()}


def bookmarks(items: list[pikepdf.OutlineItem]) -> list[tuple[str, Any]]:
    return [(item.title, bookmarks(item.children)) for item in items]


def elements(root: Any) -> Iterator[Any]:
    """Yield the tags in the order of reading."""
    kids = root.get("/K", ())
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_chunks_have_all_blocks_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "LINES", LINES)
    report = read(html())
    front, parts = chunks_of(report)
    assert [block["c"] for block in front] == [["cover"], ["part", "contents"]]
    assert max(part.lines for part in parts) <= LINES
    anchors = [anchor for part in parts for anchor in anchors_in(part.blocks)]
    assert anchors == list(anchors_in(report["body"]))
    above = [[heading["id"] for heading in part.above] for part in parts]
    assert above == [[], *[["results"]] * (len(parts) - 1)]


def test_text_about_links_is_no_link() -> None:
    blocks = read(html(link="results").replace("Text", '{"to": "elsewhere"}'))["body"]
    chunk = Chunk([blocks[2], blocks[-1]])
    assert chunk_report(read(html()), chunk, "")["outside"] == ["results"]


def test_a_short_report_and_one_without_a_cover_are_typeset_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chunks_of(read(html()))[1] == []
    monkeypatch.setattr(chunks, "LINES", LINES)
    assert chunks_of(read(html().replace("<body ", '<body class="compact" ')))[1] == []
    assert chunks_of(read(html().replace('class="part contents"', 'class="part"')))[1] == []


@pytest.mark.slow(seconds=1)
def test_chunks_do_not_change_the_text(tmp_path: Path) -> None:
    """Ignore page numbers and repeated heads of tables. They may differ, because each chunk begins on a new page."""
    found = []
    for content in (at_once(), in_chunks()):
        text = " ".join(line for lines in pages(content, tmp_path / "report.pdf") for line in lines)
        found.append(
            Counter(
                re.sub(r"Report 7 +Page \d+ of \d+|\d+|Contoso +Secret|Resource +Observed", "", text).split()
            )
        )
    assert found[0] == found[1]
    assert found[0]["Topic"] > TOPICS * 14


def test_each_page_has_its_header_and_its_number(tmp_path: Path) -> None:
    found = pages(in_chunks(), tmp_path / "report.pdf")
    assert len(found) > 6
    for number, lines in enumerate(found[1:], 2):
        assert lines[0].split() == ["Contoso", "Secret"]
        assert [line for line in lines if line.strip()][-1].split() == (
            ["Report", "7", "Page", str(number), "of", str(len(found))]
        )
        assert "".join(lines).count("Contoso") == 1


def test_contents_bookmarks_and_links_lead_to_the_same_headings(pdf: pikepdf.Pdf, tmp_path: Path) -> None:
    texts = pages(in_chunks(), tmp_path / "report.pdf")
    places = {name: page_of(pdf, target) for name, target in targets(pdf).items()}
    assert places.keys() == {"scope", "results", "end", *(f"s-{topic}" for topic in range(TOPICS))}
    for topic in range(TOPICS):
        number = places[f"s-{topic}"]
        assert any(line.strip() == f"Topic {topic}" for line in texts[number - 1])
        assert any(line.split() == ["Topic", str(topic), str(number)] for line in texts[1])
    links = [link for page in pdf.pages for link in page.obj.get("/Annots", ())]
    assert len(links) == 3 + TOPICS + 1
    for link in links:
        assert str(link.Contents) == f"Section, page {places[str(link.Dest)]}"
    assert links[-1].Dest == "scope"
    with pdf.open_outline() as outline:
        found = bookmarks(outline.root)
        (report,) = outline.root
        for part in report.children:
            for bookmark in part.children:
                number = places[f"s-{bookmark.title.split()[-1]}"]
                assert page_of(pdf, bookmark.destination) == number
    with pikepdf.open(io.BytesIO(at_once())) as whole, whole.open_outline() as outline:
        assert found == bookmarks(outline.root)


def test_the_tags_are_the_same(pdf: pikepdf.Pdf) -> None:
    with pikepdf.open(io.BytesIO(at_once())) as whole:
        expected = [str(element.S) for element in elements(whole.Root.StructTreeRoot)]
    assert [str(element.S) for element in elements(pdf.Root.StructTreeRoot)] == expected
    assert Counter(expected)["/TH"] == TOPICS * 16


def test_each_tag_has_its_content(pdf: pikepdf.Pdf) -> None:
    """The parent tree leads from each piece of content of a page to the tag that contains this piece."""
    parents = dict(NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
    assert max(parents) < pdf.Root.StructTreeRoot.ParentTreeNextKey
    own = {page.obj.objgen: int(page.obj.StructParents) for page in pdf.pages if "/StructParents" in page.obj}
    assert len(set(own.values())) == len(own) == len(pdf.pages)
    checked = 0
    found = {element.objgen for element in elements(pdf.Root.StructTreeRoot)}
    for key in own.values():
        assert {parent.objgen for parent in parents[key]} <= found
    for element in elements(pdf.Root.StructTreeRoot):
        for kid in element.get("/K", ()):
            if isinstance(kid, int):
                assert parents[own[element.Pg.objgen]][kid].objgen == element.objgen
                checked += 1
            elif "/Obj" in kid:
                assert parents[int(kid.Obj.StructParent)].objgen == element.objgen
    assert checked > TOPICS * 16


def test_headers_of_cells_are_unique_and_exist(pdf: pikepdf.Pdf) -> None:
    cells = [element for element in elements(pdf.Root.StructTreeRoot) if element.S in ("/TH", "/TD")]
    ids = [str(cell.ID) for cell in cells if "/ID" in cell]
    assert len(set(ids)) == len(ids) == TOPICS * 16
    named = {str(cell.ID): cell for cell in cells if "/ID" in cell}
    for name, cell in NameTree(pdf.Root.StructTreeRoot.IDTree).items():
        assert named[str(name)].objgen == cell.objgen
    for cell in cells:
        (attributes,) = (value for value in cell.A if value.O == "/Table")
        headers = [named[str(header)] for header in attributes.get("/Headers", ())]
        if cell.S == "/TD":
            assert len(headers) == 2
            table_of = cell.P.P.P
            assert all(header.P.P.P.objgen == table_of.objgen for header in headers)


def test_all_pages_share_the_fonts(pdf: pikepdf.Pdf) -> None:
    used = {
        font.objgen: str(font.BaseFont)
        for page in pdf.pages
        for font in page.obj.Resources.get("/Font", Dictionary()).values()
    }
    assert len({name.partition("+")[2] for name in used.values()}) == len(used) == 2


def test_metadata_has_the_number_of_pages(pdf: pikepdf.Pdf) -> None:
    assert b"<xmpTPg:NPages>%d<" % len(pdf.pages) in pdf.Root.Metadata.read_bytes()


def test_a_link_to_nowhere_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "LINES", LINES)
    with pytest.raises(UnknownMarkup, match="nowhere"):
        typeset(html(link="nowhere"))


def test_a_rare_character_is_in_each_chunk_that_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chunks, "LINES", LINES)
    content = typeset(html().replace("Control 4", "Control Ω\ue000").replace("Contoso", "Ωmega"))
    text = "\n".join(line for lines in pages(content, tmp_path / "report.pdf") for line in lines)
    assert "Control ΩU+E000" in text
    assert text.count("Ωmega") > 6


@pytest.mark.slow(seconds=12)
@pytest.mark.skipif(bool(verapdf.missing()), reason=f"veraPDF cannot run: {verapdf.missing()}")
def test_a_long_report_conforms(tmp_path: Path) -> None:
    (tmp_path / "long.pdf").write_bytes(in_chunks())
    assert verapdf.problems([tmp_path / "long.pdf"]) == {
        str(tmp_path / "long.pdf"): {"PDF/A-3a": [], "PDF/UA-1": []}
    }
