"""Encoding a signature's container (CMS) again, to find out whether it contains more than its fields."""

from __future__ import annotations

from typing import Any, Final

from asn1crypto import cms, core

_SIGNED_DATA_FIELDS: Final = (
    "version",
    "digest_algorithms",
    "encap_content_info",
    "certificates",
    "crls",
    "signer_infos",
)
_SIGNER_FIELDS: Final = (
    "version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature", "unsigned_attrs",
)  # fmt: skip


def encoded_again(content: cms.ContentInfo) -> bytes:
    """Return the container, built again from the fields that it should have.

    The parser ignores everything after the last field of a sequence, so data could be hidden there.
    """
    encoded: bytes = _rebuilt(content).dump()
    return encoded


def _rebuilt(content: cms.ContentInfo) -> cms.ContentInfo:
    signed = content["content"]
    if not isinstance(signed, cms.SignedData):
        return content
    inner = signed["encap_content_info"]
    fields = _present(signed, _SIGNED_DATA_FIELDS)
    fields["encap_content_info"] = type(inner)(_present(inner, ("content_type", "content")))
    fields["signer_infos"] = [_rebuilt_signer(signer) for signer in signed["signer_infos"]]
    return cms.ContentInfo({"content_type": content["content_type"], "content": cms.SignedData(fields)})


def _rebuilt_signer(signer: cms.SignerInfo) -> cms.SignerInfo:
    fields = _present(signer, _SIGNER_FIELDS)
    if "unsigned_attrs" in fields:
        fields["unsigned_attrs"] = cms.CMSAttributes(
            [
                cms.CMSAttribute(
                    {"type": attribute["type"], "values": [_rebuilt_value(v) for v in attribute["values"]]}
                )
                for attribute in fields["unsigned_attrs"]
            ]
        )
    return cms.SignerInfo(fields)


def _rebuilt_value(value: Any) -> Any:
    return _rebuilt(value) if isinstance(value, cms.ContentInfo) else value


def _present(sequence: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: sequence[name] for name in names if not isinstance(sequence[name], core.Void)}
