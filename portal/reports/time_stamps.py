"""RFC 3161 time stamps over a SHA-256, from the authority that reports use (`SURETY_TSA_URL`).

Certificates of authorities that answered are kept in SURETY_HOME/signing/time-stamp-authorities/<sha256>.pem. A stamp
of any other authority is not accepted, because somebody who changed the database could have made it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from asn1crypto import cms, pem, x509
from django.conf import settings
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

from portal.reports.pyhanko_thread import run_in_own_thread
from portal.reports.signature_stamps import TSA_SECONDS, time_stamp_authority
from portal.reports.time_stamp_requests import DirectTimeStamper
from tenants.errors import SuretyError

# How far an authority's clock may be ahead of this machine's.
MAX_SKEW: Final = timedelta(minutes=5)


class NotStamped(SuretyError, code="not_stamped"):
    """The authority did not return a valid time stamp."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp token in DER, its time, and the name of its authority."""

    token: bytes
    at: datetime
    authority: str


def authority() -> str:
    """Return the address of the configured authority, or an empty text."""
    return time_stamp_authority()


def request(digest: bytes) -> Stamp:
    """Return a time stamp over a SHA-256 digest, and keep the certificate of its authority. Raise NotStamped."""
    url = authority()
    stamper = DirectTimeStamper(url, timeout=TSA_SECONDS)
    try:
        answer = run_in_own_thread(lambda: asyncio.run(stamper.async_timestamp(digest, "sha256")))
    except (TimestampRequestError, SigningError, OSError, ValueError) as error:
        raise NotStamped(
            f"The time-stamp authority {url} did not return a valid time stamp: {error}."
        ) from None
    token = answer.dump()
    signer, at = _signer(token)
    if reason := _invalid(token, digest, signer):
        raise NotStamped(f"The time-stamp authority {url} returned a time stamp that is not valid: {reason}")
    _keep(signer)
    return Stamp(token, at, signer.subject.human_friendly)


def problem(token: bytes, digest: bytes) -> str:
    """Return why the token is no valid stamp of a known authority over the digest; empty if it is one."""
    try:
        signer, _ = _signer(token)
    except (ValueError, KeyError, TypeError, LookupError):
        return "it cannot be read."
    if not _file(signer).is_file():
        return f"its authority ({signer.subject.human_friendly}) is not one of those that this installation asked."
    return _invalid(token, digest, signer)


def _invalid(token: bytes, digest: bytes, signer: x509.Certificate) -> str:
    signed: Any = cms.ContentInfo.load(token)["content"]
    at = signed["encap_content_info"]["content"].parsed["gen_time"].native
    if at > datetime.now(UTC) + MAX_SKEW:
        return "its time is in the future."
    # The certificate may have expired since; what counts is its validity when it stamped.
    context = ValidationContext(trust_roots=[signer], allow_fetching=False, moment=at)

    def expected(algorithm: str) -> bytes:
        return digest if algorithm == "sha256" else b""

    try:
        status = run_in_own_thread(lambda: asyncio.run(validate_tst_signed_data(signed, context, expected)))
    except SignatureValidationError as error:
        return f"{error}."
    if not status["intact"]:
        return "it covers another head."
    return "" if status["valid"] else "its signature is not valid."


def _signer(token: bytes) -> tuple[x509.Certificate, datetime]:
    """Return the certificate of the token's only signer, and the token's time."""
    signed = cms.ContentInfo.load(token)["content"]
    (info,) = signed["signer_infos"]
    wanted = info["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if not isinstance(certificate, x509.Certificate):
            continue
        if info["sid"].name == "issuer_and_serial_number":
            same = (certificate.issuer == wanted["issuer"]) and (
                certificate.serial_number == wanted["serial_number"].native
            )
        else:
            same = certificate.key_identifier == wanted.native
        if same:
            return certificate, signed["encap_content_info"]["content"].parsed["gen_time"].native
    raise ValueError("the token contains no certificate of its signer")


def _folder() -> Path:
    return Path(settings.SURETY_HOME) / "signing" / "time-stamp-authorities"


def _file(certificate: x509.Certificate) -> Path:
    return _folder() / f"{certificate.sha256.hex()}.pem"


def _keep(certificate: x509.Certificate) -> None:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = _file(certificate)
    if not file.exists():
        file.write_bytes(pem.armor("CERTIFICATE", certificate.dump()))
        file.chmod(0o600)
