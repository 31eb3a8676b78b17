"""Read the container of a signature (CMS, RFC 5652), and refuse everything that was added or changed later.

Only a part of the container is signed. The signature would remain correct if somebody changed the padding, the case of
the hexadecimal digits, the certificates, the time stamps, or the fields that repeat signed values. So each byte of
these parts must have exactly the value that `portal.reports.signing.sign` writes or that the signature's profile
requires.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import algos, cms, core, x509

from portal.reports.signatures.cms_encoding import canonical_signature, signer_certificate
from portal.reports.signatures.der import end_of_element
from portal.reports.signatures.profile import ATTRIBUTE, SignatureProfile, read_profile

_STAMP: Final = "signature_time_stamp_token"
_CHANGED: Final = "The signature’s container was changed after signing."
_SIGNED_ATTRIBUTES: Final = {"content_type", "message_digest", "signing_certificate_v2"}
_SHA256: Final = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_MECHANISMS: Final = frozenset(
    algos.SignedDigestAlgorithm({"algorithm": name}).dump() for name in ("sha256_rsa", "sha256_ecdsa")
)


class DamagedSignature(Exception):
    """The container cannot be read. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class SignatureContainer:
    """A signature's container. `problems` are sentences about content that does not belong in the container.

    `profile` is None for signatures of older versions of Surety. `stamp` is the container of the signature's time
    stamp, or None if there is no time stamp.
    """

    signed: cms.SignedData
    signer: cms.SignerInfo
    certificate: x509.Certificate
    profile: SignatureProfile | None
    stamp: cms.SignedData | None
    problems: tuple[str, ...]


def read_container(digits: bytes) -> SignatureContainer:
    """Read a signature from its hexadecimal digits. Raises DamagedSignature."""
    problems: list[str] = []
    try:
        return _read(decoded(digits, problems), problems)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedSignature(
            f"The signature is damaged, or its container was changed after signing: {_reason(error)}."
        ) from None


def decoded(digits: bytes, problems: list[str]) -> bytes:
    """Return the container without its padding. Add a sentence to `problems` for each difference from the form that
    Surety writes.

    Raises DamagedSignature or ValueError.
    """
    try:
        raw = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        raise DamagedSignature(
            "The signature is damaged: it has characters other than hexadecimal digits."
        ) from None
    if raw.hex().upper().encode() != digits:
        problems.append("The signature’s hexadecimal digits were rewritten after signing.")
    end = end_of_element(raw)
    if any(raw[end:]):
        problems.append("Data was added to the padding after the signature.")
    return raw[:end]


def _read(encoded: bytes, problems: list[str]) -> SignatureContainer:
    content = cms.ContentInfo.load(encoded, strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("it is not a signature")
    signed = content["content"]
    if len(signed["signer_infos"]) != 1:
        raise ValueError(f"it has {len(signed['signer_infos'])} signers instead of one")
    signer = signed["signer_infos"][0]
    profile = read_profile(signer)
    if canonical_signature(signed) != encoded or not _has_own_form(signed, signer):
        problems.append(_CHANGED)
    problems += _certificate_problems(signed, profile)
    stamp, stamp_problems = _read_stamp(signer, profile)
    problems += stamp_problems
    certificate = signer_certificate(signed, signer)
    return SignatureContainer(signed, signer, certificate, profile, stamp, tuple(problems))


def _has_own_form(signed: cms.SignedData, signer: cms.SignerInfo) -> bool:
    """Return whether the unsigned fields have the form that `portal.reports.signing.sign` writes."""
    found = [attribute["type"].native for attribute in signer["signed_attrs"]]
    certificates = [choice.dump() for choice in signed["certificates"]]
    return all(
        (
            signed["version"].native == signer["version"].native == "v1",
            [algorithm.dump() for algorithm in signed["digest_algorithms"]] == [_SHA256],
            signer["digest_algorithm"].dump() == _SHA256,
            signer["signature_algorithm"].dump() in _MECHANISMS,
            signed["encap_content_info"]["content_type"].native == "data",
            signed["encap_content_info"]["content"].native is None,
            not is_present(signed["crls"]),
            not is_present(signer["unsigned_attrs"]) or len(signer["unsigned_attrs"]) > 0,
            certificates == sorted(certificates),
            signer["sid"].name == "issuer_and_serial_number",
            {*found, ATTRIBUTE} == {*_SIGNED_ATTRIBUTES, ATTRIBUTE},
            len(found) == len(set(found)),
        )
    )


def _certificate_problems(signed: cms.SignedData, profile: SignatureProfile | None) -> list[str]:
    present = fingerprints(signed)
    if profile is None:
        return []
    problems = []
    if added := [found for found in present if found not in profile.certificates]:
        problems.append(f"The signature contains {_certificates(len(added))} added after signing.")
    if missing := [found for found in profile.certificates if found not in present]:
        verb = "was" if len(missing) == 1 else "were"
        problems.append(
            f"{_certificates(len(missing)).capitalize()} of the signature {verb} removed or replaced."
        )
    if not problems and len(present) != len(profile.certificates):
        problems.append(_CHANGED)
    return problems


def _read_stamp(
    signer: cms.SignerInfo, profile: SignatureProfile | None
) -> tuple[cms.SignedData | None, list[str]]:
    attributes = list(signer["unsigned_attrs"]) if is_present(signer["unsigned_attrs"]) else []
    stamps = [
        value
        for attribute in attributes
        if attribute["type"].native == _STAMP
        for value in attribute["values"]
    ]
    problems = []
    if any(attribute["type"].native != _STAMP for attribute in attributes):
        problems.append("Unsigned attributes were added to the signature after signing.")
    if len(stamps) > 1 or len(attributes) > 1:
        problems.append("Attributes were added to the signature after signing.")
    if profile is not None and profile.level == "B-B" and stamps:
        problems.append(
            "A time stamp was added after signing: the report was signed as PAdES B-B, which has no time stamp."
        )
    if profile is not None and profile.level != "B-B" and not stamps:
        problems.append(
            f"The time stamp was removed: the report was signed as PAdES {profile.level}, which has a time stamp."
        )
    return (stamps[0]["content"] if stamps else None), problems


def is_present(field: Any) -> bool:
    """Return whether an optional field is present, even if it is an empty set."""
    return not isinstance(field, core.Void)


def fingerprints(signed: cms.SignedData) -> list[str]:
    """Return the SHA-256 of each certificate in the container. Certificates of all kinds are included."""
    choices: list[Any] = list(signed["certificates"] or ())
    return [hashlib.sha256(choice.chosen.dump()).hexdigest() for choice in choices]


def _certificates(number: int) -> str:
    return "a certificate" if number == 1 else f"{number} certificates"


def _reason(error: BaseException) -> str:
    """Return the first line of the error's message; the further lines only list internal types of asn1crypto."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
