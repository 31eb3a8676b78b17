"""Signing with a key in a PKCS#11 token of SoftHSM, a token in software.

If `make test` may install packages, it installs SoftHSM. These tests then fail if SoftHSM is missing, so they cannot
be skipped unnoticed. If `make test` may not install packages and SoftHSM is missing, the tests are skipped with a
message that gives the command to install SoftHSM.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from asn1crypto.keys import PublicKeyInfo, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
from pkcs11.util.rsa import encode_rsa_public_key

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import verify_pdf
from portal.settings.env import BASE_DIR
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import REPORT, small_pdf
from tests.portal.reports.keys.certified_keys import certified

UTILITY = shutil.which("softhsm2-util")
PIN = "123456"


def _module() -> str:
    """Return the path of SoftHSM's library; empty if it is not installed."""
    if UTILITY is None:
        return ""
    prefix = Path(UTILITY).resolve().parent.parent
    places = [prefix / "lib/softhsm/libsofthsm2.so", prefix / "lib64/pkcs11/libsofthsm2.so"]
    return next((str(path) for path in places if path.exists()), "")


def _may_install() -> bool:
    """Return whether `make test` may install packages here."""
    folder = BASE_DIR / ".ci"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, system_libraries; sys.exit(system_libraries.apt_prefix() is None)",
        ],
        cwd=folder,
        check=False,
    )
    return done.returncode == 0


@dataclass(frozen=True)
class Hsm:
    """A token with the keys “rsa” and “p256”."""

    module: str
    keys: dict[str, Any]


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def hsm(tmp_path_factory: pytest.TempPathFactory, monkeypatch_session: pytest.MonkeyPatch) -> Hsm:
    module = _module()
    if not module and _may_install():
        pytest.fail("SoftHSM is not installed, although apt-get may install packages. Run: make browser")
    if not module:
        pytest.skip("SoftHSM is not installed. Run: sudo apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n"
    )
    # SoftHSM reads this variable when the library is initialized, which happens once in a process.
    monkeypatch_session.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    init = ["--init-token", "--free", "--label", "reports", "--so-pin", "87654321", "--pin", PIN]
    subprocess.run([str(UTILITY), "--module", module, *init], check=True, capture_output=True)
    token = pkcs11.lib(module).get_token(token_label="reports")
    with token.open(rw=True, user_pin=PIN) as session:
        public, _ = session.generate_keypair(pkcs11.KeyType.RSA, 2048, label="rsa", store=True)
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC,
            {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
            local=True,
        )
        curve, _ = parameters.generate_keypair(label="p256", store=True)
        # The library encodes the elliptic-curve key as SubjectPublicKeyInfo, and the RSA key as PKCS#1.
        keys = {"p256": load_der_public_key(encode_ec_public_key(curve))}
        numbers = RSAPublicKey.load(encode_rsa_public_key(public))
        keys["rsa"] = load_der_public_key(PublicKeyInfo.wrap(numbers, "rsa").dump())
    return Hsm(module, keys)


class PublicOnly:
    """Only the public half of a key, which is all that `certified` needs."""

    def __init__(self, public: Any) -> None:
        self.public = public

    def public_key(self) -> Any:
        return self.public


@pytest.fixture
def configured(hsm: Hsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configure the RSA key, and return the path of the certificate."""
    certificate, pin = tmp_path / "signer.pem", tmp_path / "pin"
    pin.write_text(f"{PIN}\n")
    certificate.write_bytes(pem(*certified(PublicOnly(hsm.keys["rsa"]))))
    monkeypatch.setenv("SURETY_SIGNING_PKCS11_MODULE", hsm.module)
    monkeypatch.setenv("SURETY_SIGNING_PKCS11_TOKEN", "reports")
    monkeypatch.setenv("SURETY_SIGNING_PKCS11_KEY", "rsa")
    monkeypatch.setenv("SURETY_SIGNING_PASSWORD_FILE", str(pin))
    monkeypatch.setenv("SURETY_SIGNING_CERTIFICATE", str(certificate))
    return certificate


def signed() -> bytes:
    return sign(small_pdf(), ensure_signing_identity(), reason="a test", report=REPORT)


@pytest.mark.parametrize("label", ["rsa", "p256"])
def test_token_signs(label: str, hsm: Hsm, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_SIGNING_PKCS11_KEY", label)
    configured.write_bytes(pem(*certified(PublicOnly(hsm.keys[label]))))
    kind = rsa.RSAPublicKey if label == "rsa" else ec.EllipticCurvePublicKey
    identity = ensure_signing_identity()
    assert isinstance(identity.certificate.public_key(), kind)
    assert PIN not in repr(identity)
    for _ in range(2):
        result = verify_pdf(signed(), Trust(certificates=frozenset({identity.fingerprint})))
        assert (result.valid, result.signer) == (True, "Reports of Contoso"), result.problems


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("SURETY_SIGNING_PKCS11_TOKEN", "other", "No token has the label “other”"),
        ("SURETY_SIGNING_PKCS11_KEY", "other", "no private key of this kind with the label “other”"),
        (
            "SURETY_SIGNING_PKCS11_KEY",
            "p256",
            "belongs to an RSA key, .* no private key of this kind with the label “p256”",
        ),
        ("SURETY_SIGNING_PKCS11_MODULE", "/missing.so", "cannot be used as a PKCS#11 library"),
    ],
)
@pytest.mark.usefixtures("configured")
def test_wrong_setting_says_what_to_do(
    variable: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SigningUnavailable, match=reason):
        signed()


@pytest.mark.usefixtures("configured")
def test_wrong_pin_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("654321")
    with pytest.raises(SigningUnavailable, match=r"refused the PIN .* locks itself") as refused:
        signed()
    assert "654321" not in str(refused.value)
    (tmp_path / "pin").write_text(PIN)
    signed()


def test_key_of_another_certificate_is_refused(configured: Path) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    configured.write_bytes(pem(*certified(other)))
    with pytest.raises(SigningUnavailable, match=r"key “rsa”. does not belong to the signing certificate"):
        signed()


def test_missing_settings_and_a_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, pin = tmp_path / "signer.pem", tmp_path / "pin"
    certificate.write_bytes(pem(*certified(ec.generate_private_key(ec.SECP256R1()))))
    pin.write_text(PIN)
    monkeypatch.delenv("SURETY_SIGNING_PASSWORD_FILE", raising=False)
    monkeypatch.setenv("SURETY_SIGNING_PKCS11_MODULE", "/usr/lib/module.so")
    for name, value in (
        ("SURETY_SIGNING_PKCS11_TOKEN", "reports"),
        ("SURETY_SIGNING_PKCS11_KEY", "rsa"),
        ("SURETY_SIGNING_PASSWORD_FILE", str(pin)),
        ("SURETY_SIGNING_CERTIFICATE", str(certificate)),
    ):
        with pytest.raises(
            SigningUnavailable, match=f"SURETY_SIGNING_PKCS11_MODULE is set, but {name} is not"
        ):
            ensure_signing_identity()
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(SigningUnavailable, match="python-pkcs11 is not installed") as refused:
        signed()
    # An installation has no pip, so the message must give another command: the one in the documentation.
    assert re.search(r"(?m)^pip==", (BASE_DIR / "requirements.txt").read_text()) is None
    command = str(refused.value).rpartition("upgrade: ")[2]
    assert f"`{command}`" in (BASE_DIR / "docs/operations/keys.md").read_text()
    monkeypatch.setenv("SURETY_SIGNING_KEY_VAULT", "https://x.vault.azure.net/")
    with pytest.raises(SigningUnavailable, match="KEY_VAULT and SURETY_SIGNING_PKCS11_MODULE are set"):
        ensure_signing_identity()
