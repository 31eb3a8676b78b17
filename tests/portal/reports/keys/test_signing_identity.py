"""The signing key and certificate: self-signed, configured, unusable."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import configured_certificate, ensure_signing_identity
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import verify_signature
from tests.factories import certificate_pem
from tests.portal.reports.conftest import small_pdf


def write_p12(path: Path, password: bytes, **given: timedelta) -> Path:
    pem = certificate_pem(**given).encode()
    key, certificate = load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"t", key, certificate, None, BestAvailableEncryption(password))
    )
    return path


@pytest.mark.slow(seconds=2)
def test_self_signed_key_is_created_once_and_private(own_home: Path):
    first = ensure_signing_identity()
    path = own_home / "signing" / "self-made.p12"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert ensure_signing_identity().fingerprint == first.fingerprint
    assert first.self_signed
    assert list(path.parent.glob(".*")) == []


@pytest.mark.slow(seconds=1)
def test_key_that_other_users_can_read_is_refused(own_home: Path):
    ensure_signing_identity()
    (own_home / "signing" / "self-made.p12").chmod(0o644)
    with pytest.raises(SigningUnavailable, match="chmod 600"):
        ensure_signing_identity()


@pytest.mark.slow(seconds=1)
def test_configured_key_with_a_password_file_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SURETY_SIGNING_P12", str(write_p12(tmp_path / "own.p12", b"correct horse")))
    word = tmp_path / "password"
    word.write_text("correct horse\n")
    monkeypatch.setenv("SURETY_SIGNING_PASSWORD_FILE", str(word))
    identity = ensure_signing_identity()
    assert identity.name == "surety test"
    trust = Trust(certificates=frozenset({identity.fingerprint}))
    result = verify_signature(sign(small_pdf(), identity, reason="a test"), trust)
    assert result.valid
    assert result.signer == "surety test"


@pytest.mark.slow(seconds=1)
def test_configured_certificate_is_read_without_creating_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert configured_certificate() is None
    assert configured_certificate() is None
    identity = ensure_signing_identity()
    assert configured_certificate() == identity.certificate
    # An expired certificate still identifies the reports that it signed.
    expired = write_p12(tmp_path / "own.p12", b"word", start=timedelta(days=-9), end=timedelta(days=-1))
    word = tmp_path / "password"
    word.write_text("word")
    monkeypatch.setenv("SURETY_SIGNING_P12", str(expired))
    monkeypatch.setenv("SURETY_SIGNING_PASSWORD_FILE", str(word))
    certificate = configured_certificate()
    assert certificate is not None
    assert certificate.not_valid_after_utc < identity.certificate.not_valid_after_utc


@pytest.mark.slow(seconds=1)
def test_configured_certificate_is_read_again_only_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, word = write_p12(tmp_path / "own.p12", b"first"), tmp_path / "password"
    word.write_text("first")
    monkeypatch.setenv("SURETY_SIGNING_P12", str(path))
    monkeypatch.setenv("SURETY_SIGNING_PASSWORD_FILE", str(word))
    first = configured_certificate()
    with monkeypatch.context() as unreadable:
        unreadable.setattr(pkcs12, "load_key_and_certificates", None)
        assert configured_certificate() == first
    write_p12(path, b"second")
    with pytest.raises(SigningUnavailable, match="the password for it is wrong"):
        configured_certificate()
    word.write_text("second")
    second = configured_certificate()
    assert second not in (None, first)
    word.write_text("first")
    with pytest.raises(SigningUnavailable, match="the password for it is wrong"):
        configured_certificate()
    path.unlink()
    with pytest.raises(SigningUnavailable, match="cannot be read"):
        configured_certificate()


UNUSABLE = {
    "missing": (lambda p: p, "", "cannot be read"),
    "no PKCS#12": (lambda p: (p.write_bytes(b"junk"), p)[1], "", "is not a PKCS#12 file"),
    "wrong password": (lambda p: write_p12(p, b"right"), "wrong", "the password for it is wrong"),
    "expired": (
        lambda p: write_p12(p, b"right", start=timedelta(days=-9), end=timedelta(days=-1)),
        "right",
        "Configure a valid certificate in SURETY_SIGNING_P12",
    ),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_unusable_configured_key_says_what_to_do(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make, password, reason = UNUSABLE[what]
    monkeypatch.setenv("SURETY_SIGNING_P12", str(make(tmp_path / "own.p12")))
    word = tmp_path / "password"
    word.write_text(password)
    monkeypatch.setenv("SURETY_SIGNING_PASSWORD_FILE", str(word))
    with pytest.raises(SigningUnavailable, match=reason):
        ensure_signing_identity()


def test_blank_path_of_the_password_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_SIGNING_P12", str(write_p12(tmp_path / "own.p12", b"word")))
    monkeypatch.setenv("SURETY_SIGNING_PASSWORD_FILE", "")
    with pytest.raises(
        SigningUnavailable,
        match=r"SURETY_SIGNING_PASSWORD_FILE is empty\. Set SURETY_SIGNING_PASSWORD_FILE to the path",
    ):
        ensure_signing_identity()
