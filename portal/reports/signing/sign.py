"""Sign a report as PAdES baseline with SHA-256. The signature is invisible, because a visible one breaks PDF/A and
PDF/UA.

The signature is a certification signature that permits no changes (DocMDP, P=1, ISO 32000-1, 12.8.2.2). So any PDF
program that verifies signatures reports later changes.

The level is B-B, B-T, B-LT or B-LTA (`portal.reports.signatures.stamps.planned_level`). For B-LT and B-LTA,
`portal.reports.signing.archive` appends further data. The rendered report already states the level of its signature. So
if an authority fails, the build fails: a signature of a lower level would contradict the report.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from io import BytesIO

from asn1crypto import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import CAdESSignedAttributeProviderSpec, PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.keys.signing_keys import sign_data
from portal.reports.signatures.place import RESERVED_DIGITS
from portal.reports.signatures.profile import ProfiledAttributes, SignatureProfile
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signatures.stamps import (
    LEVEL,
    PinnedTimeStamper,
    pinned_authorities,
    planned_level,
    time_stamp_authority,
)
from portal.reports.signing.archive import archived
from portal.reports.signing.revocation_requests import completed_chain
from portal.reports.verification.archive_check import ARCHIVED

FIELD = "SuretySignature"


def sign(pdf: bytes, identity: SigningIdentity, *, reason: str, report: str = "") -> bytes:
    """Return the PDF with a signature over the whole file. The signature includes `report`, the report's id.

    Raises SigningUnavailable if the key or an authority fails, or if a certificate was revoked.
    """
    level = planned_level()
    stamps = level != "B-B"
    authority, authorities = (time_stamp_authority(), pinned_authorities()) if stamps else ("", [])
    stamper = PinnedTimeStamper(authority, authorities) if authority else None
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
        name=identity.name,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    signer = signers.PdfSigner(metadata, _signer(identity, authorities, report, level), timestamper=stamper)
    out = BytesIO()
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        run_in_own_thread(lambda: signer.sign_pdf(writer, output=out, bytes_reserved=RESERVED_DIGITS))
    except (TimestampRequestError, OSError) as error:
        if not authority:
            raise
        raise SigningUnavailable(
            f"The time-stamp authority {authority} did not return a valid time stamp: {error}. Try again. To sign"
            " without a time stamp, unset SURETY_TSA_URL. The report then states that it has no time stamp."
        ) from error
    return archived(out.getvalue(), level) if level in ARCHIVED else out.getvalue()


class IdentitySigner(signers.Signer):
    """A signer for pyHanko that uses the key of a signing identity. The key may be in a file, a vault or a token."""

    def __init__(
        self, identity: SigningIdentity, certificate: x509.Certificate, store: SimpleCertificateStore
    ) -> None:
        super().__init__(signing_cert=certificate, cert_registry=store, prefer_pss=False)
        self.identity = identity

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the signature over the SHA-256 of `data`. Raises SigningUnavailable."""
        if digest_algorithm != "sha256":
            raise ValueError(f"Surety signs SHA-256 digests only, not {digest_algorithm}.")
        return await asyncio.to_thread(sign_data, self.identity.key, self.identity.certificate, data)


def _signer(
    identity: SigningIdentity, authorities: list[x509.Certificate], report: str, level: str
) -> IdentitySigner:
    certificate = _asn1(identity.certificate.public_bytes(serialization.Encoding.DER))
    chain = [_asn1(member.public_bytes(serialization.Encoding.DER)) for member in identity.chain]
    if level in ARCHIVED:
        chain = _complete(certificate, chain)
    signer = IdentitySigner(identity, certificate, _store(chain))
    profile = SignatureProfile(
        level=level,
        signed_at=datetime.now(UTC),
        report=report,
        certificates=_fingerprints([certificate, *chain]),
        time_stamp_authorities=_fingerprints(authorities),
        certified=True,
    )
    attributes = CAdESSignedAttributeProviderSpec(
        PdfCMSSignedAttributes(), certificate, is_pades=True, timestamper=None
    )
    signer.signed_attr_prov_spec = ProfiledAttributes(attributes, profile)
    return signer


def _complete(certificate: x509.Certificate, chain: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates of the signer's issuers, up to the root. Raises SigningUnavailable if a certificate is
    missing.
    """
    if certificate.issuer == certificate.subject:
        raise SigningUnavailable(
            f"{LEVEL} needs revocation information, but a self-signed certificate has no revocation information."
            f" Configure a certificate of a certificate authority, or set {LEVEL} to B-T."
        )
    return completed_chain(certificate, chain)[1:]


def _fingerprints(certificates: list[x509.Certificate]) -> tuple[str, ...]:
    return tuple(sorted({hashlib.sha256(certificate.dump()).hexdigest() for certificate in certificates}))


def _store(chain: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko annotates only the arguments
    store.register_multiple(chain)
    return store


def _asn1(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)
