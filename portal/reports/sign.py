"""Signing a report as PAdES baseline with SHA-256, invisibly, because a visible stamp breaks PDF/A and PDF/UA.

The level is B-B, or B-T if `SURETY_TSA_URL` is the URL of an RFC 3161 time-stamp authority. The report prints the level
before it is signed, so a time-stamp authority that fails makes the build fail instead of lowering the level.
"""

from __future__ import annotations

import os
from io import BytesIO

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.reports.errors import SigningUnavailable
from portal.reports.pyhanko_thread import run_in_own_thread
from portal.reports.signing_identity import SigningIdentity

FIELD = "SuretySignature"
TSA_SECONDS = 20
# Space for a certificate chain and a time stamp. The file has two hex digits for each byte.
CONTENT_BYTES = 24_000


def time_stamp_authority() -> str:
    """Return the URL of the configured time-stamp authority, or ``."""
    return os.environ.get("SURETY_TSA_URL", "").strip()


def planned_level() -> str:
    """Return the PAdES level that `sign` will reach, B-B or B-T."""
    return "B-T" if time_stamp_authority() else "B-B"


def sign(pdf: bytes, identity: SigningIdentity, *, reason: str) -> bytes:
    """Return the PDF with a signature over the whole file.

    Raises SigningUnavailable if the time-stamp authority does not answer or returns something invalid.
    """
    authority = time_stamp_authority()
    stamper = timestamps.HTTPTimeStamper(authority, timeout=TSA_SECONDS) if authority else None
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
        name=identity.name,
    )
    signer = signers.PdfSigner(metadata, _signer(identity), timestamper=stamper)
    out = BytesIO()
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        run_in_own_thread(lambda: signer.sign_pdf(writer, output=out, bytes_reserved=2 * CONTENT_BYTES))
    except (TimestampRequestError, OSError) as error:
        if not authority:
            raise
        raise SigningUnavailable(
            f"The time-stamp authority {authority} did not return a valid time stamp: {error}. Try again, or unset "
            "SURETY_TSA_URL to sign without a time stamp; the report then states that it has none."
        ) from error
    return out.getvalue()


def _signer(identity: SigningIdentity) -> signers.SimpleSigner:
    private = identity.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = [_asn1(certificate.public_bytes(serialization.Encoding.DER)) for certificate in identity.chain]
    return signers.SimpleSigner(
        signing_cert=_asn1(identity.certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=_store(chain),
        prefer_pss=False,
    )


def _store(chain: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko types its arguments alone
    store.register_multiple(chain)
    return store


def _asn1(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)
