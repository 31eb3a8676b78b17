"""Check time stamps (RFC 3161): their authority must be accepted, and they must belong to the signature.

`SURETY_TSA_URL` is the URL of the time-stamp authority, `SURETY_TSA_CERTIFICATES` the path of a PEM file with the
certificates of the accepted authorities: roots, or the certificates that sign the stamps. Anybody can run a
time-stamp authority, so a stamp proves nothing without these certificates. A report's signature covers the fingerprints
of these certificates.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificates
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from portal.reports.errors import SigningUnavailable
from portal.reports.signatures.cms_encoding import canonical_stamp
from portal.reports.signatures.container import fingerprints, is_present
from portal.reports.signatures.profile import LEVELS
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signatures.time_stamp_requests import DirectTimeStamper

URL, CERTIFICATES, LEVEL = "SURETY_TSA_URL", "SURETY_TSA_CERTIFICATES", "SURETY_SIGNING_LEVEL"
TSA_SECONDS: Final = 20
# The accepted difference between the clocks of two machines.
CLOCK_SKEW: Final = timedelta(minutes=5)
# The maximum time between signature and stamp. Surety requests the stamp as soon as the file is signed, so a later
# stamp is refused.
MAX_DELAY: Final = timedelta(minutes=15)


def time_stamp_authority() -> str:
    """Return the URL of the configured time-stamp authority, or an empty string."""
    return os.environ.get(URL, "").strip()


def planned_level() -> str:
    """Return the PAdES level that `sign` will reach, one of LEVELS.

    SURETY_SIGNING_LEVEL sets the level. Without this setting, the level is B-T if a time-stamp authority is configured,
    otherwise B-B. Raises SigningUnavailable if the level in the setting cannot be reached.
    """
    level = os.environ.get(LEVEL, "").strip().upper()
    if not level:
        return "B-T" if time_stamp_authority() else "B-B"
    if level not in LEVELS:
        raise SigningUnavailable(f"{LEVEL} is {level}. Set it to one of: {', '.join(LEVELS)}.")
    if level != "B-B" and not time_stamp_authority():
        raise SigningUnavailable(
            f"{LEVEL} is {level}, which needs time stamps, but {URL} is not set. Set {URL} and {CERTIFICATES}, or set "
            f"{LEVEL} to B-B."
        )
    return level


def pinned_authorities() -> list[x509.Certificate]:
    """Return the certificates of the accepted authorities, or an empty list if no time-stamp authority is configured.

    Raises SigningUnavailable if an authority is configured without certificates, or if the certificates cannot be read.
    """
    if not time_stamp_authority():
        return []
    if found := configured_certificates():
        return found
    raise SigningUnavailable(
        f"{URL} is set, but {CERTIFICATES} is not. Set it to the path of a PEM file with the certificate of the "
        "time-stamp authority or of its root, so that stamps of other authorities are refused."
    )


def configured_certificates() -> list[x509.Certificate]:
    """Return the certificates in SURETY_TSA_CERTIFICATES, even if SURETY_TSA_URL is not set.

    Raises SigningUnavailable if the certificates cannot be read.
    """
    path = os.environ.get(CERTIFICATES, "").strip()
    if not path:
        return []
    try:
        found = load_pem_x509_certificates(Path(path).read_bytes())
    except OSError as error:
        raise SigningUnavailable(
            f"{path} ({CERTIFICATES}) cannot be read: {error.strerror}. Check the path and its permissions."
        ) from None
    except ValueError:
        raise SigningUnavailable(
            f"{path} has no certificate in PEM format. Set {CERTIFICATES} to a PEM file with certificates."
        ) from None
    return [x509.Certificate.load(certificate.public_bytes(Encoding.DER)) for certificate in found]


def pinned_authorities_pem() -> str:
    """Return the certificates of `pinned_authorities` in PEM format. Raises SigningUnavailable."""
    return "".join(
        load_der_x509_certificate(certificate.dump()).public_bytes(Encoding.PEM).decode()
        for certificate in pinned_authorities()
    )


# Time stamps with more certificates are refused. Anybody can put certificates into a time stamp, and the time to find
# a chain among them grows with the factorial of their number.
MAX_CERTIFICATES: Final = 6


class PinnedTimeStamper(DirectTimeStamper):
    """Requests time stamps, and refuses stamps of authorities that are not pinned.

    The returned stamp contains exactly the certificates of the chain from the stamp's signer to a pinned certificate.
    So the stamp can be verified offline, and a further certificate is recognized as added later. Fields that the
    authority did not sign are encoded in their canonical form. Verification requires this form, and so notices later
    changes of these fields.
    """

    def __init__(self, url: str, authorities: list[x509.Certificate]) -> None:
        super().__init__(url, timeout=TSA_SECONDS)
        self.authorities = authorities

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Request a stamp for the digest. Raises TimestampRequestError if the stamp does not come from a pinned
        authority.
        """
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
        except (ValueError, TypeError, LookupError) as error:
            raise TimestampRequestError("the answer is not a time stamp") from error
        signed = token["content"]
        try:
            status = await validate_stamp(signed, self.authorities, lambda _: message_digest)
        except SignatureValidationError as error:
            raise TimestampRequestError(f"the time stamp is damaged: {error}") from error
        if not (status.intact and status.valid and status.trusted):
            raise TimestampRequestError(
                f"the time stamp of “{status.signing_cert.subject.human_friendly}” is not valid under any certificate "
                f"in {CERTIFICATES}"
            )
        path = _path(status)
        if len(path) > MAX_CERTIFICATES:
            raise TimestampRequestError(
                f"the time stamp needs {len(path)} certificates, and at most {MAX_CERTIFICATES} are verified"
            )
        signed["certificates"] = [
            cms.CertificateChoices(name="certificate", value=certificate) for certificate in path
        ]
        try:
            return cms.ContentInfo.load(canonical_stamp(signed, status.signing_cert))
        except (ValueError, LookupError, TypeError) as error:
            raise TimestampRequestError(f"the time stamp has an unknown form: {error}") from error


@dataclass(frozen=True, slots=True)
class StampCheck:
    """The result of checking a time stamp. `problems` are sentences for people; `authority` names the signer of the
    stamp. `certificates` are the SHA-256 fingerprints of the certificates in the stamp's chain.
    """

    problems: list[str]
    at: datetime | None = None
    authority: str = ""
    certificates: tuple[str, ...] = ()


def check_stamp(
    stamp: cms.SignedData, imprint: Callable[[str], bytes], pinned: Collection[str] | None
) -> StampCheck:
    """Check that the stamp covers the imprint, and that its chain ends at one of the pinned certificates.

    `imprint` takes the name of a hash algorithm, and returns the digest that the stamp must contain. `imprint` raises
    ValueError for an algorithm that is not accepted. `pinned` are fingerprints. If `pinned` is None, every authority is
    accepted: reports of older versions of Surety recorded no fingerprints.
    """
    try:
        if problem := _added(stamp):
            return StampCheck([problem])
        at = stamp["encap_content_info"]["content"].parsed["gen_time"].native
        if at > datetime.now(UTC) + CLOCK_SKEW:
            return StampCheck([f"The time stamp is from the future: {at:%Y-%m-%d %H:%M} UTC."], at)
        roots = _certificates(stamp, pinned)
        if not roots:
            return StampCheck(
                [
                    "The time stamp is not from the time-stamp authority that was recorded when the report was signed."
                ],
                at,
            )
        status = run_in_own_thread(lambda: asyncio.run(validate_stamp(stamp, roots, imprint)))
    except (SignatureValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        return StampCheck([f"The time stamp is damaged: {str(error).splitlines()[0].rstrip('.')}."])
    authority = status.signing_cert.subject.human_friendly
    return StampCheck(_problems(stamp, status, pinned), at, authority, tuple(fingerprints(stamp)))


def _added(stamp: cms.SignedData) -> str:
    """Return a sentence about content of the stamp's container that was added or changed, or an empty text."""
    if len(stamp["certificates"]) > MAX_CERTIFICATES:
        return f"The time stamp has {len(stamp['certificates'])} certificates; at most {MAX_CERTIFICATES} are read."
    if len(stamp["signer_infos"]) != 1:
        return f"The time stamp has {len(stamp['signer_infos'])} signers instead of one."
    signer = stamp["signer_infos"][0]
    # RFC 5652, sections 5.1 and 5.3: the content determines the versions, so every other version number is wrong.
    own = "v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"
    if (stamp["version"].native, signer["version"].native) != ("v3", own):
        return "The version number in the time stamp was changed after the stamp was made."
    same = [algorithm.dump() for algorithm in stamp["digest_algorithms"]] == [
        signer["digest_algorithm"].dump()
    ]
    if is_present(signer["unsigned_attrs"]) or is_present(stamp["crls"]) or not same:
        return "Data was added to the time stamp after it was made."
    return ""


def _certificates(stamp: cms.SignedData, pinned: Collection[str] | None) -> list[x509.Certificate]:
    found = [choice.chosen for choice in stamp["certificates"]]
    if pinned is None:
        return found
    return [certificate for certificate in found if hashlib.sha256(certificate.dump()).hexdigest() in pinned]


def _problems(
    stamp: cms.SignedData, status: TimestampSignatureStatus, pinned: Collection[str] | None
) -> list[str]:
    if not (status.intact and status.valid):
        return ["The time stamp does not belong to this signature."]
    if pinned is None:
        return []
    if not status.trusted:
        return [
            "The time stamp’s certificate does not lead to the authority that was recorded when the report was signed."
        ]
    path = {hashlib.sha256(certificate.dump()).hexdigest() for certificate in _path(status)}
    if sorted(path) != sorted(fingerprints(stamp)):
        return ["The time stamp contains a certificate that was added after stamping."]
    # Check the encoding of the stamp separately, so that the message names the stamp. The check in
    # `portal.reports.signatures.container` includes the stamp, but its message names only the signature's container.
    if cms.ContentInfo.load(canonical_stamp(stamp, status.signing_cert))["content"].dump() != stamp.dump():
        return ["The encoding of the time stamp was changed after it was made."]
    return []


def _path(status: TimestampSignatureStatus) -> list[x509.Certificate]:
    """Return the chain of certificates from the stamp's signer to the pinned certificate."""
    path = status.validation_path
    return [] if path is None else list(path.iter_certs(include_root=True))


async def validate_stamp(
    stamp: cms.SignedData, roots: list[x509.Certificate], imprint: Callable[[str], bytes]
) -> TimestampSignatureStatus:
    """Validate a stamp against trusted certificates, at the time that the stamp states.

    Raises SignatureValidationError.
    """
    at = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at)
    return TimestampSignatureStatus(**await validate_tst_signed_data(stamp, context, imprint))


def imprint_of(content: bytes) -> Callable[[str], bytes]:
    """Return a function for the argument `imprint` of `check_stamp`. The function takes the name of a hash algorithm
    and returns the digest of the content.
    """
    return lambda name: _digest(name, content)


def _digest(name: str, content: bytes) -> bytes:
    algorithms: dict[str, Any] = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
    if name not in algorithms:
        raise ValueError(f"its hash algorithm, {name}, is not accepted")
    digest = hashes.Hash(algorithms[name]())
    digest.update(content)
    return digest.finalize()
