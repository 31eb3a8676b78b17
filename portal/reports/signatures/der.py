"""Check that bytes are DER (ITU-T X.690).

DER encodes each length in exactly one way, so any other encoding of a length is noticed.
"""

from __future__ import annotations

_CONSTRUCTED, _LONG_TAG, _LONG_LENGTH = 0x20, 0x1F, 0x80
_MAX_DEPTH = 40
_IDENTIFIER = 0x06
# The time that asn1crypto needs to read an object identifier grows with the square of the identifier's length. The
# longest identifier in use has 20 bytes.
_MAX_IDENTIFIER_BYTES = 64


def end_of_element(data: bytes, start: int = 0, depth: int = 0) -> int:
    """Return the offset after the element at `start`. Raises ValueError if this element or an element inside
    it is not DER.

    Object identifiers of more than 64 bytes are refused too.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("too many levels")
    content, end = _header(data, start)
    if data[start] == _IDENTIFIER and end - content > _MAX_IDENTIFIER_BYTES:
        raise ValueError("an object identifier is too long")
    if data[start] & _CONSTRUCTED:
        at = content
        while at < end:
            at = end_of_element(data, at, depth + 1)
        if at != end:
            raise ValueError("an element is longer than the one that contains it")
    return end


def _header(data: bytes, start: int) -> tuple[int, int]:
    """Return where the element's content starts and ends."""
    if start + 2 > len(data):
        raise ValueError("an element is cut off")
    if data[start] & _LONG_TAG == _LONG_TAG:
        raise ValueError("a tag has several bytes")
    content, length = start + 2, data[start + 1]
    if length >= _LONG_LENGTH:
        count = length - _LONG_LENGTH
        digits = data[content : content + count]
        length = int.from_bytes(digits)
        if not 1 <= count <= 4 or len(digits) < count or digits[0] == 0 or length < _LONG_LENGTH:
            raise ValueError("a length is not in its shortest form")
        content += count
    if content + length > len(data):
        raise ValueError("an element is cut off")
    return content, content + length
