"""Signing with a key in an emulated Azure Key Vault: signatures are valid, and each refusal says what to do."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.key_vault import key_vault_key
from portal.reports.keys.signing_identity import configured_certificate, ensure_signing_identity
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import verify_pdf
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import REPORT, small_pdf
from tests.portal.reports.keys.certified_keys import Key, certified
from tests.portal.reports.tampering import container, signer_of
from tests.portal.reports.vault import HOST, VERSION, Vault, encoded, serving

URL = f"https://surety-test.vault.azure.net/keys/reports/{VERSION}"


@dataclass
class ServedVault:
    """An emulated vault that is being served and whose key is configured, and the certificate of this key."""

    vault: Vault
    certificate: Path
    chain: list[x509.Certificate]


KEYS: dict[str, Key] = {
    "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
}


@pytest.fixture(params=KEYS)
def case(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ServedVault]:
    vault = Vault(KEYS[request.param])
    chain = certified(vault.key)
    path = tmp_path / "signer.pem"
    path.write_bytes(pem(*chain))
    monkeypatch.setenv("SURETY_SIGNING_CERTIFICATE", str(path))
    with serving(vault, tmp_path, monkeypatch) as url:
        monkeypatch.setenv("SURETY_SIGNING_KEY_VAULT", url)
        yield ServedVault(vault, path, chain)


only_rsa = pytest.mark.parametrize("case", ["RSA"], indirect=True)


def signed() -> bytes:
    return sign(small_pdf(), ensure_signing_identity(), reason="a test", report=REPORT)


def test_vault_signs_and_verifiers_agree(case: ServedVault, tmp_path: Path) -> None:
    data = signed()
    identity = ensure_signing_identity()
    assert (identity.name, identity.self_signed, configured_certificate()) == (
        "Reports of Contoso",
        False,
        case.chain[0],
    )
    result = verify_pdf(data, Trust(certificates=frozenset({identity.fingerprint})))
    assert (result.valid, result.signer, result.self_signed) == (True, "Reports of Contoso", False), (
        result.problems
    )
    (asked,) = case.vault.requests
    attributes = signer_of(container(data)["content"])["signed_attrs"].untag().dump()
    expected = encoded(hashlib.sha256(attributes).digest())
    assert asked["body"] == {"alg": "RS256" if case.vault.key is KEYS["RSA"] else "ES256", "value": expected}
    (tmp_path / "report.pdf").write_bytes(data)
    output = subprocess.run(
        ["pdfsig", "-nocert", str(tmp_path / "report.pdf")], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in output
    assert "Total document signed" in output


REFUSALS = {
    "Forbidden": (403, {"error": {"code": "Forbidden", "message": "x", "innererror": {"code": "ForbiddenByRbac"}}},
                  "role Key Vault Crypto User.* Code: Forbidden, ForbiddenByRbac"),
    "busy": (429, {"error": {"code": "Throttled", "message": "x"}}, "too many requests.* Code: Throttled"),
    "broken": (503, {}, "status 503. Try again later"),
    "redirected": (302, {}, "status 302"),
    "no signature": (200, {"kid": URL}, "answer that is not a signature"),
    "a list": (200, [], "answer that is not a signature"),
    "not base64url": (200, {"value": "a+b/"}, "answer that is not a signature"),
    "another signature": (200, {"value": encoded(b"0" * 256)}, "does not belong to the signing certificate"),
}  # fmt: skip


@only_rsa
@pytest.mark.parametrize("what", REFUSALS)
def test_refusal_of_the_vault_says_what_to_do(what: str, case: ServedVault) -> None:
    status, content, reason = REFUSALS[what]
    case.vault.answers.append((status, json.dumps(content).encode()))
    with pytest.raises(SigningUnavailable, match=reason):
        signed()


@only_rsa
def test_token_that_the_vault_refuses_and_a_missing_key_say_what_to_do(case: ServedVault) -> None:
    genuine, case.vault.name = case.vault.name, "renamed"
    with pytest.raises(SigningUnavailable, match=r"no such key, or no such version.* Code: KeyNotFound"):
        signed()
    case.vault.name = genuine
    case.vault.judge = lambda *_: (401, {"error": {"code": "Unauthorized", "message": "x"}})  # type: ignore[method-assign]
    with pytest.raises(SigningUnavailable, match=r"refused the token.* Code: Unauthorized"):
        signed()


@only_rsa
def test_key_of_another_kind_than_the_certificate_is_refused(case: ServedVault) -> None:
    """The certificate has a P-256 key, the vault an RSA key, so the vault refuses the algorithm."""
    case.certificate.write_bytes(pem(*certified(KEYS["P-256"])))
    with pytest.raises(SigningUnavailable, match=r"status 400.* Code: BadParameter"):
        signed()


@only_rsa
def test_key_of_another_certificate_is_refused(case: ServedVault) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    case.certificate.write_bytes(pem(*certified(other)))
    with pytest.raises(SigningUnavailable, match="does not belong to the signing certificate"):
        signed()


@only_rsa
def test_curve_that_the_vault_cannot_use_is_refused_without_a_request(case: ServedVault) -> None:
    case.certificate.write_bytes(pem(*certified(ec.generate_private_key(ec.SECP384R1()))))
    with pytest.raises(SigningUnavailable, match="on the curve secp384r1"):
        signed()
    assert case.vault.requests == []


@only_rsa
def test_expired_certificate_names_its_setting(case: ServedVault) -> None:
    case.certificate.write_bytes(pem(*certified(case.vault.key, days=-1)))
    with pytest.raises(
        SigningUnavailable, match="Configure a valid certificate in SURETY_SIGNING_CERTIFICATE"
    ):
        ensure_signing_identity()


@only_rsa
def test_vault_that_does_not_answer_or_is_not_authentic(
    case: ServedVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(SigningUnavailable, match="cannot be reached: SSLError"):
        signed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("SURETY_SIGNING_KEY_VAULT", URL.replace(".net/", f".net:{port}/"))
    with pytest.raises(SigningUnavailable, match="cannot be reached: ConnectionError"):
        signed()


@only_rsa
def test_environment_neither_diverts_nor_replaces_the_token(
    case: ServedVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine {HOST} login thief password x\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    signed()
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.5)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        signed()
        with pytest.raises(TimeoutError):
            proxy.accept()


@only_rsa
def test_the_token_of_the_host_takes_no_proxy(case: ServedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    signed()


@only_rsa
def test_broken_and_endless_answers_are_refusals(case: ServedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    case.vault.raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n"
    with pytest.raises(SigningUnavailable, match=r"cannot be reached: (InvalidChunkLength|ProtocolError)"):
        signed()
    case.vault.raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    with pytest.raises(SigningUnavailable, match="cannot be reached: DecodeError"):
        signed()
    monkeypatch.setattr("portal.reports.keys.key_vault.TOTAL_SECONDS", 1)
    case.vault.raw, case.vault.drip = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20, 0.1
    with pytest.raises(SigningUnavailable, match="did not answer within 1 seconds"):
        signed()


@only_rsa
def test_host_without_an_identity_says_so(case: ServedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "of another host")
    with pytest.raises(SigningUnavailable, match=r"cannot sign in to .* No managed identity is assigned"):
        signed()
    assert case.vault.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://surety-test.vault.azure.net/keys/reports/" + VERSION,
        "https://surety-test.vault.azure.net/keys/reports",
        "https://surety-test.vault.azure.net.example.com/keys/reports/" + VERSION,
        "https://vault.azure.net/keys/reports/" + VERSION,
        "https://a.b.vault.azure.net/keys/reports/" + VERSION,
        "https://ab.vault.azure.net/keys/reports/" + VERSION,
        f"https://{'a' * 25}.vault.azure.net/keys/reports/" + VERSION,
        "https://a_b.vault.azure.net/keys/reports/" + VERSION,
        "https://evil.example%2f.vault.azure.net/keys/reports/" + VERSION,
        "https://evil.example\\.vault.azure.net/keys/reports/" + VERSION,
        "https://surety-tést.vault.azure.net/keys/reports/" + VERSION,
        "https://example.com@surety-test.vault.azure.net/keys/reports/" + VERSION,
        "https://surety-test.vault.azure.net:x/keys/reports/" + VERSION,
        "https://surety-test.vault.azure.net/secrets/reports/" + VERSION,
        "https://surety-test.vault.azure.net/keys/../secrets/" + VERSION,
        URL + "?a=b",
        URL + "#a",
        "https://[vault.azure.net/keys/reports/" + VERSION,
        "reports",
    ],
)
def test_malformed_identifier_gets_no_token(url: str) -> None:
    with pytest.raises(SigningUnavailable, match="Copy the key identifier from the Azure portal"):
        key_vault_key(url)


def test_tokens_are_for_the_cloud_of_the_vault() -> None:
    for domain in ("vault.azure.net", "vault.usgovcloudapi.net", "managedhsm.azure.net"):
        assert (
            key_vault_key(f"https://contoso.{domain}/keys/r/{VERSION}").scope == f"https://{domain}/.default"
        )


def test_settings_that_contradict_or_lack_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_SIGNING_KEY_VAULT", URL)
    for path, reason in (
        ("", "SURETY_SIGNING_CERTIFICATE is not"),
        (str(tmp_path / "missing.pem"), "cannot be read"),
        (__file__, "no certificate in PEM format"),
    ):
        monkeypatch.setenv("SURETY_SIGNING_CERTIFICATE", path)
        for read in (ensure_signing_identity, configured_certificate):
            with pytest.raises(SigningUnavailable, match=reason):
                read()
    monkeypatch.setenv("SURETY_SIGNING_P12", "signing.p12")
    with pytest.raises(SigningUnavailable, match="SURETY_SIGNING_P12 and SURETY_SIGNING_KEY_VAULT are set"):
        ensure_signing_identity()
