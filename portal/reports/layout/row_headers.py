"""Tag the row headers in a PDF that Typst made. Typst itself tags only column headers.

A cell that heads its row becomes a header with the scope of a row (ISO 32000-1, 14.8.5.7). The other cells of the row
name this cell among their headers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

type Block = Mapping[str, Any]


def tag_row_headers(pdf: pikepdf.Pdf, body: Sequence[Block]) -> None:
    """Tag the row headers of the tables in `body`, the content of the report as `read_document` returns it."""
    tagged = list(_tables_of(pdf.Root.StructTreeRoot.K))
    declared = list(_tables_in(body))
    if len(tagged) != len(declared):
        raise RuntimeError(f"The PDF has {len(tagged)} tagged tables instead of {len(declared)}.")
    for number, (table, block) in enumerate(zip(tagged, declared, strict=True)):
        heads = 1 if block["head"] else 0
        rows = list(_children(table, "/TR"))[heads:]
        if len(rows) != len(block["rows"]):
            raise RuntimeError(f"A table of the PDF has {len(rows)} rows instead of {len(block['rows'])}.")
        for place, (row, declared_row) in enumerate(zip(rows, block["rows"], strict=True)):
            if not declared_row["group"]:
                _tag_row(list(_kids(row)), declared_row["cells"], f"R{number}-{place}")


def _tag_row(cells: list[Any], declared: Sequence[Mapping[str, Any]], name: str) -> None:
    ids = []
    for column, (cell, facts) in enumerate(zip(cells, declared, strict=True)):
        if facts.get("header"):
            identifier = String(f"{name}-{column}")
            cell.S = Name.TH
            cell.ID = identifier
            _attributes(cell).Scope = Name.Row
            ids.append(identifier)
    for cell, facts in zip(cells, declared, strict=True):
        if not facts.get("header"):
            attributes = _attributes(cell)
            attributes.Headers = Array([*attributes.get("/Headers", ()), *ids])


def _attributes(cell: Any) -> Any:
    """Return the attributes of a cell that belong to tables."""
    if "/A" not in cell:
        cell.A = Array([Dictionary(O=Name.Table)])
    for attributes in cell.A if isinstance(cell.A, Array) else [cell.A]:
        if Name.Table == attributes.O:
            return attributes
    cell.A.append(Dictionary(O=Name.Table))
    return cell.A[-1]


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
