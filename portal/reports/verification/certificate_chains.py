"""Check that each certificate of a signature and of its time stamps was not revoked at the time when the certificate
was used.

validate_chains(chains, data) -> None      raises ChainRefused
minimal(chains, data) -> ValidationData    the OCSP answers and CRLs that the chains need, in canonical form
surplus(chains, data) -> str               why the data are more than the chains need, or not in canonical form

pyhanko-certvalidator validates the chains, the OCSP answers (RFC 6960) and the CRLs (RFC 5280). It validates each chain
for the time at which the chain's first certificate was used. A time stamp states this time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import crl, ocsp, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    OCSPValidationError,
    PathError,
    RevokedError,
    ValidationError,
)

from portal.reports.signatures.cms_encoding import encoded_certificate, signature_algorithm
from portal.reports.signatures.der import end_of_element
from portal.reports.signatures.ecdsa_form import canonical, made_by
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.verification.archive_updates import ValidationData

MAX_CHAIN: Final = 8
STAMPING: Final = "time_stamping"


class ChainRefused(Exception):
    """A certificate is not accepted as valid at the time of its use. The message is a sentence for people."""

    def __init__(self, message: str, *, revoked: bool = False, unanswered: bool = False) -> None:
        super().__init__(message)
        self.revoked = revoked
        self.unanswered = unanswered


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate with its issuers up to an anchor.

    `at` is the time at which the certificate was used, `name` its name in messages. The anchor is trusted without
    revocation information. `usage` is the extended key usage that the certificate must have, or empty if it needs none.
    """

    certificates: tuple[x509.Certificate, ...]
    at: datetime
    name: str
    usage: str = ""

    @property
    def needs_answers(self) -> bool:
        """Whether revocation information is needed. This is not the case if the certificate is itself the anchor."""
        return len(self.certificates) > 1


def ordered_chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificate, its issuer, the issuer's issuer and so on, as far as `others` contains them."""
    path = [leaf]
    while len(path) <= MAX_CHAIN and path[-1].issuer.dump() != path[-1].subject.dump():
        issuers = [one for one in others if one.subject.dump() == path[-1].issuer.dump() and one not in path]
        if not issuers:
            break
        path.append(issuers[0])
    return path


def validate_chains(chains: Sequence[Chain], data: ValidationData) -> None:
    """Check each chain with these OCSP answers and CRLs. Raises ChainRefused, ValueError, TypeError or LookupError."""
    run_in_own_thread(lambda: asyncio.run(_validate_all(chains, data)))


async def _validate_all(chains: Sequence[Chain], data: ValidationData) -> None:
    for chain in chains:
        if chain.needs_answers:
            context = ValidationContext(
                trust_roots=[chain.certificates[-1]],
                other_certs=list(chain.certificates[1:-1]),
                moment=chain.at,
                ocsps=[answer for one in data.ocsps if not _is_late(answer := _loaded_ocsp(one), chain)],
                crls=[found for one in data.crls if not _is_late_list(found := _loaded_crl(one), chain)],
                revocation_mode="require",
                retroactive_revinfo=True,
            )
            await validate_chain(chain, context)


def _loaded_ocsp(raw: bytes) -> ocsp.OCSPResponse:
    return ocsp.OCSPResponse.load(raw, strict=True)


def _loaded_crl(raw: bytes) -> crl.CertificateList:
    return crl.CertificateList.load(raw, strict=True)


def _is_late(answer: ocsp.OCSPResponse, chain: Chain) -> bool:
    """Return whether the OCSP answer was made too late: it is about a certificate of the chain, and was made after this
    certificate had expired.

    After a revoked certificate has expired, authorities may stop reporting its revocation (RFC 5280, 5: removal from
    CRLs; RFC 6960, 4.4.4).
    """
    if answer["response_status"].native != "successful":
        return False
    rows = answer["response_bytes"]["response"].parsed["tbs_response_data"]["responses"]
    ends = {one.serial_number: _end(one) for one in chain.certificates}
    return any(
        row["cert_id"]["serial_number"].native in ends
        and row["this_update"].native > ends[row["cert_id"]["serial_number"].native]
        for row in rows
    )


def _is_late_list(found: crl.CertificateList, chain: Chain) -> bool:
    """Return whether the CRL was made too late: the chain has a certificate of the same issuer as the CRL, and the CRL
    was made after this certificate had expired.
    """
    issuer, made = found.issuer.dump(), found["tbs_cert_list"]["this_update"].native
    ends = [_end(one) for one in chain.certificates if one.issuer.dump() == issuer]
    return bool(ends) and made > min(ends)


def _end(certificate: x509.Certificate) -> datetime:
    end: datetime = certificate["tbs_certificate"]["validity"]["not_after"].native
    return end


async def validate_chain(chain: Chain, context: ValidationContext) -> None:
    """Validate the chain with the time and the revocation information that the context has. Raises ChainRefused."""
    leaf = chain.certificates[0]
    validator: Any = CertificateValidator(leaf, list(chain.certificates[1:-1]), validation_context=context)
    try:
        if chain.usage:
            await validator.async_validate_usage(set(), {chain.usage}, extended_optional=False)
        else:
            await validator.async_validate_path()
    except RevokedError as error:
        when = f"on {error.revocation_dt:%Y-%m-%d %H:%M} UTC"
        # State which came first: when a time stamp is renewed, a revocation can be years later than the use.
        order = (
            f"had been revoked {when}, before"
            if error.revocation_dt <= chain.at
            else f"was revoked {when}, after"
        )
        raise ChainRefused(f"A certificate of {chain.name} {order} it was used.", revoked=True) from None
    except (InsufficientRevinfoError, OCSPValidationError, CRLValidationError) as error:
        raise ChainRefused(
            f"No valid revocation information for the certificates of {chain.name} is available: "
            f"{_first_line(error)}",
            unanswered=True,
        ) from None
    except (ExpiredError, NotYetValidError):
        if chain.at <= (end := min(map(_end, chain.certificates))) < datetime.now(UTC):
            raise ChainRefused(
                f"A certificate of {chain.name} expired on {end:%Y-%m-%d %H:%M} UTC, after it was used."
            ) from None
        raise ChainRefused(
            f"A certificate of {chain.name} was not valid at {chain.at:%Y-%m-%d %H:%M} UTC, when it was used."
        ) from None
    except (ValidationError, PathError) as error:
        raise ChainRefused(f"The certificates of {chain.name} are not valid: {_first_line(error)}") from None


def minimal(chains: Sequence[Chain], data: ValidationData) -> ValidationData:
    """Return only those OCSP answers and CRLs that the chains need, in their canonical form. Raises ChainRefused."""
    kept = ValidationData(
        data.certificates,
        tuple(sorted({canonical_ocsp(one, chains) for one in data.ocsps})),
        tuple(sorted({canonical_crl(one, chains) for one in data.crls})),
    )
    validate_chains(chains, kept)
    for less in _each_without_one(kept):
        smaller = ValidationData(
            kept.certificates,
            tuple(one for one in kept.ocsps if one in less.ocsps),
            tuple(one for one in kept.crls if one in less.crls),
        )
        if _are_valid(chains, smaller):
            kept = smaller
    return kept


def surplus(chains: Sequence[Chain], data: ValidationData) -> str:
    """Return why the data contain more than the chains need, or how their encoding differs from the form that Surety
    writes.

    Return an empty text if the data are exactly what the chains need. The chains must be valid with the data.

    Raises ValueError, TypeError or LookupError if an OCSP answer or a CRL cannot be read.
    """
    # A chain needs at most two answers for each certificate: one about the certificate, and one about the responder of
    # that answer. Check the number of answers first, because the last check below is slow: it validates the chains once
    # for each answer.
    certificates = sum(len(chain.certificates) - 1 for chain in chains)
    if len(data.ocsps) + len(data.crls) > 2 * certificates:
        return "The validation data contain OCSP answers or CRLs that no certificate of the report needs."
    for one in (*data.ocsps, *data.crls):
        if end_of_element(one) != len(one):
            return "In the validation data, an OCSP answer or a CRL is followed by other data."
    forms = (
        [canonical_ocsp(one, chains) for one in data.ocsps],
        [canonical_crl(one, chains) for one in data.crls],
    )
    if forms != (list(data.ocsps), list(data.crls)):
        return "The validation data are not encoded as Surety encodes them."
    if list(data.ocsps) != sorted(set(data.ocsps)) or list(data.crls) != sorted(set(data.crls)):
        return "The validation data are not sorted, or contain duplicates."
    if any(_are_valid(chains, less) for less in _each_without_one(data)):
        return "The validation data contain OCSP answers or CRLs that no certificate of the report needs."
    return ""


def _each_without_one(data: ValidationData) -> list[ValidationData]:
    return [
        *(replace(data, ocsps=tuple(one for one in data.ocsps if one != left)) for left in data.ocsps),
        *(replace(data, crls=tuple(one for one in data.crls if one != left)) for left in data.crls),
    ]


def _are_valid(chains: Sequence[Chain], data: ValidationData) -> bool:
    try:
        validate_chains(chains, data)
    except ChainRefused:
        return False
    return True


def canonical_ocsp(raw: bytes, chains: Sequence[Chain]) -> bytes:
    """Return the OCSP answer in its canonical form.

    In this form, the answer contains only the certificate of its responder, or none if a chain contains it.

    Raises ValueError, TypeError or LookupError if the answer reports an error or cannot be read.
    """
    found = ocsp.OCSPResponse.load(raw, strict=True)
    if found["response_status"].native != "successful":
        raise ValueError("an OCSP answer reports an error")
    basic: Any = found["response_bytes"]["response"].parsed
    content = basic["tbs_response_data"]
    known = _certificates(chains)
    in_chains = {one.dump() for one in known}
    certificates = [one for one in basic["certs"] or () if _is_responder(one, content["responder_id"])]
    kept = [_in_one_form(one, known) for one in certificates if one.dump() not in in_chains][:1]
    algorithm = basic["signature_algorithm"]
    signature = _signature(basic["signature"].native, content.dump(), algorithm.hash_algo, [*kept, *known])
    fields = {
        "tbs_response_data": ocsp.ResponseData.load(content.dump(), strict=True),
        "signature_algorithm": signature_algorithm(algorithm, algorithm.hash_algo),
        "signature": signature,
    }
    if kept:
        fields["certs"] = kept
    encoded: bytes = ocsp.OCSPResponse(
        {
            "response_status": "successful",
            "response_bytes": {
                "response_type": "basic_ocsp_response",
                "response": ocsp.BasicOCSPResponse(fields),
            },
        }
    ).dump()
    return encoded


def _is_responder(certificate: x509.Certificate, responder: ocsp.ResponderId) -> bool:
    if responder.name == "by_name":
        return bool(responder.chosen.dump() == certificate.subject.dump())
    key = bytes(certificate.public_key["public_key"])
    # RFC 6960, 4.2.1: the identifier of a key is its SHA-1.
    return bool(responder.chosen.native == hashlib.sha1(key, usedforsecurity=False).digest())


def _in_one_form(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> x509.Certificate:
    signed = certificate["tbs_certificate"]
    value = certificate["signature_value"].native
    return encoded_certificate(
        certificate, _signature(value, signed.dump(), signed["signature"].hash_algo, known)
    )


def _certificates(chains: Sequence[Chain]) -> list[x509.Certificate]:
    return [one for chain in chains for one in chain.certificates]


def _signature(value: bytes, content: bytes, digest: str, signers: Sequence[x509.Certificate]) -> bytes:
    """Return the signature in its canonical form if an elliptic-curve key of one of the signers made it. Return
    any other signature unchanged.
    """
    for signer in signers:
        key = load_der_x509_certificate(signer.dump()).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and made_by(key, value, content, digest):
            return canonical(value, key.curve)
    return value


def canonical_crl(raw: bytes, chains: Sequence[Chain]) -> bytes:
    """Return the CRL in its canonical form. Raises ValueError or TypeError."""
    found = crl.CertificateList.load(raw, strict=True)
    content = crl.TbsCertList.load(found["tbs_cert_list"].dump(), strict=True)
    value, digest = found["signature"].native, content["signature"].hash_algo
    encoded: bytes = crl.CertificateList(
        {
            "tbs_cert_list": content,
            # The signed content also names the algorithm, so copy the algorithm from the signed content.
            "signature_algorithm": content["signature"].copy(),
            "signature": _signature(value, content.dump(), digest, _certificates(chains)),
        }
    ).dump()
    return encoded


def _first_line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return text if text.endswith(".") else f"{text}."
