"""Every change of a signed report is refused with the reason, even offline, where only the certificate is known."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import NameOID

from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import SignedFile, Trust
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tests.portal.reports.conftest import Signed, small_pdf
from tests.portal.reports.der_tree import mutations, parse
from tests.portal.reports.tampering import (
    container,
    edited,
    flipped,
    place,
    rebuilt_signer,
    signer_of,
    with_container,
)
from tests.portal.reports.verification.tampered_reports import TAMPERED, with_edited_stamp

pytestmark = pytest.mark.slow(seconds=15)


def test_untouched_files_are_valid(signed_files: Signed) -> None:
    plain = verify_pdf(signed_files.plain, signed_files.trust)
    assert (plain.verdict, plain.problems, plain.level) == (Verdict.VALID, [], "B-B")
    assert plain.attachments == ["results.json"]
    stamped = verify_pdf(signed_files.stamped, signed_files.trust)
    assert (stamped.verdict, stamped.problems, stamped.level) == (Verdict.VALID, [], "B-T")
    assert "Honest clock" in stamped.authority
    assert stamped.signed_at is not None
    assert abs(signed_files.made_at - stamped.signed_at) < timedelta(minutes=1)


@pytest.mark.parametrize("what", TAMPERED)
def test_tampered_file_is_refused_with_the_reason(signed_files: Signed, what: str) -> None:
    tamper, reason = TAMPERED[what]
    data = tamper(signed_files)
    assert data not in (signed_files.plain, signed_files.stamped)
    result = verify_signature(data, signed_files.trust)
    assert result.verdict == Verdict.INVALID
    assert any(part in " ".join(result.problems) for part in reason.split("|")), result.problems


def test_tools_for_tampering_leave_a_file_valid_that_they_do_not_change(signed_files: Signed) -> None:
    """Tampered files must be refused for their changes, not because of the tool."""
    for data in (signed_files.plain, signed_files.stamped):
        assert edited(data, rebuilt_signer) == data
    assert with_edited_stamp(signed_files.stamped, lambda stamp: None) == signed_files.stamped


def test_every_changed_byte_of_the_container_is_refused(signed_files: Signed) -> None:
    """Some bytes of the container are not covered by any digest. Surety accepts these bytes in only one form."""
    start, end = place(signed_files.plain)
    used = 2 * len(container(signed_files.plain).dump())
    places = [*range(start, start + used), *range(start + used, end, 997)]
    accepted = [
        at for at in places if verify_signature(flipped(signed_files.plain, at), signed_files.trust).valid
    ]
    assert accepted == []


@pytest.mark.parametrize("level", ["plain", "stamped", "curve"])
def test_every_changed_element_of_the_container_is_refused(
    level: str, signed_files: Signed, curve_signed: tuple[bytes, Trust]
) -> None:
    """Each element is changed in two copies. In the first, data is added at its end, because parsers ignore data after
    the last field of a sequence. The second has a change of another kind, chosen at random with a fixed seed.
    """
    data, trust = curve_signed if level == "curve" else (getattr(signed_files, level), signed_files.trust)
    encoded = container(data).dump()
    changes = list(mutations(encoded, Random(31)))
    assert len(changes) > 1.5 * len(list(parse(encoded).walk()))
    accepted = [
        what for what, changed in changes if verify_signature(with_container(data, changed), trust).valid
    ]
    assert accepted == []


def test_changed_bytes_of_the_time_stamp_are_refused(signed_files: Signed) -> None:
    data = signed_files.stamped
    stamp = signer_of(container(data)["content"])["unsigned_attrs"].dump()
    first = place(data)[0] + 2 * container(data).dump().index(stamp)
    accepted = [
        at
        for at in range(first, first + 2 * len(stamp), 37)
        if verify_signature(flipped(data, at), signed_files.trust).valid
    ]
    assert accepted == []


def test_every_changed_signed_byte_is_refused(signed_files: Signed) -> None:
    start, end = place(signed_files.plain)
    places = [at for at in range(0, len(signed_files.plain), 53) if not start <= at < end]
    assert len(places) > 40
    assert [
        at for at in places if verify_signature(flipped(signed_files.plain, at), signed_files.trust).valid
    ] == []


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler's pdfsig is not installed")
def test_pdfsig_agrees_about_the_document(signed_files: Signed, tmp_path: Path) -> None:
    """pdfsig checks only the document's hash and the signature, not levels and pinned authorities."""

    def valid(data: bytes) -> bool:
        path = tmp_path / "report.pdf"
        path.write_bytes(data)
        output = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False)
        return "Signature is Valid" in output.stdout and "Total document signed" in output.stdout

    assert valid(signed_files.plain)
    assert valid(signed_files.stamped)
    changed = (
        "a byte of the text", "the version in the header", "the signing time beside the signature",
        "a blank at the end", "shadow attack: replaced page", "an attachment changed", "never signed",
        "genuine signature on another file", "cut in half",
    )  # fmt: skip
    assert [what for what in changed if valid(TAMPERED[what][0](signed_files))] == []


@pytest.fixture(scope="module")
def curve_signed() -> tuple[bytes, Trust]:
    """A file signed with an elliptic-curve key, and a `Trust` with only the fingerprint of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Curve")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    identity = SigningIdentity(key, made.sign(key, hashes.SHA256()), ())
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SURETY_TSA_URL", raising=False)
        signed = sign(small_pdf(), identity, reason="a test")
    return signed, Trust(certificates=frozenset({identity.fingerprint}))


def test_a_signature_of_an_elliptic_curve_has_one_form(curve_signed: tuple[bytes, Trust]) -> None:
    data, trust = curve_signed
    assert verify_signature(data, trust).problems == []
    r, s = decode_dss_signature(signer_of(container(data)["content"])["signature"].native)
    order = ec.SECP256R1.group_order
    assert s <= order // 2
    long_r = bytes([0x02, 34, 0, 0]) + r.to_bytes(32)
    short_s = encode_dss_signature(0, s)[5:]
    padded = long_r + short_s
    forms = {
        "the other value of s": encode_dss_signature(r, order - s),
        "a longer number": bytes([0x30, len(padded)]) + padded,
        "data behind": encode_dss_signature(r, s) + b"\0",
    }
    for what, form in forms.items():
        changed = edited(data, partial(rebuilt_signer, signature=form))
        assert not verify_signature(changed, trust).valid, what
    other = edited(data, lambda signed: rebuilt_signer(signed, signature=forms["the other value of s"]))
    assert verify_signature(other, trust).problems == [
        "After signing, the signature was replaced by an equivalent signature in another form."
    ]
    recorded = replace(trust, by_file=lambda sha256: SignedFile("", sha256, "B-B"))
    assert verify_signature(other, recorded).valid, "an older version signed exactly this file"
