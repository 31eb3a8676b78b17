"""Accepted logos are stored as new files with nothing but pixels or shapes. Hostile files are refused with a reason."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from portal.reports.branding.logos import MAX_UPLOAD, read_logo
from tenants.errors import InvalidInput
from tests.portal.reports.branding.pictures import GOOD_SVG, SVG_HEAD, png, svg

SHAPE = b'<rect width="9" height="9"/>'


@pytest.mark.slow(seconds=1)
def test_an_svg_is_written_again_with_its_shapes_only() -> None:
    logo = read_logo(GOOD_SVG)
    assert (logo.kind, logo.width, logo.height) == ("svg", 240, 80)
    for word in (b"secret", b"DOCTYPE", b"style", b"class"):
        assert word not in logo.content
    assert b'<rect x="0" y="10" width="60" height="60" rx="8" fill="url(#g)"/>' in logo.content
    assert b'stop-color="navy" stop-opacity=".8"' in logo.content
    assert read_logo(logo.content).content == logo.content
    assert logo.fitted() == (60.0, 20.0)


def test_a_png_is_written_again_without_metadata_on_white() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "secret")
    logo = read_logo(png(1600, 500, pnginfo=notes))
    assert (logo.kind, logo.width, logo.height) == ("png", 1200, 375)
    assert b"secret" not in logo.content
    with Image.open(io.BytesIO(logo.content)) as image:
        assert (image.mode, image.info) == ("RGB", {})
        assert image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "neither a PNG nor an SVG"),
        (b"GIF89a" + bytes(40), "neither a PNG nor an SVG"),
        (b"%PDF-1.7", "neither a PNG nor an SVG"),
        (bytes(MAX_UPLOAD + 1), "larger than 512 KiB"),
        (png(40, 30), "blurred in print"),
        (png(4100, 400), "at most 4000"),
        (png(3000, 100), "too narrow"),
        (png(300, 300, "I;16"), "more than 8 bits"),
        (png()[:-40], "damaged"),
        (png()[:100], "damaged"),
        (svg(b'<script>alert(1)</script>'), "contains a script"),
        (svg(b'<rect width="9" height="9" onload="alert(1)"/>'), "contains a script"),
        (svg(SHAPE + b'<image xlink:href="http://127.0.0.1/x.png"/>'), "contains a picture"),
        (svg(SHAPE + b'<image href="file:///etc/passwd"/>'), "contains a picture"),
        (svg(SHAPE + b"<foreignObject/>"), "foreignObject"),
        (svg(SHAPE + b"<text>Contoso</text>"), "Convert the text to paths"),
        (svg(SHAPE + b'<use xlink:href="#a"/>'), "copies of shapes"),
        (svg(SHAPE + b'<a xlink:href="javascript:alert(1)"/>'), "contains a link"),
        (svg(SHAPE + b'<animate attributeName="x"/>'), "animated"),
        (svg(SHAPE + b"<filter/>"), "effect"),
        (svg(b'<rect width="9" height="9" fill="url(http://127.0.0.1/#a)"/>'), "another file or address"),
        (svg(b'<rect width="9" height="9" style="fill:url(http://127.0.0.1/#a)"/>'), "another file or address"),
        (svg(b'<linearGradient xlink:href="http://127.0.0.1/#a"/>'), "another file or address"),
        (svg(b"<style>@import url(http://127.0.0.1/a.css);</style>" + SHAPE), "does not understand the style sheet"),
        (svg(b"<style>rect{fill:red}</style>" + SHAPE), "does not understand the rule “rect”"),
        (svg(b'<rect width="9" height="9" fill="expression(alert(1))"/>'), "is invalid"),
        (svg(b'<rect width="9" height="9" foo="1"/>'), "attribute “foo”"),
        (svg(SHAPE + b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'), "“include”"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg(b"<g>&a;</g>"), "defines entities"),
        (svg(b""), "no shapes"),
        (svg(SHAPE, b'<svg xmlns="http://www.w3.org/2000/svg">'), "state its size"),
        (svg(SHAPE, b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan 5">'), "view box"),
        (svg(SHAPE, b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1e9 5">'), "view box"),
        (svg(SHAPE * 2001), "Use a simpler drawing"),
        (svg(b"<g>" * 60 + SHAPE + b"</g>" * 60), "nested too deeply"),
        (SVG_HEAD + b"<g>", "damaged"),
        (b"<html><svg></svg></html>", "not an SVG drawing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_file_that_cannot_be_a_logo_is_refused_with_a_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refusal:
        read_logo(content)
    assert list(refusal.value.fields) == ["logo"]


def test_a_png_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(InvalidInput, match="100000 × 100000 pixels"):
        read_logo(bomb)


ENTITY = (
    '<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE svg [<!ENTITY c "navy">]>'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 80"><!-- <svg -->'
    '<rect width="9" height="9" fill="&c;"/></svg>'
)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-le", "utf-7"])
def test_another_encoding_does_not_hide_entities(encoding: str) -> None:
    """A search for the bytes `<!ENTITY` would not find a declaration in these encodings."""
    content = ENTITY.format(encoding=encoding).encode(encoding)
    if encoding == "utf-7":
        declared, _, rest = ENTITY.format(encoding=encoding).partition("?>")
        content = declared.encode() + b"?>" + rest.replace("<!ENTITY", "+ADwAIQ-ENTITY").encode()
        assert b"<!ENTITY" not in content
    for hostile in (content, content + b"<!-- <svg -->", b"<!-- <svg -->" + content):
        with pytest.raises(InvalidInput):
            read_logo(hostile)


@pytest.mark.slow(seconds=1)
def test_a_declared_encoding_other_than_utf_8_is_read_as_utf_8() -> None:
    plain = GOOD_SVG.partition(b"?>")[2] if GOOD_SVG.startswith(b"<?xml") else GOOD_SVG
    logo = read_logo(b'<?xml version="1.0" encoding="iso-8859-1"?>' + plain)
    assert logo.content == read_logo(GOOD_SVG).content
    with pytest.raises(InvalidInput, match="not stored as UTF-8"):
        read_logo(plain.replace(b"<svg", b"<!-- \xe9 --><svg", 1))
