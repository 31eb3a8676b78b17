"""The child process that parses a PDF file: it reads the file from standard input and writes its findings as JSON.

It runs as a script, without Django, without the environment of its parent and with limits, because a parser of
untrusted files can run forever or use all memory. `portal.reports.pdf_inspection` starts it.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MAX_NAMES = 100
MAX_NAME_LENGTH = 200
MAX_DEPTH = 8
OPEN_FILES = 64


def set_limits(seconds: int, memory: int) -> None:
    """Limit this process to `seconds` of processor time and `memory` bytes of address space, and forbid it to write
    files.
    """
    import resource  # only on POSIX systems; the verifier for auditors imports this module on others too

    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (limit, limit))


def inspect(data: bytes) -> dict[str, Any]:
    """Return the number of signatures and time stamps, the time of the signer's clock, whether the signature permits no
    changes, title and subject, and names of attachments.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader  # after the limits are set

    reader = PdfFileReader(BytesIO(data))
    signatures = list(reader.embedded_signatures)
    regular = list(reader.embedded_regular_signatures)
    signed_at = regular[-1].self_reported_timestamp if regular else None
    names = sorted(_attachments(reader.root))
    return {
        "signatures": len(signatures),
        "certified": bool(regular) and _permits_nothing(reader, regular[-1]),
        "signed_at": signed_at.isoformat() if signed_at else None,
        "title": _stated(reader, "/Title"),
        "subject": _stated(reader, "/Subject"),
        "attachments": [name[:MAX_NAME_LENGTH] for name in names[:MAX_NAMES]],
    }


def _permits_nothing(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Return whether the catalogue names this signature as the certification, and this signature permits no changes
    (ISO 32000-1, 12.8.2.2 and 12.8.4).
    """
    from pyhanko.sign.fields import MDPPerm

    permissions = _entry(reader.root, "/Perms")
    if permissions is None or "/DocMDP" not in permissions:
        return False
    is_named = permissions.raw_get("/DocMDP") == signature.sig_field.raw_get("/V")
    return is_named and signature.docmdp_level == MDPPerm.NO_CHANGES


def _stated(reader: PdfFileReader, key: str) -> str:
    """Return a text of the file's information dictionary, without control characters; empty if there is none."""
    info = _entry(reader.trailer, "/Info")
    text = str(_entry(info, key) or "") if info is not None else ""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_NAME_LENGTH]


def _attachments(root: DictionaryObject) -> list[str]:
    names = _entry(root, "/Names")
    tree = _entry(names, "/EmbeddedFiles") if names is not None else None
    return _names_in(tree, 0) if tree is not None else []


def _entry(node: Any, key: str) -> Any:
    """Return a dictionary's value with references resolved, which pyHanko's `get` does not always do."""
    return node[key] if key in node else None  # noqa: SIM401


def _names_in(node: DictionaryObject, depth: int) -> list[str]:
    if depth > MAX_DEPTH:
        raise ValueError("the tree of attachments is too deep")
    found: list[str] = []
    pairs = _entry(node, "/Names") or []
    for index in range(1, len(pairs), 2):
        specification = pairs[index]
        found.append(str(_entry(specification, "/UF") or _entry(specification, "/F")))
        if len(found) > MAX_NAMES:
            return found
    kids = _entry(node, "/Kids") or []
    for index in range(len(kids)):  # Index the list, because iterating over it would not resolve references.
        found.extend(_names_in(kids[index], depth + 1))
        if len(found) > MAX_NAMES:
            break
    return found


def main() -> None:
    """Read, inspect, print. Any error ends the process with status 1 and its message on standard error."""
    set_limits(int(sys.argv[1]), int(sys.argv[2]))
    json.dump(inspect(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
