"""The fonts of a PDF file."""

from __future__ import annotations

import io

import pikepdf


def fonts(content: bytes) -> set[str]:
    """Return the names of the embedded fonts."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {
            str(item.BaseFont).partition("+")[2].removesuffix("-Identity-H")
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
        }
