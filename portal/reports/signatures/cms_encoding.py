"""The one accepted form of a signature's container (CMS, RFC 5652).

A signature covers only a part of its container. In the rest of the container, parsers ignore data after the last field
of a sequence, and several encodings of one field have the same meaning. So somebody without the key could hide data in
a container, or replace one encoding by another.

To prevent this, this module builds the container again. It copies no field that the signature does not cover. Instead,
it computes each of these fields from the signer's certificate and the names of the algorithms. Verification refuses a
container that differs from the result. Time stamps are brought into this form when a report is signed.
"""

from __future__ import annotations

from typing import Any, Final

from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate

from portal.reports.signatures.ecdsa_form import canonical

_STAMP: Final = "signature_time_stamp_token"


def canonical_signature(signed: cms.SignedData) -> bytes:
    """Return the only accepted encoding of a report's signature. Raises ValueError, LookupError or TypeError.

    An ECDSA signature value keeps its form, because reports of older versions of Surety may have another.
    `verify._form_problem` judges the form.
    """
    signer = _signer(signed)
    certificate = signer_certificate(signed, signer)
    stamps = [
        cms.ContentInfo.load(canonical_stamp(value["content"], signer_certificate(value["content"])))
        for attribute in _present(signer["unsigned_attrs"])
        if attribute["type"].native == _STAMP
        for value in attribute["values"]
    ]
    return _container(
        signed,
        versions=("v1", "v1"),
        inner=cms.ContentInfo({"content_type": "data"}),
        signer=_signer_fields(signer, certificate, signer["signature"].native),
        stamps=stamps,
    )


def canonical_stamp(signed: cms.SignedData, certificate: x509.Certificate) -> bytes:
    """Return the only accepted encoding of a time stamp whose signer has this certificate.

    Raises ValueError, LookupError or TypeError if the time stamp has no such encoding.
    """
    signer = _signer(signed)
    key = load_der_x509_certificate(certificate.dump()).public_key()
    signature = signer["signature"].native
    if isinstance(key, ec.EllipticCurvePublicKey):
        signature = canonical(signature, key.curve)
    content = signed["encap_content_info"]["content"]
    inner = {"content_type": "tst_info", "content": core.ParsableOctetString(bytes(content))}
    return _container(
        signed,
        versions=("v3", "v1"),
        inner=cms.EncapsulatedContentInfo(inner),
        signer=_signer_fields(signer, certificate, signature),
        stamps=[],
        chain=signed,
    )


def signer_certificate(signed: cms.SignedData, signer: cms.SignerInfo | None = None) -> x509.Certificate:
    """Return the certificate that the signer names. Raises LookupError if the container lacks this certificate."""
    named = (signer or _signer(signed))["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if (
            isinstance(certificate, x509.Certificate)
            and named["issuer"].dump() == certificate.issuer.dump()
            and named["serial_number"].native == certificate.serial_number
        ):
            return certificate
    raise LookupError("it does not contain the signer’s certificate")


def _container(
    signed: cms.SignedData,
    *,
    versions: tuple[str, str],
    inner: Any,
    signer: dict[str, Any],
    stamps: list[cms.ContentInfo],
    chain: cms.SignedData | None = None,
) -> bytes:
    """Return the encoded container of a signature or time stamp.

    If `chain` is given, the ECDSA signatures of certificates between the signer's and the pinned certificate get their
    canonical form.
    """
    if stamps:
        signer["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": _STAMP, "values": [stamp]}) for stamp in stamps]
        )
    fields = {
        "version": versions[0],
        "digest_algorithms": [signer["digest_algorithm"].copy()],
        "encap_content_info": inner,
        # The signature does not cover these certificates, but changes are noticed: DER sorts a set, and callers compare
        # the certificates with the signature profile or, in a time stamp, with the chain of its signer.
        "certificates": [
            cms.CertificateChoices(
                name="certificate", value=_certificate(choice, chain, signer["sid"].chosen)
            )
            for choice in signed["certificates"]
        ],
        "signer_infos": [cms.SignerInfo({"version": versions[1], **signer})],
    }
    encoded: bytes = cms.ContentInfo(
        {"content_type": "signed_data", "content": cms.SignedData(fields)}
    ).dump()
    return encoded


def _signer_fields(signer: cms.SignerInfo, certificate: x509.Certificate, signature: bytes) -> dict[str, Any]:
    digest = signer["digest_algorithm"]["algorithm"].native
    return {
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value=cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
            ),
        ),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
        # Keep the bytes of these attributes, because the signature covers them.
        "signed_attrs": cms.CMSAttributes.load(signer["signed_attrs"].untag().dump()),
        "signature_algorithm": signature_algorithm(signer["signature_algorithm"], digest),
        "signature": core.OctetString(signature),
    }


def signature_algorithm(found: algos.SignedDigestAlgorithm, digest: str) -> algos.SignedDigestAlgorithm:
    """Return the algorithm in its only accepted encoding. Raises ValueError if the algorithm is not accepted."""
    kind = found.signature_algo
    if kind == "rsassa_pss":
        parameters = algos.RSASSAPSSParams(found["parameters"].native)
        return algos.SignedDigestAlgorithm({"algorithm": kind, "parameters": parameters})
    names = {"rsassa_pkcs1v15": f"{digest}_rsa", "ecdsa": f"{digest}_ecdsa"}
    if kind not in names:
        raise ValueError(f"signatures of the kind {kind} are not accepted")
    return algos.SignedDigestAlgorithm({"algorithm": names[kind]})


def _certificate(
    choice: cms.CertificateChoices, chain: cms.SignedData | None, signer: cms.IssuerAndSerialNumber
) -> x509.Certificate:
    """Return the certificate in its canonical form.

    A certificate has three fields: the content that the issuer signed, the algorithm, and the signature. The signature
    covers only the content, so the encoding of the other two fields is normalized.
    """
    certificate = choice.chosen
    if not isinstance(certificate, x509.Certificate):
        raise TypeError("it contains a certificate that is not an X.509 certificate")
    value = certificate["signature_value"].native
    key = None if chain is None else _issuer_key(certificate, chain)
    is_signer = (certificate.issuer.dump(), certificate.serial_number) == (
        signer["issuer"].dump(),
        signer["serial_number"].native,
    )
    # Only certificates between the signer's certificate and the pinned one could be rewritten unnoticed, so give the
    # issuers' signatures in them the canonical encoding. A change of the signer's certificate is noticed, because a
    # signed attribute has its hash. A change of the pinned certificate, for which `key` is None, is noticed, because
    # its fingerprint is compared.
    if isinstance(key, ec.EllipticCurvePublicKey) and not is_signer:
        value = canonical(value, key.curve)
    return encoded_certificate(certificate, value)


def encoded_certificate(certificate: x509.Certificate, value: bytes) -> x509.Certificate:
    """Return the canonical encoding of the certificate, with this value of the issuer's signature."""
    signed = certificate["tbs_certificate"]
    return x509.Certificate(
        {
            "tbs_certificate": signed,
            # A certificate names the algorithm of its signature in two fields with the same value (RFC 5280, 4.1.1.2).
            # Copy the value from the field that the issuer signed.
            "signature_algorithm": algos.SignedDigestAlgorithm.load(signed["signature"].dump()),
            "signature_value": core.OctetBitString(value),
        }
    )


def _issuer_key(certificate: x509.Certificate, chain: cms.SignedData) -> object:
    """Return the public key of the certificate's issuer, or None if the chain does not contain the issuer.

    The issuer is missing only for the last certificate, which is pinned, so its issuer's key is not needed.
    """
    for choice in chain["certificates"]:
        issuer = choice.chosen
        if (
            isinstance(issuer, x509.Certificate)
            and issuer.subject.dump() == certificate.issuer.dump()
            and issuer.dump() != certificate.dump()
        ):
            return load_der_x509_certificate(issuer.dump()).public_key()
    return None


def _signer(signed: cms.SignedData) -> cms.SignerInfo:
    (signer,) = signed["signer_infos"]
    return signer


def _present(attributes: Any) -> list[Any]:
    return [] if isinstance(attributes, core.Void) else list(attributes)
