"""Add to a signed report the data that PAdES B-LT and B-LTA require, and renew its archive time stamps.

    archived(data, level) -> bytes       append validation data, and for B-LTA an archive time stamp
    renewed(data) -> bytes               append a new archive time stamp, after validation data for the previous one

Both functions append updates (`portal.reports.verification.archive_updates`), so the signed bytes do not change.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import cms
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimestampRequestError

from portal.reports.errors import SigningUnavailable
from portal.reports.signatures.container import read_container
from portal.reports.signatures.place import SignaturePlace, find_signature
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signatures.stamps import (
    CERTIFICATES,
    URL,
    PinnedTimeStamper,
    pinned_authorities,
    time_stamp_authority,
)
from portal.reports.signing.revocation_requests import fetch_validation_data
from portal.reports.verification.archive_check import (
    ArchiveStamp,
    certificates_of,
    described_stamp,
    read_stamp,
    signature_chains,
    stamp_chain,
)
from portal.reports.verification.archive_state import FileState, UnknownForm, signed_state
from portal.reports.verification.archive_updates import (
    STAMP_DIGITS,
    DocumentStamp,
    ValidationData,
    read_updates,
    stamp_update,
    validation_update,
)
from portal.reports.verification.certificate_chains import Chain

_MAX_TOKEN_BYTES: Final = STAMP_DIGITS // 2


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a signed file, where an update is appended.

    - `state`: the file's objects and offsets that the update must refer to
    - `digits`: the hexadecimal digits of the last signature or time stamp in the file
    - `chains`: the certificate chains of this signature or time stamp
    """

    state: FileState
    digits: bytes
    chains: list[Chain]


def archived(data: bytes, level: str) -> bytes:
    """Return the signed file with the validation data and time stamps that the level needs.

    Raises SigningUnavailable if these cannot be added.
    """
    place = find_signature(data)
    digits = data[place.first + 1 : place.start - 1]
    container = read_container(digits)
    assert container.stamp is not None  # `sign` adds a time stamp at the levels B-LT and B-LTA.
    at = container.stamp["encap_content_info"]["content"].parsed["gen_time"].native
    end = _End(_state(data, place), digits, signature_chains(container, at))
    content, end = _with_validation_data(data, end)
    return _with_stamp(content, end.state) if level == "B-LTA" else content


def renewed(data: bytes) -> bytes:
    """Return the file with a further archive time stamp. `data` must be a valid file of the level B-LTA.

    Raises SigningUnavailable if the file has no archive time stamp, or if revocation information or a new time stamp
    cannot be obtained.
    """
    found = _last(data)
    if found is None:
        raise SigningUnavailable("The report has no archive time stamp that could be renewed.")
    state, digits = found
    chain = _chain(digits)
    content, end = _with_validation_data(data, _End(state, digits, [chain]))
    return _with_stamp(content, end.state)


def last_stamp(data: bytes) -> ArchiveStamp | None:
    """Return the last archive time stamp of a valid file, or None if the file has no archive time stamp."""
    found = _last(data)
    if found is None:
        return None
    chain = _chain(found[1])
    return described_stamp(read_stamp(found[1], []), chain.at, chain)


def _last(data: bytes) -> tuple[FileState, bytes] | None:
    """Return two values: the objects and offsets to which the next update must refer, and the hexadecimal digits of the
    last archive time stamp.

    Return None if the file has no archive time stamp.
    """
    place = find_signature(data)
    if place.end == len(data):
        return None
    digits = data[place.first + 1 : place.start - 1]
    state = _state(data, place)
    stamped = False
    for update in read_updates(data, place.end, digits):
        if isinstance(update, ValidationData):
            _, state = validation_update(state, digits, update)
        else:
            _, _, state = stamp_update(state)
            digits, stamped = update.digits, True
    return (state, digits) if stamped else None


def _chain(digits: bytes) -> Chain:
    stamp = read_stamp(digits, [])
    at: datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    return stamp_chain(stamp, at, "the last archive time stamp")


def _state(data: bytes, place: SignaturePlace) -> FileState:
    try:
        return signed_state(data, place.end)
    except UnknownForm as error:
        raise SigningUnavailable(
            f"Surety could not add validation data to the signed file: {error}. Choose the level B-T in"
            " SURETY_SIGNING_LEVEL, and report this error to the developers of Surety."
        ) from None


def _with_validation_data(data: bytes, end: _End) -> tuple[bytes, _End]:
    fetched = fetch_validation_data(end.chains)
    complete = ValidationData(certificates_of(end.chains), fetched.ocsps, fetched.crls)
    update, state = validation_update(end.state, end.digits, complete)
    return data + update, _End(state, end.digits, end.chains)


def _with_stamp(data: bytes, state: FileState) -> bytes:
    update, at, _ = stamp_update(state)
    content = bytearray(data + update)
    first = len(data) + at
    stamp = DocumentStamp.of(content, first, len(data))
    token = _request(stamp.digest)
    encoded = token.dump()
    if len(encoded) > _MAX_TOKEN_BYTES:
        raise SigningUnavailable(
            f"The time stamp of {time_stamp_authority()} has {len(encoded)} bytes, but the report has space for at "
            f"most {_MAX_TOKEN_BYTES}. Choose another authority in {URL}."
        )
    content[first : first + 2 * len(encoded)] = encoded.hex().upper().encode()
    return bytes(content)


def _request(digest: bytes) -> cms.ContentInfo:
    url = time_stamp_authority()
    if not url:
        raise SigningUnavailable(
            f"An archive time stamp needs a time-stamp authority. Set {URL} and {CERTIFICATES}."
        )
    stamper = PinnedTimeStamper(url, pinned_authorities())
    try:
        return run_in_own_thread(lambda: asyncio.run(stamper.async_timestamp(digest, "sha256")))
    except (TimestampRequestError, SigningError, OSError, ValueError) as error:
        raise SigningUnavailable(
            f"The time-stamp authority {url} did not return a valid archive time stamp: {error}. Try again, or choose "
            "another authority."
        ) from error
