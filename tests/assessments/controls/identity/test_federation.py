"""Signing certificates of federated domains."""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.assessments.controls.identity.cases_passwords_and_federation import FEDERATED
from tests.assessments.controls.judging import DIRECTORY, NOW, judge
from tests.for_each import for_each


def certificate(days: float) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AD FS signing")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(built.public_bytes(serialization.Encoding.DER)).decode()


@for_each(
    ("encoded", "remark"),
    [
        (certificate(31), None),
        (certificate(29), "expires within 30 days"),
        (certificate(-1), "expires within 30 days"),
        ("[redacted]", "could not be read"),
        ("bm8gY2VydGlmaWNhdGU=", "could not be read"),
        ("", "no signing certificate"),
    ],
)
def test_a_certificate_that_expires_soon_adds_a_remark(encoded: str, remark: str | None) -> None:
    settings = {
        "id": "f",
        "federatedIdpMfaBehavior": "rejectMfaByFederatedIdp",
        "signingCertificate": encoded,
    }
    docs = {"domains": [FEDERATED], "domain_federation": {"corp.example.com": [settings]}}
    result = judge("identity-adfs-onprem-audit", docs)[DIRECTORY]
    assert result.verdict.outcome.value == "manual"
    remarks = " ".join(result.verdict.remarks)
    assert remark in remarks if remark else remarks == ""
    # The certificate itself never becomes evidence.
    assert not encoded or encoded == "[redacted]" or encoded not in str(result.evidence)
