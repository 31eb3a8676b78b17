"""Join the PDFs of a long report: the front (cover and contents) and the chunks (`portal.reports.layout.chunks`).

Each PDF begins with an additional page, which is left out. Typst needs this page only to set the other pages:
`chunks.front_report` and `chunks.chunk_report` describe its content.

The PDF of the front ends with one page for each page of the chunks. Each of these pages shows only a footer, which is
drawn onto the page of the chunk.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, NumberTree, String

from portal.reports.layout.errors import UnknownMarkup

_PAGES: Final = re.compile(rb"<xmpTPg:NPages>\d+<")
_LAST_NUMBER: Final = re.compile(r"\d+(?=\D*$)")


@dataclass(slots=True)
class _Bookmark:
    title: str
    target: Array
    is_above: bool
    below: list[_Bookmark] = field(default_factory=list)


def anchors_by_page(chunk: pikepdf.Pdf) -> list[list[str]]:
    """Return the anchors on each page of a chunk, without the chunk's first page."""
    found: list[list[str]] = [[] for _ in chunk.pages]
    places = _page_places(chunk)
    for name, target in _targets(chunk).items():
        found[places[target[0].objgen]].append(name)
    return found[1:]


def join(front: pikepdf.Pdf, chunks: Sequence[pikepdf.Pdf]) -> None:
    """Append the chunks to the front. The caller must keep the chunks open until it has saved the front."""
    own = len(front.pages) - sum(len(chunk.pages) - 1 for chunk in chunks)
    footers = [_footer(page.obj) for page in front.pages[own:]]
    tags = _Tags(front, [front.pages[0], *front.pages[own:]])
    bookmarks = _bookmarks(front)
    own_places = {page.obj.objgen for page in front.pages[1:own]}
    targets = {name: target for name, target in _targets(front).items() if target[0].objgen in own_places}
    del front.pages[own:]
    del front.pages[0]
    for chunk in chunks:
        begin = len(front.pages)
        for page in chunk.pages[1:]:
            front.pages.append(page)
        pages = [page.obj for page in front.pages[begin:]]
        tags.append(chunk, pages)
        copied = _Copied(chunk, pages)
        _merge(bookmarks, _bookmarks(chunk, copied))
        for name, target in _targets(chunk).items():
            if not copied.is_first(target):
                targets[name] = copied.target(target)
    tags.write()
    _add_footers(front, footers)
    _write_outline(front, bookmarks)
    front.Root.Names.Dests = Dictionary(Names=_flat(targets))
    _correct_descriptions(front, targets)
    metadata = front.Root.Metadata
    metadata.write(_PAGES.sub(b"<xmpTPg:NPages>%d<" % len(front.pages), metadata.read_bytes()))


class _Copied:
    """The targets of links and bookmarks in a chunk, translated to the copies of its pages in the joined PDF."""

    def __init__(self, chunk: pikepdf.Pdf, pages: Sequence[Any]) -> None:
        self._places, self._pages = _page_places(chunk), pages

    def is_first(self, target: Array) -> bool:
        """Return whether the target is on the chunk's first page, which is left out of the report."""
        return self._places[target[0].objgen] == 0

    def target(self, target: Array) -> Array:
        """Return the target, pointing to the copy of its page in the joined PDF."""
        page = self._pages[self._places[target[0].objgen] - 1]
        return Array([page, *list(target)[1:]])


class _Tags:
    """The tags of the joined PDF: first the tags of the front, then the tags of the chunks.

    The tags on the `dropped` pages of the front are left out.
    """

    def __init__(self, front: pikepdf.Pdf, dropped: Sequence[pikepdf.Page]) -> None:
        self._front = front
        self._root = front.Root.StructTreeRoot
        self._document = self._root.K[0]
        keys = {int(page.obj.StructParents) for page in dropped if "/StructParents" in page.obj}
        self._parents = {key: value for key, value in _numbers(self._root) if key not in keys}
        self._next = int(self._root.ParentTreeNextKey)
        self._ids = dict(_ids(self._root))
        without = {None, *(page.obj.objgen for page in dropped)}
        self._kids = list(self._document.K)[_number_above(self._document.K, without) :]
        while self._kids and _first_page(self._kids[-1]) in without:
            self._kids.pop()

    def append(self, chunk: pikepdf.Pdf, pages: Iterable[Any]) -> None:
        """Add the tags of a chunk. `pages` are the copies of its pages in the joined PDF."""
        first = chunk.pages[0].obj
        source = chunk.Root.StructTreeRoot
        above = _number_above(source.K[0].K, {None, first.objgen})
        root = self._front.copy_foreign(source)
        for kid in list(root.K[0].K)[above:]:
            kid.P = self._document
            self._kids.append(kid)
        skipped = int(first.StructParents) if "/StructParents" in first else None
        self._parents |= {key + self._next: value for key, value in _numbers(root) if key != skipped}
        for page in pages:
            if "/StructParents" in page:
                page.StructParents = int(page.StructParents) + self._next
            for annotation in page.get("/Annots", ()):
                annotation.StructParent = int(annotation.StructParent) + self._next
        self._next += int(root.ParentTreeNextKey)
        self._ids |= dict(_ids(root))
        for name, role in root.get("/RoleMap", Dictionary()).items():
            self._root.RoleMap[name] = role

    def write(self) -> None:
        """Replace the tags of the front's PDF with the joined tags."""
        self._document.K = Array(self._kids)
        numbers = [item for key in sorted(self._parents) for item in (key, self._parents[key])]
        self._root.ParentTree = self._front.make_indirect(Dictionary(Nums=Array(numbers)))
        self._root.ParentTreeNextKey = self._next
        if self._ids:
            self._root.IDTree = self._front.make_indirect(Dictionary(Names=_flat(self._ids)))


def _number_above(tags: Iterable[Any], without: Container[tuple[int, int] | None]) -> int:
    """Count the leading tags whose content begins on a page in `without` (object ids).

    Tags without content count only if `without` contains None.
    """
    return sum(1 for _ in takewhile(lambda tag: _first_page(tag) in without, tags))


def _numbers(root: Any) -> Iterator[tuple[int, Any]]:
    return ((int(key), value) for key, value in NumberTree(root.ParentTree).items())


def _ids(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield (id, tag) of the tags that have an id.

    The tags are found in the PDF's list of ids (IDTree). The ids themselves are read from the tags, because the list
    may have outdated ids: `tag_row_headers` changes only the tags.
    """
    if "/IDTree" in root:
        for element in NameTree(root.IDTree).values():
            yield str(element.ID), element


def _flat(values: Mapping[str, Any]) -> Array:
    """Return the names and their values as one list, name after name, sorted, as a name tree of a PDF needs it."""
    return Array([item for name in sorted(values) for item in (String(name), values[name])])


def _first_page(element: Any) -> tuple[int, int] | None:
    """Return the object id of the page on which a tag's content begins, or None if the tag has no content."""
    kids = element.get("/K", ())
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            found = _first_page(kid)
        else:
            holder = kid if isinstance(kid, Dictionary) and "/Pg" in kid else element
            found = holder.Pg.objgen
        if found is not None:
            return found
    return None


def _page_places(pdf: pikepdf.Pdf) -> dict[tuple[int, int], int]:
    return {page.obj.objgen: place for place, page in enumerate(pdf.pages)}


def _targets(pdf: pikepdf.Pdf) -> dict[str, Array]:
    """Return {anchor: its destination}. A destination is a page and a position on this page."""
    names: Any = pdf.Root.get("/Names", Dictionary())
    if "/Dests" not in names:
        return {}
    targets: Any = NameTree(names.Dests)
    return {str(name): target for name, target in targets.items()}


def _bookmarks(pdf: pikepdf.Pdf, copied: _Copied | None = None) -> list[_Bookmark]:
    return list(_bookmarks_below(pdf.Root.Outlines, copied))


def _bookmarks_below(parent: Any, copied: _Copied | None) -> Iterator[_Bookmark]:
    item = parent.get("/First")
    while item is not None:
        is_above = copied is not None and copied.is_first(item.Dest)
        target = item.Dest if copied is None or is_above else copied.target(item.Dest)
        yield _Bookmark(str(item.Title), target, is_above, list(_bookmarks_below(item, copied)))
        item = item.get("/Next")


def _merge(bookmarks: list[_Bookmark], more: Iterable[_Bookmark]) -> None:
    """Append the bookmarks of a chunk.

    A heading with `is_above` already has a bookmark from an earlier chunk, so append only the bookmarks below this
    heading.
    """
    for bookmark in more:
        if bookmark.is_above:
            _merge(bookmarks[-1].below, bookmark.below)
        else:
            bookmarks.append(bookmark)


def _write_outline(pdf: pikepdf.Pdf, bookmarks: Sequence[_Bookmark]) -> None:
    root = pdf.make_indirect(Dictionary(Type=Name.Outlines))
    _write_bookmarks(pdf, root, bookmarks)
    root.Count = len(bookmarks)
    pdf.Root.Outlines = root


def _write_bookmarks(pdf: pikepdf.Pdf, parent: Any, bookmarks: Sequence[_Bookmark]) -> None:
    """Write the bookmarks below their parent."""
    items = [
        pdf.make_indirect(Dictionary(Title=String(bookmark.title), Parent=parent, Dest=bookmark.target))
        for bookmark in bookmarks
    ]
    for before, after in pairwise(items):
        before.Next, after.Prev = after, before
    if items:
        # With a negative count, PDF readers show the bookmarks only after a click.
        parent.First, parent.Last, parent.Count = items[0], items[-1], -len(items)
    for item, bookmark in zip(items, bookmarks, strict=True):
        _write_bookmarks(pdf, item, bookmark.below)


@dataclass(frozen=True, slots=True)
class _Footer:
    """The content of a footer, and its resources, such as fonts. The resources were renamed, because the pages of the
    chunks may have other resources with the same names.
    """

    content: bytes
    resources: Mapping[str, Mapping[str, Any]]


def _footer(page: Any) -> _Footer:
    resources = {
        kind: {f"{name}h": value for name, value in names.items()}
        for kind, names in page.Resources.items()
        if isinstance(names, Dictionary)
    }
    names = {name for values in resources.values() for name in values}
    instructions = [
        ([_renamed(operand, names) for operand in instruction.operands], instruction.operator)
        for instruction in pikepdf.parse_content_stream(page)
    ]
    return _Footer(b"q\n" + pikepdf.unparse_content_stream(instructions) + b"\nQ\n", resources)


def _renamed(operand: Any, names: Container[str]) -> Any:
    return Name(f"{operand}h") if isinstance(operand, Name) and f"{operand}h" in names else operand


def _add_footers(pdf: pikepdf.Pdf, footers: Sequence[_Footer]) -> None:
    """Draw each footer on its page. The footers belong to the last pages of the PDF."""
    fonts = _Fonts()
    begin = len(pdf.pages) - len(footers)
    for page in pdf.pages[:begin]:
        page.obj.Resources = fonts.shared(page.obj.Resources)
    for page, footer in zip(pdf.pages[begin:], footers, strict=True):
        page.obj.Resources = fonts.shared(page.obj.Resources, footer.resources)
        stream = pdf.make_stream(b"")
        stream.write(zlib.compress(footer.content, level=9), filter=Name.FlateDecode)
        page.obj.Contents = Array([stream, page.obj.Contents])


class _Fonts:
    """The fonts of the joined PDF. Fonts with the same content are replaced by one font, so the file is smaller."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Any] = {}
        self._by_content: dict[tuple[str, bytes, bytes], Any] = {}

    def shared(self, resources: Any, more: Mapping[str, Mapping[str, Any]] | None = None) -> Dictionary:
        """Return a copy of a page's resources, to which `more` resources were added.

        If an equal font is already known, the known font replaces the font of the page.
        """
        found = Dictionary(dict(resources.items()))
        for kind, names in (more or {}).items():
            found[kind] = Dictionary({**dict(found.get(kind, Dictionary()).items()), **names})
        if "/Font" in found:
            found.Font = Dictionary({name: self._first(font) for name, font in found.Font.items()})
        return found

    def _first(self, font: Any) -> Any:
        if font.objgen not in self._known:
            key = _font_content(font)
            self._known[font.objgen] = font if key is None else self._by_content.setdefault(key, font)
        return self._known[font.objgen]


def _font_content(font: Any) -> tuple[str, bytes, bytes] | None:
    """Return the content by which equal fonts of the product are recognized.

    Return None for a font that comes from the host.
    """
    below = font.get("/DescendantFonts")
    file = below[0].FontDescriptor.get("/FontFile2") if below is not None else None
    if file is None or "/ToUnicode" not in font:
        return None
    return str(font.BaseFont), file.read_raw_bytes(), font.ToUnicode.read_raw_bytes()


def _correct_descriptions(pdf: pikepdf.Pdf, targets: Mapping[str, Array]) -> None:
    """Correct the page numbers in the descriptions of links. Each chunk counted its pages from 1."""
    places = _page_places(pdf)
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", ()):
            target = annotation.get("/Dest")
            if not isinstance(target, String):
                continue
            if str(target) not in targets:
                raise UnknownMarkup(f"A link leads to {target}, which is not in the report.")
            if "/Contents" in annotation:
                number = places[targets[str(target)][0].objgen] + 1
                annotation.Contents = String(_LAST_NUMBER.sub(str(number), str(annotation.Contents), count=1))
