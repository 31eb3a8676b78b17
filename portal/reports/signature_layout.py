"""The signature's own place in the file, held to the one way in which it is written.

The bytes of a signature do not sign themselves: padding, the spelling of hex digits, and those fields of the
CMS (RFC 5652) that repeat what is signed elsewhere can be changed without any digest noticing. No content hangs
on them, but a file in which a byte was changed is not the file that was signed, so each is compared with the
only value that `portal.reports.sign` gives it.
"""

from __future__ import annotations

from asn1crypto import cms


def padding_problem(data: bytes, first: int, start: int) -> str:
    """What is wrong with `data[first:start]`, the signature as `<HEX>`; `` when nothing is."""
    digits = data[first + 1 : start - 1]
    if data[first : first + 1] != b"<" or data[start - 1 : start] != b">":
        return "The signature leaves out more of the file than its own place."
    try:
        raw = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return "The signature is damaged: it is not written in hexadecimal digits."
    if raw.hex().upper().encode() != digits:
        return "The signature is not written as it was: the spelling of its digits was changed."
    content = cms.ContentInfo.load(raw)
    encoded = content.dump()
    if any(raw[len(encoded) :]):
        return "Something was put into the empty room behind the signature."
    return (
        "" if _canonical(content, encoded) else "The signature’s container was changed after it was signed."
    )


def _canonical(content: cms.ContentInfo, encoded: bytes) -> bool:
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
    # Parsed anew, so that nothing is taken over from the bytes that are to be compared with.
    return all(facts) and cms.ContentInfo.load(encoded).copy().dump(force=True) == encoded
