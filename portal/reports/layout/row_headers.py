"""Tag the row headers in a PDF that Typst made. Typst itself tags only column headers.

The header cell of a row gets the tag TH with the scope Row (ISO 32000-1, 14.8.5.7). Each other cell of the row has a
list of headers. The header cell of the row is added to this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

type Block = Mapping[str, Any]


def tag_row_headers(pdf: pikepdf.Pdf, body: Sequence[Block], *, prefix: str = "") -> None:
    """Tag the row headers of the tables in `body`, the content of the report as `read_document` returns it.

    The id of each cell gets the prefix, so that ids do not repeat when PDFs are joined. Afterwards, cells with equal
    layout attributes, such as borders, refer to one shared object, so the PDF is smaller.
    """
    tagged = list(_tables_of(pdf.Root.StructTreeRoot.K))
    declared = list(_tables_in(body))
    if len(tagged) != len(declared):
        raise RuntimeError(
            f"The PDF has {len(tagged)} tagged tables, but the report has {len(declared)} tables."
        )
    cells = _Cells(pdf, prefix)
    for number, (table, block) in enumerate(zip(tagged, declared, strict=True)):
        heads = 1 if block["head"] else 0
        rows = [list(_kids(row)) for row in _children(table, "/TR")]
        if len(rows) - heads != len(block["rows"]):
            raise RuntimeError(
                f"A table of the PDF has {len(rows) - heads} rows, but the table of the report has"
                f" {len(block['rows'])} rows."
            )
        for head in rows[:heads]:
            cells.tag_row(head)
        for place, (row, declared_row) in enumerate(zip(rows[heads:], block["rows"], strict=True)):
            cells.tag_row(row, None if declared_row["group"] else declared_row["cells"], f"R{number}-{place}")


class _Cells:
    """The cells of a PDF, whose tags are changed as `tag_row_headers` describes."""

    def __init__(self, pdf: pikepdf.Pdf, prefix: str) -> None:
        self._pdf, self._prefix = pdf, prefix
        self._lines: dict[bytes, Any] = {}

    def tag_row(
        self, row: Sequence[Any], declared: Sequence[Mapping[str, Any]] | None = None, name: str = ""
    ) -> None:
        """Tag the cells of a row. `declared` are the cells in the report; None for the row of column headers and for
        rows that name a group.
        """
        is_head = [bool(facts.get("header")) for facts in declared or [{}] * len(row)]
        ids = [f"{self._prefix}{name}-{column}" for column, value in enumerate(is_head) if value]
        unused = iter(ids)
        for cell, is_row_header in zip(row, is_head, strict=True):
            attributes = self._table_attributes(cell)
            headers = [self._prefix + str(header) for header in attributes.get("/Headers", ())]
            if is_row_header:
                cell.S = Name.TH
                cell.ID = String(next(unused))
                attributes.Scope = Name.Row
            else:
                headers += ids
                if self._prefix and "/ID" in cell:
                    cell.ID = String(self._prefix + str(cell.ID))
            if headers:
                attributes.Headers = Array(map(String, headers))

    def _table_attributes(self, cell: Any) -> Any:
        """Return the attributes of the kind “Table” of a cell. If the cell has no such attributes, add them.

        Share attributes of the kind “Layout”, such as borders: cells with equal ones refer to one object.
        """
        found = None
        kinds = cell.get("/A", ())
        for place, attributes in enumerate(kinds):
            owner = attributes.O
            if Name.Table == owner:
                found = attributes
            elif Name.Layout == owner:
                content = attributes.unparse(resolved=True)
                if content not in self._lines:
                    self._lines[content] = self._pdf.make_indirect(attributes)
                kinds[place] = self._lines[content]
        if found is None:
            cell.A = Array([*kinds, Dictionary(O=Name.Table)])
            found = cell.A[-1]
        return found


def _kids(element: Any) -> Iterator[Any]:
    kids = element.get("/K", ())
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid


def _children(element: Any, kind: str) -> Iterator[Any]:
    """Yield the elements of a kind inside an element, in the order of reading."""
    for kid in _kids(element):
        if kind == kid.S:
            yield kid
        else:
            yield from _children(kid, kind)


def _tables_of(root: Any) -> Iterator[Any]:
    for element in root if isinstance(root, Array) else [root]:
        yield from _children(element, "/Table")


def _tables_in(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the tables among the blocks, in the order in which the PDF has them."""
    for block in blocks:
        if block["k"] == "table":
            yield block
        elif block["k"] == "box":
            yield from _tables_in(block["x"])
        elif block["k"] == "list":
            for item in block["x"]:
                yield from _tables_in(item)
