"""Checking the bytes of the signature itself, which no digest covers.

Somebody could change the padding, the case of hex digits, or fields of the CMS (RFC 5652) that repeat signed values,
and the signature would still be correct. Such a change alters no content, but the file is no longer the signed one.
So each of these bytes must have the only value that `portal.reports.sign` writes.
"""

from __future__ import annotations

from asn1crypto import cms


def padding_problem(data: bytes, first: int, start: int) -> str:
    """Return what is wrong with `data[first:start]`, the signature as `<HEX>`, or ``."""
    digits = data[first + 1 : start - 1]
    if data[first : first + 1] != b"<" or data[start - 1 : start] != b">":
        return "The signature does not cover the whole file."
    try:
        raw = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return "The signature is damaged: it has characters other than hexadecimal digits."
    if raw.hex().upper().encode() != digits:
        return "The signature’s hexadecimal digits were rewritten after signing."
    content = cms.ContentInfo.load(raw)
    encoded = content.dump()
    if any(raw[len(encoded) :]):
        return "Data was added to the padding after the signature."
    return "" if _is_canonical(content, encoded) else "The signature’s container was changed after signing."


def _is_canonical(content: cms.ContentInfo, encoded: bytes) -> bool:
    signed = content["content"]
    signer = signed["signer_infos"][0]
    allowed = {"signature_time_stamp_token"}
    unsigned = {attribute["type"].native for attribute in signer["unsigned_attrs"] or ()}
    certificates = [choice.chosen for choice in signed["certificates"]]
    sid = signer["sid"].chosen
    facts = (
        signed["version"].native == "v1",
        len(signed["signer_infos"]) == 1,
        [algorithm.dump() for algorithm in signed["digest_algorithms"]]
        == [signer["digest_algorithm"].dump()],
        signer["digest_algorithm"]["algorithm"].native == "sha256",
        signed["encap_content_info"]["content_type"].native == "data",
        signed["encap_content_info"]["content"].native is None,
        not signed["crls"],
        signer["version"].native == "v1",
        signer["sid"].name == "issuer_and_serial_number",
        any(
            sid["issuer"].dump() == certificate.issuer.dump()
            and sid["serial_number"].native == certificate.serial_number
            for certificate in certificates
        ),
        unsigned <= allowed,
    )
    # Parsed again, because dump() would otherwise return the original bytes instead of encoding them.
    return all(facts) and cms.ContentInfo.load(encoded).copy().dump(force=True) == encoded
