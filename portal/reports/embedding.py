"""Embed attachments in a PDF as PDF/A-3 requires (ISO 19005-3, 6.8; ISO 32000-1, 7.11.4).

Typst could embed attachments too, but needs the whole uncompressed content of each file in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pikepdf
from pikepdf import Array, Dictionary, Name, NameTree, String

from portal.reports.attachment_files import Attachment


def embed(pdf: pikepdf.Pdf, attachments: Sequence[Attachment], created: datetime) -> None:
    """Embed the files, and associate them with the document. The PDF must not have attachments yet."""
    specifications = {file.name: _specification(pdf, file, created) for file in attachments}
    tree = NameTree.new(pdf)
    for name, specification in specifications.items():
        tree[name] = specification
    names = pdf.Root.get("/Names", Dictionary())
    names.EmbeddedFiles = tree.obj
    pdf.Root.Names = names
    pdf.Root.AF = Array(specifications.values())


def _specification(pdf: pikepdf.Pdf, file: Attachment, created: datetime) -> pikepdf.Object:
    at = String(f"D:{created.astimezone(UTC):%Y%m%d%H%M%S}Z")
    stream = pdf.make_stream(b"")
    # The content is already compressed, so store it unchanged.
    stream.write(file.deflated, filter=Name.FlateDecode)
    stream.Type = Name.EmbeddedFile
    stream.Subtype = Name(f"/{file.media_type}")
    stream.Params = Dictionary(Size=file.size, CheckSum=String(file.md5), CreationDate=at, ModDate=at)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(file.name),
            UF=String(file.name),
            Desc=String(file.description),
            AFRelationship=Name(f"/{file.relationship}"),
            EF=Dictionary(F=stream, UF=stream),
        )
    )
