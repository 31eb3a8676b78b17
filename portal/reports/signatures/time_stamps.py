"""RFC 3161 time stamps over a SHA-256 digest, from the authority that reports use (`SURETY_TSA_URL`).

A stamp is accepted only if its certificate chain ends at a certificate in `SURETY_TSA_CERTIFICATES`. Without this
condition, a stamp would prove nothing, because anybody can run a time-stamp authority: somebody who has changed the
stamped data could make a new stamp for the changed data.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import TimestampSignatureStatus

from portal.reports.errors import SigningUnavailable
from portal.reports.signatures.cms_encoding import canonical_stamp
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signatures.stamps import (
    CERTIFICATES,
    CLOCK_SKEW,
    PinnedTimeStamper,
    configured_certificates,
    pinned_authorities,
    time_stamp_authority,
    validate_stamp,
)
from tenants.errors import SuretyError


class NotStamped(SuretyError, code="not_stamped"):
    """The authority did not return a valid time stamp."""


class _Invalid(Exception):
    """The stamp is not accepted. The message says why, as the end of a sentence, such as “it covers another hash.”"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp token in DER, its time, and the name of its authority."""

    token: bytes
    at: datetime
    authority: str


def authority() -> str:
    """Return the URL of the configured authority, or an empty text."""
    return time_stamp_authority()


def request(digest: bytes) -> Stamp:
    """Return a time stamp over a SHA-256 digest, from the configured authority.

    Raise NotStamped if the authority returns no valid time stamp, or a time stamp whose certificate chain does not end
    at a pinned certificate (`SURETY_TSA_CERTIFICATES`). Also raise NotStamped if the pinned certificates cannot be
    read.
    """
    url = authority()
    try:
        stamper = PinnedTimeStamper(url, pinned_authorities())
        answer = run_in_own_thread(lambda: asyncio.run(stamper.async_timestamp(digest, "sha256")))
    except SigningUnavailable as error:
        raise NotStamped(error.message) from None
    except (TimestampRequestError, SigningError, OSError, ValueError) as error:
        raise NotStamped(
            f"The time-stamp authority {url} did not return a valid time stamp: {error}."
        ) from None
    token = answer.dump()
    try:
        status, at = _checked(token, digest)
    except _Invalid as error:
        raise NotStamped(
            f"The time-stamp authority {url} returned a time stamp that is not valid: {error}"
        ) from None
    return Stamp(token, at, status.signing_cert.subject.human_friendly)


def problem(token: bytes, digest: bytes) -> str:
    """Return why the token is not a valid time stamp over the digest, or an empty text if it is valid.

    The certificate chain of a valid time stamp ends at a certificate in `SURETY_TSA_CERTIFICATES`.
    """
    try:
        _checked(token, digest)
    except _Invalid as error:
        return str(error)
    return ""


def _checked(token: bytes, digest: bytes) -> tuple[TimestampSignatureStatus, datetime]:
    """Return the result of checking the stamp, and the time of the stamp. Raise _Invalid if the stamp is not valid."""
    try:
        pinned = configured_certificates()
    except SigningUnavailable as error:
        raise _Invalid(error.message) from None
    if not pinned:
        raise _Invalid(f"no accepted time-stamp authority is configured ({CERTIFICATES}).")

    def imprint(algorithm: str) -> bytes:
        return digest if algorithm == "sha256" else b""

    try:
        signed: Any = cms.ContentInfo.load(token)["content"]
        at = signed["encap_content_info"]["content"].parsed["gen_time"].native
        if at > datetime.now(UTC) + CLOCK_SKEW:
            raise _Invalid("its time is in the future.")
        status = run_in_own_thread(lambda: asyncio.run(validate_stamp(signed, pinned, imprint)))
    except SignatureValidationError as error:
        raise _Invalid(f"it is damaged: {error}.") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise _Invalid("it cannot be read.") from None
    if not status.intact:
        raise _Invalid("it covers another hash.")
    if not status.valid:
        raise _Invalid("its signature is not valid.")
    if not status.trusted:
        name = status.signing_cert.subject.human_friendly
        raise _Invalid(f"its authority ({name}) is not one whose certificate is in {CERTIFICATES}.")
    if not _has_own_form(token, signed, status.signing_cert):
        raise _Invalid("its encoding was changed, or data was added, after it was made.")
    return status, at


def _has_own_form(token: bytes, signed: cms.SignedData, signer: x509.Certificate) -> bool:
    """Return whether the token is, byte for byte, encoded as `PinnedTimeStamper` encodes tokens."""
    try:
        return canonical_stamp(signed, signer) == token
    except (ValueError, LookupError, TypeError):
        return False
