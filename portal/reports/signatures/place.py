"""Find the signature of a report in the bytes of the file, in one pass and without a PDF parser.

Anybody can give the verifier a file, and hostile PDF files can keep a parser busy for hours. So the bytes are
compared with the layout that `portal.reports.signing.sign` writes, and only a file whose bytes are proven to be signed
is parsed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

# Hexadecimal digits that the signer reserves for a signature's container.
RESERVED_DIGITS: Final = 48_000
_AFTER: Final = b">\n/ByteRange ["
_BEFORE: Final = b"/Contents <"
_RANGE: Final = re.compile(rb">\n/ByteRange \[(\d{1,12}) (\d{1,12}) (\d{1,12}) (\d{1,12})\]")
_MAX_SIGNATURES: Final = 10
# Maximum number of `/ByteRange` markers to examine. A genuine report has one for its signature and one for each archive
# time stamp.
_MAX_BEGINNINGS: Final = 1000


class NotSigned(Exception):
    """The file has no usable signature. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """The place of the signature in a file: its hexadecimal digits are `data[first + 1 : start - 1]`, between `<` and
    `>`.

    The signature covers the other bytes of `data[:end]`, whose SHA-256 is `digest`. `problems` are sentences.
    """

    first: int
    start: int
    end: int
    digest: bytes
    problems: tuple[str, ...] = ()


def find_signature(data: bytes) -> SignaturePlace:
    """Return the place of the file's first signature, which is the signature of the report.

    Raises NotSigned if the file has no signature in the form that Surety writes.
    """
    matches: list[re.Match[bytes]] = []
    beginnings, at = 0, data.find(_AFTER)
    while at >= 0 and len(matches) < _MAX_SIGNATURES:
        beginnings += 1
        if beginnings > _MAX_BEGINNINGS:
            raise NotSigned("The file is damaged: it has too many byte ranges.")
        if match := _RANGE.match(data, at):
            matches.append(match)
        at = data.find(_AFTER, at + 1)
    if not matches:
        raise NotSigned(_missing(data))
    problems = [] if len(matches) == 1 else [f"The file has {len(matches)} signatures instead of one."]
    match = matches[0]
    zero, first, start, second = (int(number) for number in match.groups())
    if zero != 0 or start != match.start() + 1 or not first < start <= first + RESERVED_DIGITS + 2:
        raise NotSigned(
            "The signature does not cover the whole file: its byte range starts or ends at a wrong place."
        )
    if not data.endswith(_BEFORE, max(0, first + 1 - len(_BEFORE)), first + 1):
        raise NotSigned(
            "The signature does not cover the whole file: the part outside of the byte range contains more than the"
            " signature."
        )
    if start + second > len(data):
        problems.append(
            f"The file was cut off: {_byte_count(start + second - len(data))} missing at its end."
        )
    digest = hashlib.sha256(memoryview(data)[:first])
    digest.update(memoryview(data)[start : start + second])
    return SignaturePlace(first, start, min(start + second, len(data)), digest.digest(), tuple(problems))


def _missing(data: bytes) -> str:
    if b"/ByteRange" in data:
        return (
            "The file has no signature of the form that Surety writes. Another program has signed or rewritten it, or "
            "it is damaged."
        )
    return (
        "The file has no signature. Either it is not a report signed by Surety, or it was cut off, or another program "
        "has rewritten it."
    )


def _byte_count(number: int) -> str:
    return f"{number} byte is" if number == 1 else f"{number} bytes are"
