"""The signature profile: the content that a signature must have, stored in a signed attribute.

The signature does not cover its own time stamp and certificates, so anybody could remove them or add others. But the
signature covers the profile, which lists the level, the certificates, and the authorities whose time stamps are
accepted. The verifier requires that the signature has exactly this content.

The value is a UTF-8 string with JSON, which `openssl cms -cmsout -print` shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import cms, core
from pyhanko.sign.ades.asn1_util import register_cms_attribute
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec

ATTRIBUTE: Final = "surety_signature_profile"
# After the prefix 2.25, an object identifier contains a UUID, so nobody has to register it (ITU-T X.667).
OBJECT_IDENTIFIER: Final = "2.25.249660533250733522421333620334450702025"
# The levels of PAdES (ETSI EN 319 142-1), each of which includes the levels before it.
LEVELS: Final = ("B-B", "B-T", "B-LT", "B-LTA")
FORMAT: Final = "surety-signature/1"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"

register_cms_attribute(OBJECT_IDENTIFIER, ATTRIBUTE, core.UTF8String)


@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """The content that a signature must have. `level` is one of LEVELS, `signed_at` the time of the signer's clock,
    `report` the report's id.

    `certificates` are the SHA-256 fingerprints (hex) of all certificates in the signature's container, sorted;
    `time_stamp_authorities` are the fingerprints of the accepted authorities: the chain of the time stamp must end at
    one of these certificates. If `certified` is set, the file must state that the signature permits no changes (DocMDP,
    P=1). Older versions of Surety signed without this statement.
    """

    level: str
    signed_at: datetime
    report: str
    certificates: tuple[str, ...]
    time_stamp_authorities: tuple[str, ...] = ()
    certified: bool = False

    def to_json(self) -> str:
        """Return the profile as JSON, which is the value of the signed attribute."""
        return json.dumps(
            {
                "format": FORMAT,
                "level": self.level,
                "signed_at": self.signed_at.astimezone(UTC).strftime(_TIME),
                "report": self.report,
                "certificates": self.certificates,
                "time_stamp_authorities": self.time_stamp_authorities,
                "certified": self.certified,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> SignatureProfile:
        """Read a profile from an attribute's value.

        Raises ValueError, KeyError or TypeError if the value is not a profile.
        """
        content: dict[str, Any] = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError(f"unknown format {content['format']!r}")
        if content["level"] not in LEVELS:
            raise ValueError(f"unknown level {content['level']!r}")
        return cls(
            level=str(content["level"]),
            signed_at=datetime.strptime(content["signed_at"], _TIME).replace(tzinfo=UTC),
            report=str(content["report"]),
            certificates=tuple(content["certificates"]),
            time_stamp_authorities=tuple(content["time_stamp_authorities"]),
            certified=content.get("certified") is True,
        )


class _ProfileProvider(CMSAttributeProvider):
    attribute_type = ATTRIBUTE

    def __init__(self, profile: SignatureProfile) -> None:
        self.profile = profile

    async def build_attr_value(self, dry_run: bool = False) -> core.UTF8String:
        return core.UTF8String(self.profile.to_json())


class ProfiledAttributes(SignedAttributeProviderSpec):
    """The signed attributes of a signature: first the attributes of `others`, then the attribute that contains the
    profile.
    """

    def __init__(self, others: SignedAttributeProviderSpec, profile: SignatureProfile) -> None:
        self.others = others
        self.profile = profile

    def signed_attr_providers(
        self, data_digest: bytes, digest_algorithm: str
    ) -> Iterable[CMSAttributeProvider]:
        """Yield the providers of `others`, then the provider of the profile."""
        yield from self.others.signed_attr_providers(data_digest, digest_algorithm)
        yield _ProfileProvider(self.profile)


def read_profile(signer: cms.SignerInfo) -> SignatureProfile | None:
    """Return the signature's profile. Return None if the signature has no profile, like signatures of older versions of
    Surety.

    Raises ValueError, KeyError or TypeError if the profile cannot be read.
    """
    values = [
        value
        for attribute in signer["signed_attrs"]
        if attribute["type"].native == ATTRIBUTE
        for value in attribute["values"]
    ]
    if not values:
        return None
    if len(values) > 1:
        raise ValueError("several profiles")
    return SignatureProfile.from_json(values[0].native)
