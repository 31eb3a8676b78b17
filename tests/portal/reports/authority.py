"""A time-stamp authority: root, intermediate and leaf certificate, and a real HTTP server that answers RFC 3161."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.local_server import QuietHandler, local_server


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


class TimeStampAuthority:
    """Three certificates, each with a key. `stamper` makes stamps with any time; `serving` answers over HTTP."""

    def __init__(self, name: str, *, curve: ec.EllipticCurve | None = None) -> None:
        """Generate RSA keys. With `curve`, only the root's key is on this elliptic curve."""
        self.root_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        self.root_key, self.middle_key, self.key = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)
        )
        if curve is not None:
            self.root_key = ec.generate_private_key(curve)
        self.root = self._issue(f"{name} root", self.root_key, f"{name} root", self.root_key, authority=True)
        self.middle = self._issue(
            f"{name} issuer", self.middle_key, f"{name} root", self.root_key, authority=True
        )
        self.leaf = self._issue(name, self.key, f"{name} issuer", self.middle_key, authority=False)

    def _issue(
        self,
        subject: str,
        key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
        issuer: str,
        issuer_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
        *,
        authority: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(
                _name(issuer), _name(subject), key.public_key(), x509.random_serial_number(),
                now - timedelta(days=3650), now + timedelta(days=3650),
            )
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(_usage(authority=authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
            )
        )  # fmt: skip
        if not authority:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(purpose, critical=True)
        return builder.sign(issuer_key, hashes.SHA256())

    def stamper(
        self, at: datetime | None = None, *, extra: tuple[x509.Certificate, ...] = ()
    ) -> DummyTimeStamper:
        """Return pyHanko's stamper for the time `at` (default: now), with the intermediate and `extra` certificates."""
        store = SimpleCertificateStore()
        store.register_multiple([asn1(self.middle), *map(asn1, extra)])
        private = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return DummyTimeStamper(
            asn1(self.leaf), keys.PrivateKeyInfo.load(private), certs_to_embed=store, fixed_dt=at
        )

    @contextmanager
    def serving(self, *, extra: tuple[x509.Certificate, ...] = ()) -> Iterator[str]:
        """Answer requests on a local port, and yield the URL."""
        stamper = self.stamper(extra=extra)

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                request = tsp.TimeStampReq.load(self.read_body())
                stamped = asyncio.run(stamper.async_request_tsa_response(request))
                self.answer(stamped.dump(), "application/timestamp-reply")

        with local_server(Handler) as url:
            yield f"{url}/tsa"


def asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """Return the certificate as pyHanko's type."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def pem(*certificates: x509.Certificate) -> bytes:
    """Return the certificates in PEM format."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
