"""Read an XML file record by record, with lxml. Every file may be hostile.

Only the current record and the elements around it are in memory. Reports of Qualys have a DOCTYPE with an external
file, which is never read. Declarations of entities, and references to entities, are refused, so that a small file
cannot expand to a huge text. libxml2 limits texts and tags to 10 MB and names to 50 kB, because its option `huge_tree`
is off.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Container, Iterator
from typing import Any, Final

from lxml.etree import XMLSyntaxError, _Entity, iterparse

from assessments.scan_files.facts import refused

MAX_PROLOG: Final = 64 * 1024
"""Maximum number of bytes before the first element. The limit keeps a DTD short, because a DTD takes much more memory
than its length. Also, the time for reading a DTD grows with the square of the number of attributes of one element.
"""
MAX_DEPTH: Final = 50
MAX_ELEMENTS: Final = 10_000_000
MAX_RECORD: Final = 500_000
"""Maximum number of elements and attributes in one record."""
MAX_ATTRIBUTES: Final = 1_000
"""Maximum number of attributes of one element."""

type Element = Any
"""An element of lxml. It is Any, because lxml has no type information."""
type Record = tuple[str, Element]
"""The tag of the enclosing element, and the element."""


def root_of(content: bytes) -> str:
    """Return the tag of the outermost element. Raise InvalidInput if the content is not XML."""
    for _, element in _events(content, []):
        return local(element.tag)
    raise refused("The file has no XML element. Export the report again.")


def records(content: bytes, is_record: Callable[[str, str], bool]) -> Iterator[Record]:
    """Yield each element for which `is_record(tag of the enclosing element, tag of the element)` is True, as (tag of
    the enclosing element, element).

    Elements inside a record are not yielded. Use each record before taking the next record: taking the next record
    empties the previous record. Raise InvalidInput if the file is not well-formed, ends early, or exceeds a limit.
    """
    path: list[Element] = []
    inside = 0  # the depth of the record that is being read, or 0 outside of records
    elements = size = 0
    for event, element in _events(content, path):
        if event == "start":
            _refuse_reference(element.getprevious())
            path.append(element)
            attributes = len(element.attrib)
            elements += 1
            size += 1 + attributes
            if len(path) > MAX_DEPTH:
                raise refused(
                    f"The file has elements nested deeper than {MAX_DEPTH} levels. Export the report again."
                )
            if attributes > MAX_ATTRIBUTES or elements > MAX_ELEMENTS or (inside and size > MAX_RECORD):
                raise refused(
                    "The file has too many elements or attributes. Export fewer machines or fewer details into each"
                    " file."
                )
            if not inside and is_record(_parent(path), local(element.tag)):
                inside, size = len(path), 1
            continue
        _refuse_reference(_last_child(element))
        if inside and len(path) > inside:
            path.pop()
            continue
        if inside:
            yield _parent(path), element
            inside = 0
        path.pop()
        element.clear()
        if path:
            path[-1].remove(element)


def local(tag: Any) -> str:
    """Return the name of an XML tag without its namespace: `host` for `{urn:example}host`."""
    return str(tag).rpartition("}")[2]


def one_of(*pairs: tuple[str, str]) -> Callable[[str, str], bool]:
    """Return an `is_record` function that returns True for these pairs of (enclosing tag, tag)."""
    wanted: Container[tuple[str, str]] = frozenset(pairs)
    return lambda parent, tag: (parent, tag) in wanted


def text_of(element: Element, path: str) -> str:
    """Return the text of the first element at a path below `element`, or an empty text."""
    return str(element.findtext(path) or "").strip()


def _parent(path: list[Element]) -> str:
    return local(path[-2].tag) if len(path) > 1 else ""


def _last_child(element: Element) -> Element | None:
    return next(element.iterchildren(reversed=True), None)


def _refuse_reference(node: Element | None) -> None:
    if isinstance(node, _Entity):
        raise refused(
            "The file refers to XML entities. Scanner reports do not need entities, but attacks use them. Export the"
            " report again."
        )


class _Pieces:
    """The content of a file. The parser reads this content in pieces. `path` has the elements that have begun but
    not ended.
    """

    def __init__(self, content: bytes, path: list[Element]) -> None:
        self._file, self._path = io.BytesIO(content), path
        self.has_begun = False
        """Whether the first element was found."""

    def read(self, size: int) -> bytes:
        if not self.has_begun and self._file.tell() >= MAX_PROLOG:
            raise refused(
                f"The file has no XML element in its first {MAX_PROLOG // 1024} KiB. Export the report again without a"
                " DTD inside it."
            )
        # The parser reports no event for references to entities. So check for them here, while an element is still
        # being read. A single element could contain millions of references.
        if self._path:
            _refuse_reference(_last_child(self._path[-1]))
        return self._file.read(size)


def _events(content: bytes, path: list[Element]) -> Iterator[tuple[str, Element]]:
    is_first, pieces = True, _Pieces(content, path)
    try:
        for event, element in iterparse(
            pieces,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            attribute_defaults=False,
            huge_tree=False,
            recover=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if is_first and _declares_entities(element):
                raise refused(
                    "The file declares XML entities. Scanner reports do not need entities, but attacks use them. Export"
                    " the report again; if the declaration stays, remove it."
                )
            is_first, pieces.has_begun = False, True
            yield event, element
    except XMLSyntaxError as error:
        line = f": line {error.lineno} cannot be read" if error.lineno else ""
        raise refused(
            f"The file is not complete, well-formed XML{line}. Export the report again in UTF-8, and upload the whole"
            " file."
        ) from None


def _declares_entities(root: Element) -> bool:
    declared = root.getroottree().docinfo.internalDTD
    return declared is not None and any(True for _ in declared.iterentities())
