"""Tools to change a signed file: its bytes, its structure, the container of its signature."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

BEFORE = b"/Contents <"


def place(data: bytes) -> tuple[int, int]:
    """Return the offsets at which the signature's hexadecimal digits start and end."""
    start = data.index(BEFORE) + len(BEFORE)
    return start, data.index(b">", start)


def flipped(data: bytes, at: int) -> bytes:
    """Return the file with one bit changed."""
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


def container(data: bytes) -> cms.ContentInfo:
    """Return the signature's container."""
    start, end = place(data)
    return cms.ContentInfo.load(bytes.fromhex(data[start:end].decode()))


def with_container(data: bytes, encoded: bytes, padding: bytes = b"") -> bytes:
    """Return the file with its signature replaced by another container."""
    start, end = place(data)
    digits = (encoded + padding).hex().upper().encode()
    assert len(digits) <= end - start, "the container is too large for its place"
    return data[:start] + digits.ljust(end - start, b"0") + data[end:]


def edited(data: bytes, change: Callable[[cms.SignedData], Any]) -> bytes:
    """Return the file after `change` was applied to the SignedData in the signature's container."""
    content = container(data)
    change(content["content"])
    return with_container(data, content.dump())


def signer_of(signed: cms.SignedData) -> cms.SignerInfo:
    """Return the only signer."""
    return signed["signer_infos"][0]


def rebuilt_signer(signed: cms.SignedData, **fields: Any) -> None:
    """Replace fields of the only signer; `None` removes one."""
    old = signer_of(signed)
    names = (
        "version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature", "unsigned_attrs",
    )  # fmt: skip
    values = {name: fields.get(name, old[name]) for name in names if name in fields or old[name]}
    signed["signer_infos"] = [cms.SignerInfo({k: v for k, v in values.items() if v is not None})]


def attribute(kind: str, *values: Any) -> cms.CMSAttribute:
    """Return an attribute with these values."""
    return cms.CMSAttribute({"type": cms.CMSAttributeType(kind), "values": list(values)})


def pikepdf_edited(data: bytes, change: Callable[[pikepdf.Pdf], Any]) -> bytes:
    """Return the file changed and rewritten by pikepdf."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def updated(data: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    """Return the file with an incremental update, which keeps the signed bytes."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
