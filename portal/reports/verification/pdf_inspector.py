"""The child process that parses a PDF file: it reads the file from standard input and writes the result as JSON.

The results of a report (`results.json`) list the SHA-256 of all other attachments. The process hashes these attachments
again and compares the hashes.

A parser of untrusted files can run forever or use all memory. So the process runs as a script with limits, without
Django and without the environment of its parent. `portal.reports.verification.pdf_inspection` starts the process.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MAX_NAMES = 100
MAX_NAME_LENGTH = 200
MAX_DEPTH = 8
OPEN_FILES = 64
RESULTS = "results.json"
MANIFEST = "evidence-manifest.json"
# In the `results.json` of a report, one line begins with this key. The value of the key has the hashes of the
# attachments, so only this value is parsed. A `results.json` without such a line is parsed as a whole if it has at most
# _MAX_OTHER_RESULTS bytes.
_INTEGRITY = b'\n"integrity":'
_MAX_INTEGRITY = 2**20
_MAX_OTHER_RESULTS = 16 * 2**20
_CHUNK = 2**16


def set_limits(seconds: int, memory: int) -> None:
    """Limit this process to `seconds` of processor time and `memory` bytes of address space, and forbid it to write
    files.
    """
    import resource  # imported here, because it exists only on POSIX, and the verifier also runs on other systems

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
        # If possible, set the hard limit of processor time one second above the soft limit. At the soft limit, the
        # process gets the signal SIGXCPU. This signal tells the parent process that the time limit was the reason.
        most = (
            limit + 1
            if which == resource.RLIMIT_CPU and hard in (resource.RLIM_INFINITY, limit + 1)
            else limit
        )
        resource.setrlimit(which, (limit, most))


def inspect(data: bytes) -> dict[str, Any]:
    """Return a dict with what the file states about itself, and with the problems of its attachments.

    - `signatures` is the number of signatures and time stamps. `signed_at` is the signing time by the signer's
      clock.
    - `certified` is True if the signature permits no changes.
    - `title` and `subject` come from the file's information dictionary. `attachments` are the names of the attachments.
    - `hashes` is {name: SHA-256} of the attachments. `integrity` is the part of `results.json` that lists these hashes.
    - `problems` has a sentence for each attachment whose hash differs from the list, and for each attachment that is in
      the list but not in the file.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader  # imported only after the limits are set

    reader = PdfFileReader(BytesIO(data))
    signatures = list(reader.embedded_signatures)
    regular = list(reader.embedded_regular_signatures)
    signed_at = regular[-1].self_reported_timestamp if regular else None
    files = attached_files(reader.root)
    integrity = _integrity(files)
    hashes = {name: _sha256(file) for name, file in sorted(files.items())}
    return {
        "signatures": len(signatures),
        "certified": bool(regular) and _permits_nothing(reader, regular[-1]),
        "signed_at": signed_at.isoformat() if signed_at else None,
        "title": _stated(reader, "/Title"),
        "subject": _stated(reader, "/Subject"),
        "attachments": [name[:MAX_NAME_LENGTH] for name in hashes],
        "hashes": hashes,
        "integrity": integrity,
        "problems": [*_differences(listed_hashes(integrity, hashes), hashes)],
    }


def listed_hashes(integrity: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Return {name of an attachment: SHA-256}, as listed in `results.json`. `names` are the names of the attached
    files.
    """
    listed = dict(integrity.get("attachments") or {})
    # Reports of older versions list only the hash of the manifest. They list this hash even if the manifest is not
    # attached.
    if MANIFEST in names and integrity.get("evidence_sha256"):
        listed.setdefault(MANIFEST, integrity["evidence_sha256"])
    return listed


def _differences(listed: dict[str, str], hashes: dict[str, str]) -> Iterator[str]:
    for name, sha256 in sorted(listed.items()):
        if name not in hashes:
            yield f"{RESULTS} lists the attachment {name}, which the file does not contain."
        elif hashes[name] != sha256:
            yield f"{name} has the SHA-256 {hashes[name]}, but {RESULTS} lists {sha256}."


def attached_files(root: DictionaryObject) -> dict[str, Any]:
    """Return {name: stream} of the attachments. Raises ValueError if there are too many attachments, or if two
    attachments have the same name.
    """
    names = _entry(root, "/Names")
    tree = _entry(names, "/EmbeddedFiles") if names is not None else None
    found: dict[str, Any] = {}
    for name, stream in _files_in(tree, 0) if tree is not None else ():
        if name in found or len(found) >= MAX_NAMES:
            raise ValueError(f"more than {MAX_NAMES} attachments, or two of the same name")
        found[name] = stream
    return found


def content_of(stream: Any) -> bytes:
    """Return the content of an attachment."""
    return b"".join(_pieces(stream))


def _sha256(stream: Any) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(stream):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(stream: Any) -> Iterator[bytes]:
    """Yield the content piece by piece, because an attachment of a few compressed megabytes can have hundreds
    of megabytes.
    """
    if _entry(stream, "/Filter") != "/FlateDecode" or "/DecodeParms" in stream:
        yield bytes(stream.data)
        return
    decompressor, encoded = zlib.decompressobj(), memoryview(stream.encoded_data)
    for start in range(0, len(encoded), _CHUNK):
        yield decompressor.decompress(encoded[start : start + _CHUNK])
    yield decompressor.flush()
    if not decompressor.eof:
        raise ValueError("an attachment is not complete")


def _integrity(files: dict[str, Any]) -> dict[str, Any]:
    """Return the part `integrity` of `results.json`, or an empty dict if there is no such part."""
    content = content_of(files[RESULTS]) if RESULTS in files else b"{}"
    start = content.find(_INTEGRITY)
    if start >= 0:
        begin = start + len(_INTEGRITY)
        text = content[begin : begin + _MAX_INTEGRITY].decode(errors="replace")
        found, _ = json.JSONDecoder().raw_decode(text)
    elif len(content) <= _MAX_OTHER_RESULTS:
        whole = json.loads(content)
        found = whole.get("integrity") if isinstance(whole, dict) else None
    else:
        raise ValueError(f"{RESULTS} does not have the form that Surety writes")
    return found if isinstance(found, dict) else {}


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
    """Return a text of the file's information dictionary, without control characters. Return an empty text if the
    dictionary has no such text.
    """
    info = _entry(reader.trailer, "/Info")
    text = str(_entry(info, key) or "") if info is not None else ""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_NAME_LENGTH]


def _entry(node: Any, key: str) -> Any:
    """Return the value of a key, or None. A reference is resolved, which pyHanko's `get` does not do in all cases."""
    return node[key] if key in node else None  # noqa: SIM401


def _files_in(node: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise ValueError("the tree of attachments is too deep")
    pairs = _entry(node, "/Names") or []
    for index in range(1, len(pairs), 2):
        specification = pairs[index]
        yield str(_entry(specification, "/UF") or _entry(specification, "/F")), specification["/EF"]["/F"]
    kids = _entry(node, "/Kids") or []
    for index in range(len(kids)):  # Index the list, because iterating over it would not resolve references.
        yield from _files_in(kids[index], depth + 1)


def main() -> None:
    """Inspect the file from standard input, and print the result of `inspect` as JSON.

    Any error ends the process with status 1, and its message goes to standard error.
    """
    set_limits(int(sys.argv[1]), int(sys.argv[2]))
    # Switch the garbage collector off during this import. For a small file, a third of the total time would be spent on
    # searching the objects of the imported modules.
    gc.disable()
    import pyhanko.sign.validation.pdf_embedded  # noqa: F401 - `inspect` uses it; imported after the limits are set

    gc.freeze()
    gc.enable()
    json.dump(inspect(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
