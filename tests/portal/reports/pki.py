"""A public-key infrastructure like that of a public authority, made by Certomancer and served over HTTP locally.

It consists of a root, an intermediate authority, signers (good, revoked, expired, unknown to the responder), an OCSP
responder, CRLs, issuers' certificates, and time-stamp authorities (good, short-lived and revoked).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from asn1crypto import ocsp, tsp, x509
from certomancer.registry import (
    ArchLabel,
    CertLabel,
    CertomancerConfig,
    KeyLabel,
    PKIArchitecture,
    ServiceLabel,
)
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate

from portal.reports.keys.signing_identity import SigningIdentity
from tests.local_server import QuietHandler, local_server

KEYS: Final = ("root", "interm", "signer", "responder", "tsa", "other")
type Answer = tuple[bytes, str]


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


@functools.cache
def _keys(folder: Path) -> None:
    for name in KEYS:
        key = ec.generate_private_key(ec.SECP256R1())
        (folder / f"{name}.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )


def _usage(*uses: str) -> dict[str, Any]:
    value = {"schema": "key-usage", "params": list(uses)}
    return {"id": "key_usage", "critical": True, "smart-value": value}


def _configuration(url: str, now: datetime, revoked: dict[str, datetime]) -> dict[str, Any]:
    always = {"valid-from": _time(now - timedelta(days=400)), "valid-to": _time(now + timedelta(days=4000))}
    authority = [
        {"id": "basic_constraints", "critical": True, "value": {"ca": True}},
        _usage("key_cert_sign", "crl_sign"),
    ]

    def lists(repository: str) -> dict[str, Any]:
        value = {"schema": "crl-dist-url", "params": {"crl-repo-names": [repository]}}
        return {"id": "crl_distribution_points", "smart-value": value}

    def access(*, answers: bool = True) -> dict[str, Any]:
        params: dict[str, Any] = {"ca-issuer-links": [{"repo": "interm"}]}
        if answers:
            params["ocsp-responder-names"] = ["interm"]
        return {"id": "authority_information_access", "smart-value": {"schema": "aia-urls", "params": params}}

    def certificate(label: str, key: str, *extensions: dict[str, Any], **more: Any) -> dict[str, Any]:
        made = {
            "subject": label, "subject-key": key, "issuer": "interm", "authority-key": "interm", "validity": always,
            "extensions": list(extensions), **more,
        }  # fmt: skip
        if label in revoked:
            made["revocation"] = {"revoked-since": _time(revoked[label]), "reason": "key_compromise"}
        return made

    signing = _usage("digital_signature", "non_repudiation")
    stamping = {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}
    answering = {"id": "extended_key_usage", "value": ["ocsp_signing"]}
    no_check = {"id": "ocsp_no_check", "value": None}
    short = {"valid-from": _time(now - timedelta(days=1)), "valid-to": _time(now + timedelta(days=20))}
    past = {"valid-from": _time(now - timedelta(days=400)), "valid-to": _time(now - timedelta(days=10))}
    stampers = ("tsa", "short-tsa", "revoked-tsa")
    labels = ("root", "interm", "signer", "listed", "revoked", "expired", "responder", *stampers)
    self_issued = {"issuer": "root", "authority-key": "root"}
    responder = {"for-issuer": "interm", "responder-cert": "responder", "signing-key": "responder"}
    return {
        "external-url-prefix": url,
        "keysets": {"own": {"path-prefix": ".", "keys": {name: {"path": f"{name}.pem"} for name in KEYS}}},
        "pki-architectures": {
            "pki": {
                "keyset": "own",
                "entity-defaults": {"organization-name": "Test authority", "country-name": "CH"},
                "entities": {label: {"common-name": f"Test {label}"} for label in labels},
                "certs": {
                    "root": certificate("root", "root", *authority, **self_issued),
                    "interm": certificate("interm", "interm", *authority, lists("root"), **self_issued),
                    "signer": certificate("signer", "signer", signing, lists("interm"), access()),
                    "listed": certificate("listed", "signer", signing, lists("interm"), access(answers=False)),
                    "revoked": certificate("revoked", "signer", signing, lists("interm"), access()),
                    "expired": certificate("expired", "signer", signing, lists("interm"), access(), validity=past),
                    "responder": certificate("responder", "responder", answering, no_check),
                    "tsa": certificate("tsa", "tsa", stamping, lists("interm"), access()),
                    "short-tsa": certificate("short-tsa", "tsa", stamping, lists("interm"), access(), validity=short),
                    "revoked-tsa": certificate("revoked-tsa", "tsa", stamping, lists("interm"), access()),
                },
                "services": {
                    "ocsp": {"interm": responder},
                    "crl-repo": {
                        name: {"for-issuer": name, "signing-key": name, "simulated-update-schedule": "P20D"}
                        for name in ("root", "interm")
                    },
                    "cert-repo": {name: {"for-issuer": name} for name in ("root", "interm")},
                    "time-stamping": {
                        name: {"signing-cert": name, "signing-key": "tsa", "certs-to-embed": ["interm"]}
                        for name in stampers
                    },
                },
            }
        },
    }  # fmt: skip


@dataclass
class Pki:
    """The public-key infrastructure while it is served at `url`.

    `broken` maps a path to a function that changes the genuine answer for this path. If the function returns None, the
    server answers with status 500. `requests` are the paths of the requests so far. The clocks of the time-stamp
    authorities show the present time plus `clock`.
    """

    url: str
    folder: Path
    revoked: dict[str, datetime] = field(default_factory=dict)
    broken: dict[str, Callable[[bytes], bytes | None]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    clock: timedelta = timedelta()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.revoked = {
            "revoked": self.now - timedelta(days=30),
            "revoked-tsa": self.now - timedelta(days=30),
        }
        self.load()

    def load(self) -> None:
        """Build the infrastructure again, so that the certificates in `revoked` count as revoked."""
        configuration = CertomancerConfig(
            _configuration(self.url, self.now, self.revoked), key_search_dir=str(self.folder)
        )
        self.architecture: PKIArchitecture = configuration.get_pki_arch(ArchLabel("pki"))

    def revoke(self, label: str, since: datetime) -> None:
        """Revoke a certificate as of `since`."""
        self.revoked[label] = since
        self.load()

    def certificate(self, label: str) -> x509.Certificate:
        return self.architecture.get_cert(CertLabel(label))

    def pem(self, *labels: str) -> bytes:
        """Return the certificates with these labels in PEM format."""
        found = [load_der_x509_certificate(self.certificate(label).dump()) for label in labels]
        return b"".join(one.public_bytes(Encoding.PEM) for one in found)

    def identity(self, label: str, *, chain: tuple[str, ...] = ("interm", "root")) -> SigningIdentity:
        """Return a signer with the certificate `label` and the certificates above it, `chain`."""
        key = load_der_private_key(self.architecture.key_set.get_private_key(KeyLabel("signer")).dump(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        own, *above = (load_der_x509_certificate(self.certificate(one).dump()) for one in (label, *chain))
        return SigningIdentity(key, own, tuple(above))

    def write_signer(self) -> Path:
        """Write the signer's key and chain as PKCS#12 without a password; return the path."""
        identity, path = self.identity("signer"), self.folder / "signer.p12"
        assert isinstance(identity.key, ec.EllipticCurvePrivateKey)
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"signer", identity.key, identity.certificate, identity.chain, NoEncryption()
            )
        )
        return path

    def tsa(self, label: str = "tsa") -> str:
        """Return the URL of a time-stamp authority."""
        return f"{self.url}/pki/tsa/{label}"

    def answer(self, path: str, body: bytes) -> Answer | None:
        """Return the body and type of the answer; None for an unknown path or a failure."""
        self.requests.append(path)
        answer = self._answer(path, body)
        if answer is None or path not in self.broken:
            return answer
        changed = self.broken[path](answer[0])
        return None if changed is None else (changed, answer[1])

    def _answer(self, path: str, body: bytes) -> Answer | None:
        services, (_, _, kind, label, *_) = self.architecture.service_registry, (*path.split("/"), "", "")
        now = datetime.now(UTC)
        if kind == "ocsp":
            responder = services.summon_responder(ServiceLabel(label), now)
            request = ocsp.OCSPRequest.load(body)
            return responder.build_ocsp_response(request).dump(), "application/ocsp-response"
        if kind == "tsa":
            stamper = services.summon_timestamper(ServiceLabel(label), now + self.clock)
            return stamper.request_tsa_response(
                tsp.TimeStampReq.load(body)
            ).dump(), "application/timestamp-reply"
        if kind == "crls":
            return services.get_crl(ServiceLabel(label), now).dump(), "application/pkix-crl"
        if kind == "certs":
            return services.get_cert_from_repo(ServiceLabel(label), None).dump(), "application/pkix-cert"
        return None


@contextmanager
def serving(folder: Path) -> Iterator[Pki]:
    """Make keys in the folder, and serve the infrastructure on a local port."""
    _keys(folder)
    made: list[Pki] = []

    class Handler(QuietHandler):
        def do_GET(self) -> None:
            self.send(b"")

        def do_POST(self) -> None:
            self.send(self.read_body())

        def send(self, body: bytes) -> None:
            answer = made[0].answer(self.path, body)
            if answer is None:
                self.send_error(500)
            else:
                self.answer(*answer)

    with local_server(Handler) as url:
        made.append(Pki(url, folder))
        yield made[0]
