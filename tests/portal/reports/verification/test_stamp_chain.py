"""A time stamp's certificates are accepted in only one form, even if the root has an elliptic-curve key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from portal.reports.signatures import time_stamps
from portal.reports.signatures.stamps import check_stamp, imprint_of
from tests.portal.reports.authority import TimeStampAuthority, asn1, pem

CURVE = ec.SECP256R1()
SIGNATURE = b"the bytes of a signature"
DIGEST = hashlib.sha256(SIGNATURE).digest()


@pytest.fixture(scope="module")
def authority() -> TimeStampAuthority:
    return TimeStampAuthority("Curve", curve=CURVE)


@pytest.fixture
def token(authority: TimeStampAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    path = tmp_path / "authorities.pem"
    path.write_bytes(pem(authority.root))
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(path))
    with authority.serving() as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        return time_stamps.request(DIGEST).token


def with_other_s(token: bytes, authority: TimeStampAuthority) -> bytes:
    """Replace s by n - s in the signature of the intermediate certificate. The signature remains correct."""
    info = cms.ContentInfo.load(token)
    changed = 0
    for choice in info["content"]["certificates"]:
        certificate = choice.chosen
        if certificate.subject.dump() == asn1(authority.middle).subject.dump():
            r, s = decode_dss_signature(certificate["signature_value"].native)
            other = encode_dss_signature(r, CURVE.group_order - s)
            certificate["signature_value"] = core.OctetBitString(other)
            changed += 1
    assert changed == 1
    return bytes(info.dump(force=True))


def pinned(authority: TimeStampAuthority) -> set[str]:
    return {hashlib.sha256(asn1(authority.root).dump()).hexdigest()}


def test_the_stamp_of_a_head_has_one_form(token: bytes, authority: TimeStampAuthority) -> None:
    assert time_stamps.problem(token, DIGEST) == ""
    other = with_other_s(token, authority)
    assert (
        time_stamps.problem(other, DIGEST)
        == "its encoding was changed, or data was added, after it was made."
    )


def test_the_stamp_of_a_report_has_one_form(token: bytes, authority: TimeStampAuthority) -> None:
    def problems(encoded: bytes) -> list[str]:
        return check_stamp(
            cms.ContentInfo.load(encoded)["content"], imprint_of(SIGNATURE), pinned(authority)
        ).problems

    assert problems(token) == []
    other = with_other_s(token, authority)
    assert problems(other) == ["The encoding of the time stamp was changed after it was made."]
