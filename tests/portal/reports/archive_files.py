"""Reports of the levels B-LT and B-LTA for tests, and functions that read their parts and build changed reports."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from asn1crypto import ocsp
from django.test import override_settings
from pyhanko.sign.timestamps import TimeStamper

from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.signatures.place import find_signature
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signing.archive import renewed
from portal.reports.signing.sign import sign
from portal.reports.verification.archive_state import signed_state
from portal.reports.verification.archive_updates import (
    STAMP_DIGITS,
    ValidationData,
    read_updates,
    stamp_update,
    validation_update,
)
from portal.reports.verification.trust import Trust
from tests.portal.reports.conftest import REPORT, small_pdf
from tests.portal.reports.pki import Pki, serving
from tests.portal.reports.tampering import flipped

SETTINGS = ("SURETY_TSA_URL", "SURETY_TSA_CERTIFICATES", "SURETY_SIGNING_LEVEL")


@dataclass(frozen=True)
class Archived:
    """Files of the levels B-T, B-LT and B-LTA, signed once for all tests. `renewed` is `archive` with a further archive
    time stamp.
    """

    pki: Pki
    identity: SigningIdentity
    stamped: bytes
    long_term: bytes
    archive: bytes
    renewed: bytes

    @property
    def trust(self) -> Trust:
        """Trust in the signer's certificate alone."""
        return Trust(certificates=frozenset({self.identity.fingerprint}))


def configure(pki: Pki, level: str, *, tsa: str = "tsa") -> None:
    """Set the level, the time-stamp authority and the pinned root."""
    (pki.folder / "root-certificate.pem").write_bytes(pki.pem("root"))
    values = (pki.tsa(tsa), str(pki.folder / "root-certificate.pem"), level)
    os.environ.update(zip(SETTINGS, values, strict=True))


def signed_archives(folder: Path) -> Iterator[Archived]:
    """Yield the files, while a local server answers as their certificate and time-stamp authorities."""
    with (
        override_settings(SURETY_REVOCATION_ALLOWED_HOSTS=["127.0.0.1"]),
        serving(folder) as made,
    ):
        with pytest.MonkeyPatch.context() as patch:
            for setting in SETTINGS:
                patch.setenv(setting, "")
            identity = made.identity("signer")
            files: list[bytes] = []
            for level in ("B-T", "B-LT", "B-LTA"):
                configure(made, level)
                files.append(sign(small_pdf(), identity, reason="a test", report=REPORT))
            stamped, long_term, archive = files
            found = Archived(made, identity, stamped, long_term, archive, renewed(archive))
        yield found


def signed_end(data: bytes) -> int:
    return find_signature(data).end


def own_digits(data: bytes) -> bytes:
    place = find_signature(data)
    return data[place.first + 1 : place.start - 1]


def parts(data: bytes) -> list[bytes]:
    """Return the signed file and each of its updates."""
    ends = [at + len(b"%%EOF\n") for at in range(len(data)) if data.startswith(b"%%EOF\n", at)]
    ends = [end for end in ends if end >= signed_end(data)]
    return [data[: ends[0]], *(data[start:end] for start, end in pairwise(ends))]


def validation_data(data: bytes) -> ValidationData:
    found = read_updates(data, signed_end(data), own_digits(data))[0]
    assert isinstance(found, ValidationData)
    return found


def with_validation_data(data: bytes, changed: ValidationData) -> bytes:
    """Return the file `data` (B-LT) with the validation data `changed`, in the form that Surety writes."""
    signed = data[: signed_end(data)]
    return signed + validation_update(signed_state(signed, len(signed)), own_digits(data), changed)[0]


def restamped(data: bytes, stamper: TimeStamper) -> bytes:
    """Return the file with an archive time stamp of this authority at its end."""
    _, state = validation_update(
        signed_state(data, signed_end(data)), own_digits(data), validation_data(data)
    )
    update, at, _ = stamp_update(state)
    content, first = bytearray(data + update), len(data) + at
    digest = hashlib.sha256(content[: first - 1] + content[first + STAMP_DIGITS + 1 :]).digest()
    token = run_in_own_thread(lambda: asyncio.run(stamper.async_timestamp(digest, "sha256"))).dump()
    content[first : first + 2 * len(token)] = token.hex().upper().encode()
    return bytes(content)


def damaged_signature(answer: bytes) -> bytes:
    basic = ocsp.OCSPResponse.load(answer)["response_bytes"]["response"].parsed
    return flipped(answer, answer.index(basic["signature"].native) + 20)


def cut(data: bytes, *kept: int) -> bytes:
    found = parts(data)
    return b"".join(found[index] for index in kept)
